package import Domain

/// The items of the agent that is looked at, in order, each found by its id.
package struct Transcript: Equatable, Sendable {
    /// Whose it is; nil before the first arrives.
    package private(set) var agent: AgentID?
    package private(set) var items: [TranscriptItem] = []
    private var places: [String: Int] = [:]
    /// Beside each item, what tells whoever laid it out that it is another now.
    private(set) var revisions: [Revision] = []
    private(set) var lastRevision = 0

    struct Revision: Equatable, Sendable {
        /// Another with every change.
        var any: Int
        /// The same as long as its text only grew.
        var text: Int
    }

    package init() {}

    package func index(of id: String) -> Int? { places[id] }

    package mutating func apply(_ change: TranscriptChange, of agent: AgentID) {
        if self.agent != agent { replace(with: [], of: agent) }
        switch change {
        case .reset(let items): replace(with: items, of: agent)
        case .put(let item):
            put(item)
        case .append(let id, let text):
            // In place: a long answer grows by thousands of small pieces.
            guard let place = places[id] else { return }
            items[place].text += text
            lastRevision += 1
            revisions[place].any = lastRevision
        case .remove(let id):
            guard let place = places.removeValue(forKey: id) else { return }
            items.remove(at: place)
            revisions.remove(at: place)
            for index in place..<items.count { places[items[index].id] = index }
        }
    }

    private mutating func put(_ item: TranscriptItem) {
        if let place = places[item.id] {
            lastRevision += 1
            revisions[place] = Revision(any: lastRevision, text: item.text.begins(with: items[place].text) ? revisions[place].text : lastRevision)
            items[place] = item
        } else {
            add(item)
        }
    }

    private mutating func append(_ item: TranscriptItem, _ revision: Revision) {
        lastRevision += 1
        places[item.id] = items.count
        items.append(item)
        revisions.append(revision)
    }

    private mutating func add(_ item: TranscriptItem) {
        lastRevision += 1
        let revision = Revision(any: lastRevision, text: lastRevision)
        // What a sub-agent does belongs below the tool that started it, whenever it comes.
        let place = items.position(ofNew: item)
        items.insert(item, at: place)
        revisions.insert(revision, at: place)
        for index in place..<items.count { places[items[index].id] = index }
    }

    /// What is the same as before stays laid out: a reset comes after each short absence.
    private mutating func replace(with items: [TranscriptItem], of agent: AgentID) {
        let before = self
        let isSame = self.agent == agent
        self.agent = agent
        (self.items, places, revisions) = ([], [:], [])
        for item in items {
            if places[item.id] != nil {
                put(item)
            } else if isSame, let place = before.places[item.id], item.text.begins(with: before.items[place].text) {
                let known = before.revisions[place]
                append(item, item == before.items[place] ? known : Revision(any: lastRevision + 1, text: known.text))
            } else {
                append(item, Revision(any: lastRevision + 1, text: lastRevision + 1))
            }
        }
    }
}

extension String {
    /// The same bytes at its beginning.
    fileprivate func begins(with other: String) -> Bool {
        var (text, start) = (self, other)
        return start.withUTF8 { start in text.withUTF8 { $0.count >= start.count && $0.prefix(start.count).elementsEqual(start) } }
    }
}
