/// A session as OpenCode describes it.
package struct SessionInfo: Equatable, Sendable {
    package let id: SessionID
    package var parent: SessionID?
    package var directory: String
    package var title: String
    package var model: String?
    package var mode: String?
    package var cost: Double?
    package var tokens: Tokens?
    package var changes: Changes?
    package var created: Timestamp
    package var updated: Timestamp
    package var archived: Bool
    package init(
        id: SessionID, parent: SessionID? = nil, directory: String, title: String, model: String? = nil, mode: String? = nil, cost: Double? = nil,
        tokens: Tokens? = nil, changes: Changes? = nil, created: Timestamp, updated: Timestamp, archived: Bool = false
    ) {
        self.id = id
        self.parent = parent
        self.directory = directory
        self.title = title
        self.model = model
        self.mode = mode
        self.cost = cost
        self.tokens = tokens
        self.changes = changes
        self.created = created
        self.updated = updated
        self.archived = archived
    }
}

package enum SessionPhase: Equatable, Sendable {
    case idle, busy
    case retry(attempt: Int, message: String, next: Timestamp)
}

/// What went wrong in a turn.
package struct TurnError: Equatable, Sendable {
    /// OpenCode's name: APIError, MessageAbortedError, ContextOverflowError …
    package var name: String
    package var message: String
    /// A person or a dispose ended the turn: not a failure.
    package var isAbort: Bool { name == "MessageAbortedError" }
    package init(name: String, message: String) {
        self.name = name
        self.message = message
    }
}

package struct MessageInfo: Equatable, Sendable {
    package enum Role: String, Sendable { case user, assistant }
    package let id: MessageID
    package var session: SessionID
    package var role: Role
    package var created: Timestamp
    /// Nil while it is being written, and for ever after a crash (v1-measured.md §3).
    package var completed: Timestamp?
    package var error: TurnError?
    package var finish: String?
    /// The user message that an assistant message answers.
    package var parent: MessageID?
    package var model: String?
    package var mode: String?
    package var cost: Double
    package var tokens: Tokens
    /// A compaction's summary.
    package var isSummary: Bool
    package init(
        id: MessageID, session: SessionID, role: Role, created: Timestamp, completed: Timestamp? = nil, error: TurnError? = nil, finish: String? = nil,
        parent: MessageID? = nil, model: String? = nil, mode: String? = nil, cost: Double = 0, tokens: Tokens = Tokens(), isSummary: Bool = false
    ) {
        self.id = id
        self.session = session
        self.role = role
        self.created = created
        self.completed = completed
        self.error = error
        self.finish = finish
        self.parent = parent
        self.model = model
        self.mode = mode
        self.cost = cost
        self.tokens = tokens
        self.isSummary = isSummary
    }
}

/// A part of a message that people are shown. Step marks, snapshots and patches are not: they come as `.other`.
package struct PartInfo: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        /// `synthetic`: written by the program, not by a person or a model.
        case text(String, synthetic: Bool)
        case reasoning(String)
        case tool(ToolUse, output: String)
        case file(name: String)
        case compaction(automatic: Bool)
        case stepFinished(cost: Double, tokens: Tokens)
        case other(type: String)
    }
    package let id: PartID
    package var session: SessionID
    package var message: MessageID
    package var content: Content
    package var started: Timestamp?
    package var ended: Timestamp?
    package init(id: PartID, session: SessionID, message: MessageID, content: Content, started: Timestamp? = nil, ended: Timestamp? = nil) {
        self.id = id
        self.session = session
        self.message = message
        self.content = content
        self.started = started
        self.ended = ended
    }
}

/// What a server says on its stream, in drover's words. Everything is an upsert; order of arrival counts.
package enum ServerEvent: Equatable, Sendable {
    case connected
    case heartbeat
    case session(SessionInfo)
    case sessionDeleted(SessionID)
    case phase(SessionID, SessionPhase)
    /// `session` is nil when the server did not say.
    case turnError(SessionID?, TurnError)
    case message(MessageInfo)
    case messageRemoved(SessionID, MessageID)
    case part(PartInfo)
    case partRemoved(SessionID, MessageID, PartID)
    /// `reasoning` tells thinking from text where the adapter knows it; consecutive ones of a part are merged before they are posted.
    case delta(SessionID, MessageID, PartID, text: String)
    case asked(Request)
    case answered(RequestID, SessionID, how: String)
    case todos(SessionID, [Todo])
    case compacted(SessionID)
    case instanceDisposed(directory: String)
    case disposed
    /// Known but of no meaning for drover (plugin.added, sync, file.edited …).
    case ignored
    /// Not known: kept, counted, never an end of the stream.
    case unknown(type: String)
    /// A frame that could not be read at all.
    case unreadable(String)
}
