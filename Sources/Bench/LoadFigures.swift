import Glibc
import JSON
import Sys
import TestKit

/// The screen while servers say much, and how soon it shows what they say.
struct LoadFigures {
    let world: World
    let screen: ScreenFigures

    /// Keys while so many deltas a second come in on the streams of all servers.
    func keys(perSecond: Int, seconds: Int) throws(BenchError) -> Figure {
        let one = try screen.open()
        one.pty.pass(milliseconds: 1000)
        let each = perSecond / max(1, world.servers.count)
        for server in world.servers {
            try world.call(server, "POST", "/__fault", body: "{\"burst\":{\"perSecond\":\(each),\"sessions\":10,\"seconds\":\(seconds)}}")
        }
        one.pty.pass(milliseconds: 1000)
        let count = (seconds - 3) * 1000 / 22
        let busy = one.moves(count, pauseMs: 20, isQuiet: false)
        one.end()
        // The rest of the burst must not be in what is measured next.
        pass(ms: 3000)
        return Figure(name: "key.burst.p99", what: "key p99 while \(perSecond) events/s arrive", unit: "ms", ours: busy.ms.quantile(0.99), must: 16, stretch: 5)
    }

    /// From the request that gives a session another title to the title on the screen: the server's own time is in it.
    func wire(_ count: Int) throws(BenchError) -> [Figure] {
        let one = try screen.open()
        one.pty.pass(milliseconds: 1000)
        guard let (server, id) = try visible(one.pty.grid) else { throw .failed("no agent is on the screen") }
        var calls: [Double] = [], times: [Double] = []
        for index in 0..<count {
            let title = "mark \(1000 + index)"
            let start = Clock.monotonicNanoseconds()
            try world.call(server, "PATCH", "/session/\(id)?directory=\(server.directory)", body: "{\"title\":\"\(title)\"}")
            calls.append(Double(Clock.monotonicNanoseconds() - start) / 1e6)
            let isShown = one.pty.waitUntil(timeout: .seconds(2)) { OnTerminal.text($0, has: [title]) }
            guard isShown else { throw .late("a new title on the screen") }
            times.append(Double(max(one.pty.lastReadNs, start) - start) / 1e6)
            one.pty.pass(milliseconds: 60)
        }
        one.end()
        return [
            Figure(
                name: "wire.p99", what: "server told, to seen on the screen, p99", unit: "ms", ours: times.quantile(0.99), floor: calls.quantile(0.99),
                floorName: "call alone",
                must: 20, stretch: 5),
            Figure(
                name: "wire.p50", what: "server told, to seen on the screen, p50", unit: "ms", ours: times.median, floor: calls.median, floorName: "call alone"),
        ]
    }

    /// A session whose title is in sight.
    private func visible(_ grid: VTGrid) throws(BenchError) -> (World.ServerAccess, String)? {
        let parser = JSONParser()
        for server in world.servers {
            let answer = try world.call(server, "GET", "/session?directory=\(server.directory)")
            guard let list = try? parser.parse(answer) else { continue }
            for index in 0..<list.count {
                guard let title = list[index]?["title"]?.string, let id = list[index]?["id"]?.string else { continue }
                if OnTerminal.text(grid, has: [title]) { return (server, id) }
            }
        }
        return nil
    }

    func list() throws(BenchError) -> Figure {
        var times: [Double] = [], bare: [Double] = []
        for _ in 0..<15 {
            times.append(try world.drover("ls", "--json").ms)
            bare.append(try world.running.run("true", [], environment: world.environment).ms)
        }
        return Figure(
            name: "ls", what: "drover ls --json, 200 agents", unit: "ms", ours: times.median, floor: bare.median, floorName: "true", must: 10, stretch: 5)
    }
}
