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
    /// Root sessions and their agents.
    var owners: [SessionID: AgentID] = [:]
    /// The agent of every session of its family.
    var keepers: [SessionID: AgentID] = [:]
    /// Children by their parent, also of parents that are not known yet.
    var children: [SessionID: [SessionID]] = [:]
    /// Sessions that are busy or about to be.
    var working: Set<SessionID> = []
    /// Sessions whose prompt was accepted, and no turn was seen to begin: their newest messages are being read.
    var wasOverlooked: Set<SessionID> = []
    /// Other processes that run sessions of ours; nil until they were looked for.
    var others: [OtherOpenCode]?
    var isLooking = false
    /// Foreign sessions whose last turn has no end yet.
    var unfinished: Set<SessionID> = []
    /// Deleted while the server ran: a turn that goes on in the background must not bring them back (v1-measured.md §5).
    var buried: Set<SessionID> = []
    /// Requests whose turn has ended: servers list them for ever (v1-measured.md §5), also when the next turn of the session runs.
    var dead: [RequestID: ServerID] = [:]
    /// Requests of sessions that are not known yet.
    var strays: [RequestID: Stray] = [:]
    var launches: [AgentID: Launch] = [:]
    var outbox: [AgentID: [PendingPrompt]] = [:]
    var inFlight: [MessageID: Flight] = [:]
    /// Prompts that may have arrived although nobody said so.
    var doubtful: Set<MessageID> = []
    /// Texts whose names are being looked up, and orders to send that wait behind them.
    var preparing: [Errand: Preparing] = [:]
    var sending: [AgentID: [(errand: Errand, order: ClientOrder)]] = [:]
    /// Stopped while their prompt was on its way: the turn is ended as soon as it can have begun.
    var stopsWhenAccepted: Set<AgentID> = []
    var calls: [CallID: Purpose] = [:]
    var removed: [Removed] = []
    /// Those whose files are going for good now.
    var dropping: [RemovedPlace.Identity: Removed] = [:]
    /// What could not be listed or looked at, as it was told.
    var troubles: [String: String] = [:]
    /// What was archived last, for `undo`.
    var lastArchived: (agents: [AgentID], at: Timestamp)?
    /// Sessions of agents that were brought back, to be taken out of OpenCode's archive as soon as their server can be told.
    var unarchives: Set<SessionID> = []
    var gatherings: [Errand: Gathering] = [:]
    var removals: [Errand: Removal] = [:]
    /// What is done as soon as it is in the audit log.
    var deeds: [Int: Deed] = [:]
    /// Launches that were given up while their place was being made: they are answered when it is gone again.
    var givenUp: [AgentID: Answering] = [:]
    var clients: Set<ClientID> = []
    /// Orders that have not been answered.
    var openErrands: Set<Errand> = []
    var looks: [ClientID: AgentID] = [:]
    /// Since when each client looks at its agent.
    var lookedSince: [ClientID: Instant] = [:]
    var transcripts: [AgentID: TranscriptState] = [:]
    /// Agents that worked and do not any more, as far as this event has been handled.
    var turned: Set<AgentID> = []
    /// The oldest first.
    var feed: [FeedEntry] = []
    var shutdown: Shutdown?

    var changes = ChangeSet()
    var effects: [Effect] = []
    var now = Now(instant: Instant(milliseconds: 0), wall: Timestamp(milliseconds: 0))
    var random = SplitMix(seed: 1)
    var lastCall = 0
    var lastOwnErrand = 0
    var lastDeed = 0
    var lastNotice = 0
    var lastPrompt = 0
    var dayNumber: Int64 = 0
    var dayEnds = Instant(milliseconds: 0)
    var nextMeasure: Instant?
    var nextRelist: Instant?
    /// When what was removed long ago is looked for, and how often that was put off because of work.
    var nextSweep: Instant?
    var sweepPutOff = 0
    /// When the busy sessions have to be looked at again; may be too early, never too late.
    var nextCheck: Instant?

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
        turnDay()
        route(event)
        if !turned.isEmpty { tellEnds() }
        if shutdown != nil { continueShutdown() }
        return effects
    }

    /// The first event of a new day of the person's.
    private mutating func turnDay() {
        let local = now.wall.milliseconds + Int64(now.zoneMinutes) * 60_000
        let number = local / 86_400_000
        dayEnds = now.instant + .milliseconds((number + 1) * 86_400_000 - local)
        guard number != dayNumber else { return }
        dayNumber = number
        let day = now.day(of: now.wall)
        guard !herd.today.day.isEmpty, herd.today.day != day else { return }
        herd.today = DayTotal(day: day)
        changes.today = true
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
        case .serverStopped(let id, let generation): serverStopped(id, generation)
        case .serverMeasured(let id, let generation, let memory, let cpu): measured(id, generation: generation, memory: memory, cpu: cpu)
        case .streamOpened(let id, let generation, let stream): drive(id, .opened(generation, stream: stream))
        case .streamEvents(let id, let generation, let stream, let events): take(events, of: id, generation, stream)
        case .streamClosed(let id, let generation, let stream, let why): streamClosed(id, generation, stream, why)
        case .called(let call, let result): called(call, result)
        case .sessionsTouched: sessionsTouched()
        case .othersFound(let found): othersFound(found)
        case .inspected(let errand, let result): inspected(errand, result)
        case .provisioned(let agent, let result): provisioned(agent, result)
        case .placesListed(let project, let result): placesListed(project, result)
        case .placeInspected(let place, let result): placeInspected(place, result)
        case .placeRemoved(let errand, let result): placeRemoved(errand, result)
        case .placeRestored(let errand, let result): placeRestored(errand, result)
        case .trusted(let errand, .success(let words)): reply(errand, .words(words))
        case .trusted(let errand, .failure(let refusal)): refuse(errand, refusal)
        case .expiredFound(let result): expiredFound(result)
        case .placeForgotten(let place, let refusal): placeForgotten(place, refusal)
        case .projectsFound(let errand, let result): projectsFound(errand, result)
        case .branchesListed(let errand, let branches): branchesListed(errand, branches)
        case .placeDiffed(let errand, .success(let changes)): reply(errand, .diff(changes ?? []))
        case .placeDiffed(let errand, .failure(let refusal)): refuse(errand, refusal)
        case .factsRead(let errand, let result): factsRead(errand, result)
        case .filesFound(let errand, .success(let names)): reply(errand, .files(names))
        case .filesFound(let errand, .failure(let refusal)): refuse(errand, refusal)
        case .audited(let number, let problem): audited(number, problem: problem)
        case .clientJoined(let client): clients.insert(client)
        case .clientLeft(let client): clientLeft(client)
        case .ordered(let errand, let order):
            openErrands.insert(errand)
            obey(order, errand)
        case .settingsChanged(let settings):
            self.settings = settings
            planSweep()
            check()
            for id in Array(herd.agents.keys) { judge(id) }
        case .storeReplaced: saveAll()
        case .noticed(let text, let remedy): note(.warning, text, remedy: remedy)
        }
    }

    /// When `tick` has to be handled at the latest, if nothing else happens; nil = never. A tick always moves it on.
    package var nextDeadline: Instant? {
        var deadline = nextCheck
        func consider(_ other: Instant?) { if let other, deadline.map({ other < $0 }) ?? true { deadline = other } }
        if herd.today.cost > 0 || herd.today.tokens.total > 0 { consider(dayEnds) }
        consider(nextMeasure)
        consider(nextRelist)
        consider(nextSweep)
        if shutdown?.isDone == false { consider(shutdown?.deadline) }
        for server in servers.values {
            consider(server.machine.nextDeadline)
            consider(server.unknownAt)
            guard server.isLive else { continue }
            consider(idleStopAt(server))
            consider(server.rereadAt)
            consider(server.mendAt)
        }
        return deadline
    }

    private mutating func tick() {
        for id in Array(servers.keys) { drive(id, .tick) }
        judgeOverdue()
        rereadDue()
        mendDue()
        stopUnused()
        measureDue()
        relistDue()
        sweepDue()
    }

    // MARK: Small tools

    mutating func emit(_ effect: Effect) { effects.append(effect) }

    mutating func note(_ level: Notice.Level, _ text: String, remedy: String = "", agent: AgentID? = nil) {
        lastNotice += 1
        let notice = Notice(id: lastNotice, level: level, text: text, remedy: remedy, agent: agent, at: now.wall)
        herd.notices = (herd.notices + [notice]).suffix(50)
        changes.notices.append(notice)
    }

    /// Every order is answered once; nobody is answered who left.
    mutating func reply(_ errand: Errand?, _ reply: ClientReply) {
        if let errand, openErrands.remove(errand) != nil { emit(.reply(errand, .success(reply))) }
    }

    mutating func refuse(_ errand: Errand?, _ refusal: Refusal) {
        guard let errand, !errand.isOwn else { return note(.error, refusal.message, remedy: refusal.remedy) }
        if openErrands.remove(errand) != nil { emit(.reply(errand, .failure(refusal))) }
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
