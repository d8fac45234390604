package import Domain

/// What the dashboard knows of the world; only `DashboardInput`s change it.
package struct DashboardModel: Equatable, Sendable {
    package enum Connection: Equatable, Sendable {
        /// The daemon is being started; what is shown may be old.
        case starting
        case connected
        case lost(since: Timestamp, why: String)
    }

    package var herd = Herd()
    package var connection = Connection.starting
    package var transcript = Transcript()
    /// What new agents of a project can choose from, once asked.
    package var choices: [ProjectID: Choices] = [:]
    /// The last diff of an agent, ready to be shown.
    package var diffs: [AgentID: DiffState] = [:]
    /// What happened in the herd, the newest last; empty until it was wanted.
    package var feed: [FeedEntry] = []
    /// This connection tells what comes.
    package var followsFeed = false
    /// Orders on their way, by tag.
    package var pending: [Int: Pending] = [:]
    package var lastTag = 0
    /// True once any herd was seen: before that an empty list says nothing about agents.
    package var hasHerd = false

    package init() {}

    package struct Choices: Equatable, Sendable {
        package var models: [ModelInfo]
        package var fallback: String?
        package var modes: [String]
        package var branches: [String]
    }

    package enum DiffState: Equatable, Sendable {
        case asked
        case ready(DiffDocument)
        case refused(Refusal)
    }

    package struct Pending: Equatable, Sendable {
        package var order: ClientOrder
        /// Said when it was carried out; empty when the screen shows it anyway.
        package var words: String
        package var origin: Origin
    }
    /// Who waits for the answer of an order.
    package enum Origin: Equatable, Sendable { case command, newAgentDialog, silent }

    /// The requests whose answers are on their way.
    package func answer(of request: RequestID) -> Answer? {
        for pending in pending.values {
            if case .answer(request, let answer) = pending.order { return answer }
        }
        return nil
    }

    package func project(of agent: Agent) -> Project? { herd.projects[agent.project] }
    package func place(of agent: Agent) -> Place? { herd.places[agent.place] }
    package func server(of agent: Agent) -> Server? { herd.projects[agent.project].flatMap { herd.servers[$0.server] } }
    package func requests(of agent: Agent) -> [Request] { agent.requests.compactMap { herd.requests[$0] } }
    package var isLost: Bool { if case .lost = connection { true } else { false } }
}
