import Domain
import Testing
import Wire

@testable import CommandLine

/// Commands that meet a daemon which goes away before it has answered.
@Suite struct Losses {
    private func bench(losing count: Int = 1) -> Bench {
        let bench = Bench()
        bench.daemon.herdNow = .sample()
        bench.daemon.losses = count
        return bench
    }

    @Test(
        arguments: [
            ["ls"], ["ls", "--json"], ["show", "kaaaaa"], ["why", "kaaaaa"], ["requests"], ["project", "ls"], ["place", "ls"], ["daemon", "status"],
            ["daemon", "start"], ["wait", "peeeee"],
        ]) func whatOnlyAsksIsAskedOfTheNextDaemon(arguments: [String])
    {
        let bench = bench()
        #expect(bench.run(arguments) == 0, "\(bench.errors)")
        #expect(bench.daemon.connections == 2)
        #expect(!bench.output.isEmpty)
    }

    @Test func theLogIsReadFromTheNextDaemon() {
        let bench = bench(losing: 0)
        let item = TranscriptItem(id: "a", session: SessionID("s"), at: Bench.now, kind: .text, text: "hello")
        bench.daemon.replies = [.success(.transcript([item]))]
        bench.daemon.losses = 1
        #expect(bench.run("log", "kaaaaa") == 0 && bench.output.contains("hello"), "\(bench.errors)")
    }

    @Test func daemonsThatAllGoAwayAreGivenUp() {
        let bench = bench(losing: 1000)
        #expect(bench.run("ls") == 6 && bench.errors.contains("the daemon has ended"))
        #expect(bench.daemon.connections < 10)
    }

    @Test(arguments: [["send", "kaaaaa", "go on"], ["answer", "per_one", "once"], ["rm", "peeeee"], ["undo"], ["resume", "peeeee"]])
    func anActThatWasTakenIsNotDoneAgain(arguments: [String]) {
        let bench = bench(losing: 0)
        // The herd is read first.
        bench.run("ls")
        bench.daemon.losesOrders = 1
        #expect(bench.run(arguments) == 6)
        #expect(bench.errors.contains("before it said whether this was done") && bench.errors.contains("drover log"), "\(bench.errors)")
        #expect(bench.daemon.orders.count == 1)
    }

    @Test func anActThatWasNotTakenIsTold() {
        let bench = bench(losing: 0)
        bench.daemon.takesWhatItLoses = false
        bench.daemon.losesOrders = 1
        #expect(bench.run("send", "kaaaaa", "go on") == 0, "\(bench.errors)")
        #expect(bench.daemon.orders == [.send(AgentID("kaaaaa"), text: "go on", model: nil, mode: nil)])
    }

    @Test func aNewAgentIsAskedForAgainByTheSameName() throws {
        let bench = bench(losing: 0)
        bench.daemon.losesOrders = 1
        let agent = try #require(bench.daemon.herdNow.agents[AgentID("ndddddd")])
        bench.daemon.replies = [.success(.agent(agent))]
        #expect(bench.run("new", "fix it") == 0, "\(bench.errors)")
        let ids = bench.daemon.orders.map { order -> AgentID? in if case .new(let wish) = order { wish.id } else { nil } }
        #expect(ids.count == 2 && ids[0] == ids[1] && ids[0].map { Derived.isName($0.raw) } == true)
    }

    @Test func watchGoesOnAndSaysOnlyWhatIsNew() {
        let bench = bench(losing: 0)
        bench.daemon.dropsWatchers = 1
        #expect(bench.run("watch", "--initial", "--json") == 6)
        #expect(bench.daemon.connections == 2)
        // The second snapshot is as the first.
        #expect(bench.output.split(separator: "\n").count == 5)
    }

    @Test func watchEndsWhenAPersonStopsTheDaemon() {
        let bench = bench(losing: 0)
        bench.daemon.dropsWatchers = 1
        bench.daemon.farewell = .stopped
        #expect(bench.run("watch") == 6)
        #expect(bench.daemon.connections == 1)
    }

    @Test func waitWaitsForADaemonThatStillReads() {
        let bench = bench(losing: 0)
        let id = AgentID("ndddddd")
        func with(_ status: Status, _ state: Server.State) -> Herd {
            var herd = Herd.sample()
            herd.agents[id]?.status = status
            if let project = herd.agents[id]?.project {
                var server = Server(id: ServerID(project.raw), project: project)
                server.state = state
                herd.servers[server.id] = server
            }
            return herd
        }
        bench.daemon.herdNow = with(.unknown, .starting)
        bench.daemon.says = [.snapshot(with(.done, .live))]
        #expect(bench.run("wait", id.raw) == 0, "\(bench.errors)")
        bench.daemon.herdNow = with(.unknown, .silent)
        #expect(bench.run("wait", id.raw) == 6)
    }

    @Test func aStopThatFailsOnTheWayEndsWhatIsLeft() {
        let bench = bench()
        #expect(bench.run("daemon", "stop") == 0)
        #expect(bench.errors.contains("the daemon has stopped"))
    }
}
