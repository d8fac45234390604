import Dashboard
import Domain
import Engine
import Glibc
import OpenCode
import Screen
import Sys
import TestKit

/// Costs inside the process, without a terminal or a socket.
enum PureFigures {
    static func deltas() -> Figure {
        let result = AdapterBench.deltas(seconds: 1)
        return Figure(
            name: "deltas", what: "delta events taken in, per core", unit: "/s", ours: result.eventsPerSecond, floor: result.floorPerSecond,
            floorName: "simdjson",
            must: 1_000_000, stretch: 2_500_000, isRate: true)
    }

    /// 200 agents on 20 servers, as the engine holds them.
    private static func herd() -> EngineWorld {
        var world = EngineWorld()
        for index in 0..<World.projects {
            let path = "/p/project-\(index)"
            world.projects[path] = ProjectReport(path: path, branch: "main", isRepository: true, hasCommits: true)
        }
        world.start()
        world.run()
        for agent in 0..<World.agents {
            let path = "/p/project-\(agent % World.projects)"
            world.order(.new(NewAgent(directory: path, kind: .folder, title: "Agent number \(agent)", prompt: "work")))
            world.run()
        }
        return world
    }

    static func engine() -> [Figure] {
        let world = herd()
        guard let agent = world.engine.herd.agents.values.min(by: { $0.id < $1.id }), let session = agent.session else { return [] }
        let server = ServerID(agent.project.raw)
        guard let process = world.processes[server], let stream = process.stream else { return [] }
        var engine = world.engine
        let now = world.now
        func rate(_ events: [ServerEvent]) -> Double {
            let wrapped = events.map { Event.streamEvents(server, generation: process.generation, stream: stream, [$0]) }
            return nanoseconds {
                for event in wrapped {
                    _ = engine.handle(event, now: now)
                    _ = engine.takeChanges()
                }
            } / Double(events.count)
        }
        let phases = rate([.phase(session, .busy), .phase(session, .idle)])
        let message = MessageID("msg_1"), part = PartID("prt_1")
        let deltas = rate([.delta(session, message, part, text: " word")])
        return [
            Figure(name: "engine.status", what: "engine: a status change among 200 agents", unit: "us", ours: phases / 1000),
            Figure(name: "engine.delta", what: "engine: a delta", unit: "us", ours: deltas / 1000),
        ] + views(world.engine.herd, now) + typing(world.engine.herd, now)
    }

    /// The slowest key of a person who types a filter, and a command, among 1,000 agents.
    private static func typing(_ herd: Herd, _ now: Now) -> [Figure] {
        var herd = herd
        let samples = herd.agents.values.sorted { $0.id < $1.id }
        for number in samples.count..<1000 {
            let known = samples[number % samples.count]
            var agent = Agent(
                id: AgentID("more\(number)"), project: known.project, place: known.place, title: "Agent number \(number)",
                status: Status.allCases[number % Status.allCases.count], at: known.since, evidence: known.evidence)
            agent.activity = known.activity
            herd.agents[agent.id] = agent
        }
        func slowest(_ keys: String) -> Double {
            var best = Double.infinity
            for _ in 0..<3 {
                var dashboard = Dashboard(size: OnTerminal.size)
                _ = dashboard.handle(.snapshot(herd, live: true), now: now)
                let atlas = Atlas(), look = Look()
                var scene = dashboard.view(look: look, atlas: atlas, now: now)
                var worst = 0.0
                for letter in keys.unicodeScalars {
                    let start = Clock.monotonicNanoseconds()
                    _ = dashboard.handle(.terminal(.key(Key(.char(letter)))), now: now)
                    scene = dashboard.view(look: look, atlas: atlas, now: now, after: scene)
                    worst = max(worst, Double(Clock.monotonicNanoseconds() - start))
                }
                best = min(best, worst)
            }
            return best
        }
        return [
            Figure(
                name: "filter.key", what: "the slowest key of a filter, 1,000 agents", unit: "ms", ours: slowest("/number 7 status:run or cost:>1") / 1e6,
                must: 5),
            Figure(name: "palette.key", what: "the slowest key of the palette, 1,000 agents", unit: "ms", ours: slowest(":archive number") / 1e6, must: 5),
        ]
    }

    /// A frame from nothing, and one that follows another after the cursor moved.
    private static func views(_ herd: Herd, _ now: Now) -> [Figure] {
        var dashboard = Dashboard(size: OnTerminal.size)
        _ = dashboard.handle(.snapshot(herd, live: true), now: now)
        let atlas = Atlas(), look = Look()
        let whole = nanoseconds { _ = dashboard.view(look: look, atlas: atlas, now: now) }
        var scene = dashboard.view(look: look, atlas: atlas, now: now)
        var count = 0
        func move() {
            count += 1
            _ = dashboard.handle(.terminal(.key(Key(.char(count / 8 % 2 == 0 ? "j" : "k")))), now: now)
            scene = dashboard.view(look: look, atlas: atlas, now: now, after: scene)
        }
        let next = nanoseconds(move)
        // As a person types: between two keys others had the core and its caches.
        var rested: [Double] = []
        for _ in 0..<160 {
            usleep(12_000)
            let start = Clock.monotonicNanoseconds()
            move()
            rested.append(Double(Clock.monotonicNanoseconds() - start))
        }
        return [
            Figure(name: "view", what: "view of 200 agents, 140x40, from nothing", unit: "us", ours: whole / 1000),
            Figure(name: "view.key", what: "a move of the cursor and the view after it", unit: "us", ours: next / 1000),
            Figure(name: "view.rested", what: "the same, 12 ms after the one before", unit: "us", ours: rested.median / 1000),
        ]
    }

    /// A call's time: the best of five rounds of about 60 ms.
    private static func nanoseconds(_ work: () -> Void) -> Double {
        var best = Double.infinity
        for _ in 0..<5 {
            let start = Clock.monotonicNanoseconds()
            var count = 0
            while Clock.monotonicNanoseconds() - start < 60_000_000 {
                work()
                count += 1
            }
            best = min(best, Double(Clock.monotonicNanoseconds() - start) / Double(count))
        }
        return best
    }
}
