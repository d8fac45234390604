import Foundation
import JSON
import Testing

extension TroubledHerd {
    @Suite struct ServerLossTests {
        @Test func aKilledServerComesBackAndItsAgentGoesOnWithTheSameMessage() async throws {
            let box = try Sandbox.shared
            let other = try await box.new("[[say 3 words]]", "-w", "folder")
            try await box.wait(other, "done")
            let watch = try await box.watch()
            let id = try await box.new(Script.bash("echo begun; test -e go || sleep 1007") + "[[say 3 words]]", "-w", "worktree")
            try await watch.until(id, "runs its tool") { $0["activity"]?.string?.contains("sleep 1007") == true }
            try await Sandbox.until("the tool runs") { !box.processes("sleep 1007").isEmpty }
            let before = try await box.log(id)
            let server = try await box.server(of: "api")
            try await box.kill(Int32(try #require(server["pid"]?.int)))

            let failed = try await watch.until(id, status: "failed")
            #expect(failed["error"]?.string?.hasPrefix("interrupted") == true, "\(failed)")
            try await Sandbox.until("the tool of the dead server is gone") { box.processes("sleep 1007").isEmpty }
            try await Sandbox.until("the server is back") {
                let now = try await box.servers().first { $0["project"]?.string == "api" }
                return now?["state"]?.string == "live" && now?["pid"]?.int != server["pid"]?.int
            }
            #expect(try await box.agent(other)["status"]?.string == "done")
            #expect(try await box.agent(id)["status"]?.string == "failed")

            // The same message goes on: there is one prompt before and after.
            let directory = try #require(try await box.agent(id)["place"]?["directory"]?.string)
            try Sandbox.write("", directory + "/go")
            try await box.done("resume", id)
            try await box.wait(id, "done")
            let prompts = try await box.log(id).filter { $0["kind"]?.string == "user" }
            #expect(prompts.compactMap { $0["message"]?.string } == before.filter { $0["kind"]?.string == "user" }.compactMap { $0["message"]?.string })
            #expect(prompts.count == 1)
            try await box.done("send", other, "[[text after the loss]]")
            try await Sandbox.until("the other one answers") { try await box.log(other).last?["text"]?.string?.contains("after the loss") == true }
            try await box.wait(other, "done")
            watch.stop()
        }
    }
}
