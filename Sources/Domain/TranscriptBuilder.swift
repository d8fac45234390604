/// Turns messages and parts into lines of activity. The same functions serve what is read back and what arrives live, so
/// that a transcript is the same whether it was watched or read later.
///
/// They are pure and depend on nothing but the part and its message: the same part gives an equal item, and nothing in an
/// item changes while nothing happens.

/// The items of whole messages in the server's order: each part that people are shown, then the message's error.
///
/// - Parameter depth: 0 for the agent's own session, 1 for its sub-agents, and so on.
package func transcriptItems(of records: [MessageRecord], depth: Int = 0) -> [TranscriptItem] {
    var items: [TranscriptItem] = []
    for record in records {
        for part in record.parts {
            if let item = transcriptItem(of: part, message: record.info, depth: depth) { items.append(item) }
        }
        if let ending = transcriptItem(ending: record.info, depth: depth) { items.append(ending) }
    }
    return items
}

/// The line of one part, or nil when it has nothing to show (step marks; text that ended empty): a line that was shown
/// for it before goes away.
///
/// `message` is nil when it is not known yet; the text then counts as the model's. A part that never ended counts as
/// ended once its message has: a broken model connection leaves such parts behind (v1-measured.md, "Order").
package func transcriptItem(of part: PartInfo, message: MessageInfo?, depth: Int = 0) -> TranscriptItem? {
    let isOver = message.map { $0.completed != nil || $0.error != nil } ?? false
    var item = TranscriptItem(
        id: part.id.raw, session: part.session, message: part.message,
        at: part.started ?? message?.created ?? Timestamp(milliseconds: 0), kind: .note, text: "", depth: depth)
    switch part.content {
    case .text(let text, let synthetic):
        if synthetic, isOfAnAttachment(text) { return nil }
        let isUser = message?.role == .user
        item.kind = synthetic ? .note : isUser ? .user : .text
        item.text = text
        item.isOpen = !isUser && !synthetic && part.ended == nil && !isOver
    case .reasoning(let text):
        item.kind = .thinking
        item.text = text
        item.isOpen = part.ended == nil && !isOver
    case .tool(let use, let output):
        item.kind = .tool
        item.text = output
        item.tool = use
        item.isOpen = (use.state == .pending || use.state == .running) && !isOver
    case .file(let name):
        item.text = "attached " + name
    case .compaction(let automatic):
        item.text = automatic ? "the conversation was shortened, the context was nearly full" : "the conversation was shortened"
    case .stepFinished, .other:
        return nil
    }
    return item.text.isEmpty && item.tool == nil && !item.isOpen ? nil : item
}

/// What the server adds to a prompt for a file or an agent that it names (read in 1.18.33): its name stands there already, and the content is in
/// the file. A file that could not be read is told.
private func isOfAnAttachment(_ text: String) -> Bool {
    text.hasPrefix("Called the Read tool with the following input: ") || text.hasPrefix("<path>") || text == "Image read successfully"
        || text.hasPrefix(" Use the above message and context to generate a prompt and call the task tool")
}

/// The line after a message that did not end well: its error, or a note when somebody stopped it. Its id is the message's.
package func transcriptItem(ending message: MessageInfo, depth: Int = 0) -> TranscriptItem? {
    guard let error = message.error else { return nil }
    return TranscriptItem(
        id: message.id.raw, session: message.session, message: message.id, at: message.completed ?? message.created,
        kind: error.isAbort ? .note : .error, text: error.isAbort ? "stopped" : error.message, depth: depth)
}
