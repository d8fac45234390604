package import Domain
package import Engine

/// A world for the engine: servers, a store, places and clients that do what effects say, one event after the other, without a clock.
///
/// Everything that can go wrong outside can be told to: servers die, hang and forget; answers are late, lost or out of order;
/// the daemon dies after any effect. What no engine may do is noted in `problems`.
package struct EngineWorld {
    package struct Process {
        package var generation: Int
        package var pid: Int
        /// The open stream, if any: events go there.
        package var stream: Int?
        package var isFrozen = false
        /// What a frozen process has not read or said yet.
        var stuckCalls: [(CallID, ServerCall)] = []
        var stuckEvents: [ServerEvent] = []
        package var heartbeat: Instant
    }

    /// Events of one channel keep their order; those of different channels may overtake each other.
    package enum Channel: Hashable {
        case stream(ServerID, Int)
        case server(ServerID)
        case call(CallID)
        case places(Int)
        case clients
    }

    package private(set) var engine = Engine()
    package private(set) var now = Now(instant: Instant(milliseconds: 1_000), wall: Timestamp(milliseconds: 1_800_000_000_000))
    package var store = FakeStore()
    package var servers: [ServerID: FakeOpenCode] = [:]
    package private(set) var processes: [ServerID: Process] = [:]
    package var projects: [String: ProjectReport] = [:]
    /// Places on the disk by their directory.
    package private(set) var disk: [String: Place] = [:]
    package private(set) var removedPlaces: [PlaceID: RemovedPlace] = [:]
    /// In every place, and why each cannot be sent.
    package var files: [String: String?] = [:]
    package var settings = EngineSettings()

    // What goes wrong.
    /// The call is carried out, but this comes back instead of its answer.
    package var losesAnswer: ((ServerID, ServerCall) -> CallFailure?)?
    /// The call is not carried out.
    package var refusesCall: ((ServerID, ServerCall) -> CallFailure?)?
    /// Servers answer no stream.
    package var refusesStreams = false
    /// The answer waits for `release`.
    package var holdsAnswer: ((ServerID, ServerCall) -> Bool)?
    /// Servers whose events are late: they come with the next thing that happens there after it was taken out.
    package var lags: Set<ServerID> = []
    /// Happens in the server between two calls of a reading.
    package var before: ((inout FakeOpenCode, ServerCall) -> Void)?
    package var failsToStart: (why: String, isFinal: Bool)?
    package var refusesPlaces: Refusal?
    /// Places can be neither listed nor looked at.
    package var refusesLooks: Refusal?
    package var ignoresStop = false
    /// Other opencode processes on the same data, as they are found when they are looked for.
    package var others: [OtherOpenCode] = []
    /// Which ones there are is told with `release`.
    package var holdsLooks = false
    /// The audit log cannot be written.
    package var failsAudit: String?
    /// Effects that are still carried out before the daemon dies; nil = it lives.
    package var effectsLeft: Int?

    // What happened.
    package private(set) var problems: [String] = []
    package private(set) var effects: [Effect] = []
    package private(set) var replies: [Errand: [Result<ClientReply, Refusal>]] = [:]
    package private(set) var transcripts: [AgentID: [TranscriptItem]] = [:]
    package private(set) var hasExited = false
    package private(set) var spawned = 0
    /// Every status that was ever shown at the end of an event, without repetitions.
    package private(set) var statuses: [AgentID: [Status]] = [:]
    /// Told of each event and effect, for looking into a script that went wrong.
    package var log: ((String) -> Void)?
    /// Looks into the engine after each event.
    package var inspect: ((Engine, [Effect], Now) -> [String])?

    private var mirror = Herd()
    private var queue: [(channel: Channel, event: Event)] = []
    private var held: [(channel: Channel, event: Event)] = []
    private var usedCalls: Set<CallID> = []
    private var openErrands: Set<Errand> = []
    private var lastErrand = 0
    private var lastPid = 100
    private var lastPlace = 0
    private var runs = 0
    package private(set) var isDead = false

    package init() {}

    // MARK: Daemons come and go

    package mutating func start() {
        runs += 1
        engine = Engine()
        mirror = Herd()
        queue = []
        held = []
        usedCalls = []
        openErrands = []
        transcripts = [:]
        isDead = false
        hasExited = false
        for id in processes.keys { processes[id]?.stream = nil }
        let found = processes.map { id, process in
            ServerRecord(server: id, projectPath: projectPath(id), pid: process.pid, startTime: 1, bootID: "boot", port: 1, password: "p", version: "1.18.33")
        }
        let restored = Restored(
            records: store.records, servers: found.sorted { $0.server < $1.server }, today: store.total(of: now.day(of: now.wall)), settings: settings,
            seed: UInt64(runs))
        deliver(.started(restored))
        enqueue(.clients, .clientJoined(ClientID("c")))
    }

    /// `kill -9` of the daemon: of what the store had not synced, `kept` transactions stay.
    package mutating func crash(keeping kept: Int = 0) {
        isDead = true
        store.crash(keeping: kept)
        queue = []
    }

    package mutating func restart() {
        if !isDead { crash(keeping: store.uncommitted) }
        effectsLeft = nil
        start()
    }

    // MARK: Events

    package mutating func enqueue(_ channel: Channel, _ event: Event) { queue.append((channel, event)) }

    package var isQuiet: Bool { queue.isEmpty || isDead }

    /// Handles one waiting event: the oldest, or the oldest of a channel that `choose` picks.
    package mutating func step(choose: (Int) -> Int = { _ in 0 }) {
        guard !isQuiet else { return }
        let picked = queue[choose(queue.count)].channel
        guard let index = queue.firstIndex(where: { $0.channel == picked }) else { return }
        deliver(queue.remove(at: index).event)
    }

    package mutating func run(choose: (Int) -> Int = { _ in 0 }) {
        var steps = 0
        while !isQuiet {
            step(choose: choose)
            steps += 1
            if steps > 100_000 {
                problems.append("it never gets quiet: \(queue.first.map { "\($0.event)".prefix(200) } ?? "")")
                queue = []
            }
        }
    }

    /// Time goes on, from one deadline or heartbeat to the next.
    package mutating func pass(_ span: Span) {
        let end = now.instant + span
        run()
        while !isDead, now.instant <= end {
            let beat = processes.filter { $0.value.stream != nil && !$0.value.isFrozen }.map(\.value.heartbeat).min()
            let due = engine.nextDeadline
            guard let next = [due, beat].compactMap({ $0 }).min(), next <= end else { break }
            advance(to: next)
            for (id, process) in processes where process.stream != nil && !process.isFrozen && process.heartbeat <= now.instant {
                processes[id]?.heartbeat = now.instant + .seconds(10)
                say(id, [.heartbeat])
            }
            if due.map({ $0 <= now.instant }) ?? false { tick() }
            run()
        }
        advance(to: end)
    }

    private mutating func tick() {
        for _ in 0..<3 {
            deliver(.tick)
            guard let again = engine.nextDeadline, again <= now.instant else { return }
            run()
        }
        guard let again = engine.nextDeadline, again <= now.instant else { return }
        problems.append("the deadline \(again.milliseconds) stays in the past at \(now.instant.milliseconds)")
        advance(to: now.instant + .minutes(1))
    }

    private mutating func advance(to instant: Instant) {
        guard instant > now.instant else { return }
        now.wall.milliseconds += (instant - now.instant).milliseconds
        now.instant = instant
    }

    package mutating func deliver(_ event: Event) {
        guard !isDead else { return }
        advance(to: now.instant + .milliseconds(1))
        let todo = engine.handle(event, now: now)
        if let log {
            log("\(now.instant.milliseconds) \(event)")
            for effect in todo { log("    \(effect)") }
        }
        check(event, todo)
        for effect in todo {
            if let left = effectsLeft {
                guard left > 0 else { return crash() }
                effectsLeft = left - 1
            }
            effects.append(effect)
            carryOut(effect)
        }
        store.endTurn()
    }

    private mutating func check(_ event: Event, _ todo: [Effect]) {
        let change = engine.takeChanges().values(in: engine.herd)
        mirror.apply(change)
        if mirror != engine.herd {
            problems.append("something changed silently at \(String("\(event)".prefix(200)))")
            mirror = engine.herd
        }
        for (id, agent) in engine.herd.agents where statuses[id]?.last != agent.status { statuses[id, default: []].append(agent.status) }
        if let inspect { for problem in inspect(engine, todo, now) { problems.append("\(problem) at \(String("\(event)".prefix(200)))") } }
    }

    // MARK: Effects

    private mutating func carryOut(_ effect: Effect) {
        switch effect {
        case .spawnServer(let id, let generation, _): spawn(id, generation)
        case .adoptServer(let record, let generation): adopt(record, generation)
        case .stopServer(let id, let generation): stop(id, generation)
        case .measureServer(let id, let generation):
            enqueue(.server(id), .serverMeasured(id, generation: generation, memory: 300 << 20, cpu: 0.01))
        case .openStream(let id, let generation, let stream): openStream(id, generation, stream)
        case .closeStream(let id, let generation, let stream):
            if processes[id]?.generation == generation, processes[id]?.stream == stream { processes[id]?.stream = nil }
            enqueue(.stream(id, stream), .streamClosed(id, generation: generation, stream: stream, why: "closed"))
        case .call(let call, let id, let generation, let what): self.call(call, id, generation, what)
        case .lookForOthers where holdsLooks:
            lastPlace += 1
            held.append((.places(lastPlace), .othersFound(others)))
        case .lookForOthers: place(.othersFound(others))
        case .inspectProject(let errand, let path):
            place(.inspected(errand, projects[path].map { .success($0) } ?? .failure(Refusal(.notFound, "\(path) is not there"))))
        case .findProjects(let errand, let path):
            place(.projectsFound(errand, .success(projects.values.filter { $0.path.hasPrefix(path) }.sorted { $0.path < $1.path })))
        case .diffPlace(let errand, let place):
            let change = FileChange(file: "of " + place.id.raw, patch: "+a", additions: 1, deletions: 0, status: "added")
            self.place(.placeDiffed(errand, refusesLooks.map { .failure($0) } ?? .success([change])))
        case .listBranches(let errand, _): place(.branchesListed(errand, ["main"]))
        case .readFacts(let errand, let directory, let names):
            let found = names.compactMap { name in
                files[name].map { FileFact(name: name, path: directory + "/" + name, kind: .file, mime: "text/plain", size: 1, trouble: $0) }
            }
            place(.factsRead(errand, .success(found)))
        case .findFiles(let errand, _, let query): place(.filesFound(errand, .success(files.keys.filter { $0.contains(query) }.sorted())))
        case .provision(let agent, let wish, _): provision(agent, wish)
        case .listPlaces(let project):
            if let refusesLooks { return place(.placesListed(project.id, .failure(refusesLooks))) }
            place(.placesListed(project.id, .success(disk.values.filter { $0.project == project.id }.sorted { $0.id < $1.id })))
        case .inspectPlace(let placeToSee):
            let exists = placeToSee.kind == .folder || disk[placeToSee.directory] != nil
            if let refusesLooks { return place(.placeInspected(placeToSee.id, .failure(refusesLooks))) }
            let report = PlaceReport(exists: exists, branch: placeToSee.branch, changes: Changes(files: 1, additions: 2, deletions: 3))
            place(.placeInspected(placeToSee.id, .success(report)))
        case .removePlace(let errand, let gone, let path, let isFresh):
            if let refusesPlaces { return place(.placeRemoved(errand, .failure(refusesPlaces))) }
            disk[gone.directory] = nil
            let removed = RemovedPlace(place: gone, projectPath: path, workTree: "w", index: nil, head: "h", removed: now.wall)
            if !isFresh { removedPlaces[gone.id] = removed }
            place(.placeRemoved(errand, .success(removed)))
        case .trustScript(let errand, let project): place(.trusted(errand, .success("\(project.name)'s script is trusted")))
        case .restorePlace(let errand, let removed):
            disk[removed.place.directory] = removed.place
            place(.placeRestored(errand, .success(removed.place)))
        case .findExpired(let limit): place(.expiredFound(.success(removedPlaces.values.filter { $0.removed < limit }.sorted { $0.place.id < $1.place.id })))
        case .forgetPlace(let removed):
            if let refusesPlaces { return place(.placeForgotten(removed, refusesPlaces)) }
            removedPlaces[removed.place.id] = nil
            place(.placeForgotten(removed, nil))
        case .save(let record, let isDurable): store.save(record, isDurable: isDurable)
        case .forget(let key, let isDurable): store.forget(key, isDurable: isDurable)
        case .spend(let spend): store.spend(spend)
        case .audit(let number, let line):
            if failsAudit == nil { store.note(line) }
            place(.audited(number, problem: failsAudit))
        case .reply(let errand, let result): reply(errand, result)
        case .replyAttach(let errand, let id, let directory, let session):
            reply(errand, .success(.attach(url: "http://127.0.0.1:1/\(id)", directory: directory, session: session, password: "p")))
        case .transcript(let agent, let changes): for change in changes { transcripts[agent, default: []].apply(change) }
        case .exit: hasExited = true
        }
    }

    private mutating func place(_ event: Event) {
        lastPlace += 1
        enqueue(.places(lastPlace), event)
    }

    private mutating func reply(_ errand: Errand, _ result: Result<ClientReply, Refusal>) {
        replies[errand, default: []].append(result)
        if openErrands.remove(errand) == nil, replies[errand, default: []].count > 1 {
            problems.append("\(errand) was answered twice: \(replies[errand] ?? [])")
        }
    }

    // MARK: Servers

    private func projectPath(_ id: ServerID) -> String { engine.herd.projects[ProjectID(id.raw)]?.path ?? "" }

    private mutating func spawn(_ id: ServerID, _ generation: Int) {
        if let failsToStart {
            return enqueue(.server(id), .serverFailed(id, generation: generation, why: failsToStart.why, remedy: "mend it", isFinal: failsToStart.isFinal))
        }
        if processes[id] != nil { problems.append("a second server of \(id) was started beside the first") }
        spawned += 1
        lastPid += 1
        processes[id] = Process(generation: generation, pid: lastPid, heartbeat: now.instant + .seconds(10))
        let name = String(servers.count)
        servers[id, default: FakeOpenCode(name: name)].die()
        enqueue(
            .server(id),
            .serverReady(id, generation: generation, ServerFacts(pid: lastPid, url: "http://127.0.0.1:4\(lastPid)", version: "1.18.33", isAdopted: false)))
    }

    private mutating func adopt(_ record: ServerRecord, _ generation: Int) {
        let id = record.server
        guard let process = processes[id], process.pid == record.pid else {
            return enqueue(.server(id), .serverFailed(id, generation: generation, why: "the server (pid \(record.pid)) is gone", remedy: "", isFinal: false))
        }
        processes[id]?.generation = generation
        enqueue(
            .server(id),
            .serverReady(
                id, generation: generation, ServerFacts(pid: process.pid, url: "http://127.0.0.1:4\(process.pid)", version: "1.18.33", isAdopted: true)))
    }

    private mutating func stop(_ id: ServerID, _ generation: Int) {
        if ignoresStop { return }
        if processes[id]?.generation == generation { end(id) }
        enqueue(.server(id), .serverStopped(id, generation: generation))
    }

    private mutating func end(_ id: ServerID) {
        guard let process = processes.removeValue(forKey: id) else { return }
        servers[id]?.dispose()
        servers[id]?.die()
        for (call, _) in process.stuckCalls { enqueue(.call(call), .called(call, .failure(.unreachable("connection reset")))) }
        if let stream = process.stream { enqueue(.stream(id, stream), .streamClosed(id, generation: process.generation, stream: stream, why: "end of stream")) }
    }

    /// `kill -9` of a server.
    package mutating func kill(_ id: ServerID) {
        guard let process = processes.removeValue(forKey: id) else { return }
        servers[id]?.die()
        for (call, _) in process.stuckCalls { enqueue(.call(call), .called(call, .failure(.unreachable("connection reset")))) }
        if let stream = process.stream { enqueue(.stream(id, stream), .streamClosed(id, generation: process.generation, stream: stream, why: "reset")) }
        enqueue(.server(id), .serverExited(id, generation: process.generation, how: "was killed by signal 9"))
    }

    package mutating func cutStream(_ id: ServerID) {
        guard let process = processes[id], let stream = process.stream else { return }
        processes[id]?.stream = nil
        enqueue(.stream(id, stream), .streamClosed(id, generation: process.generation, stream: stream, why: "reset"))
    }

    /// SIGSTOP: nothing is answered and nothing said, but nothing is closed either.
    package mutating func freeze(_ id: ServerID) { processes[id]?.isFrozen = true }

    /// SIGCONT: it reads what came meanwhile and says what it had to say.
    package mutating func thaw(_ id: ServerID) {
        guard let process = processes[id] else { return }
        processes[id]?.isFrozen = false
        processes[id]?.stuckCalls = []
        processes[id]?.stuckEvents = []
        say(id, process.stuckEvents + [.heartbeat])
        for (call, what) in process.stuckCalls { answer(call, id, what) }
        pump(id)
    }

    /// Calls to a frozen server end at last.
    package mutating func timeOutCalls(_ id: ServerID) {
        for (call, _) in processes[id]?.stuckCalls ?? [] { enqueue(.call(call), .called(call, .failure(.timedOut))) }
        processes[id]?.stuckCalls = []
    }

    private mutating func openStream(_ id: ServerID, _ generation: Int, _ stream: Int) {
        guard let process = processes[id], process.generation == generation, !refusesStreams else {
            let why = refusesStreams ? "it answers 500 in place of events" : "connection refused"
            return enqueue(.stream(id, stream), .streamClosed(id, generation: generation, stream: stream, why: why))
        }
        processes[id]?.stream = stream
        servers[id]?.outgoing = []
        if process.isFrozen { return }
        enqueue(.stream(id, stream), .streamOpened(id, generation: generation, stream: stream))
        say(id, [.connected])
    }

    private mutating func say(_ id: ServerID, _ events: [ServerEvent]) {
        guard let process = processes[id], let stream = process.stream else { return }
        if process.isFrozen {
            processes[id]?.stuckEvents += events
        } else {
            for event in events { enqueue(.stream(id, stream), .streamEvents(id, generation: process.generation, stream: stream, [event])) }
        }
    }

    private mutating func pump(_ id: ServerID) {
        guard !lags.contains(id), let events = servers[id]?.outgoing, !events.isEmpty else { return }
        servers[id]?.outgoing = []
        say(id, events)
    }

    private mutating func call(_ call: CallID, _ id: ServerID, _ generation: Int, _ what: ServerCall) {
        if !usedCalls.insert(call).inserted { problems.append("the call \(call.number) was used twice") }
        guard let process = processes[id] else { return enqueue(.call(call), .called(call, .failure(.unreachable("connection refused")))) }
        if process.generation != generation { problems.append("call \(call.number) names generation \(generation), not \(process.generation)") }
        if process.isFrozen { processes[id]?.stuckCalls.append((call, what)) } else { answer(call, id, what) }
    }

    private mutating func answer(_ call: CallID, _ id: ServerID, _ what: ServerCall) {
        if let failure = refusesCall?(id, what) { return enqueue(.call(call), .called(call, .failure(failure))) }
        servers[id]?.wall = now.wall
        if let before, var server = servers[id] {
            before(&server, what)
            servers[id] = server
        }
        guard var result = servers[id]?.perform(what) else { return enqueue(.call(call), .called(call, .failure(.unreachable("gone")))) }
        pump(id)
        if let failure = losesAnswer?(id, what) { result = .failure(failure) }
        if holdsAnswer?(id, what) == true {
            held.append((.call(call), .called(call, result)))
        } else {
            enqueue(.call(call), .called(call, result))
        }
    }

    /// Answers that were held back arrive.
    package mutating func release() {
        queue += held
        held = []
    }

    /// Something happens in a server; what it says goes out on its stream.
    @discardableResult
    package mutating func at<Value>(_ id: ServerID, _ body: (inout FakeOpenCode) -> Value) -> Value? {
        guard var server = servers.removeValue(forKey: id) else { return nil }
        server.wall = now.wall
        let value = body(&server)
        servers[id] = server
        pump(id)
        return value
    }

    // MARK: Places

    private mutating func provision(_ agent: AgentID, _ wish: PlaceWish) {
        if let refusesPlaces { return place(.provisioned(agent, .failure(refusesPlaces))) }
        if wish.kind == .folder {
            return place(.provisioned(agent, .success(Place(id: wish.id, project: wish.project, kind: .folder, directory: wish.projectPath, branch: "main"))))
        }
        let directory = "/places/\(wish.id.raw)"
        let made =
            disk[directory]
            ?? Place(
                id: wish.id, project: wish.project, kind: .worktree, directory: directory, branch: wish.branch ?? "drover/\(wish.slug)", base: "main",
                isOurs: true)
        disk[directory] = made
        place(.provisioned(agent, .success(made)))
    }

    /// A worktree that somebody else made.
    package mutating func addForeignWorktree(_ directory: String, project: ProjectID) {
        disk[directory] = Place(
            id: PlaceID("\(project.raw).\(directory.split(separator: "/").last ?? "x")"), project: project, kind: .worktree, directory: directory,
            branch: "other")
    }

    package mutating func destroyPlace(_ directory: String) { disk[directory] = nil }

    // MARK: Clients

    @discardableResult
    package mutating func order(_ order: ClientOrder, by client: ClientID = ClientID("c")) -> Errand {
        lastErrand += 1
        let errand = Errand(client: client, number: lastErrand)
        openErrands.insert(errand)
        enqueue(.clients, .ordered(errand, order))
        return errand
    }

    package mutating func leave(_ client: ClientID) {
        openErrands = openErrands.filter { $0.client != client }
        enqueue(.clients, .clientLeft(client))
    }

    /// Orders that nobody answered yet.
    package var unanswered: [Errand] { openErrands.sorted { $0.number < $1.number } }

    package func reply(to errand: Errand) -> Result<ClientReply, Refusal>? { replies[errand]?.first }
}
