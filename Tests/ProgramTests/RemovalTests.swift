import Foundation
import JSON
import Testing

extension OneHerd {
    @Suite struct RemovalTests {
        @Test func aRemovedWorktreeComesBackWhole() async throws {
            let box = try Sandbox.shared
            let id = try await box.new(
                Script.bash("echo new > untracked.txt; echo two >> README.md; git mv README.md READ.md; echo x > staged; git add staged; rm staged")
                    + "[[text remember me]]", "-w", "worktree")
            try await box.wait(id, "done")
            let before = try await box.agent(id)
            let directory = try #require(before["place"]?["directory"]?.string), branch = try #require(before["place"]?["branch"]?.string)
            let log = try await box.done("log", id, "--json").out
            let state = try await box.git("status", "--porcelain=v2", "--untracked-files=all", in: directory)
            try await box.done("rm", id)
            #expect(!FileManager.default.fileExists(atPath: directory))
            #expect(try await !box.list().contains { $0["id"]?.string == id })
            #expect(try await box.drover("show", id).code == 3)
            try await box.done("undo")
            let after = try await box.agent(id)
            #expect(after["place"]?["directory"]?.string == directory && after["session"]?.string == before["session"]?.string)
            #expect(try String(contentsOfFile: directory + "/untracked.txt", encoding: .utf8) == "new\n")
            #expect(try await box.git("status", "--porcelain=v2", "--untracked-files=all", in: directory) == state)
            #expect(try await box.git("branch", "--show-current", in: directory) == branch + "\n")
            #expect(try await box.done("log", id, "--json").out == log)
            try await box.done("send", id, "[[text still here]]")
            try await Sandbox.until("it answers again") { try await box.log(id).last?["text"]?.string?.contains("still here") == true }
            try await box.wait(id, "done")
            // Its place is not taken from under it.
            #expect(try await box.drover("place", "rm", try #require(before["place"]?["id"]?.string)).code == 5)
        }
    }
}
