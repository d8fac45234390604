/// Whether a command line runs tests, told by its words: `CI=1 npx jest`, `cd api && swift test`. What it does not know is a command like others.
package enum TestCommand {
    package static func isTest(_ command: String) -> Bool {
        command.split(whereSeparator: { "\n;&|".contains($0) }).contains { part in
            isTest(words: part.split(separator: " ").map { $0.drop { "(\"'".contains($0) } })
        }
    }

    private static func isTest(words: [Substring]) -> Bool {
        let words = words.drop(while: isLauncher)
        guard let program = words.first.map(name) else { return false }
        if runners.contains(program) { return true }
        if program == "node" { return words.contains("--test") }
        let arguments = words.dropFirst().filter { $0.first != "-" }.map(name)
        // `python -m pytest`, `python manage.py test`.
        if program.hasPrefix("python") { return arguments.prefix(2).contains { $0 == "test" || runners.contains($0) } }
        guard tools.contains(program) else { return false }
        // Several targets at once: `make lint test`, `mvn clean verify`.
        if builders.contains(program) { return arguments.contains { builds.contains($0.split(separator: ":").last ?? $0) || isTestTarget($0) } }
        // `yarn workspace web test`, `pnpm --filter api test`.
        if packagers.contains(program), arguments.first.map({ !changing.contains($0) }) ?? false {
            return arguments.contains { isTestTarget($0) || runners.contains($0) }
        }
        // `npm run test:unit`, `uv run pytest`, `bundle exec rspec`.
        return arguments.first { !passing.contains($0) }.map { isTestTarget($0) || runners.contains($0) } ?? false
    }

    /// `test`, `test:unit`, `test-all`.
    private static func isTestTarget(_ word: Substring) -> Bool { word == "test" || word == "tests" || word.hasPrefix("test:") || word.hasPrefix("test-") }

    /// Words that only say how, where or for how long the next ones run: `CI=1 timeout 60 npx`.
    private static func isLauncher(_ word: Substring) -> Bool {
        guard let first = word.first else { return true }
        return first == "-" || first.isNumber || word.contains("=") || launchers.contains(name(word))
    }

    /// Without its directories: `./node_modules/.bin/jest`.
    private static func name(_ word: Substring) -> Substring { word.split { $0 == "/" || $0 == ")" }.last ?? word }

    private static let launchers: Set<Substring> = ["time", "sudo", "env", "timeout", "nice", "xvfb-run", "npx", "bunx", "pnpx", "exec", "command", "nohup"]
    private static let passing: Set<Substring> = ["run", "exec", "x", "dlx", "tool", "workspace"]
    private static let packagers: Set<Substring> = ["npm", "pnpm", "yarn", "bun"]
    /// What they do to packages of any name.
    private static let changing: Set<Substring> = [
        "install", "i", "add", "remove", "rm", "uninstall", "publish", "view", "update", "up", "link", "init", "create",
    ]
    private static let builds: Set<Substring> = ["test", "tests", "check", "verify"]
    private static let builders: Set<Substring> = ["make", "ninja", "just", "task", "mvn", "mvnw", "gradle", "gradlew", "gradlew.bat", "sbt", "lein", "rake"]
    private static let runners: Set<Substring> = [
        "pytest", "py.test", "jest", "vitest", "mocha", "ava", "tap", "rspec", "phpunit", "pest", "ctest", "tox", "nox", "playwright", "cypress", "karma",
        "unittest", "nose2", "bats", "prove", "gotestsum", "nextest", "xctest", "busted", "minitest", "behave", "cucumber",
    ]
    private static let tools: Set<Substring> = [
        "npm", "pnpm", "yarn", "bun", "deno", "go", "cargo", "swift", "dotnet", "mvn", "mvnw", "gradle", "gradlew", "gradlew.bat", "mix", "rake", "rails",
        "zig", "flutter",
        "dart", "bazel", "make", "ninja", "just", "ng", "sbt", "lein", "stack", "cabal", "dune", "meson", "composer", "php", "artisan", "bundle", "uv",
        "poetry",
        "pipenv", "hatch", "pdm", "rye", "task", "nx", "turbo", "moon", "elm", "julia", "xcodebuild", "crystal", "gleam", "nimble", "buck2", "pants", "mise",
    ]
}
