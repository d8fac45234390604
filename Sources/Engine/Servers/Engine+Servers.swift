import Domain

/// Between the machines of the servers and the rest of the engine.
extension Engine {
    /// Makes sure that the project's server runs or is on its way.
    mutating func want(_ id: ServerID) {
        guard project(of: id) != nil, shutdown == nil else { return }
        servers[id, default: ServerState(used: now.instant)].used = now.instant
        if case .failed = servers[id]?.machine.phase { servers[id]?.trouble = nil }
        drive(id, .wanted)
    }

    mutating func drive(_ id: ServerID, _ input: ServerMachine.Input) {
        guard servers[id] != nil else { return }
        let before = servers[id]?.machine.phase.kind
        let actions = servers[id]?.machine.handle(input, now: now.instant) ?? []
        for action in actions { perform(action, on: id) }
        if servers[id]?.machine.phase.kind != before { phaseChanged(id) }
    }

    private mutating func perform(_ action: ServerMachine.Action, on id: ServerID) {
        switch action {
        case .spawn(let generation):
            guard let project = project(of: id) else { return }
            emit(.spawnServer(id, generation: generation, projectPath: project.path))
        case .adopt(let generation):
            guard let record = servers[id]?.record else { return }
            emit(.adoptServer(record, generation: generation))
        case .openStream(let generation, let stream): emit(.openStream(id, generation: generation, stream: stream))
        case .closeStream(let generation, let stream): emit(.closeStream(id, generation: generation, stream: stream))
        case .readTruth(let generation, let stream): readTruth(id, generation, stream)
        case .goLive: goLive(id)
        case .stop(let generation): emit(.stopServer(id, generation: generation))
        }
    }

    private mutating func phaseChanged(_ id: ServerID) {
        if servers[id]?.machine.phase.kind == .stopping { haltSessions(of: id) }
        guard var server = servers[id], let project = project(of: id) else { return }
        if !server.isLive {
            server.coverings.removeAll()
            server.rereadAt = nil
            server.mendAt = nil
        }
        switch server.machine.phase {
        case .live:
            server.lostSince = nil
            server.isShownUnknown = false
            server.crash = nil
            server.wasLive = true
            server.futileStreams = 0
        case .silent(_, _, let heard):
            let age = now.instant - heard
            server.lostSince = (heard, Timestamp(milliseconds: now.wall.milliseconds - age.milliseconds))
            server.isShownUnknown = true
        case .starting, .connecting, .reading, .reconnecting:
            if server.lostSince == nil, !server.isFresh { server.lostSince = (now.instant, now.wall) }
        case .down, .backingOff, .stopping, .failed:
            server.wasLive = false
            server.futileStreams = 0
            server.lostSince = nil
            server.isShownUnknown = false
            server.buffer.removeAll()
            server.reading = nil
            server.covered.removeAll()
            server.broken.removeAll()
        }
        servers[id] = server
        showServer(id, project: project)
        judgeAll(of: id)
    }

    /// The server as people see it.
    mutating func showServer(_ id: ServerID, project: Project) {
        guard let server = servers[id] else { return }
        var shown = herd.servers[id] ?? Server(id: id, project: project.id)
        shown.retryAt = nil
        switch server.machine.phase {
        case .down: shown.state = .down
        case .starting, .connecting: shown.state = .starting
        case .reading, .reconnecting: shown.state = shown.state == .live ? .live : .starting
        case .live: shown.state = .live
        case .silent(_, _, let heard):
            shown.state = .silent
            shown.heard = Timestamp(milliseconds: now.wall.milliseconds - (now.instant - heard).milliseconds)
        case .backingOff(let until):
            shown.state = .backingOff
            shown.retryAt = Timestamp(milliseconds: now.wall.milliseconds + (until - now.instant).milliseconds)
        case .stopping: shown.state = .stopping
        case .failed: shown.state = .failed
        }
        let runs = server.facts != nil
        shown.pid = runs ? server.facts?.pid : nil
        shown.url = runs ? server.facts?.url : nil
        shown.version = server.facts?.version ?? shown.version
        if !runs { (shown.memory, shown.cpu) = (0, 0) }
        shown.trouble = server.trouble?.why ?? server.crash
        shown.sessions = sessions.values.count { $0.server == id && $0.info.parent == nil }
        if herd.servers[id] != shown {
            herd.servers[id] = shown
            changes.servers.insert(id)
        }
    }

    func project(of server: ServerID) -> Project? { herd.projects[ProjectID(server.raw)] }

    mutating func serverReady(_ id: ServerID, _ generation: Int, _ facts: ServerFacts) {
        guard let machine = servers[id]?.machine, machine.phase == .starting(generation) else {
            counters.lateAnswers += 1
            // Found by its record, but of a project that is not ours any more: it is not left behind.
            if servers[id] == nil { emit(.stopServer(id, generation: generation)) }
            return
        }
        servers[id]?.facts = facts
        servers[id]?.record = nil
        servers[id]?.trouble = nil
        drive(id, .ready(generation))
    }

    mutating func serverFailed(_ id: ServerID, _ generation: Int, why: String, remedy: String, isFinal: Bool) {
        guard let server = servers[id], server.machine.phase == .starting(generation) else {
            counters.lateAnswers += 1
            return
        }
        servers[id]?.record = nil
        servers[id]?.facts = nil
        if server.record != nil {
            // An earlier daemon's server that is gone: its turns were cut; it starts anew only by need.
            cutSessions(of: id, why: why)
            drive(id, .gone(generation))
            if hasNeed(of: id) { want(id) }
            return
        }
        servers[id]?.trouble = (why, remedy)
        drive(id, .startFailed(generation, isFinal: isFinal))
        if isFinal || servers[id]?.machine.failures == 1 { note(.error, "\(projectName(id)): \(why)", remedy: remedy) }
        if isFinal { refuseParked(id, Refusal(.failed, why, remedy: remedy)) }
        judgeAll(of: id)
    }

    mutating func serverExited(_ id: ServerID, _ generation: Int, how: String) {
        guard let server = servers[id], server.machine.currentGeneration == generation else {
            counters.lateAnswers += 1
            return
        }
        switch server.machine.phase {
        case .down, .backingOff, .stopping, .failed: return
        case .starting, .connecting, .reading, .live, .silent, .reconnecting: break
        }
        let pid = server.facts?.pid ?? 0
        servers[id]?.crash = "the server (pid \(pid)) \(how)"
        servers[id]?.record = nil
        servers[id]?.facts = nil
        herd.servers[id]?.restarts += 1
        changes.servers.insert(id)
        cutSessions(of: id, why: "the server (pid \(pid)) \(how)")
        drive(id, .exited(generation))
        note(.warning, "\(projectName(id)): the server (pid \(pid)) \(how), it starts again", remedy: "drover why AGENT tells what was cut")
    }

    mutating func serverStopped(_ id: ServerID, _ generation: Int) {
        guard let server = servers[id], server.machine.currentGeneration == generation else { return }
        servers[id]?.facts = nil
        servers[id]?.record = nil
        servers[id]?.crash = nil
        drive(id, .stopped(generation))
        if servers[id]?.machine.phase == .down {
            refuseOrders(parkedAt: id, Refusal(.refused, "\(projectName(id)): its server was stopped", remedy: "try again"))
        }
    }

    func projectName(_ id: ServerID) -> String { project(of: id)?.name ?? id.raw }

    /// Marks what was going on in this server's sessions as cut. Nothing of it goes on anywhere (v1-measured.md §3).
    mutating func cutSessions(of id: ServerID, why: String) {
        for (session, state) in sessions where state.server == id {
            guard state.isBusy || wasWorking(session) else { continue }
            let doing = state.activity.text
            sessions[session]?.cut = doing.isEmpty ? why : "\(why) while: \(doing)"
            end(session, Evidence(.link, why, at: now.wall))
        }
        dropRequests(of: id)
        judgeAll(of: id)
    }

    /// Its turn ended as far as its server said, but how was not read yet.
    private func wasWorking(_ session: SessionID) -> Bool {
        guard let id = owners[session], let agent = herd.agents[id], launches[id] == nil, sessions[session]?.isTailKnown == false else { return false }
        let was = agent.status == .unknown ? agent.lastKnown ?? .done : agent.status
        return was.isWorking || was == .waiting
    }

    /// The server is stopped on purpose: what was going on in it can be resumed.
    private mutating func haltSessions(of id: ServerID) {
        for session in working where sessions[session]?.server == id {
            if sessions[session]?.phase != .idle { sessions[session]?.wasStopped = true }
            end(session, Evidence(.action, "its server was stopped", at: now.wall))
        }
        dropRequests(of: id)
    }

    private mutating func end(_ session: SessionID, _ evidence: Evidence) {
        setPhase(session, .idle)
        setAwaiting(session, since: nil)
        mark(session, evidence)
        if let info = sessions[session]?.info, info.parent != nil { showSubAgent(info) }
    }

    private mutating func dropRequests(of id: ServerID) {
        strays = strays.filter { $0.value.server != id }
        dead = dead.filter { $0.value != id }
        for (request, value) in herd.requests where sessions[value.session]?.server == id { drop(request) }
    }

    mutating func streamClosed(_ id: ServerID, _ generation: Int, _ stream: Int, _ why: String) {
        guard let machine = servers[id]?.machine, machine.isCurrent(generation, stream: stream) else {
            counters.lateAnswers += 1
            return
        }
        servers[id]?.buffer.removeAll()
        servers[id]?.reading = nil
        drive(id, .closed(generation, stream: stream))
        noteFutileStream(id, why)
    }

    /// Tries before whoever waits is told: they take some eight seconds.
    private static let patientStreams = 5

    /// A new server that runs and yet cannot be listened to would be waited for without end. It goes, and what waits for it is refused.
    private mutating func noteFutileStream(_ id: ServerID, _ why: String) {
        guard let server = servers[id], server.isFresh else { return }
        servers[id]?.futileStreams += 1
        guard server.futileStreams + 1 >= Self.patientStreams else { return }
        servers[id]?.futileStreams = 0
        let words = "opencode runs, but cannot be listened to: \(why)"
        servers[id]?.trouble = (words, "drover doctor checks it")
        note(.error, "\(projectName(id)): \(words)", remedy: "drover doctor checks it")
        refuseParked(id, Refusal(.failed, words, remedy: "drover doctor checks it"))
        drive(id, .stop(startsAgain: false))
    }

    mutating func take(_ events: [ServerEvent], of id: ServerID, _ generation: Int, _ stream: Int) {
        counters.events += events.count
        if servers[id]?.machine.hears(generation, stream: stream, now: now.instant) != true {
            drive(id, .heard(generation, stream: stream))
            switch servers[id]?.machine.phase {
            case .live(generation, stream, _)?: break
            case .reading(generation, stream, _)?:
                servers[id]?.buffer += events
                return
            default:
                counters.lateAnswers += 1
                return
            }
        }
        for event in events { apply(event, from: id) }
    }

    // MARK: Reading again

    /// Something was lost between us and a server that is live: after a pause the stream is opened anew, and with it everything is read again.
    mutating func rereadSoon(_ id: ServerID) {
        guard servers[id]?.isLive == true, servers[id]?.rereadAt == nil else { return }
        let pause = min(Int64(1000) << Int64(min(servers[id]?.rereads ?? 0, 6)), 60_000)
        servers[id]?.rereads += 1
        servers[id]?.rereadAt = now.instant + .milliseconds(pause)
    }

    mutating func rereadDue() {
        for (id, server) in servers {
            guard let due = server.rereadAt, now.instant >= due else { continue }
            servers[id]?.rereadAt = nil
            guard case .live(let generation, let stream, _) = server.machine.phase else { continue }
            emit(.closeStream(id, generation: generation, stream: stream))
            streamClosed(id, generation, stream, "everything is read again")
        }
    }

    // MARK: Unused servers

    /// Something goes on or is asked for, so that the server must not go.
    func hasNeed(of id: ServerID) -> Bool {
        if servers[id]?.parked.isEmpty == false { return true }
        if working.contains(where: { sessions[$0]?.server == id }) { return true }
        if herd.requests.values.contains(where: { sessions[$0.session]?.server == id }) { return true }
        return herd.agents.values.contains { $0.project.raw == id.raw && (launches[$0.id] != nil || outbox[$0.id]?.isEmpty == false) }
    }

    func idleStopAt(_ server: ServerState) -> Instant? { settings.idleStop.map { server.used + max($0, .seconds(1)) } }

    mutating func stopUnused() {
        for (id, server) in servers where server.isLive {
            guard let due = idleStopAt(server), now.instant >= due else { continue }
            if hasNeed(of: id) { servers[id]?.used = now.instant } else { drive(id, .stop(startsAgain: false)) }
        }
    }

    // MARK: Weight

    static let measureEvery = Span.seconds(5)

    mutating func measureDue() {
        guard let due = nextMeasure, now.instant >= due else { return }
        nextMeasure = nil
        for (id, server) in servers where server.facts != nil {
            emit(.measureServer(id, generation: server.machine.currentGeneration))
        }
        planMeasure()
    }

    /// Every five seconds while somebody looks; each minute otherwise, for the memory limit.
    mutating func planMeasure() {
        guard servers.values.contains(where: { $0.facts != nil }) else {
            nextMeasure = nil
            return
        }
        let next = now.instant + (looksAtServers ? Self.measureEvery : .minutes(1))
        if nextMeasure.map({ $0 > next }) ?? true { nextMeasure = next }
    }

    private var looksAtServers: Bool { !looks.isEmpty }

    mutating func measured(_ id: ServerID, generation: Int, memory: Int, cpu: Double) {
        guard let server = servers[id], server.machine.currentGeneration == generation, server.facts != nil else { return }
        // A megabyte or a tenth of a percent is no news: a still screen stays still.
        let shown = herd.servers[id]
        if abs((shown?.memory ?? 0) - memory) > 4 << 20 || abs((shown?.cpu ?? 0) - cpu) > 0.02 {
            herd.servers[id]?.memory = memory
            herd.servers[id]?.cpu = cpu
            changes.servers.insert(id)
        }
        if memory > settings.memoryLimit, server.isLive, !hasNeed(of: id) {
            note(.info, "\(projectName(id)): the idle server held \(memory >> 20) MB and was stopped; it starts again when it is needed")
            drive(id, .stop(startsAgain: false))
        }
    }
}
