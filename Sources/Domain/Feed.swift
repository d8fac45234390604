/// Something that happened to an agent, as one line: what the feed of the herd is made of.
package struct FeedEntry: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// A new agent; what a person wrote to one.
        case new, prompt
        /// A command, a test run or an edit that has ended, the sub-agents' included.
        case command, test, edit
        /// Something was asked, and what a person said to it.
        case request, answer
        /// How a turn ended.
        case done, failed, paused
        case archived, removed, restored
    }
    /// Rises by one from entry to entry, over restarts of the daemon too.
    package let number: Int
    package var at: Timestamp
    package var agent: AgentID
    package var project: ProjectID
    /// The agent's title at that time: it may be gone by now.
    package var title: String
    package var kind: Kind
    /// One line: the command, the file, the prompt, what was asked, what was said last.
    package var text: String
    /// Two or three words: "exit 1", "+3 -1", "once"; empty when there is nothing to say.
    package var result: String
    package var isFailure: Bool
    /// The request that it is about: told once, however often the server lists it.
    package var request: RequestID?

    package init(
        number: Int, at: Timestamp, agent: AgentID, project: ProjectID, title: String, kind: Kind, text: String, result: String = "", isFailure: Bool = false,
        request: RequestID? = nil
    ) {
        self.number = number
        self.at = at
        self.agent = agent
        self.project = project
        self.title = title
        self.kind = kind
        self.text = text
        self.result = result
        self.isFailure = isFailure
        self.request = request
    }
}
