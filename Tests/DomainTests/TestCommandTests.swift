import Domain
import Testing

/// Which commands run tests is told by their words alone.
@Suite struct TestCommandTests {
    @Test(arguments: [
        "npm test", "npm run test:unit -- --watch", "CI=1 npx jest src", "cd api && swift test --filter X", "./gradlew :app:check", "make -j4 test",
        "make lint check",
        "pytest -q", "python -m pytest", "python3 manage.py test", "timeout 60 cargo nextest run", "go test ./...", "uv run pytest", "bundle exec rspec",
        "./node_modules/.bin/vitest", "yarn workspace web test", "mvn -q clean verify", "(cd web; bun test)", "node --test", "echo hi | tee log; ctest",
    ])
    func are(_ command: String) { #expect(TestCommand.isTest(command)) }

    @Test(arguments: [
        "ls", "", "npm install", "npm run build", "echo test", "git commit -m 'test'", "cat test.txt", "test -f a", "make build", "cargo run", "rm -rf tests",
        "go build",
        "grep pytest setup.cfg", "node server.js", "docker compose up test-db", "swift build",
    ])
    func areNot(_ command: String) { #expect(!TestCommand.isTest(command)) }
}
