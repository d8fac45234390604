import Foundation
import JSON
import Testing

/// A server that is missing, is none, or lies: said by the command or shown by the agent, and never half-made.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct BadServerTests {
    struct Kind: CustomTestStringConvertible {
        let name: String
        /// What stands in for opencode; nil: nothing does.
        var script: String?
        var mode = 0o755
        /// A word of what is said.
        var word = "opencode"
        var testDescription: String { name }

        static func standIn(_ name: String, _ environment: String, word: String) -> Kind {
            Kind(name: name, script: "#!/bin/sh\n\(environment) exec \(Sandbox.programs)/fake-opencode \"$@\"\n", word: word)
        }
    }

    static let kinds = [
        Kind(name: "missing"),
        Kind(name: "not executable", script: "#!/bin/sh\nexit 0\n", mode: 0o644),
        Kind(name: "a directory", script: "", mode: 0),
        Kind(name: "of another machine", script: "\u{7F}ELF\u{2}\u{1}\u{1}", word: "opencode"),
        Kind(name: "ends at once", script: "#!/bin/sh\necho 'no licence today' >&2\nexit 3\n", word: "no licence today"),
        Kind(name: "prints garbage", script: "#!/bin/sh\nhead -c 300 /dev/urandom\necho\nexit 0\n"),
        Kind(name: "too old", script: "#!/bin/sh\n[ \"$1\" = --version ] && { echo 0.3.1; exit; }\necho 'unknown command serve' >&2\nexit 1\n", word: "serve"),
        .standIn("another password", "OPENCODE_SERVER_PASSWORD=another", word: "password"),
        .standIn("no password at all", "OPENCODE_SERVER_PASSWORD=", word: "password"),
        .standIn("a web page", "FAKE_OPENCODE_FAULTS='{\"lie\":\"html\"}'", word: "page"),
        .standIn("errors", "FAKE_OPENCODE_FAULTS='{\"lie\":\"errors\"}'", word: "500"),
        .standIn("half JSON", "FAKE_OPENCODE_FAULTS='{\"lie\":\"broken\"}'", word: "read"),
        Kind(
            name: "never says that it listens", script: "#!/bin/sh\n[ \"$1\" = --version ] && exit 1\necho 'please wait'; exec sleep 1021\n",
            word: "please wait"),
    ]

    @Test(arguments: kinds)
    func serversThatAreNone(_ kind: Kind) async throws {
        let path = NSTemporaryDirectory() + "drv-opencode-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        if kind.name == "a directory" {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } else if let script = kind.script {
            try Sandbox.write(script, path)
            try FileManager.default.setAttributes([.posixPermissions: kind.mode], ofItemAtPath: path)
        }
        try await Sandbox.with(settings: "\"opencode.startTimeout\": 3", extra: ["DROVER_OPENCODE": path]) { box in
            let outcome = try await box.drover("new", "-w", "worktree", "x")
            box.refused(outcome, [1, 5, 6], kind.word)
            if outcome.code != 0 {
                #expect(try await box.list().isEmpty)
                try await Sandbox.until("worktree and branch are gone again") {
                    let worktrees = try await box.git("worktree", "list", in: box.api), branches = try await box.git("branch", in: box.api)
                    return worktrees.split(separator: "\n").count == 1 && branches.split(separator: "\n").count == 1
                }
            }
            let doctor = try await box.drover("doctor")
            if !(kind.script?.contains("fake-opencode") ?? false) { #expect(doctor.code == 1 && doctor.out.contains("opencode"), "\(doctor.out)") }
        }
    }

    /// A server of an earlier daemon is taken over with its password or not at all.
    @Test func aServerWhosePasswordIsNotKnownAnyMoreIsReplaced() async throws {
        try await Sandbox.with(server: .standIn) { box in
            let id = try await box.new("[[say 2 words]]", "-w", "folder")
            try await box.wait(id, "done")
            let server = try #require(try await box.server(of: "api")["pid"]?.int)
            try await box.kill(try await box.daemonPid)
            let record = try box.serverRecord(pid: server)
            let text = try String(contentsOfFile: record.path, encoding: .utf8)
            try Sandbox.write(text.replacingOccurrences(of: record.password, with: "forgotten"), record.path)
            try await box.done("daemon", "start")
            try await Sandbox.until("the old one is ended") { !box.marked.contains { Int($0.pid) == server } }
            try await box.done("send", id, "[[text with another one]]")
            try await Sandbox.until("another one answers") { try await box.log(id).last?["text"]?.string?.contains("with another one") == true }
            #expect(try await box.server(of: "api")["pid"]?.int != server)
        }
    }

    /// The port was free a moment ago, and is not any more.
    @Test func aTakenPortIsExchanged() async throws {
        let count = NSTemporaryDirectory() + "drv-count-\(UUID().uuidString)"
        let script = """
            #!/bin/sh
            echo x >>\(count)
            [ "$(wc -l <\(count))" -gt 2 ] && exec \(Sandbox.programs)/fake-opencode "$@"
            FAKE_OPENCODE_FAULTS='{"portBusy":true}' exec \(Sandbox.programs)/fake-opencode "$@"
            """
        try Sandbox.write(script, count + ".sh")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: count + ".sh")
        defer { for path in [count, count + ".sh"] { try? FileManager.default.removeItem(atPath: path) } }
        try await Sandbox.with(extra: ["DROVER_OPENCODE": count + ".sh"]) { box in
            let id = try await box.new("[[say 2 words]]", "-w", "folder")
            try await box.wait(id, "done")
            #expect(try String(contentsOfFile: count, encoding: .utf8) == "x\nx\nx\n")
        }
    }
}
