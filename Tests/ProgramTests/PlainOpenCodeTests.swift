import Foundation
import JSON
import TestKit
import Testing

extension OneHerd {
    /// drover and plain opencode on the same sessions.
    @Suite struct PlainOpenCodeTests {
        @Test func sessionsOfPlainOpenCodeAppearAndCanBeSteered() async throws {
            let box = try Sandbox.shared
            let first = try await box.new("[[say 2 words]]", "-w", "folder")
            try await box.wait(first, "done")
            let known = Set(try await box.list().compactMap { $0["id"]?.string })
            let watch = try await box.watch()
            let plain = try await box.run(try #require(Sandbox.openCode), ["run", "[[text said by plain opencode]]"], in: box.api, seconds: 120)
            #expect(plain.code == 0, "\(plain.err)")
            let line = try await watch.first { $0["agent"]?.string.map { !known.contains($0) } ?? false }
            let id = try #require(line["agent"]?.string)
            try await box.wait(id, "done")
            let agent = try await box.agent(id)
            #expect(agent["place"]?["kind"]?.string == "folder" && agent["place"]?["directory"]?.string == box.api)
            #expect(try await box.log(id).contains { $0["text"]?.string?.contains("said by plain opencode") == true })
            try await box.done("send", id, "[[text said through drover]]")
            try await watch.until(id, "runs") { $0["status"]?.string == "running" }
            try await box.wait(id, "done")
            #expect(try await box.log(id).last?["text"]?.string?.contains("said through drover") == true)
            watch.stop()
        }

        @Test func attachOpensOpenCodesOwnScreenOnTheSession() async throws {
            let box = try Sandbox.shared
            let id = try await box.new("[[text here is what it said]]", "-w", "folder", "--title", "To be attached")
            try await box.wait(id, "done")
            let person = try Person(box, ["attach", id])
            try person.sees("here is what it said")
            // A prompt that is typed there is one of the agent.
            let watch = try await box.watch()
            person.types("[[text typed in its own screen]]")
            try person.sees("[[text typed in its own screen]]")
            person.presses("<enter>")
            try await watch.until(id, "answers") { $0["status"]?.string == "done" && $0["activity"]?.string?.contains("typed in its own screen") == true }
            watch.stop()
            person.presses("<c-c>")
            #expect(try person.leaves() == 0)
            #expect(try await box.drover("attach", id).code == 2, "without a terminal there is no screen")
            #expect(try await box.drover("attach", "zzzzzz").code == 3)
        }
    }
}
