package import Domain

/// What to do. Data: it can be compared, recorded and counted; the daemon's workers carry it out and each ends in exactly one event,
/// except those that only tell somebody something (`save`, `forget`, `spend`, `reply`, `transcript`).
package enum Effect: Equatable, Sendable {
    case spawnServer(ServerID, generation: Int, projectPath: String)
    /// Take over a server that an earlier daemon started, or clear it away when it does not answer with our password.
    case adoptServer(ServerRecord, generation: Int)
    case stopServer(ServerID, generation: Int)
    case measureServer(ServerID, generation: Int)
    case openStream(ServerID, generation: Int, stream: Int)
    case closeStream(ServerID, generation: Int, stream: Int)
    case call(CallID, ServerID, generation: Int, ServerCall)

    /// Told at once, and again whenever one of them ends.
    case lookForOthers
    case inspectProject(Errand, path: String)
    case findProjects(Errand, below: String)
    case listBranches(Errand, projectPath: String)
    /// What of these names, below the directory or absolute, are files.
    case readFacts(Errand, directory: String, [String])
    case findFiles(Errand, directory: String, like: String)
    case provision(AgentID, PlaceWish, Project)
    case listPlaces(Project)
    case inspectPlace(Place)
    /// What differs in it from where its branch began, in a folder from what is committed.
    case diffPlace(Errand, Place)
    case removePlace(Errand, Place, projectPath: String, isFresh: Bool)
    /// Remember that the person trusts the present content of this project's set-up script.
    case trustScript(Errand, Project)
    case restorePlace(Errand, RemovedPlace)
    case findExpired(before: Timestamp)
    /// What was kept of it goes for good.
    case forgetPlace(RemovedPlace)

    /// `isDurable`: on the disk before any later effect of the same turn is carried out.
    case save(Record, isDurable: Bool)
    case forget(RecordKey, isDurable: Bool)
    case spend(Spend)
    /// Written to the audit chain; what it tells of is done after `audited`, by this number.
    case audit(Int, AuditLine)

    case reply(Errand, Result<ClientReply, Refusal>)
    /// The daemon adds the password, which the engine never sees.
    case replyAttach(Errand, ServerID, directory: String, session: SessionID)
    case transcript(AgentID, [TranscriptChange])
    /// End the daemon: every server was stopped.
    case exit
}

package struct Spend: Equatable, Sendable {
    package var day: String
    package var agent: AgentID
    package var project: ProjectID
    package var model: String
    package var cost: Double
    package var tokens: Tokens
    package init(day: String, agent: AgentID, project: ProjectID, model: String, cost: Double, tokens: Tokens) {
        self.day = day
        self.agent = agent
        self.project = project
        self.model = model
        self.cost = cost
        self.tokens = tokens
    }
}

package struct AuditLine: Equatable, Sendable {
    package var actor: String
    package var action: String
    package var subject: String
    package var detail: String
    package init(actor: String, action: String, subject: String, detail: String = "") {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}
