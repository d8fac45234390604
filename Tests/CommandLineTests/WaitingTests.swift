import Domain
import JSON
import Testing
import Wire

@testable import CommandLine

@Suite struct Waits {
    private let herd = Herd.sample()

    private func bench(_ says: [DaemonMessage] = []) -> Bench {
        let bench = Bench()
        bench.daemon.herdNow = herd
        bench.daemon.says = says
        return bench
    }

    private func change(_ id: String, _ status: Status, error: String? = nil) -> DaemonMessage {
        var change = HerdChange()
        if var agent = herd.agents[AgentID(id)] {
            agent.status = status
            agent.error = error
            change.agents = [agent]
        }
        return .herd(change)
    }

    @Test func itEndsWhenTheTurnDoes() {
        let bench = bench([change("ndddddd", .running), change("ndddddd", .limited), change("ndddddd", .done)])
        #expect(bench.run("wait", "n") == 0)
        #expect(bench.output == "ndddddd  ✓ done  Update deps\n")
        #expect(bench.daemon.says.isEmpty)
    }

    @Test(arguments: [(Status.done, 0), (.paused, 0), (.stopped, 0), (.failed, 1), (.waiting, 4), (.unknown, 6)] as [(Status, Int32)])
    func theExitCodeTellsHowItWent(status: Status, code: Int32) {
        #expect(bench([change("ndddddd", status)]).run("wait", "n", "p") == code)
    }

    @Test func allOfSeveralAreWaitedFor() {
        let bench = bench([change("ndddddd", .done)])
        #expect(bench.run("wait", "n", "ka") == 4)
    }

    @Test func untilNamesStatuses() throws {
        let bench = bench([change("ndddddd", .failed, error: "no"), change("ndddddd", .paused)])
        #expect(bench.run("wait", "n", "--until", "done,paused", "--json") == 0)
        #expect(try JSONTree(parsing: bench.output).array?.first?["status"] == "paused")
        #expect(bench.run("wait", "n", "--until", "dnoe") == 2 && bench.errors.contains("did you mean \"done\"?"))
    }

    @Test func timeIsUp() {
        let bench = bench()
        #expect(bench.run("wait", "n", "p", "--timeout", "0.5") == 7)
        #expect(bench.errors == "drover: timed out: ndddddd is running\n")
        #expect(bench.run("wait", "n", "--timeout", "soon") == 2)
        #expect(bench.run("wait", "zz") == 3)
    }

    @Test func aRemovedAgentIsNotWaitedFor() {
        var change = HerdChange()
        change.removedAgents = [AgentID("ndddddd")]
        let bench = bench([.herd(change)])
        #expect(bench.run("wait", "n") == 3 && bench.errors.contains("was removed"))
    }

    @Test func watchPrintsALineForEachChange() throws {
        var removal = HerdChange()
        removal.removedAgents = [AgentID("ndddddd")]
        let bench = bench([change("ndddddd", .running), change("ndddddd", .waiting), change("ndddddd", .waiting), .herd(removal)])
        #expect(bench.run("watch", "--json") == 6)
        let lines = try bench.output.split(separator: "\n").map { try JSONTree(parsing: String($0)) }
        #expect(lines.map { $0["status"]?.string } == ["waiting", "waiting"])
        #expect(lines.map { $0["removed"]?.bool } == [nil, true])
        #expect(lines.allSatisfy { $0["agent"] == "ndddddd" && $0["at"] == "2027-01-15T08:00:00.000Z" })
    }

    @Test func watchMayBeginWithWhatIs() {
        let bench = bench()
        bench.run("watch", "--initial", "project:web")
        #expect(bench.output.split(separator: "\n").count == 2)
        #expect(bench.output.hasPrefix("09:00:00  kbbbbb  ! waiting"))
    }
}

@Suite struct Logs {
    private func item(_ id: String, _ kind: TranscriptItem.Kind, _ text: String, tool: ToolUse? = nil, open: Bool = false) -> TranscriptItem {
        TranscriptItem(id: id, session: SessionID("s"), at: Timestamp(milliseconds: 1_799_999_999_000), kind: kind, text: text, tool: tool, isOpen: open)
    }

    private var items: [TranscriptItem] {
        [
            item("a", .user, "fix it\nplease"), item("b", .thinking, "hm"),
            item(
                "c", .tool, "4/4 \u{1B}[32mok",
                tool: ToolUse(
                    name: "bash", callID: "1", state: .completed, target: "npm test", result: "exit 0", started: Timestamp(milliseconds: 0),
                    ended: Timestamp(milliseconds: 4200))),
            item("d", .tool, "no such file", tool: ToolUse(name: "read", callID: "2", state: .failed, target: "x.swift")), item("e", .text, "Done."),
        ]
    }

    private func bench() -> Bench {
        let bench = Bench()
        bench.daemon.herdNow = .sample()
        bench.daemon.replies = [.success(.transcript(items))]
        return bench
    }

    @Test func itReadsLikeALog() {
        let bench = bench()
        #expect(bench.run("log", "ka") == 0)
        #expect(
            bench.output == """
                08:59:59 user         fix it
                                      please
                08:59:59 thinking     hm
                08:59:59 bash         npm test  exit 0  4.2s
                08:59:59 read         x.swift  failed
                                      no such file
                08:59:59 text         Done.

                """)
    }

    @Test func fullAndLimitedAndJSON() throws {
        let full = bench()
        full.run("log", "ka", "--full", "-n3")
        #expect(full.output.contains("4/4 ^[[32mok") && !full.output.contains("fix it"))
        let json = bench()
        json.run("log", "ka", "--json")
        let list = try #require(try JSONTree(parsing: json.output).array)
        #expect(list.count == 5 && list.allSatisfy { $0["id"] != nil && $0["at"] != nil && $0["kind"] != nil })
        #expect(bench().run("log", "ka", "-n", "x") == 2)
    }

    @Test func followingPrintsEachEntryOnceWhenItIsFinished() {
        let bench = bench()
        bench.daemon.says = [
            .transcript(AgentID("kaaaaa"), [.reset(items)]), .transcript(AgentID("kaaaaa"), [.put(item("f", .text, "Mo", open: true))]),
            .transcript(AgentID("kaaaaa"), [.append(id: "f", text: "re.")]), .transcript(AgentID("kaaaaa"), [.put(item("f", .text, "More."))]),
            .transcript(AgentID("kaaaaa"), [.put(item("f", .text, "More."))]),
        ]
        #expect(bench.run("log", "ka", "-f", "--json", "-n1") == 6)
        #expect(bench.output.split(separator: "\n").count == 2)
        #expect(bench.daemon.orders.contains(.look(AgentID("kaaaaa"))))
    }
}
