/// Where a line of activity belongs, so that a transcript that was watched is the one that is read later: the lines of a message
/// together, in the order of their parts; a sub-agent's lines below the tool call that started it.

extension [TranscriptItem] {
    /// The place of a line that is not here yet. Whoever keeps a transcript from changes uses this one rule.
    package func position(ofNew item: TranscriptItem) -> Int {
        guard let message = item.message else { return count }
        // Nearly always the newest message goes on: look from the end.
        if let last = last, last.session == item.session, last.message == message, !item.stands(before: last) { return count }
        if let first = firstIndex(where: { $0.session == item.session && $0.message == message && item.stands(before: $0) }) { return first }
        if let last = lastIndex(where: { $0.session == item.session && $0.message == message }) { return endOfBlock(at: last) }
        if let last = lastIndex(where: { $0.session == item.session }) { return endOfBlock(at: last) }
        if let starter = lastIndex(where: { $0.tool?.child == item.session }) { return endOfBlock(at: starter) }
        return count
    }

    /// Behind this line and everything that is nested below it.
    package func endOfBlock(at index: Int) -> Int {
        var end = index + 1
        while end < count, self[end].depth > self[index].depth { end += 1 }
        return end
    }

    package mutating func apply(_ change: TranscriptChange) {
        switch change {
        case .reset(let items): self = items
        case .put(let item):
            if let index = lastIndex(where: { $0.id == item.id }) { self[index] = item } else { insert(item, at: position(ofNew: item)) }
        case .append(let id, let text): if let index = lastIndex(where: { $0.id == id }) { self[index].text += text }
        case .remove(let id): removeAll { $0.id == id }
        }
    }
}

extension TranscriptItem {
    /// Among the lines of one message: parts by their id, as the server lists them, then the message's own ending.
    fileprivate func stands(before other: TranscriptItem) -> Bool {
        if id == message?.raw { return false }
        return other.id == other.message?.raw || id < other.id
    }
}
