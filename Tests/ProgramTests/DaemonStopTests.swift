import Foundation
import Testing

/// `drover daemon stop` ends every process that drover started, whatever became of the daemon before.
@Suite(.serialized, .enabled(if: Sandbox.openCode != nil, hasOpenCode))
struct DaemonStopTests {
    private let tool = "[[tool bash {\"command\":\"sleep 1009\",\"description\":\"Begin\"}]]"

    /// An agent with a tool at work; the pid of the daemon.
    private func work(_ box: Sandbox) async throws -> Int32 {
        let watch = try await box.watch()
        let id = try await box.new(tool, "-w", "folder")
        try await watch.until(id, "runs its tool") { $0["activity"]?.string?.contains("sleep 1009") == true }
        try await Sandbox.until("the tool runs") { !box.processes("sleep 1009").isEmpty }
        watch.stop()
        return try await box.daemonPid
    }

    @Test func afterACrashOfTheDaemonStopEndsServersAndTools() async throws {
        try await Sandbox.with { box in
            try await box.kill(try await work(box))
            #expect(!box.processes("serve --hostname").isEmpty && !box.processes("sleep 1009").isEmpty)
            let stopped = try await box.done("daemon", "stop")
            #expect(stopped.out.contains("1 server"), "\(stopped.out) \(stopped.err)")
            #expect(box.processes("serve --hostname").isEmpty && box.processes("sleep 1009").isEmpty)
            #expect(try await box.done("daemon", "stop").err.contains("no daemon is running"))
        }
    }

    @Test func toolsWithoutServerAndDaemonAreEnded() async throws {
        try await Sandbox.with { box in
            let daemon = try await work(box)
            let server = try #require(try await box.server(of: "api")["pid"]?.int)
            try await box.kill(daemon)
            try await box.kill(Int32(server))
            #expect(!box.processes("sleep 1009").isEmpty)
            // Another drover of the same person has nothing to do with it.
            let elsewhere = ["XDG_STATE_HOME": box.root + "/other", "XDG_RUNTIME_DIR": box.root + "/other"]
            #expect(try await box.drover("daemon", "stop", extra: elsewhere).err.contains("no daemon is running"))
            #expect(!box.processes("sleep 1009").isEmpty)
            try await box.done("daemon", "stop")
            #expect(box.processes("sleep 1009").isEmpty)
        }
    }

    @Test func stoppingARunningDaemonLeavesNothing() async throws {
        try await Sandbox.with { box in
            _ = try await work(box)
            #expect(try await box.done("daemon", "stop").out == "the daemon has stopped\n")
            #expect(box.marked.isEmpty, "\(box.marked)")
        }
    }

    @Test func commandsThatMeetADyingDaemonMeetTheNext() async throws {
        try await Sandbox.with { box in
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

    @Test func aNewAgentIsMadeOnceWhateverBecomesOfTheDaemon() async throws {
        try await Sandbox.with { box in
            try await box.done("daemon", "start")
            for round in 0..<6 {
                let daemon = try await box.daemonPid
                async let made = box.new("[[say 2 words]]", in: nil, "-w", "folder", "--title", "round \(round)")
                try await Task.sleep(for: .milliseconds(round * 40))
                try await box.kill(daemon)
                let id = try await made
                try await box.wait(id, "done")
            }
            #expect(try await box.list().count == 6)
        }
    }
}
