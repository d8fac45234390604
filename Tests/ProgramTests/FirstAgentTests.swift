import Foundation
import JSON
import Testing

extension OneHerd {
    /// Agents from their first prompt on, and what scripts read of them.
    @Suite struct FirstAgentTests {
        private static var time: Regex<Substring> { /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/ }

        @Test func anAgentInAWorktreeWorksAndIsReadByScripts() async throws {
            let box = try Sandbox.shared
            let watch = try await box.watch()
            let made = try await box.done(
                "new", "-w", "worktree", "--title", "First one",
                "[[think 5 words]]" + Script.bash("echo made > made.txt; echo hello there") + "[[usage 120 30]] [[rate 50]] [[say 60 words]]")
            let id = try #require(made.out.split(separator: " ").first.map(String.init))
            #expect(made.out.contains("First one") && made.out.contains("drover/"), "\(made.out)")
            try await watch.until(id, status: "running")
            try await watch.until(id, status: "done")

            // Exactly the members of the contract.
            let all = try await box.list("First one")
            #expect(all.count == 1)
            let agent = try #require(all.first)
            let members = [
                "id", "title", "project", "projectPath", "place", "status", "since", "activity", "requests", "unseen", "tokens", "cost", "model", "created",
                "updated", "session", "parent", "error",
            ]
            let missing = members.filter { agent[$0] == nil }
            #expect(missing.isEmpty)
            #expect(agent["place"]?.object?.keys == ["id", "kind", "directory", "branch"])
            #expect(agent["tokens"]?.object?.keys == ["input", "output", "reasoning", "cacheRead", "cacheWrite"])
            #expect(agent["id"]?.string == id && agent["title"]?.string == "First one" && agent["status"]?.string == "done")
            #expect(agent["project"]?.string == "api" && agent["projectPath"]?.string == box.api)
            #expect(agent["place"]?["kind"]?.string == "worktree")
            #expect(agent["requests"]?.array == [] && agent["unseen"]?.bool == true && agent["parent"]?.isNull == true && agent["error"]?.isNull == true)
            #expect(agent["session"]?.string?.hasPrefix("ses_") == true && agent["model"]?.string == "scripted/scripted")
            #expect((agent["tokens"]?["input"]?.int ?? 0) > 0 && (agent["tokens"]?["output"]?.int ?? 0) > 0)
            for name in ["since", "created", "updated"] { #expect(agent[name]?.string?.wholeMatch(of: Self.time) != nil, "\(name)") }
            let branch = try #require(agent["place"]?["branch"]?.string), directory = try #require(agent["place"]?["directory"]?.string)
            #expect(branch.hasPrefix("drover/"))
            #expect(try await box.git("branch", "--show-current", in: directory) == branch + "\n")
            #expect(try String(contentsOfFile: directory + "/made.txt", encoding: .utf8) == "made\n")
            #expect(!FileManager.default.fileExists(atPath: box.api + "/made.txt"))

            // The log: in order, and the same each time.
            let log = try await box.done("log", id, "--json"), again = try await box.done("log", id, "--json")
            #expect(log.out == again.out)
            let items = try log.json().array ?? []
            #expect(items.compactMap { $0["kind"]?.string } == ["user", "thinking", "tool", "text"])
            #expect(items.allSatisfy { $0["at"]?.string?.wholeMatch(of: Self.time) != nil && $0["id"]?.string?.isEmpty == false })
            let tool = try #require(items.first { $0["kind"]?.string == "tool" })
            #expect(tool["tool"]?["name"]?.string == "bash" && tool["tool"]?["state"]?.string == "completed")
            #expect(tool["text"]?.string?.contains("hello there") == true)

            // Evidence, and the forms for people.
            let why = try await box.done("why", id, "--json").json()
            #expect(why["status"]?.string == "done" && why["agent"]?.string == id, "\(why)")
            #expect(try await box.done("why", id).out.contains("1.18.33"))
            #expect(try await box.done("show", String(id.prefix(4))).out.contains("First one"))
            #expect(try await box.done("ls").out.contains("First one"))
            #expect(try await box.done("diff", id).out.contains("+made"))

            // A second prompt goes on in the same conversation, and a queued one is answered too.
            try await box.done("send", id, "[[rate 50]] [[say 60 words]]")
            try await box.done("send", id, "[[say 2 words]]")
            try await watch.until(id, "done again") { $0["status"]?.string == "done" && $0["since"]?.string ?? "" > agent["since"]?.string ?? "" }
            #expect(try await box.log(id).filter { $0["kind"]?.string == "user" }.count == 3)
            watch.stop()
        }

        @Test func fourAgentsOfTwoProjectsStreamAtTheSameTime() async throws {
            let box = try Sandbox.shared
            let watch = try await box.watch()
            let tool = HeldTool()
            var ids: [String] = []
            for (project, kind) in [(box.api, "worktree"), (box.api, "folder"), (box.web, "worktree"), (box.web, "folder")] {
                ids.append(try await box.new(tool.script + "[[rate 40]] [[say 40 words]]", in: project, "-w", kind))
            }
            // All four are at it before any may go on.
            for id in ids {
                try await watch.until(id, "shows what it does") { $0["status"]?.string == "running" && $0["activity"]?.string?.contains("touch begun") == true }
            }
            var directories: [String] = []
            for id in ids { directories.append(try #require(try await box.agent(id)["place"]?["directory"]?.string)) }
            for directory in directories { try await tool.runs(in: directory) }
            for directory in directories { try tool.letGo(in: directory) }
            for id in ids { try await watch.until(id, "streams") { $0["activity"]?.string == "writing" } }
            for id in ids { try await watch.until(id, status: "done") }
            let servers = try await box.servers().filter { ["api", "web"].contains($0["project"]?.string) }
            #expect(servers.count == 2)
            let missing = ["project", "pid", "url", "version", "state", "memory", "cpu", "sessions", "restarts"].filter { servers.first?[$0] == nil }
            #expect(missing.isEmpty)
            #expect(servers.allSatisfy { $0["version"]?.string?.hasPrefix("1.") == true && $0["url"]?.string?.hasPrefix("http://127.0.0.1:") == true })
            // Passwords are on no command line.
            for server in servers {
                let line = try String(contentsOfFile: "/proc/\(server["pid"]?.int ?? 0)/cmdline", encoding: .utf8)
                #expect(!line.lowercased().contains("password"))
            }
            let ofWeb = try await box.list("project:web").compactMap { $0["id"]?.string }
            #expect(ids[2...].allSatisfy(ofWeb.contains))
            watch.stop()
        }
    }
}
