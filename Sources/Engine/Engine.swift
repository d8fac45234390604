package import Domain

/// The model of the daemon and all its decisions. It never waits, never throws, reads no clock and touches no resource: events in, effects out.
///
/// One thread owns it and mutates it in place. `herd` is what clients are shown; the rest is what decisions need beyond that.
package struct Engine {
    package internal(set) var herd = Herd()
    package internal(set) var counters = Counters()
    package internal(set) var settings = EngineSettings()

    var servers: [ServerID: ServerState] = [:]
    var sessions: [SessionID: SessionState] = [:]
    var owners: [SessionID: AgentID] = [:]
    var launches: [AgentID: Launch] = [:]
    var outbox: [AgentID: [PendingPrompt]] = [:]
    var inFlight: Set<MessageID> = []
    var calls: [CallID: Purpose] = [:]
    var removed: [RemovedAgent] = []
    var gatherings: [Errand: Gathering] = [:]
    var removals: [Errand: Removal] = [:]
    var clients: Set<ClientID> = []
    var looks: [ClientID: AgentID] = [:]
    var transcripts: [AgentID: TranscriptState] = [:]
    var shutdown: Shutdown?

    var changes = ChangeSet()
    var effects: [Effect] = []
    var now = Now(instant: Instant(milliseconds: 0), wall: Timestamp(milliseconds: 0))
    var random = SplitMix(seed: 1)
    var lastCall = 0
    var lastOwnErrand = 0
    var lastNotice = 0
    var lastPrompt = 0
    var nextMeasure: Instant?
    var nextRelist: Instant?

    package init() {}

    /// Facts for `drover daemon status` and `doctor`: what came in that was dropped, and why.
    package struct Counters: Equatable, Sendable {
        package var events = 0
        package var unknownEvents: [String: Int] = [:]
        package var unreadableFrames = 0
        /// Answers about servers or streams that are gone.
        package var lateAnswers = 0
    }

    package mutating func handle(_ event: Event, now: Now) -> [Effect] {
        self.now = now
        effects.removeAll(keepingCapacity: true)
        route(event)
        if shutdown != nil { continueShutdown() }
        return effects
    }

    /// What changed since the last call.
    package mutating func takeChanges() -> ChangeSet {
        defer { changes = ChangeSet() }
        return changes
    }

    package var hasChanges: Bool { !changes.isEmpty }

    private mutating func route(_ event: Event) {
        switch event {
        case .started(let restored): start(restored)
        case .tick: tick()
        case .serverReady(let id, let generation, let facts): serverReady(id, generation, facts)
        case .serverFailed(let id, let generation, let why, let remedy, let isFinal): serverFailed(id, generation, why: why, remedy: remedy, isFinal: isFinal)
        case .serverExited(let id, let generation, let how): serverExited(id, generation, how: how)
        case .serverStopped(let id, let generation): drive(id, .stopped(generation))
        case .serverMeasured(let id, let generation, let memory, let cpu): measured(id, generation: generation, memory: memory, cpu: cpu)
        case .streamOpened(let id, let generation, let stream): drive(id, .opened(generation, stream: stream))
        case .streamEvents(let id, let generation, let stream, let events): take(events, of: id, generation, stream)
        case .streamClosed(let id, let generation, let stream, let why): streamClosed(id, generation, stream, why)
        case .called(let call, let result): called(call, result)
        case .sessionsTouched: sessionsTouched()
        case .inspected(let errand, let result): inspected(errand, result)
        case .provisioned(let agent, let result): provisioned(agent, result)
        case .placesListed(let project, let places): placesListed(project, places)
        case .placeInspected(let place, let facts): placeInspected(place, facts)
        case .placeRemoved(let errand, let result): placeRemoved(errand, result)
        case .placeRestored(let errand, let result): placeRestored(errand, result)
        case .projectsFound(let errand, let result): projectsFound(errand, result)
        case .branchesListed(let errand, let branches): branchesListed(errand, branches)
        case .clientJoined(let client): clients.insert(client)
        case .clientLeft(let client): clientLeft(client)
        case .ordered(let errand, let order): obey(order, errand)
        case .settingsChanged(let settings): self.settings = settings
        case .noticed(let text, let remedy): note(.warning, text, remedy: remedy)
        }
    }

    /// When `tick` has to be handled at the latest, if nothing else happens; nil = never.
    package var nextDeadline: Instant? {
        var deadline = [nextMeasure, nextRelist, shutdown?.deadline].compactMap { $0 }.min()
        func consider(_ other: Instant?) { if let other, deadline.map({ other < $0 }) ?? true { deadline = other } }
        for server in servers.values {
            consider(server.machine.nextDeadline)
            consider(server.unknownAt)
            if server.isLive { consider(idleStopAt(server)) }
        }
        for session in sessions.values {
            if session.phase == .busy { consider(session.heard + settings.quietAfter) }
            if let since = session.awaitsTurnSince { consider(since + Self.turnPatience) }
        }
        return deadline
    }

    private mutating func tick() {
        for id in Array(servers.keys) { drive(id, .tick) }
        judgeOverdue()
        stopUnused()
        measureDue()
        relistDue()
    }

    // MARK: Small tools

    mutating func emit(_ effect: Effect) { effects.append(effect) }

    mutating func note(_ level: Notice.Level, _ text: String, remedy: String = "", agent: AgentID? = nil) {
        lastNotice += 1
        let notice = Notice(id: lastNotice, level: level, text: text, remedy: remedy, agent: agent, at: now.wall)
        herd.notices = (herd.notices + [notice]).suffix(50)
        changes.notices.append(notice)
    }

    mutating func reply(_ errand: Errand?, _ reply: ClientReply) {
        if let errand, !errand.isOwn { emit(.reply(errand, .success(reply))) }
    }

    mutating func refuse(_ errand: Errand?, _ refusal: Refusal) {
        if let errand, !errand.isOwn {
            emit(.reply(errand, .failure(refusal)))
        } else {
            note(.error, refusal.message, remedy: refusal.remedy)
        }
    }

    mutating func ownErrand() -> Errand {
        lastOwnErrand += 1
        return .own(lastOwnErrand)
    }
}

/// Steele, Lea and Flood's SplitMix64: small, seeded, good enough for names.
struct SplitMix: RandomNumberGenerator, Equatable {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
