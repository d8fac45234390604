package import Domain

/// How a list of agents is sorted. Equal ones are told apart by id, so that no row moves without a reason.
package enum Order: String, CaseIterable, Sendable {
    case attention, age, title, cost, project

    package func sorted(_ agents: [Agent], in herd: Herd) -> [AgentID] { ids(of: agents, in: herd) }

    /// Goes over the agents once: each is large to copy.
    func ids(of agents: some Sequence<Agent>, in herd: Herd) -> [AgentID] {
        switch self {
        case .attention:
            byKey(agents) {
                let key = Self.attention(of: $0, in: herd); return (key.rank, Double(key.time))
            }
        case .age: byKey(agents) { (0, Double($0.since.milliseconds)) }
        case .cost: byKey(agents) { (0, -($0.cost.isFinite ? $0.cost : 0)) }
        case .title: byText(agents) { $0.title.lowercased() }
        case .project: byText(agents) { herd.projects[$0.project]?.name.lowercased() ?? "" }
        }
    }

    /// Who needs a person soonest: waiting (the oldest request first), failed, limited, quiet, …, done and unseen, done, stopped; the newest first within each.
    package static func attention(of agent: Agent, in herd: Herd) -> (rank: Int64, time: Int64) {
        let rank = Int64(agent.status.attention * 2 + (agent.status == .done && !agent.unseen ? 1 : 0))
        if agent.status == .waiting {
            return (rank, agent.requests.first.flatMap { herd.requests[$0]?.asked.milliseconds } ?? agent.since.milliseconds)
        }
        return (rank, 0 &- agent.since.milliseconds)
    }

    private func byKey(_ agents: some Sequence<Agent>, _ key: (Agent) -> (Int64, Double)) -> [AgentID] {
        agents.map { (key: key($0), id: $0.id) }
            .sorted { $0.key != $1.key ? $0.key < $1.key : $0.id < $1.id }
            .map(\.id)
    }

    private func byText(_ agents: some Sequence<Agent>, _ text: (Agent) -> String) -> [AgentID] {
        agents.map { (text: text($0), attention: $0.status.attention, id: $0.id) }
            .sorted { ($0.text, $0.attention, $0.id.raw) < ($1.text, $1.attention, $1.id.raw) }
            .map(\.id)
    }
}

/// All pending requests, the oldest first: the queue of everything that waits for a person.
package func requestQueue(of herd: Herd) -> [RequestID] {
    herd.requests.values.map { (asked: $0.asked.milliseconds, id: $0.id) }
        .sorted { $0.asked != $1.asked ? $0.asked < $1.asked : $0.id < $1.id }
        .map(\.id)
}
