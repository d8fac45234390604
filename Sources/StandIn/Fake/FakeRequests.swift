import JSON

/// A permission or a question that waits for a person.
final class FakeRequest {
    enum Kind { case permission, question }
    enum Answer {
        case once, always
        case reject(message: String?)
        case answers([[String]])
    }

    let id: String
    let kind: Kind
    let session: FakeSession
    /// The request as lists and events show it.
    let json: JSONTree
    let always: [FakeRule]
    /// Called once; nil: the turn that asked is gone, and the request is a ghost that is only listed.
    var whenAnswered: ((Answer) -> Void)?

    init(id: String, kind: Kind, session: FakeSession, json: JSONTree, always: [FakeRule] = [], whenAnswered: @escaping (Answer) -> Void) {
        self.id = id
        self.kind = kind
        self.session = session
        self.json = json
        self.always = always
        self.whenAnswered = whenAnswered
    }
}

extension FakeServer {
    func list(_ kind: FakeRequest.Kind, in directory: String) -> JSONTree {
        .array(requests.filter { $0.kind == kind && $0.session.directory == directory }.map(\.json))
    }

    func ask(_ request: FakeRequest) {
        requests.append(request)
        emit(request.kind == .permission ? "permission.asked" : "question.asked", request.session, request.json)
    }

    func request(_ id: String, _ kind: FakeRequest.Kind, in directory: String) -> FakeRequest? {
        requests.first { $0.id == id && $0.kind == kind && $0.session.directory == directory }
    }

    func answer(_ request: FakeRequest, reply: String, message: String?) {
        switch reply {
        case "reject": reject(request, message: message)
        case "always":
            allowedAlways[request.session.directory, default: []] += request.always
            settle(request, reply, .always)
            // What else waits and is allowed now goes on, too.
            for other in requests where other.kind == .permission && other.session.directory == request.session.directory && isAllowedNow(other) {
                settle(other, reply, .always)
            }
        default: settle(request, reply, .once)
        }
    }

    /// Rejecting one request of a session rejects its others.
    private func reject(_ request: FakeRequest, message: String?) {
        let others = requests.filter { $0.kind == .permission && $0.session === request.session && $0 !== request }
        for rejected in [request] + others { takeAway(rejected, "reject") }
        for rejected in [request] + others { rejected.whenAnswered?(.reject(message: message)) }
    }

    private func isAllowedNow(_ request: FakeRequest) -> Bool {
        let rules = allowedAlways[request.session.directory] ?? []
        return !request.always.isEmpty && request.always.allSatisfy { rules.contains($0) }
    }

    private func settle(_ request: FakeRequest, _ reply: String, _ answer: FakeRequest.Answer) {
        takeAway(request, reply)
        request.whenAnswered?(answer)
    }

    private func takeAway(_ request: FakeRequest, _ reply: String) {
        requests.removeAll { $0 === request }
        emit(
            "permission.replied", request.session,
            [
                "sessionID": .string(request.session.id), "requestID": .string(request.id), "reply": .string(reply),
            ])
    }

    func answer(_ request: FakeRequest, answers: [[String]]) {
        requests.removeAll { $0 === request }
        emit(
            "question.replied", request.session,
            [
                "sessionID": .string(request.session.id), "requestID": .string(request.id),
                "answers": .array(answers.map { .array($0.map { .string($0) }) }),
            ])
        request.whenAnswered?(.answers(answers))
    }

    func dismiss(_ request: FakeRequest) {
        requests.removeAll { $0 === request }
        emit("question.rejected", request.session, ["sessionID": .string(request.session.id), "requestID": .string(request.id)])
        request.whenAnswered?(.reject(message: nil))
    }

    /// Whether a tool may run: "allow", "ask" or "deny".
    func action(_ permission: String, _ patterns: [String], _ session: FakeSession) -> String {
        var rules = [FakeRule("external_directory", "*", "ask"), FakeRule("read", "*.env", "ask"), FakeRule("read", "*.env.*", "ask")]
        rules += config.rules + session.rules + (allowedAlways[session.directory] ?? [])
        let actions = patterns.map { FakeRule.action(permission, $0, rules) }
        return actions.contains("deny") ? "deny" : actions.contains("ask") ? "ask" : "allow"
    }
}
