import Foundation
import JSON
import Sys
import Testing

/// Where the daemon cannot live, or not alone.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct BadSurroundingsTests {
    @Test func placesWhereTheDaemonCannotLive() async throws {
        try await Sandbox.with(server: .standIn) { box in
            // A second daemon says that there is one, and goes.
            try await box.done("daemon", "start")
            let pid = try await box.daemonPid
            let second = try await box.drover("daemon", "run")
            #expect(second.code == 0)
            #expect(try await box.daemonPid == pid)
            try await box.done("daemon", "stop")
            #expect(try await box.drover("daemon", "status").code == 6)

            // Many clients that all want one at once get the same one.
            try await withThrowingTaskGroup(of: Int32.self) { group in
                for _ in 0..<8 { group.addTask { try await box.drover("ls").code } }
                for try await code in group { #expect(code == 0) }
            }
            // Those that came second may still be on their way out.
            try await Sandbox.until("one daemon is left") { box.processes("daemon run").count == 1 }
            try await box.done("daemon", "stop")

            // A runtime directory that is too long for a socket still works.
            let deep = box.root + "/" + String(repeating: "long/", count: 22)
            try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
            let far = try await box.drover("ls", extra: ["XDG_RUNTIME_DIR": deep])
            #expect(far.code == 0, "\(far.err)")
            #expect(try await box.drover("daemon", "stop", extra: ["XDG_RUNTIME_DIR": deep]).code == 0)

            // A state directory that is none.
            try Sandbox.write("", box.root + "/file")
            let state = try await box.drover("ls", extra: ["XDG_STATE_HOME": box.root + "/file"])
            #expect(state.code != 0 && state.err.contains(box.root + "/file"), "\(state)")

            // A configuration that is broken, and one with an unknown key.
            let config = box.environment["XDG_CONFIG_HOME"].map { $0 + "/drover/config.jsonc" } ?? ""
            try Sandbox.write("{\"quietAftr\": 3}", config)
            let unknown = try await box.drover("doctor")
            #expect(unknown.out.contains("quietAftr") && unknown.out.contains("quietAfter"), "\(unknown.out)")
            try Sandbox.write("{ broken", config)
            #expect(try await box.drover("doctor").out.contains("config.jsonc"))
            #expect(try await box.drover("ls").code == 0)
        }
    }

    /// As docs/protocol.md has it, by hand.
    @Test func aClientOfAnotherVersionIsToldSoAndCanEndTheDaemon() async throws {
        try await Sandbox.with(server: .standIn) { box in
            try await box.done("daemon", "start")
            let socket = try #require(try await box.status()["socket"]?.string)
            let other = try Self.say(#"{"jsonrpc":"2.0","id":0,"method":"hello","params":{"version":"9.9.9","protocol":99,"client":"cli"}}"#, to: socket)
            let message = try #require(other["error"]?["message"]?.string)
            #expect(message.contains("99") && message.contains("9.9.9") && other["error"]?["data"]?["remedy"]?.string?.isEmpty == false, "\(message)")
            for line in ["{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"snapshot\"}", "no JSON at all", "[1,2", "{\"id\":\"x\"}"] {
                #expect(try Self.say(line, to: socket)["error"] != nil, "\(line)")
            }
            #expect(try await box.drover("ls").code == 0, "it lives on")
            // A daemon of any version makes way for the next.
            let bye = try Self.say(#"{"jsonrpc":"2.0","id":7,"method":"shutdown"}"#, to: socket)
            #expect(bye["id"]?.int == 7 && bye["result"] != nil, "\(bye)")
            try await Sandbox.until("the daemon has ended") { box.marked.isEmpty }
        }
    }

    /// The first answer to one line.
    private static func say(_ line: String, to path: String) throws -> JSONTree {
        let socket = try UnixSocket.connect(to: path)
        try Descriptor.writeAll(socket.number, Array(line.utf8) + [10])
        var bytes: [UInt8] = []
        while !bytes.contains(10) {
            var ready = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 10_000) > 0 else { throw Sandbox.Failure("no answer to \(line)") }
            if case .end = try socket.read(appendingTo: &bytes, limit: 1 << 16) { throw Sandbox.Failure("no answer to \(line): the line was closed") }
        }
        return try JSONTree(parsing: Array(bytes.prefix { $0 != 10 }))
    }

    @Test func commandsThatMeetADyingDaemonMeetTheNext() async throws {
        try await Sandbox.with(server: .standIn) { box in
            for round in 0..<12 {
                try await box.done("daemon", "start")
                let daemon = try await box.daemonPid
                async let listed = box.drover("ls", "--json")
                // Not to wait for anything: another moment of the request each time, and all of them must do.
                try await Task.sleep(for: .milliseconds(round * 2))
                try await box.kill(daemon)
                let outcome = try await listed
                #expect(outcome.code == 0 && outcome.out == "[]\n", "round \(round): \(outcome)")
            }
        }
    }

    /// Root may write everywhere, so that it becomes somebody else for this.
    @Test func directoriesThatCannotBeWrittenTo() async throws {
        try await Sandbox.with(server: .standIn) { box in
            let isRoot = geteuid() == 0
            let program = box.root + "/drover", state = box.root + "/state"
            try FileManager.default.copyItem(atPath: box.program, toPath: program)
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
            if isRoot {
                let changed = try await box.run("/bin/chown", ["-R", "65534:65534", box.root])
                #expect(changed.code == 0, "\(changed.err)")
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: state)
            let command = (isRoot ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : ["/usr/bin/env"]) + [program]
            let outcome = try await box.run(command[0], command.dropFirst() + ["ls"], extra: ["XDG_STATE_HOME": state])
            box.refused(outcome, [1, 6], state)
            #expect(outcome.err.contains("XDG_STATE_HOME") || outcome.err.contains("owner"), "\(outcome.err)")
            let doctor = try await box.run(command[0], command.dropFirst() + ["doctor"], extra: ["XDG_STATE_HOME": state])
            #expect(doctor.code == 1 && doctor.out.contains(state), "\(doctor.out)")
        }
    }

    /// A disk without room, as a daemon sees one that may write no file further than it is: orders are refused, agents stay, and all goes on
    /// as soon as there is room again.
    @Test func aFullDiskRefusesOrdersAndLosesNothing() async throws {
        try await Sandbox.with(server: .standIn) { box in
            let id = try await box.new("[[say 2 words]]", "-w", "worktree")
            try await box.wait(id, "done")
            let pid = try await box.daemonPid
            func room(_ limit: String) async throws {
                let set = try await box.run("/usr/bin/prlimit", ["--pid", "\(pid)", "--fsize=\(limit)"])
                #expect(set.code == 0, "\(set.err)")
            }
            try await room("0:unlimited")
            let refused = try await box.drover("new", "-w", "worktree", "--title", "No room", "[[say 2 words]]")
            box.refused(refused, [1, 5, 6], "writ")
            try await room("unlimited:unlimited")
            #expect(try await box.daemonPid == pid, "the daemon lives on")
            #expect(try await box.list().compactMap { $0["id"]?.string } == [id])
            let more = try await box.new("[[say 2 words]]", "-w", "worktree")
            try await box.wait(more, "done")
            try await box.kill(pid)
            let there = try await box.list().compactMap { $0["id"]?.string }
            #expect(Set(there) == [id, more])
            #expect(try await box.git("worktree", "list", in: box.api).split(separator: "\n").count == 3)
        }
    }
}
