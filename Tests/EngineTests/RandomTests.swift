import Domain
import Foundation
import TestKit
import Testing

@testable import Engine

/// Scripts that nobody would write: everything at once, in any order, with everything going wrong; after each event all invariants,
/// at the end the truth. A failure names its seed;
/// `SWIFT_DETERMINISTIC_HASHING=1 DROVER_SEED=7 swift test --filter RandomTests` runs that one alone, `DROVER_SEEDS=1000` many,
/// `DROVER_LOG=a,b` prints the events and effects that name one of these.
@Suite struct RandomTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["DROVER_SEED"].flatMap(UInt64.init) { return [one] }
        return Array(1...(environment["DROVER_SEEDS"].flatMap(UInt64.init) ?? 4))
    }()

    @Test(arguments: seeds) func nothingBreaksWhateverHappens(seed: UInt64) {
        var script = Script(seed: seed)
        if let text = ProcessInfo.processInfo.environment["DROVER_LOG"] {
            script.world.log = { if text.split(separator: ",").contains(where: $0.contains) { print($0.prefix(700)) } }
        }
        for step in 0..<2_000 {
            script.step()
            if !script.world.problems.isEmpty {
                #expect(script.world.problems == [], "seed \(seed), step \(step), after \(script.history.suffix(12).joined(separator: ", "))")
                return
            }
        }
        script.settle()
        #expect(script.world.problems == [], "seed \(seed)")
        for lie in script.lies() { #expect(Bool(false), "seed \(seed): \(lie)") }
    }
}

private struct Script {
    var world = makeWorld()
    var random: SplitMix
    var history: [String] = []

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
        world.files = ["src/a.c": nil, "shot.png": "shot.png is empty"]
    }

    private mutating func roll(_ sides: Int) -> Int { Int(random.next() % UInt64(max(1, sides))) }
    private mutating func chance(_ percent: Int) -> Bool { roll(100) < percent }
    private mutating func pick<Value>(_ values: [Value]) -> Value? { values.isEmpty ? nil : values[roll(values.count)] }

    private var agents: [AgentID] { world.engine.herd.agents.keys.sorted() }
    private var anyServers: [ServerID] { [apiServer, webServer] }

    mutating func step() {
        switch roll(100) {
        case 0..<6: startAgent()
        case 6..<14: send()
        case 14..<30: order()
        case 30..<38: answer()
        case 38..<78: happen()
        case 78..<84: hurt()
        case 84..<93: passTime()
        case 93..<95: faults()
        case 95: dieAndLive()
        default: outside()
        }
        // Some of what waits is handled, in any order; the rest meets what comes next.
        var generator = random
        if chance(70) {
            world.run { Int(generator.next() % UInt64($0)) }
        } else {
            for _ in 0..<roll(6) { world.step { Int(generator.next() % UInt64($0)) } }
        }
        random = generator
    }

    private mutating func say(_ what: String) { history.append(what) }

    private mutating func startAgent() {
        guard agents.count < 8 else { return }
        let directory = chance(60) ? api : web
        let kind: Place.Kind = chance(40) ? .worktree : .folder
        say("new \(kind)")
        world.order(.new(NewAgent(directory: directory, kind: kind, title: chance(30) ? "named" : nil, prompt: text("do"))))
    }

    /// Words, mostly; or what has to be looked up first.
    private mutating func text(_ word: String) -> String {
        let texts = ["see @src/a.c", "@general go", "@nobody @shot.png", "/review it", "/init @src/a.c", "/nope", " /nope", "/etc/hosts"]
        return chance(60) ? "\(word) \(roll(1000))" : "\(texts[roll(texts.count)]) \(roll(1000))"
    }

    private mutating func send() {
        guard let id = pick(agents) else { return }
        say("send \(id)")
        world.order(.send(id, text: text("more"), model: nil, mode: nil))
    }

    private mutating func order() {
        guard let id = pick(agents) else { return }
        let two = Array(Set([id, pick(agents) ?? id])).sorted()
        let order: ClientOrder =
            switch roll(15) {
            case 0, 1: .stop(two)
            case 2: .resume([id])
            case 3: .retry([id])
            case 4: .archive([id], chance(50))
            case 5: .remove(two)
            case 6: .undo
            case 7: .rename(id, "name \(roll(9))")
            case 8: .look(chance(70) ? id : nil)
            case 9: .seen([id])
            case 10: .attach(id)
            case 11: .diff(id)
            case 12: .transcript(id)
            case 13: chance(30) ? .stopServer(anyServers[roll(2)]) : .wake(chance(50) ? apiID : webID)
            default: .unqueue(id, world.agent(id)?.queued.first?.message ?? MessageID("none"))
            }
        say("\(order)")
        world.order(order, by: ClientID(chance(80) ? "c" : "d"))
    }

    private mutating func answer() {
        guard let request = pick(world.engine.herd.requests.values.sorted { $0.id < $1.id }) else { return }
        say("answer \(request.id)")
        let reply: Answer =
            if case .question = request.kind { chance(70) ? .choices([["a"]]) : .reject(message: nil) } else { chance(70) ? .once : .reject(message: nil) }
        world.order(.answer(request.id, reply))
    }

    private mutating func happen() {
        let id = anyServers[roll(2)]
        guard let server = world.servers[id], world.processes[id] != nil else { return }
        let busy = server.order.filter(server.isBusy)
        guard let session = pick(busy) else { return byHand(id, server) }
        var what = roll(16)
        // A turn that asks goes on only when it is answered, or fails.
        if (7...11).contains(what) || what == 15, server.requests.contains(where: { $0.session == session && !server.staleRequests.contains($0.id) }) {
            what = 10
        }
        let next = Timestamp(milliseconds: world.now.wall.milliseconds + 2_000)
        say("happens \(what) in \(session)")
        let cost = Double(roll(4)) / 4
        world.at(id) { server in
            switch what {
            case 0, 1, 2: server.says(session, "words and words", isThinking: what == 0)
            case 3, 4: server.uses(session, "bash", "make")
            case 5: server.asks(session)
            case 6: server.wonders(session)
            case 7, 8, 9: server.finish(session, cost: cost)
            case 10: server.fails(session, TurnError(name: "APIError", message: "no credit"))
            case 11: server.failsWithoutMessage(session, "Model not found")
            case 12: server.retries(session, next: next)
            case 13: server.goesOn(session)
            case 14:
                let directory = server.sessions[session]?.info.directory ?? api
                let child = server.create(in: directory, parent: session).id
                server.uses(session, "task", "look", child: child)
                server.typed(child, "look")
            default: server.answers(session)
            }
        }
    }

    private mutating func byHand(_ id: ServerID, _ server: FakeOpenCode) {
        guard let session = pick(server.order) else { return }
        let what = roll(12)
        say("by hand \(what) in \(session)")
        world.at(id) { server in
            if what == 0 { server.delete(session) } else { server.typed(session, "by hand") }
        }
    }

    private mutating func hurt() {
        let id = anyServers[roll(2)]
        let what = roll(8)
        say("hurt \(what) \(id)")
        switch what {
        case 0: world.kill(id)
        case 1, 2, 3: world.cutStream(id)
        case 4: world.freeze(id)
        case 5, 6: world.thaw(id)
        default: world.timeOutCalls(id)
        }
    }

    private mutating func passTime() {
        let long = roll(30)
        let span: Span = long == 0 ? .minutes(40) : long < 4 ? .seconds(20) : .milliseconds(Int64(roll(2_000)))
        say("pass \(span.milliseconds)")
        world.pass(span)
    }

    private mutating func faults() {
        say("faults")
        let (lost, refused, held) = (roll(20), roll(20), roll(20))
        func number(_ call: ServerCall) -> Int {
            switch call {
            case .create: 1
            case .prompt: 2
            case .phases: 3
            case .abort: 4
            case .messages: 5
            case .sessions: 6
            case .answer: 7
            default: 0
            }
        }
        world.losesAnswer = { _, call in number(call) == lost ? .timedOut : nil }
        world.refusesCall = { _, call in number(call) == refused ? .unreachable("reset") : number(call) == refused - 10 ? .serverError(500, "oh") : nil }
        world.holdsAnswer = { _, call in number(call) == held }
        world.failsAudit = chance(20) ? "the disk is full" : nil
        if chance(50) { world.release() }
    }

    private mutating func dieAndLive() {
        let kept = roll(world.store.uncommitted + 1)
        say("the daemon dies")
        world.crash(keeping: kept)
        if chance(30) { world.kill(anyServers[roll(2)]) }
        for id in anyServers where world.processes[id]?.isFrozen == true { world.thaw(id) }
        world.restart()
    }

    private mutating func outside() {
        let what = roll(6)
        say("outside \(what)")
        switch what {
        case 0: world.enqueue(.places(-1), .sessionsTouched)
        case 1: world.leave(ClientID("d"))
        case 2: world.failsToStart = ("port in use", isFinal: chance(20))
        case 3: world.failsToStart = nil
        case 4: world.refusesPlaces = chance(30) ? Refusal(.failed, "no space left") : nil
        default: world.release()
        }
    }

    // MARK: The end

    /// Everything is well again, and enough time passes.
    mutating func settle() {
        world.losesAnswer = nil
        world.failsAudit = nil
        world.refusesCall = nil
        world.holdsAnswer = nil
        world.failsToStart = nil
        world.refusesPlaces = nil
        for id in anyServers where world.processes[id]?.isFrozen == true { world.thaw(id) }
        world.release()
        world.run()
        world.order(.wake(apiID))
        world.order(.wake(webID))
        world.pass(.minutes(3))
        world.release()
        world.run()
    }

    /// What is said of agents and is not so.
    func lies() -> [String] {
        var found: [String] = []
        if !world.unanswered.isEmpty { found.append("orders without an answer: \(world.unanswered)") }
        if !world.engine.launches.isEmpty { found.append("launches that do not end: \(world.engine.launches)") }
        if !world.engine.outbox.isEmpty { found.append("prompts that do not go: \(world.engine.outbox)") }
        for (id, prompts) in world.engine.outbox {
            let agent = world.agent(id)
            let server = world.engine.servers[ServerID(agent?.project.raw ?? "")]
            found.append(
                "\(id): \(prompts.count) prompts, in flight \(prompts.map { world.engine.inFlight[$0.input.message] as Any }), session known \(agent?.session.map { world.engine.sessions[$0] != nil } as Any), place \(agent.flatMap { world.engine.herd.places[$0.place] } as Any), server \(server?.machine.phase as Any) broken \(server?.broken as Any) covered \(server?.covered as Any) reread \(server?.rereadAt as Any)"
            )
        }
        if !world.engine.preparing.isEmpty { found.append("prompts that are looked into for ever: \(world.engine.preparing)") }
        if !world.engine.sending.isEmpty { found.append("orders to send that wait for ever: \(world.engine.sending)") }
        if !world.engine.calls.isEmpty { found.append("calls without an answer: \(world.engine.calls)") }
        for (id, server) in world.servers where world.processes[id] != nil && world.engine.herd.servers[id] != nil {
            for session in server.order {
                guard let state = server.sessions[session], state.info.parent == nil, let agent = world.engine.owners[session].flatMap({ world.agent($0) })
                else { continue }
                // Removed in the moment when the daemon died: shown as such.
                if world.engine.herd.places[agent.place]?.trouble != nil, agent.status == .unknown { continue }
                let family = Self.family(of: session, in: server)
                let isBusy = family.contains(where: server.isBusy)
                let asks = server.requests.contains { family.contains($0.session) && !server.staleRequests.contains($0.id) }
                let expected: [Status] = asks ? [.waiting] : isBusy ? [.running, .limited, .quiet] : [.done, .failed, .paused]
                if !expected.contains(agent.status) {
                    found.append(
                        "\(agent.id) (\(session)) is \(agent.status), not \(expected): \(agent.evidence.what), in \(state.info.directory), \(world.engine.sessions[session] as Any), place \(world.engine.herd.places[agent.place] as Any), \(world.engine.servers[id]?.covered as Any) \(world.engine.servers[id]?.broken as Any) buried \(world.engine.buried.contains(session))"
                    )
                }
                let cost = family.reduce(0) { $0 + (server.sessions[$1]?.info.cost ?? 0) }
                if agent.cost < cost { found.append("\(agent.id) cost \(cost), not \(agent.cost)") }
            }
            for (message, times) in server.expansions where times > 1 { found.append("the template of \(message) was filled in \(times) times") }
            for (message, turns) in server.turns where turns > 1 && server.deliveries[message] == 1 { found.append("\(message) ran \(turns) times") }
        }
        return found
    }

    private static func family(of session: SessionID, in server: FakeOpenCode) -> [SessionID] {
        server.order.filter { candidate in
            var current: SessionID? = candidate
            while let here = current {
                if here == session { return true }
                current = server.sessions[here]?.info.parent
            }
            return false
        }
    }
}
