package import Domain

/// What happened. Everything that the engine ever learns comes through here, one at a time, in order.
package enum Event: Equatable, Sendable {
    /// The first event of a run: what the store kept and which servers of an earlier daemon were found.
    case started(Restored)
    case tick

    case serverReady(ServerID, generation: Int, ServerFacts)
    /// It could not be started or adopted. `isFinal`: trying again cannot help until a person does something (no opencode, too old).
    case serverFailed(ServerID, generation: Int, why: String, remedy: String, isFinal: Bool)
    case serverExited(ServerID, generation: Int, how: String)
    case serverStopped(ServerID, generation: Int)
    case serverMeasured(ServerID, generation: Int, memory: Int, cpu: Double)

    case streamOpened(ServerID, generation: Int, stream: Int)
    case streamEvents(ServerID, generation: Int, stream: Int, [ServerEvent])
    case streamClosed(ServerID, generation: Int, stream: Int, why: String)
    case called(CallID, Result<ServerAnswer, CallFailure>)
    /// Something outside of our server wrote to OpenCode's database: sessions may have appeared.
    case sessionsTouched
    /// Who else runs sessions on the same data.
    case othersFound([OtherOpenCode])

    case inspected(Errand, Result<ProjectReport, Refusal>)
    case provisioned(AgentID, Result<Place, Refusal>)
    case placesListed(ProjectID, Result<[Place], Refusal>)
    case placeInspected(PlaceID, Result<PlaceReport, Refusal>)
    case placeRemoved(Errand, Result<RemovedPlace, Refusal>)
    case placeRestored(Errand, Result<Place, Refusal>)
    /// What is kept of removed places for longer than was promised.
    case expiredFound(Result<[RemovedPlace], Refusal>)
    case placeForgotten(RemovedPlace, Refusal?)
    /// In words, what is trusted from now on.
    case trusted(Errand, Result<String, Refusal>)
    case projectsFound(Errand, Result<[ProjectReport], Refusal>)
    case branchesListed(Errand, [String])
    /// Nil: it is in no repository.
    case placeDiffed(Errand, Result<[FileChange]?, Refusal>)
    /// Of those names that are files.
    case factsRead(Errand, Result<[FileFact], Refusal>)
    case filesFound(Errand, Result<[String], Refusal>)
    /// The line with this number is on the disk, or cannot be written and why.
    case audited(Int, problem: String?)

    case clientJoined(ClientID)
    case clientLeft(ClientID)
    case ordered(Errand, ClientOrder)
    case settingsChanged(EngineSettings)
    /// The store is another one: damaged while running and set aside, or at last the file. What should last is put there once more.
    case storeReplaced
    /// Something outside of the engine went wrong that a person should know.
    case noticed(String, remedy: String)
}

/// Who asked for something, so that the answer finds its way back. `number` is the client's own number of the request.
package struct Errand: Hashable, Sendable {
    package var client: ClientID
    package var number: Int
    package init(client: ClientID, number: Int) {
        self.client = client
        self.number = number
    }
    /// The engine's own errands have no client to answer.
    package static func own(_ number: Int) -> Errand { Errand(client: ClientID(""), number: number) }
    package var isOwn: Bool { client.raw.isEmpty }
}

/// Identifies one call to a server; never used twice in a run.
package struct CallID: Hashable, Sendable {
    package let number: Int
    package init(number: Int) { self.number = number }
}

package struct ServerFacts: Equatable, Sendable {
    package var pid: Int
    package var url: String
    package var version: String
    /// It was running before this daemon.
    package var isAdopted: Bool
    package init(pid: Int, url: String, version: String, isAdopted: Bool) {
        self.pid = pid
        self.url = url
        self.version = version
        self.isAdopted = isAdopted
    }
}

/// An opencode that is not one of our servers, on the same data.
package struct OtherOpenCode: Equatable, Sendable {
    package var pid: Int
    /// Where it works: it can run the sessions of this directory.
    package var directory: String
    /// It serves others, and can run the sessions of any directory.
    package var isAnywhere: Bool
    package var started: Timestamp
    package init(pid: Int, directory: String, isAnywhere: Bool = false, started: Timestamp) {
        self.pid = pid
        self.directory = directory
        self.isAnywhere = isAnywhere
        self.started = started
    }
}

/// What git says of a directory.
package struct ProjectReport: Equatable, Sendable {
    /// Real path of the project's top level: of the main work tree, when asked about a linked one.
    package var path: String
    package var branch: String?
    package var remote: String?
    package var isRepository: Bool
    package var hasCommits: Bool
    package init(path: String, branch: String? = nil, remote: String? = nil, isRepository: Bool, hasCommits: Bool) {
        self.path = path
        self.branch = branch
        self.remote = remote
        self.isRepository = isRepository
        self.hasCommits = hasCommits
    }
}

package struct PlaceReport: Equatable, Sendable {
    package var exists: Bool
    package var branch: String?
    /// Work tree against base, untracked files included; nil when there is no base.
    package var changes: Changes?
    package init(exists: Bool, branch: String? = nil, changes: Changes? = nil) {
        self.exists = exists
        self.branch = branch
        self.changes = changes
    }
}

package struct EngineSettings: Equatable, Sendable {
    /// Busy without any event for longer than this is *quiet*.
    package var quietAfter: Span
    /// An unused server is stopped after this; nil = never.
    package var idleStop: Span?
    /// Bytes; an idle server above it is restarted by need.
    package var memoryLimit: Int
    /// Folder sessions that were not touched for longer are not shown, unless drover started them.
    package var history: Span
    package var copiesIgnored: [String]
    /// How long what was removed can be brought back; nil = for ever.
    package var keepRemoved: Span?
    package init(
        quietAfter: Span = .minutes(5), idleStop: Span? = .minutes(30), memoryLimit: Int = 2048 << 20, history: Span = .minutes(30 * 24 * 60),
        copiesIgnored: [String] = [".env"], keepRemoved: Span? = .days(14)
    ) {
        self.quietAfter = quietAfter
        self.idleStop = idleStop
        self.memoryLimit = memoryLimit
        self.history = history
        self.copiesIgnored = copiesIgnored
        self.keepRemoved = keepRemoved
    }
}
