package import Domain

/// What is kept in the store, one row each.
package enum Record: Equatable, Sendable {
    case project(Project)
    case place(Place)
    case agent(Agent)
    case launch(Launch)
    case prompt(PendingPrompt)
    case removed(Removed)
    case feed(FeedEntry)

    package var key: RecordKey {
        switch self {
        case .project(let project): RecordKey(kind: .project, id: project.id.raw)
        case .place(let place): RecordKey(kind: .place, id: place.id.raw)
        case .agent(let agent): RecordKey(kind: .agent, id: agent.id.raw)
        case .launch(let launch): RecordKey(kind: .launch, id: launch.agent.raw)
        case .prompt(let prompt): RecordKey(kind: .prompt, id: prompt.input.message.raw)
        case .removed(let removed): RecordKey(kind: .removed, id: removed.id)
        case .feed(let entry): RecordKey(kind: .feed, id: String(entry.number))
        }
    }
}

package struct RecordKey: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable { case project, place, agent, launch, prompt, removed, feed }
    package var kind: Kind
    package var id: String
    package init(kind: Kind, id: String) {
        self.kind = kind
        self.id = id
    }
}

/// A new agent on its way: written down before anything is made, forgotten when its first prompt was accepted.
package struct Launch: Equatable, Sendable {
    package enum Step: String, Sendable { case provisioning, starting, creating, prompting }
    package var agent: AgentID
    package var wish: PlaceWish
    package var title: String?
    package var model: String?
    package var mode: String?
    package var prompt: String
    package var step: Step
    /// The `new` that waits for an answer; gone after a restart of the daemon.
    package var errand: Errand?
    package init(agent: AgentID, wish: PlaceWish, title: String?, model: String?, mode: String?, prompt: String, step: Step, errand: Errand?) {
        self.agent = agent
        self.wish = wish
        self.title = title
        self.model = model
        self.mode = mode
        self.prompt = prompt
        self.step = step
        self.errand = errand
    }
}

/// A prompt that no server has accepted yet. Its ids are chosen once, so that sending it again after a crash runs nothing twice.
package struct PendingPrompt: Equatable, Sendable {
    package var agent: AgentID
    package var input: PromptInput
    /// Order of sending.
    package var number: Int
    /// Still as it was typed: what its names mean is found out when it is about to go.
    package var isRaw: Bool
    /// It may have arrived, and goes again when everything was read again. Nothing that is written down.
    var isLost = false
    package init(agent: AgentID, input: PromptInput, number: Int, isRaw: Bool = false) {
        self.agent = agent
        self.input = input
        self.number = number
        self.isRaw = isRaw
    }

    mutating func take(_ ready: Engine.Prepared) {
        isRaw = false
        input.text = ready.text
        input.files = ready.files
        input.agents = ready.agents
        input.command = ready.command
        // The server lists parts by their ids: the text, then what it names, in its order.
        let ids = ([input.part] + input.files.map(\.part) + input.agents.map(\.part)).sorted()
        input.part = ids[0]
        for index in input.files.indices { input.files[index].part = ids[1 + index] }
        for index in input.agents.indices { input.agents[index].part = ids[1 + input.files.count + index] }
    }
}

/// What a person removed, as `undo` brings it back: an agent's session is only archived, a place is in `refs/drover/removed`.
package struct Removed: Equatable, Sendable {
    /// nil for a place that was removed alone.
    package var agent: Agent?
    package var place: RemovedPlace?
    package var at: Timestamp
    package init(agent: Agent?, place: RemovedPlace?, at: Timestamp) {
        self.agent = agent
        self.place = place
        self.at = at
    }

    package var id: String { agent?.id.raw ?? place?.place.id.raw ?? "" }
    var project: ProjectID { agent?.project ?? place?.place.project ?? ProjectID("") }
    var title: String { agent?.title ?? place?.place.directory ?? "" }
}

/// What an earlier run left.
package struct Restored: Equatable, Sendable {
    package var records: [Record]
    package var servers: [ServerRecord]
    package var today: DayTotal
    package var notices: [String]
    package var settings: EngineSettings
    /// Any number; makes the identifiers of this run.
    package var seed: UInt64
    package init(
        records: [Record] = [], servers: [ServerRecord] = [], today: DayTotal = DayTotal(), notices: [String] = [], settings: EngineSettings = EngineSettings(),
        seed: UInt64 = 1
    ) {
        self.records = records
        self.servers = servers
        self.today = today
        self.notices = notices
        self.settings = settings
        self.seed = seed
    }
}
