package import Domain

/// The activity of agents that somebody looks at. Nobody looks: nothing is kept.
struct TranscriptState: Equatable {
    var items: [TranscriptItem] = []
    /// Position of each item by its id.
    var index: [String: Int] = [:]
    var messages: [MessageID: MessageInfo] = [:]
    /// Sessions whose messages are still being read.
    var reading: Set<SessionID> = []
    var records: [SessionID: [MessageRecord]] = [:]
    /// Parts that came while messages were read: newer than what was read.
    var waiting: [ServerEvent] = []
    var isRead = false

    mutating func put(_ item: TranscriptItem) -> TranscriptChange? {
        if let position = index[item.id] {
            guard items[position] != item else { return nil }
            items[position] = item
        } else {
            index[item.id] = items.count
            items.append(item)
        }
        return .put(item)
    }

    mutating func replace(with all: [TranscriptItem]) {
        items = all
        index.removeAll(keepingCapacity: true)
        for (position, item) in all.enumerated() { index[item.id] = position }
    }
}

extension Engine {
    /// Items beyond this are cut from the front: a person scrolls, but not that far; `drover log` reads everything.
    static let transcriptLimit = 3000

    /// The activity of an agent that somebody looks at, as far as it was read.
    package func transcript(of agent: AgentID) -> [TranscriptItem]? { transcripts[agent].flatMap { $0.isRead ? $0.items : nil } }

    mutating func look(_ agent: AgentID?, _ client: ClientID) {
        let before = looks[client]
        looks[client] = agent
        if before != agent {
            if let before { leave(before, after: now.instant - (lookedSince[client] ?? now.instant)) }
            lookedSince[client] = agent == nil ? nil : now.instant
        }
        if let before, before != agent, !looks.values.contains(before) { transcripts[before] = nil }
        guard let agent, herd.agents[agent] != nil else { return planMeasure() }
        planMeasure()
        if let state = transcripts[agent], state.isRead {
            emit(.transcript(agent, [.reset(state.items)]))
        } else {
            readTranscript(agent)
        }
    }

    mutating func readLookedAt(_ id: ServerID) {
        for agent in Set(looks.values) where herd.agents[agent]?.project.raw == id.raw { readTranscript(agent) }
    }

    mutating func readTranscript(_ id: AgentID) {
        guard let agent = herd.agents[id], let session = agent.session, let state = sessions[session], servers[state.server]?.isLive == true else { return }
        var transcript = TranscriptState()
        let family = [session] + agent.subAgents.map(\.session)
        transcript.reading = Set(family)
        transcripts[id] = transcript
        for member in family { call(state.server, .messages(member, directory: state.info.directory, limit: 200), for: .transcript(id, member)) }
    }

    mutating func transcriptRead(_ id: AgentID, _ session: SessionID, _ result: Result<ServerAnswer, CallFailure>) {
        guard var state = transcripts[id], state.reading.remove(session) != nil else { return }
        if case .success(.messages(let records)) = result { state.records[session] = records }
        transcripts[id] = state
        guard state.reading.isEmpty, let root = herd.agents[id]?.session else { return }
        var items: [TranscriptItem] = []
        append(session: root, depth: 0, of: state.records, to: &items)
        state.replace(with: items.suffix(Self.transcriptLimit))
        for records in state.records.values { for record in records { state.messages[record.info.id] = record.info } }
        state.records = [:]
        state.isRead = true
        let waiting = state.waiting
        state.waiting = []
        transcripts[id] = state
        emit(.transcript(id, [.reset(state.items)]))
        for event in waiting {
            switch event {
            case .part(let part): transcriptPart(part)
            case .message(let info): transcriptMessage(info)
            default: break
            }
        }
    }

    /// A sub-agent's lines stand below the tool call that started it.
    private func append(session: SessionID, depth: Int, of records: [SessionID: [MessageRecord]], to items: inout [TranscriptItem]) {
        for item in transcriptItems(of: records[session] ?? [], depth: depth) {
            items.append(item)
            if depth < 8, let child = item.tool?.child, records[child] != nil { append(session: child, depth: depth + 1, of: records, to: &items) }
        }
    }

    private func depth(of session: SessionID) -> Int {
        var depth = 0
        var current = sessions[session]?.info.parent
        while let parent = current, depth < 8 {
            depth += 1
            current = sessions[parent]?.info.parent
        }
        return depth
    }

    mutating func transcriptPart(_ part: PartInfo) {
        guard !transcripts.isEmpty, let id = agent(of: part.session), transcripts[id] != nil else { return }
        guard transcripts[id]?.isRead == true else {
            transcripts[id]?.waiting.append(.part(part))
            return
        }
        let message = transcripts[id]?.messages[part.message]
        guard let item = transcriptItem(of: part, message: message, depth: depth(of: part.session)) else {
            return removeFromTranscript(part.session) { $0.id == part.id.raw }
        }
        if let change = transcripts[id]?.put(item) { emit(.transcript(id, [change])) }
    }

    mutating func transcriptMessage(_ info: MessageInfo) {
        guard !transcripts.isEmpty, let id = agent(of: info.session), transcripts[id] != nil else { return }
        guard transcripts[id]?.isRead == true else {
            transcripts[id]?.waiting.append(.message(info))
            return
        }
        transcripts[id]?.messages[info.id] = info
        if let item = transcriptItem(ending: info, depth: depth(of: info.session)), let change = transcripts[id]?.put(item) {
            emit(.transcript(id, [change]))
        }
    }

    mutating func transcriptDelta(_ session: SessionID, _ part: PartID, _ text: String) {
        guard !transcripts.isEmpty, let id = agent(of: session), transcripts[id]?.isRead == true, let position = transcripts[id]?.index[part.raw] else {
            return
        }
        transcripts[id]?.items[position].text += text
        emit(.transcript(id, [.append(id: part.raw, text: text)]))
    }

    mutating func removeFromTranscript(_ session: SessionID, where matches: (TranscriptItem) -> Bool) {
        guard let id = agent(of: session), var state = transcripts[id], state.isRead else { return }
        let gone = state.items.filter(matches)
        guard !gone.isEmpty else { return }
        state.replace(with: state.items.filter { !matches($0) })
        transcripts[id] = state
        emit(.transcript(id, gone.map { .remove(id: $0.id) }))
    }
}
