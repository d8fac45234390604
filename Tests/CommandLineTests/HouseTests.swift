import Domain
import Foundation
import JSON
import Sys
import Testing
import Wire

@testable import CommandLine

@Suite struct Helping {
    @Test(arguments: VerbTable.visible.map(\.name)) func everyCommandExplainsItself(name: String) {
        let bench = Bench()
        let words = name.split(separator: " ").map(String.init)
        let code = bench.run(words + ["--help"])
        #expect(code == 0 && bench.output.hasPrefix("usage: drover \(name)") && bench.errors.isEmpty)
        #expect(bench.daemon.requests.isEmpty)
    }

    @Test func theOverviewNamesEveryCommand() {
        let bench = Bench()
        #expect(bench.run("--help") == 0)
        for verb in VerbTable.visible { #expect(bench.output.contains("\n  \(verb.name) ")) }
        let once = bench.output
        #expect(bench.run("help") == 0 && bench.output == once)
        #expect(bench.run("help", "project") == 0 && bench.output.contains("project scan"))
        #expect(bench.run("project", "--help") == 0)
    }

    @Test(arguments: [
        (["lss"], "there is no command \"lss\"; did you mean \"ls\"?"), (["project"], "needs to know what to do: add, scan, ls, trust, rm"),
        (["daemon", "statu"], "did you mean \"status\"?"), (["--verbose"], "has no option --verbose"), (["undo", "x"], "takes no argument"),
        (["ls", "--json=1"], "--json takes no value"), (["completions", "tcsh"], "there are no completions for \"tcsh\""),
    ]) func mistakesAreTold(arguments: [String], message: String) {
        let bench = Bench()
        let code = bench.run(arguments)
        #expect(code == 2)
        #expect(bench.errors.contains(message), "\(bench.errors)")
    }

    @Test func noOptionOfAVerbIsThereTwice() {
        for verb in VerbTable.all {
            #expect(Set(verb.allOptions.map(\.long)).count == verb.allOptions.count)
            #expect(Set(verb.allOptions.compactMap(\.short)).count == verb.allOptions.compactMap(\.short).count)
        }
    }
}

@Suite struct DaemonCommands {
    @Test func statusHasTheFieldsOfTheContract() throws {
        let bench = Bench()
        var server = Server(id: ServerID("s"), project: ProjectID("s"), state: .live)
        server.pid = 4711
        server.url = "http://127.0.0.1:4711"
        server.version = "1.18.33"
        server.memory = 300 << 20
        bench.daemon.statusNow.servers = [.init(project: "api", projectPath: "/src/api", server: server)]
        #expect(bench.run("daemon", "status", "--json") == 0)
        let status = try JSONTree(parsing: bench.output)
        for key in ["pid", "version", "socket", "clients", "servers"] { #expect(status[key] != nil) }
        for key in ["project", "pid", "url", "version", "state", "memory", "cpu", "sessions", "restarts"] { #expect(status["servers"]?.array?[0][key] != nil) }
        #expect(bench.run("daemon", "status") == 0 && bench.output.contains("api     live   4711  1.18.33   300 MB"))
    }

    @Test func withoutADaemon() {
        let bench = Bench()
        bench.isRunning = false
        #expect(bench.run("daemon", "status") == 6 && bench.errors.contains("no daemon is running"))
        #expect(bench.run("daemon", "stop") == 0)
        #expect(bench.run("__candidates", "agents") == 0 && bench.output.isEmpty)
        #expect(bench.run("daemon", "start") == 0 && bench.output == "the daemon runs: drover 0.1.0, pid 77\n")
    }

    @Test func stopWaitsForTheEnd() {
        let bench = Bench()
        #expect(bench.run("daemon", "stop") == 0 && bench.daemon.orders == [.shutdown])
        bench.daemon.replies = [.failure(Refusal(.unreachable, "the daemon has ended"))]
        #expect(bench.run("daemon", "stop") == 0)
        bench.daemon.replies = [.failure(Refusal(.timedOut, "no"))]
        #expect(bench.run("daemon", "stop") == 7)
        bench.daemon.endsAfterShutdown = false
        #expect(bench.run("daemon", "stop") == 7)
    }

    @Test func theConfigurationIsCheckedWithThatOfTheProject() throws {
        let bench = Bench()
        #expect(bench.run("config", "path") == 0 && bench.output == "/nowhere/config/config.jsonc\n")
        #expect(bench.run("config", "check") == 0 && bench.output.contains("defaults"))
        let root = try Files.makeTemporaryDirectory("/tmp/drover-config-")
        defer { try? Files.removeTree(root) }
        for path in [root + "/repo/.git", root + "/repo/.drover", root + "/repo/deep/er"] { try Files.makeDirectories(path) }
        try Files.writeAtomically(root + "/repo/.drover/config.jsonc", Array("{\n  \"theme\": \"x\"\n}".utf8))
        bench.directory = root + "/repo/deep/er"
        #expect(bench.run("config", "check") == 1)
        #expect(bench.output.hasPrefix(root + "/repo/.drover/config.jsonc:2:3: \"theme\" can be set in your own configuration only"))
        try Files.writeAtomically(root + "/repo/.drover/config.jsonc", Array("{}".utf8))
        #expect(bench.run("config", "check", root + "/repo") == 0 && bench.output.hasSuffix(": fine\n"))
    }

    @Test func projectsAndPlaces() throws {
        let bench = Bench()
        bench.daemon.herdNow = .sample()
        #expect(bench.run("project", "ls", "--json") == 0)
        #expect(try JSONTree(parsing: bench.output).array?.map { $0["agents"]?.int } == [3, 2])
        #expect(bench.run("project", "rm", "web") == 0 && bench.daemon.orders.last == .removeProject(Project.identifier(of: "/src/web")))
        #expect(bench.run("project", "rm", "/src/api") == 0 && bench.daemon.orders.last == .removeProject(Project.identifier(of: "/src/api")))
        #expect(bench.run("project", "rm", "nobody") == 3)
        #expect(bench.run("place", "ls", "api") == 0 && bench.output.contains("drover/oauth") && !bench.output.contains("/src/web"))
        let api = Project.identifier(of: "/src/api").raw
        #expect(bench.run("place", "rm", api + ".o") == 0 && bench.daemon.orders.last == .removePlace(PlaceID(api + ".oauth")))
        bench.daemon.replies = [.success(.project(Project(path: "/src/api", isRepository: true, added: Bench.now)))]
        #expect(bench.run("project", "add") == 0 && bench.daemon.orders.last == .addProject(path: "/src/api"))
    }

    @Test(arguments: [("1.18.33", "ok"), ("1.15.0", "ok"), ("1.14.9", "fail"), ("0.9.1", "fail"), ("1.25.0", "warn"), ("2.0.21", "fail")])
    func versionsOfOpencodeAreJudged(version: String, verdict: String) {
        #expect(Doctor.judge(version: version, path: "/x").verdict.rawValue == verdict)
    }
}

@Suite struct Texts {
    @Test(arguments: [
        ("plain ü", "plain ü"), ("a\u{1B}[2Jb", "a^[[2Jb"), ("a\nb\tc", "a⏎b^Ic"), ("\u{7F}\u{9B}31m", "^?<9B>31m"), ("\u{202E}txt", "<202E>txt"), ("👩‍👩‍👧", "👩‍👩‍👧"),
    ]) func controlCharactersAreShown(text: String, shown: String) {
        #expect(Visible.line(text) == shown)
    }

    @Test func blocksKeepTheirLines() { #expect(Visible.block("a\r\nb\t\u{8}") == "a\nb\t^H") }

    @Test func widths() {
        #expect(Cells.width(of: "漢字") == 4 && Cells.width(of: "e\u{301}") == 1 && Cells.width(of: "👍🏽") == 2)
        #expect(Cells.cut("漢字漢字", to: 5) == "漢字…" && Cells.cut("abc", to: 3) == "abc" && Cells.cut("abc", to: 0) == "")
    }

    @Test func numbersForPeople() {
        #expect([0, 999, 1000, 45_200, 1_900_000, 123_456_789].map { Style.count($0) } == ["0", "999", "1k", "45.2k", "1.9M", "123M"])
        #expect([0, 0.004, 0.18, 4.126, 12].map { Style.money($0) } == ["", "$0.0040", "$0.18", "$4.13", "$12.00"])
        #expect(Style.age(Timestamp(milliseconds: .min), now: Timestamp(milliseconds: .max)) == "0s")
    }
}

@Suite struct GeneratedDocuments {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func check(_ path: String, _ wanted: (String) throws -> String) throws {
        let file = Self.root.appending(path: path)
        let old = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let new = try wanted(old)
        if ProcessInfo.processInfo.environment["DROVER_WRITE_DOCS"] != nil { try new.write(to: file, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: file, encoding: .utf8) == new, "run `make docs`")
    }

    @Test func theManPageIsThatOfTheTable() throws { try check("docs/drover.1") { _ in ManPage.text() } }

    @Test func theReadmesTableIsThatOfTheTable() throws {
        try check("README.md") { old in
            let begin = "<!-- commands: begin, written by make docs -->\n", end = "<!-- commands: end -->"
            guard let from = old.range(of: begin), let to = old.range(of: end) else { throw Missing(what: "the marks around the commands") }
            return old[..<from.upperBound] + CommandTable.markdown() + old[to.lowerBound...]
        }
    }

    /// The words of the protocol's document are written by people; none may be forgotten.
    @Test func theProtocolNamesEveryMethod() throws {
        let text = try String(contentsOf: Self.root.appending(path: "docs/protocol.md"), encoding: .utf8)
        for method in Method.allCases { #expect(text.contains("`\(method.rawValue)`"), "\(method.rawValue)") }
        for notification in Notification.allCases { #expect(text.contains("`\(notification.rawValue)`"), "\(notification.rawValue)") }
        for status in Status.allCases { #expect(text.contains(status.rawValue)) }
    }

    struct Missing: Error { let what: String }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/bash"))) func theBashCompletionIsReadByBash() throws {
        let script = try #require(CompletionScripts.script(for: "bash"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = [
            "-c",
            script
                + "\nCOMP_WORDS=(drover daemon st); COMP_CWORD=2; _drover; echo \"${COMPREPLY[*]}\"\nCOMP_WORDS=(drover wait --); COMP_CWORD=2; _drover; echo \"${COMPREPLY[*]}\"",
        ]
        let pipe = Foundation.Pipe()
        process.standardOutput = pipe
        try process.run()
        process.waitUntilExit()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(process.terminationStatus == 0)
        #expect(said == "start stop status\n--until --timeout --json --help\n")
    }
}
