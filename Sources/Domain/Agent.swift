/// What an agent does at this moment, as one coloured verb and its object.
package struct Activity: Equatable, Sendable {
    /// "bash", "edit", "asks", "failed:", "thinking", "rate limit" …; never empty unless nothing is known. With the target it is one phrase.
    package var verb: String
    package var target: String
    package init(verb: String, target: String = "") {
        self.verb = verb
        self.target = target
    }
    package static let none = Activity(verb: "")
    package var text: String { target.isEmpty ? verb : verb.isEmpty ? target : verb + " " + target }
}

package struct Tokens: Equatable, Sendable {
    package var input = 0, output = 0, reasoning = 0, cacheRead = 0, cacheWrite = 0
    package init(input: Int = 0, output: Int = 0, reasoning: Int = 0, cacheRead: Int = 0, cacheWrite: Int = 0) {
        self.input = input
        self.output = output
        self.reasoning = reasoning
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }
    package var total: Int { input + output + reasoning + cacheRead + cacheWrite }
    package static func + (left: Self, right: Self) -> Self {
        Tokens(
            input: left.input + right.input, output: left.output + right.output, reasoning: left.reasoning + right.reasoning,
            cacheRead: left.cacheRead + right.cacheRead, cacheWrite: left.cacheWrite + right.cacheWrite)
    }
    package static func - (left: Self, right: Self) -> Self {
        Tokens(
            input: left.input - right.input, output: left.output - right.output, reasoning: left.reasoning - right.reasoning,
            cacheRead: left.cacheRead - right.cacheRead, cacheWrite: left.cacheWrite - right.cacheWrite)
    }
}

package struct Changes: Equatable, Sendable {
    package var files = 0, additions = 0, deletions = 0
    package init(files: Int = 0, additions: Int = 0, deletions: Int = 0) {
        self.files = files
        self.additions = additions
        self.deletions = deletions
    }
    package var isEmpty: Bool { files == 0 && additions == 0 && deletions == 0 }
}

package struct Todo: Equatable, Sendable {
    package var content: String
    /// OpenCode's word: pending, in_progress, completed, cancelled.
    package var status: String
    package var priority: String
    package init(content: String, status: String, priority: String = "") {
        self.content = content
        self.status = status
        self.priority = priority
    }
}

/// A child session of an agent's session.
package struct SubAgent: Equatable, Sendable {
    package let session: SessionID
    /// The session that started it: the agent's own, or another sub-agent's.
    package var parent: SessionID
    package var title: String
    package var isBusy: Bool
    package var activity: Activity
    package init(session: SessionID, parent: SessionID, title: String, isBusy: Bool = false, activity: Activity = .none) {
        self.session = session
        self.parent = parent
        self.title = title
        self.isBusy = isBusy
        self.activity = activity
    }
}

/// A prompt that the server has not answered yet, in the order of sending.
package struct QueuedPrompt: Equatable, Sendable {
    package let message: MessageID
    package var text: String
    package init(message: MessageID, text: String) {
        self.message = message
        self.text = text
    }
}

/// One root session, its place and its branch: a row of the dashboard.
package struct Agent: Equatable, Sendable {
    package let id: AgentID
    package var project: ProjectID
    package var place: PlaceID
    package var session: SessionID?
    /// The session it was forked from, if any.
    package var parent: SessionID?
    package var title: String
    package var status: Status
    /// When the status became what it is.
    package var since: Timestamp
    package var evidence: Evidence
    package var activity: Activity
    /// What it was before the link was lost; only while the status is `unknown`.
    package var lastKnown: Status?
    /// When a limited agent tries again; nil otherwise.
    package var retryAt: Timestamp?
    /// Pending requests of it and its sub-agents, oldest first.
    package var requests: [RequestID]
    /// True from the end of a turn until a person looked.
    package var unseen: Bool
    package var tokens: Tokens
    /// US dollars, sub-agents included.
    package var cost: Double
    /// Share of the model's context window in use, 0…1; nil when the limit is not known.
    package var contextUse: Double?
    /// `provider/model`.
    package var model: String?
    /// OpenCode's agent name ("build", "plan").
    package var mode: String?
    package var changes: Changes
    package var todos: [Todo]
    package var subAgents: [SubAgent]
    package var queued: [QueuedPrompt]
    /// What went wrong, for failed agents and for agents that could not be started.
    package var error: String?
    package var created: Timestamp
    package var updated: Timestamp
    package var archived: Bool
    /// What it did since a person last looked.
    package var digest: Digest

    package init(id: AgentID, project: ProjectID, place: PlaceID, session: SessionID? = nil, title: String, status: Status, at: Timestamp, evidence: Evidence) {
        self.id = id
        self.project = project
        self.place = place
        self.session = session
        self.parent = nil
        self.title = title
        self.status = status
        self.since = at
        self.evidence = evidence
        self.activity = .none
        self.lastKnown = nil
        self.retryAt = nil
        self.requests = []
        self.unseen = false
        self.tokens = Tokens()
        self.cost = 0
        self.contextUse = nil
        self.model = nil
        self.mode = nil
        self.changes = Changes()
        self.todos = []
        self.subAgents = []
        self.queued = []
        self.error = nil
        self.created = at
        self.updated = at
        self.archived = false
        self.digest = Digest(since: at)
    }
}
