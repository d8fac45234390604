import Config
import Domain
import Engine
import Query
import Sys
import Wire

/// The daemon's own thread: it owns the model, takes what happened, and gives out what to do.
final class Core {
    static let mailboxToken: UInt64 = 0
    static let signalToken: UInt64 = 1
    static let watchToken: UInt64 = 3
    static let configToken: UInt64 = 4

    private let poller: Poller
    private let mailbox: CoreMailbox
    private let signals: Signals
    private let port: ClientPort
    private let runner: EffectRunner
    private let lines: ServerLines
    private let store: StoreBridge
    private let about: About
    private var engine = Engine()
    private var watch: OpenCodeWatch?
    private var config: ConfigWatch?
    private var giveSettings: (Settings) -> Void = { _ in }
    /// When a configuration that changed is read.
    private var configDue: Int64?
    private var nextSnapshot: Int64?
    /// The daemon ends and the servers stay.
    private var isLeaving = false
    private var zone = (minutes: 0, until: Int64(0))

    /// What does not change while it runs.
    struct About {
        var version: String
        var socket: String
        /// drover's state directory.
        var state: String
        var started: Timestamp
    }

    init(poller: Poller, mailbox: CoreMailbox, signals: Signals, port: ClientPort, runner: EffectRunner, lines: ServerLines, store: StoreBridge, about: About) {
        self.poller = poller
        self.mailbox = mailbox
        self.signals = signals
        self.port = port
        self.runner = runner
        self.lines = lines
        self.store = store
        self.about = about
    }

    func watch(_ watch: OpenCodeWatch?) throws(SysError) {
        self.watch = watch
        if let watch { try poller.add(watch.descriptor, token: Self.watchToken) }
    }

    /// - Parameter give: tells the workers of new settings.
    func watch(_ config: ConfigWatch, give: @escaping (Settings) -> Void) throws(SysError) {
        self.config = config
        giveSettings = give
        try poller.add(config.descriptor, token: Self.configToken)
    }

    func run(_ restored: Restored) throws(SysError) {
        try poller.add(mailbox.descriptor, token: Self.mailboxToken)
        try poller.add(signals.descriptor, token: Self.signalToken)
        handle(.started(restored))
        var next = turnEnded()
        while !runner.isOver {
            for ready in poller.wait(untilMonotonicMs: next) { take(ready) }
            let messages = mailbox.drain()
            lines.balance(waiting: messages.count + mailbox.count)
            for message in messages { take(message) }
            if let due = configDue, Clock.monotonicMilliseconds() >= due {
                configDue = nil
                readConfig()
            }
            if let deadline = engine.nextDeadline, now().instant >= deadline { handle(.tick) }
            next = turnEnded()
        }
        // Before it is said that all has ended.
        if !isLeaving { LastSweep.run(state: about.state) }
        _ = port.flushAll(herd: engine.herd, now: Clock.monotonicMilliseconds())
        port.sayGoodbye(isLeaving ? .left : .stopped)
        store.snapshot(engine.herd, port.rows)
        store.close()
    }

    // MARK: What comes in

    private func take(_ ready: Poller.Ready) {
        switch ready.token {
        case Self.mailboxToken: break
        case Self.signalToken: for signal in signals.read() { take(signal: signal) }
        case Self.watchToken: if watch?.changed() == true { handle(.sessionsTouched) }
        case Self.configToken: if config?.stirred() == true { configDue = Clock.monotonicMilliseconds() + ConfigWatch.settling }
        case ClientPort.listenerToken: for demand in port.accept() { obey(demand) }
        default:
            noteChanges()
            for demand in port.ready(ready, herd: engine.herd) { obey(demand) }
        }
    }

    /// TERM ends the daemon, not the servers: the next one takes them over. `drover daemon stop` ends all.
    private func take(signal: Int32) {
        isLeaving = true
        runner.run([.exit])
    }

    private func take(_ message: CoreMessage) {
        switch message {
        case .event(let event):
            if case .serverExited(let id, _, _) = event { lines.forget(id) }
            handle(event)
        case .lives(let id, let generation, let stream, let at):
            var then = now()
            then.wall.milliseconds -= (then.instant - at).milliseconds
            then.instant = at
            runner.run(engine.handle(.streamEvents(id, generation: generation, stream: stream, [.heartbeat]), now: then))
        case .serverUp(let id, let generation, let facts, let link):
            lines.learn(id, generation, link)
            handle(.serverReady(id, generation: generation, facts))
        case .written(let number, let problem):
            if let problem, store.isNews(problem) {
                handle(.noticed("what happens cannot be written down: \(problem)", remedy: "free space or mend the directory; drover doctor checks it"))
            }
            runner.written(number)
        }
    }

    private func readConfig() {
        guard let loaded = config?.read() else { return }
        for problem in loaded.problems { handle(problem.event) }
        guard loaded.isUsable else { return }
        giveSettings(loaded.settings)
        handle(.settingsChanged(loaded.settings.engine))
    }

    private func obey(_ demand: ClientPort.Demand) {
        switch demand {
        case .joined(let client): handle(.clientJoined(client))
        case .left(let client): handle(.clientLeft(client))
        case .order(let errand, let order): handle(.ordered(errand, order))
        case .list(let client, let number, let query): client.send(.reply(id: number, rows(query).map { .rows($0) }), port.rows)
        case .status(let client, let number): client.send(.reply(id: number, .success(.status(status))))
        case .why(let client, let number, let agent): client.send(.reply(id: number, explanation(of: agent).map { .why($0) }))
        }
    }

    private func handle(_ event: Event) { runner.run(engine.handle(event, now: now())) }

    private func now() -> Now {
        let wall = Clock.wallMilliseconds()
        if wall >= zone.until { zone = (Clock.localTime(wall).offsetMinutes, wall + 60_000) }
        return Now(instant: Instant(milliseconds: Clock.monotonicMilliseconds()), wall: Timestamp(milliseconds: wall), zoneMinutes: zone.minutes)
    }

    // MARK: What goes out

    /// Publishes what changed; gives the time of the next thing that is due (monotonic milliseconds).
    private func turnEnded() -> Int64? {
        noteChanges()
        let now = Clock.monotonicMilliseconds()
        let (due, demands) = port.flushAll(herd: engine.herd, now: now, transcript: { self.engine.transcript(of: $0) })
        for demand in demands { obey(demand) }
        if let at = nextSnapshot, now >= at {
            nextSnapshot = nil
            store.snapshot(engine.herd, port.rows)
        }
        return [due, nextSnapshot, configDue, engine.nextDeadline?.milliseconds].compactMap { $0 }.min()
    }

    /// What is written from now on is of the herd as it is now.
    private func noteChanges() {
        guard engine.hasChanges else { return }
        port.note(engine.takeChanges())
        if nextSnapshot == nil { nextSnapshot = Clock.monotonicMilliseconds() + 1000 }
    }

    private func rows(_ text: String) -> Result<AgentRows, Refusal> {
        noteChanges()
        do throws(QueryError) {
            let ids = try Query(text).agents(of: engine.herd, now: now().wall)
            return .success(AgentRows(ids, in: engine.herd))
        } catch {
            return .failure(Refusal(.usage, error.sentence))
        }
    }

    private var status: DaemonStatus {
        let servers = engine.herd.servers.values.sorted { $0.id < $1.id }.map { server in
            DaemonStatus.ServerLine(
                project: engine.herd.projects[server.project]?.name ?? "", projectPath: engine.herd.projects[server.project]?.path ?? "", server: server)
        }
        var counters = [
            "events": engine.counters.events, "unreadableFrames": engine.counters.unreadableFrames, "lateAnswers": engine.counters.lateAnswers,
            "resentSnapshots": port.resentSnapshots,
        ]
        for (type, count) in engine.counters.unknownEvents { counters["unknown." + type] = count }
        return DaemonStatus(
            pid: Int(Process.id), version: about.version, socket: about.socket, started: about.started, clients: port.count, servers: servers,
            counters: counters)
    }

    private func explanation(of id: AgentID) -> Result<Explanation, Refusal> {
        guard let agent = engine.herd.agents[id] else { return .failure(Refusal(.notFound, "there is no agent \(id)", remedy: "drover ls lists them")) }
        let server = engine.herd.servers[ServerID(agent.project.raw)]
        var notes: [String] = []
        if let trouble = server?.trouble { notes.append("server: \(trouble)") }
        if let trouble = engine.herd.places[agent.place]?.trouble { notes.append("place: \(trouble)") }
        for request in agent.requests { if let value = engine.herd.requests[request] { notes.append("waits for an answer to \(request): \(value.title)") } }
        for prompt in agent.queued { notes.append("queued: \(prompt.text.prefix(80))") }
        return .success(Explanation(agent: agent, place: engine.herd.places[agent.place], server: server, notes: notes))
    }
}
