import Foundation
import JSON
import Testing

extension OneHerd {
    /// What agents need goes away behind drover's back.
    @Suite struct VanishedTests {
        /// Plain `opencode`, or anybody else, may delete a session: its agent goes with it, and whoever asks for it is told.
        @Test func aSessionThatSomebodyDeletes() async throws {
            let box = try Sandbox.shared
            let id = try await box.new("[[say 2 words]]", "-w", "folder")
            try await box.wait(id, "done")
            let session = try #require(try await box.agent(id)["session"]?.string)
            #expect(try await box.ask("DELETE", "/session/\(session)", project: "api") == 200)
            try await Sandbox.until("its agent is gone") { try await !box.list().contains { $0["id"]?.string == id } }
            box.refused(try await box.drover("send", id, "[[say 2 words]]"), [3], id)
        }

        @Test func aWorktreeThatSomebodyRemoves() async throws {
            let box = try Sandbox.shared
            let id = try await box.new("[[say 2 words]]", "-w", "worktree")
            try await box.wait(id, "done")
            let directory = try #require(try await box.agent(id)["place"]?["directory"]?.string)
            try FileManager.default.removeItem(atPath: directory)
            // The server takes one more prompt, and may fail at it; places are looked at when its turn ends.
            try await box.done("send", id, "[[say 2 words]]")
            try await Sandbox.until("the loss is told") { try await box.done("why", id).out.contains("\(directory) is gone") }
            try await box.wait(id, "done,failed")
            box.refused(try await box.drover("send", id, "[[say 2 words]]"), [5], directory)
            try await box.done("rm", id)
            #expect(try await !box.list().contains { $0["id"]?.string == id })
        }
    }
}
