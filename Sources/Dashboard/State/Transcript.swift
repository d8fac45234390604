package import Domain

/// The items of the agent that is looked at, in order, each found by its id.
package struct Transcript: Equatable, Sendable {
    /// Whose it is; nil before the first arrives.
    package private(set) var agent: AgentID?
    package private(set) var items: [TranscriptItem] = []
    private var places: [String: Int] = [:]

    package init() {}

    package func index(of id: String) -> Int? { places[id] }

    package mutating func apply(_ change: TranscriptChange, of agent: AgentID) {
        if self.agent != agent { replace(with: [], of: agent) }
        switch change {
        case .reset(let items): replace(with: items, of: agent)
        case .put(let item):
            if let place = places[item.id] {
                items[place] = item
            } else {
                places[item.id] = items.count
                items.append(item)
            }
        case .append(let id, let text):
            // In place: a long answer grows by thousands of small pieces.
            if let place = places[id] { items[place].text += text }
        case .remove(let id):
            guard let place = places.removeValue(forKey: id) else { return }
            items.remove(at: place)
            for index in place..<items.count { places[items[index].id] = index }
        }
    }

    private mutating func replace(with items: [TranscriptItem], of agent: AgentID) {
        self.agent = agent
        self.items = []
        places = [:]
        for item in items {
            if let place = places[item.id] {
                self.items[place] = item
            } else {
                places[item.id] = self.items.count
                self.items.append(item)
            }
        }
    }
}
