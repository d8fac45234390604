/// Something that waits for a person: a permission or a question of an agent or of one of its sub-agents.
package struct Request: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case permission(Permission)
        case question([Question])
    }
    package struct Permission: Equatable, Sendable {
        /// OpenCode's name of the permission: bash, edit, external_directory, read …
        package var name: String
        /// What is asked about now, parsed by the server (one entry for each sub-command).
        package var patterns: [String]
        /// What "always" would allow from then on.
        package var always: [String]
        /// The real command, file or diff from the request's metadata; multi-line.
        package var detail: String
        /// A unified diff, where the request has one.
        package var diff: String?
        package init(name: String, patterns: [String], always: [String], detail: String, diff: String? = nil) {
            self.name = name
            self.patterns = patterns
            self.always = always
            self.detail = detail
            self.diff = diff
        }
    }
    package struct Question: Equatable, Sendable {
        package var header: String
        package var text: String
        package var options: [Option]
        /// Several options may be chosen.
        package var multiple: Bool
        /// A text of one's own may be given instead.
        package var custom: Bool
        package init(header: String, text: String, options: [Option], multiple: Bool, custom: Bool) {
            self.header = header
            self.text = text
            self.options = options
            self.multiple = multiple
            self.custom = custom
        }
    }
    package struct Option: Equatable, Sendable {
        package var label: String
        package var description: String
        package init(label: String, description: String = "") {
            self.label = label
            self.description = description
        }
    }

    package let id: RequestID
    /// The session that asks: the agent's, or a sub-agent's.
    package var session: SessionID
    /// The agent that the session belongs to; nil until the engine knows (a child whose parent was not read yet).
    package var agent: AgentID?
    package var kind: Kind
    /// When drover first saw it (OpenCode's requests carry no time).
    package var asked: Timestamp
    /// The tool call that asks, where the request names it.
    package var callID: String?

    package init(id: RequestID, session: SessionID, agent: AgentID? = nil, kind: Kind, asked: Timestamp, callID: String? = nil) {
        self.id = id
        self.session = session
        self.agent = agent
        self.kind = kind
        self.asked = asked
        self.callID = callID
    }

    /// One line: "bash npm install passport" or the first question's text.
    package var title: String {
        switch kind {
        case .permission(let permission):
            let first = permission.detail.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? permission.patterns.first ?? ""
            return first.isEmpty ? permission.name : permission.name + " " + first
        case .question(let questions): return questions.first?.text ?? ""
        }
    }
}

/// A person's answer.
package enum Answer: Equatable, Sendable {
    case once, always
    /// Without a message the turn ends; with one the model goes on with it (v1-measured.md §7).
    case reject(message: String?)
    /// For each question the chosen labels or the text of one's own.
    case choices([[String]])
}
