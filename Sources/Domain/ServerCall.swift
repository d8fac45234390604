/// A question or an order to a server: data, so that it can be compared, recorded and counted.
package enum ServerCall: Equatable, Sendable {
    case health
    /// Proves that the directory's configuration can be read (health says nothing about it).
    case configuration(directory: String)
    /// All sessions of exactly this directory, children included.
    case sessions(directory: String)
    case phases(directory: String)
    case permissions(directory: String)
    case questions(directory: String)
    /// The newest `limit` messages with their parts, oldest first; nil = all.
    case messages(SessionID, directory: String, limit: Int?)
    case todos(SessionID, directory: String)
    /// One message, to see whether the server has it.
    case message(SessionID, directory: String, MessageID)
    case children(SessionID, directory: String)
    case create(directory: String, title: String?)
    case rename(SessionID, directory: String, title: String)
    case archive(SessionID, directory: String, archived: Bool, at: Timestamp)
    case delete(SessionID, directory: String)
    case prompt(SessionID, directory: String, PromptInput)
    case abort(SessionID, directory: String)
    /// Runs a command of the server's; answered when its turn has ended.
    case command(SessionID, directory: String, PromptInput)
    case answer(RequestID, directory: String, isQuestion: Bool, Answer)
    /// Changes of one turn.
    case diff(SessionID, directory: String, message: MessageID)
    case models(directory: String)
    case modes(directory: String)
    /// Agents that a prompt can mention.
    case subAgents(directory: String)
    case commands(directory: String)
    case dispose
}

package struct PromptInput: Equatable, Sendable {
    package var message: MessageID
    /// With the same message and part id a prompt can be sent again and nothing runs twice (v1-measured.md §6).
    package var part: PartID
    package var text: String
    package var model: String?
    package var mode: String?
    package var files: [PromptFile] = []
    package var agents: [PromptAgent] = []
    /// Run instead of the text, which is what a person typed.
    package var command: PromptCommand?
    /// Sent twice, a part of it would be there twice: the server names the parts itself.
    package var isCompound: Bool { !files.isEmpty || !agents.isEmpty || command != nil }
    package init(message: MessageID, part: PartID, text: String, model: String? = nil, mode: String? = nil) {
        self.message = message
        self.part = part
        self.text = text
        self.model = model
        self.mode = mode
    }
}

package struct ModelInfo: Equatable, Sendable {
    /// `provider/model`.
    package var id: String
    package var name: String
    /// Tokens of context; 0 when not known.
    package var context: Int
    /// Whether it takes images; nil when that is not known.
    package var seesImages: Bool?
    package init(id: String, name: String, context: Int, seesImages: Bool? = nil) {
        self.id = id
        self.name = name
        self.context = context
        self.seesImages = seesImages
    }
}

package struct MessageRecord: Equatable, Sendable {
    package var info: MessageInfo
    package var parts: [PartInfo]
    package init(info: MessageInfo, parts: [PartInfo]) {
        self.info = info
        self.parts = parts
    }
}

package enum ServerAnswer: Equatable, Sendable {
    case health(version: String)
    case done
    case sessions([SessionInfo])
    case session(SessionInfo)
    case phases([SessionID: SessionPhase])
    case requests([Request])
    case messages([MessageRecord])
    case todos([Todo])
    case diff([FileChange])
    case models([ModelInfo])
    /// The model that the configuration names. Without one the server takes what was used last, which it does not tell.
    case configuration(model: String?)
    case names([String])
    case commands([CommandInfo])
}

package struct FileChange: Equatable, Sendable {
    package var file: String
    package var patch: String
    package var additions: Int
    package var deletions: Int
    /// added, deleted, modified.
    package var status: String
    package init(file: String, patch: String, additions: Int, deletions: Int, status: String) {
        self.file = file
        self.patch = patch
        self.additions = additions
        self.deletions = deletions
        self.status = status
    }
}

/// Why a call did not give what it should.
package enum CallFailure: Error, Equatable, Sendable {
    /// The connection failed; the call may or may not have been carried out.
    case unreachable(String)
    case timedOut
    case unauthorised
    /// 404: the session, request or route is not there.
    case notFound(String)
    /// 409: the session is busy with something that cannot be queued.
    case busy(String)
    /// 400 with the server's own words: configuration, model, body.
    case rejected(String)
    /// 5xx with the server's own words.
    case serverError(Int, String)
    /// HTML or anything else that is not the JSON it should be.
    case unreadable(String)
    case cancelled

    package var message: String {
        switch self {
        case .unreachable(let why): "the server cannot be reached: \(why)"
        case .timedOut: "the server did not answer in time"
        case .unauthorised: "the server does not accept our password"
        case .notFound(let what): what.isEmpty ? "not found" : what
        case .busy(let what): what.isEmpty ? "the session is busy" : what
        case .rejected(let why): why
        case .serverError(let code, let why): "the server failed (\(code))\(why.isEmpty ? "" : ": " + why)"
        case .unreadable(let why): "the server's answer cannot be read: \(why)"
        case .cancelled: "cancelled"
        }
    }
}
