import Domain
import Foundation
import Sys
import Testing

@testable import Config

private func read(_ text: String, scope: ConfigScope = .person) -> (Settings, [String]) {
    var settings = Settings()
    let problems = settings.read(Array(text.utf8), file: "config.jsonc", scope: scope)
    return (settings, problems.map(\.text))
}

@Suite struct Reading {
    @Test func everySettingIsTaken() {
        let (settings, problems) = read(
            """
            // mine
            {
                "$schema": "x",
                "opencode": {
                    "command": ["/opt/opencode", "--print-logs"],
                    "env": { "A": "1" }, /* more */
                    "data": "private",
                    "idleStop": 0.5,
                    "memoryLimit": 512,
                },
                "quietAfter": 1,
                "worktrees": { "directory": "/w", "branchPrefix": "me/", "copyIgnored": [], "setup": "s", "teardown": "t" },
                "theme": "light", "ascii": true, "mouse": false,
                "keys": { "agent.stop": "s" },
                "history.days": 7,
                "editor": "ed",
            }
            """)
        #expect(problems == [])
        var wanted = Settings()
        wanted.openCodeCommand = ["/opt/opencode", "--print-logs"]
        wanted.openCodeEnvironment = ["A": "1"]
        wanted.openCodeData = .private
        wanted.idleStop = .seconds(30)
        wanted.memoryLimit = 512 << 20
        wanted.quietAfter = .minutes(1)
        wanted.worktreesDirectory = "/w"
        wanted.branchPrefix = "me/"
        wanted.copiedIgnored = []
        wanted.setupScript = "s"
        wanted.teardownScript = "t"
        wanted.theme = "light"
        wanted.ascii = true
        wanted.mouse = false
        wanted.keys = ["agent.stop": "s"]
        wanted.historyDays = 7
        wanted.editor = "ed"
        #expect(settings == wanted)
    }

    @Test func dottedNamesAndNeverWork() {
        let (settings, problems) = read(#"{"opencode.command": "oc", "opencode.idleStop": 0, "opencode.memoryLimit": 0, "history": {"days": 3}}"#)
        #expect(problems == [])
        #expect(settings.openCodeCommand == ["oc"])
        #expect(settings.idleStop == nil)
        #expect(settings.memoryLimit == nil)
        #expect(settings.historyDays == 3)
    }

    @Test(arguments: [
        (
            "{\n  \"opencode\": {\n    \"idelStop\": 3\n  }\n}",
            "config.jsonc:3:5: there is no setting \"opencode.idelStop\"; did you mean \"opencode.idleStop\"?"
        ),
        ("{\"thme\": 1}", "config.jsonc:1:2: there is no setting \"thme\"; did you mean \"theme\"?"),
        ("{\"colour\": 1}", "config.jsonc:1:2: there is no setting \"colour\""),
        ("{\"mouse\": \"yes\"}", "config.jsonc:1:2: \"mouse\" must be true or false"),
        ("{\"opencode\": 5}", "config.jsonc:1:2: \"opencode\" must be an object"),
        ("{\"opencode\": {\"command\": []}}", "config.jsonc:1:15: \"opencode.command\" must be a string or an array of strings"),
        ("{\"quietAfter\": 0}", "config.jsonc:1:2: \"quietAfter\" must be a number from 0.01 to 525600"),
        ("{\"opencode.data\": \"mine\"}", "config.jsonc:1:2: \"opencode.data\" must be one of \"shared\", \"private\""),
        ("{\"ascii\": true, \"ascii\": false}", "config.jsonc:1:17: \"ascii\" is set twice; the last one counts"),
        ("{\"keys\": {\"a\": 1}}", "config.jsonc:1:2: \"keys\" must be an object of strings"),
    ]) func mistakesAreToldWithTheirPlace(text: String, problem: String) {
        #expect(read(text).1 == [problem])
    }

    @Test func aMistakeLeavesTheRest() {
        let (settings, problems) = read("{\"mouse\": 1, \"ascii\": true, \"mouse\": false}")
        #expect(problems.count == 2)
        #expect(settings.ascii && !settings.mouse)
    }

    @Test(arguments: ["{\n  \"theme\": \"a\"\n  \"ascii\": true\n}", "[1]", "{", "\u{FEFF}nonsense"]) func brokenJSONIsFatalAndChangesNothing(text: String) {
        var settings = Settings()
        let problems = settings.read(Array(text.utf8), file: "c", scope: .person)
        #expect(problems.count == 1 && problems[0].isFatal && problems[0].line > 0)
        #expect(settings == Settings())
    }

    @Test func brokenJSONIsToldWithLineAndColumn() {
        #expect(read("{\n  \"theme\": \"a\"\n  \"ascii\": true\n}").1.first?.hasPrefix("config.jsonc:3:3: expected") == true)
    }

    @Test(arguments: ["", "  \n", "// nothing yet\n"]) func anEmptyFileIsNoProblem(text: String) {
        #expect(read(text).1 == [])
    }

    @Test func aProjectDecidesNothingThatRunsPrograms() {
        let (settings, problems) = read(
            #"{"opencode.command": "/evil", "opencode": {"env": {"A": "1"}}, "worktrees": {"branchPrefix": "x/", "directory": "/etc"}, "editor": "rm"}"#,
            scope: .project)
        #expect(problems.count == 4)
        #expect(problems[0] == "config.jsonc:1:2: \"opencode.command\" can be set in your own configuration only, not by a project")
        var wanted = Settings()
        wanted.branchPrefix = "x/"
        #expect(settings == wanted)
    }

    @Test(arguments: 0..<300) func anyCutNeverTraps(cut: Int) {
        let text = Array(ConfigDocuments.example().replacingOccurrences(of: "    // \"", with: "    \"").utf8)
        var settings = Settings()
        _ = settings.read(Array(text.prefix(cut * text.count / 300)), file: "c", scope: .person)
        _ = settings.read(Array(text.dropFirst(cut * text.count / 300)), file: "c", scope: .project)
    }
}

@Suite struct FilesOnDisk {
    @Test func missingFilesAreNoProblemAndTheProjectComesLast() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/drover-config-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(Config.load(person: directory + "/none", project: directory + "/none2").problems == [])
        try #"{"theme": "mine", "worktrees.branchPrefix": "me/"}"#.write(toFile: directory + "/person", atomically: true, encoding: .utf8)
        try #"{"worktrees.branchPrefix": "team/"}"#.write(toFile: directory + "/project", atomically: true, encoding: .utf8)
        let loaded = Config.load(person: directory + "/person", project: directory + "/project")
        #expect(loaded.isUsable && loaded.settings.theme == "mine" && loaded.settings.branchPrefix == "team/")
        #expect(Config.load(person: directory).problems.count == 1)
        #expect(!Config.load(person: directory).isUsable)
    }
}

@Suite struct Programs {
    static let here = ["/bin/opencode", "/opt/opencode/bin", "/usr/bin/oc", "/home/me/oc"]
    static func choose(_ command: [String], _ environment: [String: String]) -> OpenCodeProgram {
        OpenCodeProgram.choose(command: command, environment: environment.merging(["PATH": "/usr/bin:/bin", "HOME": "/home/me"]) { given, _ in given }) {
            here.contains($0)
        }
    }

    @Test func theConfigurationComesFirstThenTheEnvironmentThenThePath() {
        #expect(Self.choose(["/opt/opencode/bin", "-x"], ["DROVER_OPENCODE": "/bin/opencode"]) == .found(["/opt/opencode/bin", "-x"], .config))
        #expect(Self.choose(["oc"], [:]) == .found(["/usr/bin/oc"], .config))
        #expect(Self.choose(["~/oc"], [:]) == .found(["/home/me/oc"], .config))
        #expect(Self.choose([], ["DROVER_OPENCODE": "/opt/opencode/bin"]) == .found(["/opt/opencode/bin"], .environment))
        #expect(Self.choose([], ["DROVER_OPENCODE": ""]) == .found(["/bin/opencode"], .path))
    }

    @Test func whatIsNamedAndMissingIsNotReplaced() {
        #expect(Self.choose(["/none"], [:]) == .notExecutable("/none", .config))
        #expect(Self.choose([], ["DROVER_OPENCODE": "/none"]).complaint == "DROVER_OPENCODE names /none, which is no program that can be run")
        #expect(Self.choose([], ["PATH": ""]) == .missing)
        #expect(Self.choose([], ["PATH": ""]).complaint?.contains("npm i -g opencode-ai") == true)
    }
}

@Suite struct Slips {
    @Test(arguments: [("statsu", "status"), ("anser", "answer"), ("STOP", "stop"), ("zzzzzz", nil), ("", nil)] as [(String, String?)])
    func theNearestNameIsFound(name: String, wanted: String?) {
        #expect(Nearest.name(to: name, among: ["status", "answer", "stop", "resume"]) == wanted)
    }
}

@Suite struct GeneratedDocuments {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test(arguments: ["config.schema.json", "config.jsonc"]) func theExamplesAreThoseOfTheTable(name: String) throws {
        let file = Self.root.appending(path: "examples/\(name)")
        let wanted = name == "config.jsonc" ? Data(ConfigDocuments.example().utf8) : Data(ConfigDocuments.schema())
        if ProcessInfo.processInfo.environment["DROVER_WRITE_DOCS"] != nil { try wanted.write(to: file) }
        #expect(try Data(contentsOf: file) == wanted, "run `make docs`")
    }

    @Test func theExampleIsRightWithAndWithoutItsSlashes() {
        var settings = Settings()
        #expect(settings.read(Array(ConfigDocuments.example().utf8), file: "c", scope: .person) == [])
        #expect(settings == Settings())
        let all = ConfigDocuments.example().replacingOccurrences(of: "    // \"", with: "    \"")
        #expect(settings.read(Array(all.utf8), file: "c", scope: .person) == [])
        #expect(settings.openCodeCommand == ["/usr/local/bin/opencode"])
    }
}

@Suite struct Watching {
    private let directory: String
    private let path: String

    init() throws {
        directory = try Files.makeTemporaryDirectory("/tmp/drover-config-")
        path = directory + "/config.jsonc"
    }

    private func write(_ text: String) throws { try Files.writeAtomically(path, Array(text.utf8)) }

    @Test func whatIsGoodIsTakenAndTheLastGoodIsKept() throws {
        defer { try? Files.removeTree(directory) }
        try write(#"{"quietAfter": 1}"#)
        var problems: [ConfigProblem] = []
        let watch = try ConfigWatch(path, problems: &problems)
        #expect(problems == [] && watch.settings.quietAfter == .minutes(1))
        #expect(!watch.stirred() && watch.read() == nil)

        try write(#"{"quietAfter": 2, "them": "light"}"#)
        #expect(watch.stirred())
        let second = try #require(watch.read())
        #expect(second.settings.quietAfter == .minutes(2) && watch.settings.quietAfter == .minutes(2))
        #expect(second.problems.map(\.text) == ["\(path):1:19: there is no setting \"them\"; did you mean \"theme\"?"])

        try write("{\"quietAfter\": 3,\n]")
        #expect(watch.stirred())
        let broken = try #require(watch.read())
        #expect(!broken.isUsable && broken.problems.first?.line == 2)
        #expect(watch.settings.quietAfter == .minutes(2))

        try Files.remove(path)
        #expect(watch.stirred())
        #expect(watch.read()?.settings == Settings())
        try write("{}")
        #expect(watch.stirred() && watch.read()?.problems == [])
    }

    /// As at the first start ever: nothing is there, and what is written later counts all the same.
    @Test func aDirectoryThatIsNotThereYetIsWatched() throws {
        defer { try? Files.removeTree(directory) }
        let path = directory + "/new/drover/config.jsonc"
        var problems: [ConfigProblem] = []
        let watch = try ConfigWatch(path, problems: &problems)
        #expect(problems == [] && watch.settings == Settings())
        try Files.writeAtomically(path, Array(#"{"theme": "moss"}"#.utf8))
        #expect(watch.stirred() && watch.read()?.settings.theme == "moss")
    }

    @Test func aLinkIsFollowed() throws {
        defer { try? Files.removeTree(directory) }
        try Files.makeDirectories(directory + "/dotfiles")
        let real = directory + "/dotfiles/drover.jsonc"
        try Files.writeAtomically(real, Array("{}".utf8))
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: real)
        var problems: [ConfigProblem] = []
        let watch = try ConfigWatch(path, problems: &problems)
        try Files.writeAtomically(real, Array(#"{"ascii": true}"#.utf8))
        #expect(watch.stirred())
        #expect(watch.read()?.settings.ascii == true)
    }

    @Test func aProjectsOwnFileLiesOverThePersons() throws {
        defer { try? Files.removeTree(directory) }
        var person = Settings()
        person.branchPrefix = "me/"
        person.copiedIgnored = ["a"]
        #expect(Config.load(project: path, over: person).settings == person)
        try write(#"{"worktrees": {"branchPrefix": "team/"}, "opencode.command": "evil"}"#)
        let loaded = Config.load(project: path, over: person)
        #expect(loaded.settings.branchPrefix == "team/" && loaded.settings.copiedIgnored == ["a"] && loaded.settings.openCodeCommand == [])
        #expect(loaded.problems.count == 1 && loaded.problems[0].message.contains("your own configuration only"))
    }
}

@Suite struct Prefixes {
    @Test(arguments: ["drover/", "", "me-", "team/agents/", "ü/"]) func whatMayBeginABranch(prefix: String) {
        #expect(read("{\"worktrees.branchPrefix\": \"\(prefix)\"}").1 == [])
    }

    @Test(arguments: ["-x", "--force/", "a b/", "a..b", "/a", "a//b", ".a/", "a.lock/", "a@{", "a~", "a:b", ".", "a\\u0007"])
    func whatMayNot(prefix: String) {
        let (settings, problems) = read("{\"worktrees.branchPrefix\": \"\(prefix)\"}")
        #expect(settings.branchPrefix == "drover/" && problems.count == 1)
    }
}
