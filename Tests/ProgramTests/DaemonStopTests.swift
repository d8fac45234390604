import Foundation
import Testing

extension TroubledHerd {
    /// `drover daemon stop` ends every process that drover started, whatever became of the daemon before.
    @Suite struct DaemonStopTests {
        /// An agent with tools at work: one in the foreground, two that would outlive it.
        private func work(_ box: Sandbox) async throws {
            let tools = "nohup sleep 1011 >/dev/null 2>&1 & setsid sleep 1012 >/dev/null 2>&1 & sleep 1013"
            _ = try await box.new(Script.bash(tools) + "[[say 2 words]]", "-w", "folder")
            for number in 1011...1013 { try await Sandbox.until("sleep \(number) runs") { !box.processes("sleep \(number)").isEmpty } }
        }

        @Test func stoppingARunningDaemonLeavesNothing() async throws {
            let box = try Sandbox.shared
            try await work(box)
            #expect(try await box.done("daemon", "stop").out == "the daemon has stopped\n")
            #expect(box.marked.isEmpty, "\(box.marked)")
            #expect(try await box.done("daemon", "stop").err.contains("no daemon is running"))
        }

        @Test func afterACrashOfTheDaemonStopEndsServersAndTools() async throws {
            let box = try Sandbox.shared
            try await work(box)
            try await box.kill(try await box.daemonPid)
            #expect(!box.processes("serve --hostname").isEmpty && !box.processes("sleep 1013").isEmpty)
            #expect(try await box.drover("doctor").out.contains("runs without a daemon"))
            let stopped = try await box.done("daemon", "stop")
            #expect(stopped.out.contains("1 server"), "\(stopped.out) \(stopped.err)")
            #expect(box.marked.isEmpty, "\(box.marked)")
            #expect(try await box.done("daemon", "stop").err.contains("no daemon is running"))
        }

        @Test(arguments: [["daemon", "stop"], ["daemon", "start"]])
        func toolsWithoutServerAndDaemonAreFoundAndEnded(by command: [String]) async throws {
            let box = try Sandbox.shared
            try await work(box)
            let server = try #require(try await box.server(of: "api")["pid"]?.int)
            try await box.kill(try await box.daemonPid)
            try await box.kill(Int32(server))
            #expect(!box.processes("sleep 1013").isEmpty)
            // Another drover of the same person has nothing to do with it.
            let elsewhere = ["XDG_STATE_HOME": box.root + "/other", "XDG_RUNTIME_DIR": box.root + "/other"]
            #expect(try await box.drover("daemon", "stop", extra: elsewhere).err.contains("no daemon is running"))
            #expect(!box.processes("sleep 1013").isEmpty)
            let doctor = try await box.drover("doctor")
            #expect(doctor.code == 1 && doctor.out.contains("was left by a server that is gone"), "\(doctor.out)")
            let outcome = try await box.run(box.program, command)
            #expect(outcome.code == 0, "\(outcome.err)")
            try await Sandbox.until("what was left is ended") { box.processes("sleep 101").isEmpty }
            let healthy = try await box.drover("doctor")
            #expect(healthy.code == 0 && !healthy.out.contains("was left"), "\(healthy.out)")
        }
    }
}
