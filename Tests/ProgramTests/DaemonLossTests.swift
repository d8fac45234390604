import Foundation
import JSON
import Testing

extension TroubledHerd {
    /// The daemon dies, with work going on and in the middle of orders.
    @Suite struct DaemonLossTests {
        @Test func agentsWorkOnWithoutTheirDaemonAndTheNextOneTakesThemOver() async throws {
            let box = try Sandbox.shared
            let finished = try await box.new("[[say 2 words]]", "-w", "folder")
            try await box.wait(finished, "done")
            let asking = try await box.new(Script.bash("echo ask it") + "[[say 2 words]]", "-w", "folder")
            try await box.wait(asking, "waiting")
            let tool = HeldTool()
            let working = try await box.new(tool.script + Script.bash("touch over") + "[[say 2 words]]", "-w", "worktree")
            let directory = try #require(try await box.agent(working)["place"]?["directory"]?.string)
            try await tool.runs(in: directory)
            let server = try #require(try await box.server(of: "api")["pid"]?.int)

            try await box.kill(try await box.daemonPid)
            #expect(box.marked.contains { Int($0.pid) == server }, "the server outlives its daemon")

            // The next client starts a daemon. What it says is the truth, or that it does not know yet, for 2 s at most.
            let first = try await box.list()
            let start = ContinuousClock.now
            let known = first.compactMap { $0["id"]?.string }
            #expect([finished, asking, working].allSatisfy(known.contains))
            try await box.wait(asking, "waiting", seconds: 10)
            try await box.wait(working, "running,quiet", seconds: 10)
            try await box.wait(finished, "done", seconds: 10)
            let truth = ContinuousClock.now - start
            #expect(truth < .seconds(2), "the truth came \(truth) after the first answer")
            #expect(try await box.server(of: "api")["pid"]?.int == server, "the server was taken over, not started anew")
            #expect(try await box.requests().filter { $0["agent"]?.string == asking }.count == 1)
            try await box.done("answer", asking, "once")
            try await box.wait(asking, "done")
            try tool.letGo(in: directory)
            try await box.wait(working, "done")
            #expect(FileManager.default.fileExists(atPath: directory + "/over"))
            #expect(try await box.log(working).filter { $0["kind"]?.string == "user" }.count == 1)
        }

        /// Dying anywhere between the order and the running turn leaves one agent with one session and one prompt.
        @Test func dyingAtAnyMomentOfNewLeavesOneAgentWithOnePrompt() async throws {
            let box = try Sandbox.shared
            var chance = SeededChance()
            let warm = try await box.new("[[say 2 words]]", "-w", "worktree")
            try await box.wait(warm, "done")
            for round in 0..<21 {
                // In the folder all is over in some 50 ms, in a worktree it takes a second.
                let kind = round % 3 == 2 ? "worktree" : "folder"
                let delay = Int.random(in: 0..<(kind == "folder" ? 80 : 900), using: &chance)
                let moment = "round \(round), \(kind), after \(delay) ms, \(chance.seed)"
                let title = "Round \(round) of dying"
                let pid = try await box.daemonPid
                async let made = box.run(box.program, ["new", "-p", box.api, "-w", kind, "--title", title, "--", "[[text answer \(round)]]"])
                try await Task.sleep(for: .milliseconds(delay))
                try await box.kill(pid)
                let outcome = try await made
                try await box.done("daemon", "start")
                try await box.wait(warm, "done", seconds: 10)
                var found: [JSONTree] = []
                try await Sandbox.until("an end of \(moment)") {
                    found = try await box.list().filter { $0["title"]?.string == title }
                    return found.allSatisfy { ["done", "failed"].contains($0["status"]?.string) }
                }
                // The client asks the next daemon for the same agent, so that it is made all the same, and once.
                #expect(outcome.code == 0 && found.count == 1, "\(moment): \(outcome)")
                for agent in found {
                    let id = try #require(agent["id"]?.string)
                    let why = try await box.done("why", id).out + box.done("daemon", "status").out
                    #expect(agent["status"]?.string == "done", "\(moment): \(why)")
                    let log = try await box.log(id)
                    #expect(log.compactMap { $0["kind"]?.string } == ["user", "text"], "\(moment): \(log)")
                }
            }
            // Nothing half-made: every worktree belongs to an agent, no two agents have a session.
            let agents = try await box.list() + box.list("is:archived")
            let worktrees = try await box.git("worktree", "list", "--porcelain", in: box.api).split(separator: "\n").filter { $0.hasPrefix("worktree ") }
            let places = Set(agents.compactMap { $0["place"]?["directory"]?.string })
            #expect(places.union([box.api]) == Set(worktrees.map { String($0.dropFirst(9)) }).union(agents.isEmpty ? [] : [box.api]))
            #expect(Set(agents.compactMap { $0["session"]?.string }).count == agents.count)
        }
    }
}

/// Chance that can be had again: `DROVER_TEST_SEED` makes a run choose as an earlier one did. It is printed.
struct SeededChance: RandomNumberGenerator {
    let seed: String
    private var state: UInt64

    init() {
        let number = ProcessInfo.processInfo.environment["DROVER_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)
        state = number
        seed = "DROVER_TEST_SEED=\(number)"
        print(seed)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
