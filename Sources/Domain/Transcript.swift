/// One line of an agent's activity: a part of a message, or a note of drover's own.
package struct TranscriptItem: Equatable, Sendable {
    package enum Kind: String, Sendable { case user, text, thinking, tool, error, note }
    /// OpenCode's part id, message id for an error, or a name of drover's own for a note. Stable: an update has the same id.
    package let id: String
    package var session: SessionID
    package var message: MessageID?
    package var at: Timestamp
    package var kind: Kind
    /// Prompt, assistant text, reasoning, error or note; for a tool its output (the last 30 KB).
    package var text: String
    package var tool: ToolUse?
    /// True while more may come.
    package var isOpen: Bool
    /// 0 for the agent's own session, 1 for its sub-agents, and so on.
    package var depth: Int

    package init(
        id: String, session: SessionID, message: MessageID? = nil, at: Timestamp, kind: Kind, text: String, tool: ToolUse? = nil, isOpen: Bool = false,
        depth: Int = 0
    ) {
        self.id = id
        self.session = session
        self.message = message
        self.at = at
        self.kind = kind
        self.text = text
        self.tool = tool
        self.isOpen = isOpen
        self.depth = depth
    }
}

package struct ToolUse: Equatable, Sendable {
    package enum State: String, Sendable { case pending, running, completed, failed }
    package var name: String
    package var callID: String
    package var state: State
    /// The command, file, pattern or description that it is about; one line.
    package var target: String
    /// "3 hits", "1-45", "exit 1": one or two words; empty when there is nothing to say.
    package var result: String
    package var changes: Changes?
    /// A unified diff of what it changed.
    package var diff: String?
    package var started: Timestamp?
    package var ended: Timestamp?
    /// The child session that it runs in (task tool).
    package var child: SessionID?

    package init(
        name: String, callID: String, state: State, target: String = "", result: String = "", changes: Changes? = nil, diff: String? = nil,
        started: Timestamp? = nil, ended: Timestamp? = nil, child: SessionID? = nil
    ) {
        self.name = name
        self.callID = callID
        self.state = state
        self.target = target
        self.result = result
        self.changes = changes
        self.diff = diff
        self.started = started
        self.ended = ended
        self.child = child
    }
}
