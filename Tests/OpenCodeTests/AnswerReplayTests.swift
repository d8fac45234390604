import Foundation
import Testing

@testable import Domain
@testable import HTTP
@testable import OpenCode

/// Every recorded exchange that is a call of ours: our request against the recorded one, and the answer against what
/// Foundation reads in it.
@Suite struct AnswerReplayTests {
    private let server = V1(url: "http://127.0.0.1:4096", password: "secret", version: "1.18.33")

    @Test(arguments: Recording.exchanges) func readsEveryAnswer(_ recording: Recording) {
        for line in recording.lines {
            guard let exchange = Exchange(line) else { continue }
            let said: Result<ServerAnswer, CallFailure>
            do throws(CallFailure) {
                said = .success(try server.answer(to: exchange.call, exchange.response, now: Timestamp(milliseconds: 7)))
            } catch {
                said = .failure(error)
            }
            #expect(AnswerWords.of(said) == exchange.expected, "\(exchange.method) \(exchange.path)")
        }
    }

    @Test(arguments: Recording.exchanges) func asksAsTheRecordingAsked(_ recording: Recording) {
        for line in recording.lines {
            guard let exchange = Exchange(line) else { continue }
            let request = server.request(for: exchange.call)
            #expect(request.method == exchange.method)
            let address = URLComponents(string: request.url), recorded = URLComponents(string: exchange.path)
            #expect(address?.percentEncodedPath == recorded?.percentEncodedPath)
            for item in recorded?.queryItems ?? [] { #expect(address?.queryItems?.contains(item) == true, "\(exchange.path): \(item)") }
            guard let body = exchange.body else { continue }
            var ours = request.body.flatMap { try? JSONSerialization.jsonObject(with: Data($0)) } as? [String: Any]
            // The recording let the server choose it.
            if case .command = exchange.call, body["messageID"] == nil { ours?["messageID"] = nil }
            #expect(ours as NSDictionary? == body as NSDictionary, "\(exchange.method) \(exchange.path)")
        }
    }

    @Test func recordedExchangesCoverMostCalls() {
        var seen: Set<String> = []
        for recording in Recording.exchanges {
            for line in recording.lines {
                if let exchange = Exchange(line) { seen.insert(String("\(exchange.call)".prefix { $0 != "(" })) }
            }
        }
        let all: Set = [
            "health", "configuration", "sessions", "phases", "permissions", "questions", "messages", "todos", "children", "create", "rename", "archive",
            "delete", "prompt", "abort", "command", "answer", "diff", "models", "modes", "commands", "dispose",
        ]
        #expect(all.subtracting(seen) == [])
    }

    /// What was watched is what is read back: each part of `GET …/message` makes the line that its events made.
    @Test(arguments: [
        "abort", "busy", "compaction", "error-400", "error-429", "error-500", "error-key", "huge-output", "permission-always", "permission-once",
        "permission-parallel", "permission-reject", "question", "reasoning", "revert-diff-fork", "shell-command", "subagent", "text", "text-sync",
        "tool-failures", "tools",
    ])
    func liveAndReadTranscriptsAreEqual(scenario: String) throws {
        var parts: [PartID: PartInfo] = [:], messages: [MessageID: MessageInfo] = [:], streamed: Set<PartID> = []
        for event in Recording.named(scenario + "/events.sse").events() {
            switch event {
            case .part(let part): parts[part.id] = part
            case .message(let message): messages[message.id] = message
            case .delta(_, _, let part, _): streamed.insert(part)
            default: break
            }
        }
        var compared = 0
        for line in Recording.named(scenario + "/http.jsonl").lines.suffix(3) {
            guard let exchange = Exchange(line), case .messages = exchange.call, exchange.response.status == 200,
                case .messages(let records) = try server.answer(to: exchange.call, exchange.response, now: Timestamp(milliseconds: 0))
            else { continue }
            for record in records where messages[record.info.id] != nil {
                for part in record.parts {
                    guard let live = parts[part.id] else { continue }  // stored before the stream was opened, or copied by a fork
                    #expect(transcriptItem(of: live, message: messages[record.info.id]) == transcriptItem(of: part, message: record.info))
                    compared += 1
                }
                #expect(messages[record.info.id].flatMap { transcriptItem(ending: $0) } == transcriptItem(ending: record.info))
            }
        }
        #expect(compared > 0)
    }
}

/// One recorded request as a call of ours, with what its answer should be in words.
struct Exchange {
    let call: ServerCall
    let method: String
    let path: String
    /// The recorded request body, where ours must be the same.
    let body: [String: Any]?
    let response: HTTPResponse
    let expected: String

    init?(_ line: JSONObject) {
        guard let method = line.string("method"), let path = line.string("path"), let status = line.int("status"),
            let call = Self.call(method, path, line.object("request"))
        else { return nil }
        // The body of streams and sockets is elsewhere.
        let type = line.object("headers")?.string("Content-Type") ?? ""
        guard !type.hasPrefix("text/event-stream") else { return nil }
        self.call = call
        self.method = method
        self.path = path
        body = Self.mustMatch(call) ? line.value["request"] as? [String: Any] : nil
        let content: [UInt8]
        if let json = line.value["body"] {
            content = Array((try? JSONSerialization.data(withJSONObject: json, options: .fragmentsAllowed)) ?? Data())
        } else {
            content = Array((line.string("text") ?? "").utf8)
        }
        response = HTTPResponse(status: status, contentType: type, body: content)
        expected = AnswerWords.expected(call, status, type, line)
    }

    /// A prompt of ours has ids, which the recorded ones have not.
    private static func mustMatch(_ call: ServerCall) -> Bool {
        switch call {
        case .prompt: false
        default: true
        }
    }

    private static func call(_ method: String, _ path: String, _ body: JSONObject?) -> ServerCall? {
        guard let address = URLComponents(string: path) else { return nil }
        let query = Dictionary((address.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { $1 }
        let words = address.path.split(separator: "/").map(String.init)
        let known: Set = ["directory", "messageID", "limit"]
        guard Set(query.keys).isSubset(of: known) else { return nil }
        guard let directory = query["directory"] else {
            switch (method, address.path) {
            case ("GET", "/global/health"): return .health
            case ("POST", "/global/dispose"): return .dispose
            default: return nil
            }
        }
        let session = SessionID(words.count > 1 ? words[1] : "")
        switch (method, words.count, words.first ?? "", words.count > 2 ? words[2] : "") {
        case ("GET", 1, "config", _): return .configuration(directory: directory)
        case ("GET", 1, "session", _): return .sessions(directory: directory)
        case ("GET", 2, "session", _) where words[1] == "status": return .phases(directory: directory)
        case ("GET", 1, "permission", _): return .permissions(directory: directory)
        case ("GET", 1, "question", _): return .questions(directory: directory)
        case ("GET", 3, "session", "message"): return .messages(session, directory: directory, limit: query["limit"].flatMap { Int($0) })
        case ("GET", 3, "session", "todo"): return .todos(session, directory: directory)
        case ("GET", 3, "session", "children"): return .children(session, directory: directory)
        case ("POST", 1, "session", _) where body.map { Set($0.value.keys).isSubset(of: ["title"]) } ?? true:
            return .create(directory: directory, title: body?.string("title"))
        case ("PATCH", 2, "session", _):
            if let title = body?.string("title") { return .rename(session, directory: directory, title: title) }
            if let at = body?.object("time")?.int("archived") {
                return .archive(session, directory: directory, archived: true, at: Timestamp(milliseconds: Int64(at)))
            }
            return nil
        case ("DELETE", 2, "session", _): return .delete(session, directory: directory)
        case ("POST", 3, "session", "prompt_async"):
            return .prompt(session, directory: directory, PromptInput(message: MessageID("msg_1"), part: PartID("prt_1"), text: "Hello"))
        case ("POST", 3, "session", "abort"): return .abort(session, directory: directory)
        case ("POST", 3, "session", "command"):
            var input = PromptInput(message: MessageID("msg_1"), part: PartID("prt_1"), text: "")
            input.command = PromptCommand(name: body?.string("command") ?? "", arguments: body?.string("arguments") ?? "")
            return .command(session, directory: directory, input)
        case ("POST", 3, "permission", "reply"):
            let answer: Answer =
                switch body?.string("reply") {
                case "once": .once
                case "always": .always
                default: .reject(message: body?.string("message"))
                }
            return .answer(RequestID(words[1]), directory: directory, isQuestion: false, answer)
        case ("POST", 3, "question", "reply"):
            return .answer(RequestID(words[1]), directory: directory, isQuestion: true, .choices(body?.value["answers"] as? [[String]] ?? []))
        case ("POST", 3, "question", "reject"): return .answer(RequestID(words[1]), directory: directory, isQuestion: true, .reject(message: nil))
        case ("GET", 3, "session", "diff"): return query["messageID"].map { .diff(session, directory: directory, message: MessageID($0)) }
        case ("GET", 2, "config", _) where words[1] == "providers": return .models(directory: directory)
        case ("GET", 1, "agent", _): return .modes(directory: directory)
        case ("GET", 1, "command", _): return .commands(directory: directory)
        default: return nil
        }
    }
}

/// Answers in words: once from the recorded JSON by Foundation, once from ours.
enum AnswerWords {
    static func expected(_ call: ServerCall, _ status: Int, _ type: String, _ line: JSONObject) -> String {
        let body = line.object("body"), list = (line.value["body"] as? [[String: Any]] ?? []).map(JSONObject.init)
        switch status {
        case 401: return "unauthorised"
        case 404: return "not found: " + (body?.object("data")?.string("message") ?? body?.string("message") ?? "")
        case 409: return "busy: " + (body?.string("message") ?? "")
        case 400: return "rejected: " + (body?.object("data")?.string("message") ?? "the server refused this (400)")
        case 500...: return "failed: \(body?.object("data")?.string("message") ?? "") (\(body?.object("data")?.string("ref") ?? "-") in its log)"
        default: break
        }
        if type.hasPrefix("text/html") { return "unreadable" }
        switch call {
        case .health: return "health \(body?.string("version") ?? "-")"
        case .configuration: return "configuration \(body?.string("model") ?? "-")"
        case .delete, .prompt, .abort, .command, .answer, .dispose: return "done"
        case .sessions, .children: return (["sessions"] + list.map { FrameWords.line(session: $0) }).joined(separator: "\n")
        case .create, .rename, .archive: return FrameWords.line(session: body ?? JSONObject([:]))
        case .phases: return "phases " + (body?.value.keys.sorted().map { "\($0)=\(body?.object($0)?.string("type") ?? "-")" }.joined(separator: ",") ?? "-")
        case .permissions, .questions: return "requests " + list.map { "\($0.string("id") ?? "-")@\($0.string("sessionID") ?? "-")" }.joined(separator: ",")
        case .message, .messages:
            return
                (["messages"]
                + list.flatMap { record in
                    [FrameWords.line(message: record.object("info") ?? JSONObject([:]))] + record.objects("parts").map { FrameWords.line(part: $0) }
                }).joined(separator: "\n")
        case .todos:
            return "todos " + list.map { "\($0.string("content") ?? "-")/\($0.string("status") ?? "-")/\($0.string("priority") ?? "-")" }.joined(separator: ";")
        case .diff:
            return
                (["diff"]
                + list.map {
                    "\($0.string("file") ?? "-") \($0.string("status") ?? "-") +\($0.int("additions") ?? -1) -\($0.int("deletions") ?? -1)\n\($0.string("patch") ?? "-")"
                }).joined(separator: "\n")
        case .models:
            let providers = body?.objects("providers") ?? []
            let models = providers.flatMap { provider in
                (provider.object("models")?.value ?? [:]).map { name, model in
                    "\(provider.string("id") ?? "-")/\(name) \(JSONObject(model as? [String: Any] ?? [:]).object("limit")?.int("context") ?? 0) \(JSONObject(model as? [String: Any] ?? [:]).object("capabilities")?.object("input")?.bool("image") ?? false)"
                }
            }
            return "models " + models.sorted().joined(separator: ",")
        case .modes:
            return "names " + list.filter { $0.string("mode") != "subagent" && !$0.bool("hidden") }.compactMap { $0.string("name") }.joined(separator: ",")
        case .subAgents:
            return "names " + list.filter { $0.string("mode") != "primary" && !$0.bool("hidden") }.compactMap { $0.string("name") }.joined(separator: ",")
        case .commands: return "commands " + list.map { "\($0.string("name") ?? "-"): \($0.string("description") ?? "")" }.joined(separator: ",")
        }
    }

    static func of(_ result: Result<ServerAnswer, CallFailure>) -> String {
        switch result {
        case .failure(.unauthorised): return "unauthorised"
        case .failure(.notFound(let words)): return "not found: " + words
        case .failure(.busy(let words)): return "busy: " + words
        case .failure(.rejected(let words)): return "rejected: " + (words == "BadRequest" ? "the server refused this (400)" : words)
        case .failure(.serverError(_, let words)): return "failed: " + words
        case .failure(.unreadable): return "unreadable"
        case .failure(let other): return "other: \(other)"
        case .success(let answer): return of(answer)
        }
    }

    private static func of(_ answer: ServerAnswer) -> String {
        switch answer {
        case .commands(let commands): "commands " + commands.map { "\($0.name): \($0.description)" }.joined(separator: ",")
        case .health(let version): "health \(version)"
        case .done: "done"
        case .sessions(let sessions): (["sessions"] + sessions.map { FrameWords.line($0) }).joined(separator: "\n")
        case .session(let session): FrameWords.line(session)
        case .phases(let phases):
            "phases "
                + phases.sorted { $0.key < $1.key }.map { session, phase in
                    switch phase {
                    case .idle: "\(session)=idle"
                    case .busy: "\(session)=busy"
                    case .retry: "\(session)=retry"
                    }
                }.joined(separator: ",")
        case .requests(let requests): "requests " + requests.map { "\($0.id)@\($0.session)" }.joined(separator: ",")
        case .messages(let records):
            (["messages"] + records.flatMap { [FrameWords.line($0.info)] + $0.parts.map { FrameWords.line($0) } }).joined(separator: "\n")
        case .todos(let todos): "todos " + todos.map { "\($0.content)/\($0.status)/\($0.priority)" }.joined(separator: ";")
        case .diff(let changes): (["diff"] + changes.map { "\($0.file) \($0.status) +\($0.additions) -\($0.deletions)\n\($0.patch)" }).joined(separator: "\n")
        case .models(let models): "models " + models.map { "\($0.id) \($0.context) \($0.seesImages ?? false)" }.sorted().joined(separator: ",")
        case .configuration(let model): "configuration \(model ?? "-")"
        case .names(let names): "names " + names.joined(separator: ",")
        }
    }
}
