/// A new agent, as a person asks for it.
package struct NewAgent: Equatable, Sendable {
    /// The identifier that it shall have, if the client wants to be able to ask twice: the second time is answered with the agent that
    /// the first one made. Nil: the daemon chooses one.
    package var id: AgentID?
    /// Absolute path inside the project.
    package var directory: String
    /// Nil: a worktree in a repository with commits, the folder elsewhere.
    package var kind: Place.Kind?
    package var branch: String?
    package var base: String?
    package var title: String?
    package var model: String?
    package var mode: String?
    package var prompt: String
    package var copiesUncommitted: Bool
    package init(
        id: AgentID? = nil, directory: String, kind: Place.Kind? = nil, branch: String? = nil, base: String? = nil, title: String? = nil, model: String? = nil,
        mode: String? = nil, prompt: String, copiesUncommitted: Bool = false
    ) {
        self.id = id
        self.directory = directory
        self.kind = kind
        self.branch = branch
        self.base = base
        self.title = title
        self.model = model
        self.mode = mode
        self.prompt = prompt
        self.copiesUncommitted = copiesUncommitted
    }
}

/// What a client asks the daemon to do. One case is one method of the protocol (docs/protocol.md).
package enum ClientOrder: Equatable, Sendable {
    case new(NewAgent)
    case send(AgentID, text: String, model: String?, mode: String?)
    /// Take back a prompt that was not delivered yet.
    case unqueue(AgentID, MessageID)
    case answer(RequestID, Answer)
    case stop([AgentID])
    /// Continue an interrupted or paused turn with the same message.
    case resume([AgentID])
    /// Send the last prompt again after a failure.
    case retry([AgentID])
    case archive([AgentID], Bool)
    case remove([AgentID])
    case undo
    case rename(AgentID, String)
    case seen([AgentID])
    /// Make sure that the server of this agent's project runs; answers with how to attach.
    case attach(AgentID)
    /// Makes the server run and reads the transcript once.
    case transcript(AgentID)
    case diff(AgentID)
    case addProject(path: String)
    case removeProject(ProjectID)
    case scanProjects(path: String)
    case removePlace(PlaceID)
    case choices(ProjectID)
    /// Files and directories whose names are like this, the best first: to be mentioned in a prompt.
    case files(PromptPlace, like: String)
    /// What of these names are files, and what they are.
    case facts(PromptPlace, [String])
    /// The commands of the server and those of its agents that a prompt can mention.
    case offers(PromptPlace)
    /// The project's set-up script, with the content it has now.
    case trust(ProjectID)
    /// What happened in the herd, the newest `limit` entries. `follows`: and from now on what comes, for this client.
    case feed(limit: Int, follows: Bool)
    /// Only this client: which agent's transcript it wants to follow; nil ends it.
    case look(AgentID?)
    case wake(ProjectID)
    case stopServer(ServerID)
    case shutdown
}

/// What a client gets back.
package enum ClientReply: Equatable, Sendable {
    case done
    case agent(Agent)
    case agents([Agent])
    case project(Project)
    case projects([Project])
    case place(Place)
    case transcript([TranscriptItem])
    case diff([FileChange])
    case feed([FeedEntry])
    /// How to open OpenCode's own screen on the session. The password goes into the environment, never on the command line.
    case attach(url: String, directory: String, session: SessionID, password: String)
    case choices(models: [ModelInfo], fallback: String?, modes: [String], commands: [String], branches: [String])
    case files([String])
    case facts([FileFact])
    case offers(commands: [CommandInfo], agents: [String])
    /// What was brought back or done, in words.
    case words(String)
}
