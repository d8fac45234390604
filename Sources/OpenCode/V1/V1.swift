package import Domain
package import HTTP
import JSON

/// OpenCode 1.15 to 1.19 (measured with 1.18.33). Routes and bodies: api.md §6; what they really do: v1-measured.md.
package struct V1: AgentServer {
    package static let generation = Generation.v1

    /// Time limits in milliseconds. Health is asked on a new connection each time: a request that reaches a server before
    /// it is ready is never answered, and later requests on that connection neither (v1-measured.md §1).
    private enum Limit {
        static let health: Int64 = 1_000
        static let read: Int64 = 15_000
        static let write: Int64 = 15_000
        /// 204 came within 70 ms, once after 1.2 s on a cold, loaded instance.
        static let prompt: Int64 = 30_000
        static let messages: Int64 = 60_000
        /// Heartbeats come every 10 s, also between other events: nothing for 25 s is a dead stream.
        static let silence: Int64 = 25_000
    }

    private let url: String
    private let authorization: HTTPHeader
    private let version: String

    package init(url: String, password: String, version: String) {
        self.url = url
        self.version = version
        authorization = HTTPHeader("Authorization", Words.basic(user: ServerLaunch.user, password: password))
    }

    // MARK: requests

    package func request(for call: ServerCall) -> HTTPRequest {
        switch call {
        case .health:
            var request = get("/global/health", nil, Limit.health)
            request.connectTimeoutMs = Limit.health
            request.freshConnection = true
            return request
        case .configuration(let directory): return get("/config", directory)
        // Without a limit the list is cut at 100.
        case .sessions(let directory): return get("/session", directory, query: "limit=100000")
        case .phases(let directory): return get("/session/status", directory)
        case .permissions(let directory): return get("/permission", directory)
        case .questions(let directory): return get("/question", directory)
        case .messages(let id, let directory, let limit):
            return get(path(id, "/message"), directory, Limit.messages, query: limit.map { "limit=\($0)" })
        case .message(let id, let directory, let message): return get(path(id, "/message/") + Words.percentEncoded(message.raw), directory, Limit.messages)
        case .todos(let id, let directory): return get(path(id, "/todo"), directory)
        case .children(let id, let directory): return get(path(id, "/children"), directory)
        case .create(let directory, let title): return post("/session", directory) { $0.fieldIfPresent("title", title) }
        case .rename(let id, let directory, let title): return send("PATCH", path(id), directory) { $0.field("title", title) }
        case .archive(let id, let directory, let archived, let at):
            return send("PATCH", path(id), directory) { body in
                body.object("time") { $0.field("archived", archived ? at.milliseconds : 0) }
            }
        case .delete(let id, let directory): return send("DELETE", path(id), directory, body: nil)
        case .prompt(let id, let directory, let input):
            return send("POST", path(id, "/prompt_async"), directory, Limit.prompt) { write(input, to: &$0) }
        case .abort(let id, let directory): return send("POST", path(id, "/abort"), directory, body: nil)
        // It answers when the turn has ended, so there is no time limit.
        case .command(let id, let directory, let input): return send("POST", path(id, "/command"), directory, nil) { write(command: input, to: &$0) }
        case .answer(let id, let directory, let isQuestion, let answer): return request(answering: id, directory, isQuestion, answer)
        // Without a message the list is always empty.
        case .diff(let id, let directory, let message):
            return get(path(id, "/diff"), directory, query: "messageID=" + Words.percentEncoded(message.raw))
        case .models(let directory): return get("/config/providers", directory)
        case .modes(let directory), .subAgents(let directory): return get("/agent", directory)
        case .commands(let directory): return get("/command", directory)
        case .dispose: return send("POST", "/global/dispose", nil, body: nil)
        }
    }

    private func request(answering id: RequestID, _ directory: String, _ isQuestion: Bool, _ answer: Answer) -> HTTPRequest {
        let path = (isQuestion ? "/question/" : "/permission/") + Words.percentEncoded(id.raw)
        switch answer {
        case .reject where isQuestion: return send("POST", path + "/reject", directory, body: nil)
        case .choices(let choices):
            return post(path + "/reply", directory) { body in
                body.array("answers") { list in
                    for labels in choices { list.array { for label in labels { $0.value(label) } } }
                }
            }
        case .once: return post(path + "/reply", directory) { $0.field("reply", "once") }
        case .always: return post(path + "/reply", directory) { $0.field("reply", "always") }
        case .reject(let message):
            return post(path + "/reply", directory) {
                $0.field("reply", "reject")
                $0.fieldIfPresent("message", message)
            }
        }
    }

    private func write(_ input: PromptInput, to body: inout JSONWriter) {
        body.field("messageID", input.message.raw)
        // The model's own name may hold slashes.
        if let model = input.model, let slash = model.firstIndex(of: "/") {
            body.object("model") {
                $0.field("providerID", String(model[..<slash]))
                $0.field("modelID", String(model[model.index(after: slash)...]))
            }
        }
        body.fieldIfPresent("agent", input.mode)
        body.array("parts") { parts in
            parts.object {
                $0.field("id", input.part.raw)
                $0.field("type", "text")
                $0.field("text", input.text)
            }
            for file in input.files { parts.object { write(file, to: &$0) } }
            for agent in input.agents { parts.object { write(agent, to: &$0) } }
        }
    }

    package func eventStream() -> HTTPRequest {
        var request = get("/global/event", nil, nil)
        request.headers.append(HTTPHeader("Accept", "text/event-stream"))
        request.silenceLimitMs = Limit.silence
        request.freshConnection = true
        return request
    }

    package func makeEventReader() -> EventReader { EventReader(V1Events()) }

    // MARK: parts of requests

    private func path(_ session: SessionID, _ rest: String = "") -> String { "/session/" + Words.percentEncoded(session.raw) + rest }

    private func get(_ path: String, _ directory: String?, _ limit: Int64? = Limit.read, query: String? = nil) -> HTTPRequest {
        HTTPRequest("GET", address(path, directory, query), headers: [authorization], timeoutMs: limit)
    }

    private func post(_ path: String, _ directory: String?, _ write: (inout JSONWriter) -> Void) -> HTTPRequest {
        send("POST", path, directory, Limit.write, write)
    }

    private func send(_ method: String, _ path: String, _ directory: String?, _ limit: Int64? = Limit.write, _ write: (inout JSONWriter) -> Void) -> HTTPRequest
    {
        var body = JSONWriter()
        body.object(write)
        return send(method, path, directory, limit, body: body.bytes)
    }

    private func send(_ method: String, _ path: String, _ directory: String?, _ limit: Int64? = Limit.write, body: [UInt8]?) -> HTTPRequest {
        var headers = [authorization]
        if body != nil { headers.append(HTTPHeader("Content-Type", "application/json")) }
        return HTTPRequest(method, address(path, directory, nil), headers: headers, body: body, timeoutMs: limit)
    }

    private func address(_ path: String, _ directory: String?, _ query: String?) -> String {
        let queries = [directory.map { "directory=" + Words.percentEncoded($0, keepingSlash: true) }, query].compactMap { $0 }
        return url + path + (queries.isEmpty ? "" : "?" + queries.joined(separator: "&"))
    }

    // MARK: answers

    package func answer(to call: ServerCall, _ response: HTTPResponse, now: Timestamp) throws(CallFailure) -> ServerAnswer {
        if let failure = ResponseFailure.read(response, server: "opencode \(version)") { throw failure }
        guard V1Answers.hasContent(call) else { return .done }
        let parsed: JSONValue
        do { parsed = try JSONParser().parse(response.body) } catch { throw .unreadable(error.message) }
        guard let answer = V1Answers.read(call, parsed, now: now) else {
            throw .unreadable("it does not have the form that \(V1Answers.name(call)) should have")
        }
        return answer
    }
}
