import Foundation
import JSON
import Testing

extension TroubledHerd {
    /// Every status on a real server, with its evidence.
    @Suite struct EveryStatusTests {
        @Test func turnsThatFailWaitHangAndAreStopped() async throws {
            let box = try Sandbox.shared
            // A provider that says no, one that says later, one that says nothing, and a tool that takes its time.
            let failing = try await box.new("[[error 400]] [[say 2 words]]", "-w", "folder")
            let limited = try await box.new("[[error 429 retry-after 45]] [[say 2 words]]", "-w", "folder")
            let hanging = try await box.new("[[hang]]", "-w", "folder")
            let stopped = try await box.new(Script.bash("sleep 1003") + "[[say 2 words]]", "-w", "folder")

            try await box.wait(failing, "failed")
            let error = try #require(try await box.agent(failing)["error"]?.string)
            #expect(!error.isEmpty)
            #expect(try await box.done("why", failing).out.contains("failed"))
            #expect(try await box.drover("wait", failing).code == 1)
            // At once, while the server still closes the turn before: it stores such a prompt and does not run it.
            try await box.done("retry", failing)
            try await Sandbox.until("it was tried again") { try await box.log(failing).filter { $0["kind"]?.string == "error" }.count == 2 }
            try await box.wait(failing, "failed")
            #expect(try await box.agent(failing)["error"]?.string == error)
            #expect(try await box.log(failing).filter { $0["kind"]?.string == "user" }.count == 2)

            try await box.wait(limited, "limited")
            let agent = try await box.agent(limited)
            #expect(agent["retryAt"]?.string ?? "" > agent["since"]?.string ?? "~", "\(agent)")
            #expect(try await box.done("why", limited).out.contains("limited"))
            // An abort while it waits leaves no trace in the conversation, and yet it was stopped.
            try await box.done("stop", limited)
            try await box.wait(limited, "paused")

            try await box.wait(hanging, "quiet")
            #expect(try await box.done("why", hanging).out.contains("no event"))
            try await box.done("stop", hanging)
            try await box.wait(hanging, "paused")

            try await Sandbox.until("the tool runs") { !box.processes("sleep 1003").isEmpty }
            try await box.done("stop", stopped)
            try await box.wait(stopped, "paused")
            try await Sandbox.until("its tool is gone") { box.processes("sleep 1003").isEmpty }
            try await box.done("send", stopped, "[[text here again]]")
            try await box.wait(stopped, "done")
            #expect(try await box.log(stopped).last?["text"]?.string?.contains("here again") == true)

            // Archived ones leave the list and come back.
            try await box.done("archive", stopped)
            #expect(try await !box.list().contains { $0["id"]?.string == stopped })
            let archived = try await box.list("is:archived").compactMap { $0["id"]?.string }
            #expect(archived.contains(stopped))
            try await box.done("undo")
            #expect(try await box.list().contains { $0["id"]?.string == stopped })
        }

        @Test func aFrozenServerMakesItsAgentsUnknownAndRightAgain() async throws {
            let box = try Sandbox.shared
            let id = try await box.new("[[say 2 words]]", "-w", "folder")
            try await box.wait(id, "done")
            let tool = HeldTool()
            let busy = try await box.new(tool.script + "[[say 2 words]]", "-w", "folder")
            try await box.wait(busy, "running,quiet")
            let watch = try await box.watch()
            let server = Int32(try #require(try await box.server(of: "api")["pid"]?.int))
            let frozen = ContinuousClock.now
            Foundation.kill(server, SIGSTOP)
            for agent in [id, busy] { try await watch.until(agent, status: "unknown", within: .seconds(40)) }
            let took = ContinuousClock.now - frozen
            #expect(took < .seconds(15), "heartbeat 10 s + 2 s, and a margin for a busy machine: \(took)")
            #expect(try await box.done("why", id).out.contains("nothing was heard"))
            Foundation.kill(server, SIGCONT)
            try await box.wait(id, "done", seconds: 10)
            try await box.wait(busy, "running,quiet", seconds: 10)
            try tool.letGo(in: box.api)
            try await box.wait(busy, "done")
            #expect(Int32(try #require(try await box.server(of: "api")["pid"]?.int)) == server)
            watch.stop()
        }
    }
}
