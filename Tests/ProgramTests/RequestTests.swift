import Foundation
import JSON
import Testing

extension OneHerd {
    /// What agents ask, and how a person answers from the command line.
    @Suite struct RequestTests {
        @Test func permissionsAreAskedAndAnswered() async throws {
            let box = try Sandbox.shared
            let idle = try await box.new("[[say 2 words]]", "-w", "folder", "--title", "Idle")
            try await box.wait(idle, "done")
            let watch = try await box.watch()

            // Asked: waiting within a second, first in the list, with what it wants. "Always" holds for a directory, so it has one of its own.
            let id = try await box.new(Script.bash("echo ask first") + Script.bash("echo ask second") + "[[say 2 words]]", "-w", "worktree")
            let line = try await watch.until(id, "waits with its request") { $0["status"]?.string == "waiting" && $0["requests"]?.array?.isEmpty == false }
            #expect(line["activity"]?.string?.contains("echo ask first") == true, "\(line)")
            let asked = try await box.request(of: id)
            #expect(try Sandbox.date(line["at"]).timeIntervalSince(Sandbox.date(asked["asked"])) < 1)
            for name in ["id", "agent", "session", "kind", "title", "detail", "patterns", "options", "asked"] { #expect(asked[name] != nil, "\(name)") }
            #expect(asked["kind"]?.string == "permission" && asked["detail"]?.string?.contains("echo ask first") == true)
            #expect(asked["patterns"]?.array == ["echo ask first"] && asked["options"]?.array == ["once", "always", "reject"])
            #expect(try await box.list().first?["id"]?.string == id)
            #expect(try await box.drover("wait", id).code == 4)

            // Once; then the other call asks again; always; then nothing is asked any more.
            let name = try #require(asked["id"]?.string)
            try await box.done("answer", name, "once")
            try await watch.until(id, "asks the next") { $0["requests"]?.array?.first?.string.map { $0 != name } ?? false }
            let twice = try await box.drover("answer", name, "once")
            #expect(twice.code == 3 && !twice.err.isEmpty, "\(twice)")
            try await box.done("answer", id, "always")
            try await box.wait(id, "done")
            try await box.done("send", id, Script.bash("echo ask third") + "[[text after always]]")
            try await watch.until(id, "answers without a question") {
                $0["status"]?.string == "done" && $0["since"]?.string ?? "" > line["since"]?.string ?? ""
            }
            try await box.wait(id, "done")
            #expect(try await box.log(id).last?["text"]?.string?.contains("after always") == true)
            #expect(try await box.requests().filter { $0["agent"]?.string == id }.isEmpty)
            watch.stop()
        }

        @Test func rejectionsEndTheTurnOrTellTheModelWhy() async throws {
            let box = try Sandbox.shared
            let ends = try await box.new(Script.bash("echo ask never") + "[[text went on]]", "-w", "folder")
            let goesOn = try await box.new(Script.bash("echo ask never") + "[[text went on]]", "-w", "folder")
            for id in [ends, goesOn] { try await box.wait(id, "waiting") }
            // Rejecting one agent's request must not touch the other's.
            try await box.done("answer", ends, "reject")
            try await box.wait(ends, "done,failed,paused")
            #expect(try await box.log(ends).contains { $0["text"]?.string?.contains("went on") == true && $0["kind"]?.string == "text" } == false)
            try await box.done("answer", goesOn, "reject", "--message", "use pnpm")
            try await box.wait(goesOn, "done")
            let log = try await box.log(goesOn)
            #expect(log.contains { $0["kind"]?.string == "text" && $0["text"]?.string?.contains("went on") == true })
            #expect(log.contains { $0["kind"]?.string == "tool" && $0["text"]?.string?.contains("use pnpm") == true })
        }

        @Test func questionsAreAnsweredByOptionAndByText() async throws {
            let box = try Sandbox.shared
            let watch = try await box.watch()
            let id = try await box.new(Script.question + Script.question + Script.question + "[[say 2 words]]", "-w", "folder")
            var seen: [String] = []
            for answer in [["--option", "2"], ["--text", "a flat file"], ["reject"]] {
                let known = seen
                try await watch.until(id, "asks question \(seen.count + 1)") { $0["requests"]?.array?.first?.string.map { !known.contains($0) } ?? false }
                let asked = try await box.request(of: id)
                #expect(
                    asked["kind"]?.string == "question" && asked["detail"]?.string == "Which database?" && asked["options"]?.array == ["SQLite", "Postgres"])
                let name = try #require(asked["id"]?.string)
                if seen.isEmpty {
                    #expect(try await box.drover("answer", name, "once").code == 2)
                    #expect(try await box.drover("answer", name, "--option", "7").code == 2)
                }
                seen.append(name)
                let outcome = try await box.run(box.program, ["answer", name] + answer)
                #expect(outcome.code == 0, "\(answer): \(outcome.err)")
            }
            try await box.wait(id, "done,failed,paused")
            let texts = try await box.log(id).filter { $0["kind"]?.string == "tool" }.compactMap { $0["text"]?.string }
            #expect(texts.first?.contains("Postgres") == true && texts.dropFirst().first?.contains("a flat file") == true, "\(texts)")
            watch.stop()
        }

        @Test func aSubAgentsPermissionMakesItsParentWait() async throws {
            let box = try Sandbox.shared
            let before = try await box.list().count
            let id = try await box.new(Script.task("echo ask inner") + "[[say 3 words]]", "-w", "folder")
            try await box.wait(id, "waiting")
            let asked = try await box.request(of: id)
            #expect(asked["detail"]?.string?.contains("echo ask inner") == true)
            #expect(asked["session"]?.string != (try await box.agent(id)["session"]?.string))
            #expect(try await box.list().count == before + 1)
            try await box.done("answer", id, "once")
            try await box.wait(id, "done")
            #expect(try await box.log(id).contains { $0["kind"]?.string == "tool" && ($0["depth"]?.int ?? 0) == 0 })
        }
    }
}
