import JSON
import Sys

/// The routes under `/session`.
enum FakeSessionRoutes {
    static let all = collection + one + messages + turns

    /// Finds the session, or answers 404; ids of another form are 500, as measured.
    private static func with(_ call: FakeCall, _ handle: (FakeSession) -> FakeAnswer) -> FakeAnswer {
        guard call.values[0].hasPrefix("ses") else { return .broken }
        guard let session = call.server.session(call.values[0]) else { return .notFound(session: call.values[0]) }
        return handle(session)
    }

    private static func withBody(_ call: FakeCall, _ handle: (FakeSession, JSONTree) -> FakeAnswer) -> FakeAnswer {
        guard let body = call.body else { return .broken }
        return with(call) { handle($0, body) }
    }

    // MARK: the collection

    private static let collection = [
        FakeRoute("GET", "/session") { call in
            let query = call.request
            let search = query.query("search")?.lowercased() ?? "", start = query.query("start").flatMap { Int($0) } ?? 0
            let found = call.server.sessions(in: call.directory).filter {
                (query.query("roots") != "true" || $0.parentID == nil) && $0.updatedMs >= start
                    && (search.isEmpty || $0.title.lowercased().contains(search))
            }
            let limit = query.query("limit").flatMap { Int($0) } ?? 100
            return .json(.array(newestFirst(found).prefix(limit).map(\.json)))
        },
        FakeRoute("GET", "/experimental/session") { call in
            let archived = call.request.query("archived") == "true"
            let wanted = call.request.query("directory")
            let found = call.server.sessions.filter { (archived || !$0.isArchived) && (wanted == nil || $0.directory == wanted) }
            return .json(
                .array(
                    newestFirst(found).map { session in
                        var object = session.json.object ?? JSONObject()
                        object["project"] = ["id": .string(session.projectID), "worktree": .string(call.server.projects.root(session.directory))]
                        return .object(object)
                    }))
        },
        FakeRoute("GET", "/session/status") { call in
            .json(
                .object(
                    JSONObject(
                        call.server.sessions(in: call.directory).filter { $0.status != .idle }.map {
                            JSONObject.Member(key: $0.id, value: $0.status.json)
                        })))
        },
        FakeRoute("POST", "/session") { call in
            guard let body = call.body else { return .broken }
            let rules = body["permission"]?.array ?? []
            guard rules.allSatisfy({ FakeRule($0) != nil }) else { return .json(["_tag": "BadRequest"], status: 400) }
            let parent = body["parentID"]?.string.flatMap { call.server.session($0) }
            let session = call.server.make(in: call.directory, title: body["title"]?.string, parent: parent) {
                if !rules.isEmpty { $0.info["permission"] = .array(rules) }
                if let agent = body["agent"] { $0.info["agent"] = agent }
            }
            return .json(session.json)
        },
    ]

    private static func newestFirst(_ sessions: [FakeSession]) -> [FakeSession] {
        sessions.enumerated().sorted { ($0.element.updatedMs, $0.offset) > ($1.element.updatedMs, $1.offset) }.map(\.element)
    }

    // MARK: one session

    private static let one = [
        FakeRoute("GET", "/session/:id") { call in with(call) { .json($0.json) } },
        FakeRoute("DELETE", "/session/:id") { call in
            with(call) {
                call.server.remove($0)
                return .json(true)
            }
        },
        FakeRoute("PATCH", "/session/:id") { call in withBody(call) { patch(call.server, $0, $1) } },
        FakeRoute("GET", "/session/:id/children") { call in with(call) { .json(.array(call.server.children(of: $0.id).map(\.json))) } },
        FakeRoute("GET", "/session/:id/todo") { call in with(call) { .json($0.todos) } },
        FakeRoute("GET", "/session/:id/diff") { call in
            with(call) { session in
                let message = call.request.query("messageID").flatMap { session.message($0) }
                return .json(message?.info["summary"]?["diffs"] ?? [])
            }
        },
        FakeRoute("POST", "/session/:id/fork") { call in
            withBody(call) { session, body in .json(call.server.fork(session, before: body["messageID"]?.string).json) }
        },
        FakeRoute("POST", "/session/:id/share") { call in
            with(call) { session in
                session.info["share"] = ["url": .string("https://opncd.ai/s/\(session.id.suffix(8))")]
                call.server.put(session)
                return .json(session.json)
            }
        },
        FakeRoute("DELETE", "/session/:id/share") { call in
            with(call) { session in
                session.info["share"] = nil
                call.server.put(session)
                return .json(session.json)
            }
        },
    ]

    private static func patch(_ server: FakeServer, _ session: FakeSession, _ body: JSONTree) -> FakeAnswer {
        if let title = body["title"] { session.info["title"] = title }
        if let archived = body["time"]?["archived"] { session.setTime("archived", archived.int.map { Int64($0) }) }
        if let rules = body["permission"] { session.info["permission"] = rules }
        if let metadata = body["metadata"] { session.info["metadata"] = metadata }
        if body["permission"] != nil || body["metadata"] != nil { server.touch(session) }
        server.put(session)
        return .json(session.json)
    }

    // MARK: messages

    private static let messages = [
        FakeRoute("GET", "/session/:id/message") { call in with(call) { list(call, $0) } },
        FakeRoute("GET", "/session/:id/message/:message") { call in
            with(call) { session in
                session.message(call.values[1]).map { .json($0.json) }
                    ?? .json(["name": "NotFoundError", "data": ["message": .string("Message not found: \(call.values[1])")]], status: 404)
            }
        },
        FakeRoute("DELETE", "/session/:id/message/:message") { call in
            with(call) { session in
                guard let message = session.message(call.values[1]) else { return .notFound }
                call.server.remove(message, from: session)
                return .json(true)
            }
        },
        FakeRoute("POST", "/session/:id/prompt_async") { call in
            prompt(call) { session, body, parts in
                call.server.prompt(session, body, parts: parts, runs: body["noReply"]?.bool != true)
                return .nothing
            }
        },
        FakeRoute("POST", "/session/:id/message") { call in
            prompt(call) { session, body, parts in
                let runs = body["noReply"]?.bool != true
                call.server.prompt(session, body, parts: parts, runs: runs)
                guard runs, session.turn != nil else { return .json(session.messages.last?.json ?? [:]) }
                answerWhenIdle(call, session) { session.messages.last { !$0.isUser }?.json ?? [:] }
                return .later
            }
        },
    ]

    /// Pages backwards: the last `limit` messages before the cursor, oldest first.
    private static func list(_ call: FakeCall, _ session: FakeSession) -> FakeAnswer {
        var messages = session.messages[...]
        if let cursor = call.request.query("before"), let at = messages.firstIndex(where: { FakeSessionRoutes.cursor($0) == cursor }) {
            messages = messages[..<at]
        }
        guard let limit = call.request.query("limit").flatMap({ Int($0) }), limit > 0 else { return .json(.array(messages.map(\.json))) }
        let page = messages.suffix(limit)
        guard let oldest = page.first, page.count < messages.count else { return .json(.array(page.map(\.json))) }
        return .json(
            .array(page.map(\.json)),
            headers: [
                ("Access-Control-Expose-Headers", "Link, X-Next-Cursor"), ("x-next-cursor", cursor(oldest)),
            ])
    }

    private static func cursor(_ message: FakeMessage) -> String {
        let tree: JSONTree = ["id": .string(message.id), "time": message.info["time"]?["created"] ?? 0]
        return Encoding.base64URL(tree.serialized())
    }

    private static func prompt(_ call: FakeCall, _ handle: (FakeSession, JSONTree, [JSONTree]) -> FakeAnswer) -> FakeAnswer {
        withBody(call) { session, body in
            guard let parts = body["parts"]?.array else { return .wrong("Expected array, got \(kind(body["parts"]))\n  at [\"parts\"]") }
            if let id = body["messageID"]?.string, !id.hasPrefix("msg") { return .wrong("Expected a string starting with \"msg\"\n  at [\"messageID\"]") }
            return handle(session, body, parts)
        }
    }

    private static func kind(_ value: JSONTree?) -> String {
        value.map { String(decoding: $0.serialized(), as: UTF8.self) } ?? "undefined"
    }

    private static func answerWhenIdle(_ call: FakeCall, _ session: FakeSession, _ body: @escaping () -> JSONTree) {
        session.whenIdle.append { call.exchange.respond(200, type: "application/json", body: body().serialized()) }
    }

    // MARK: turns

    private static let turns = [
        FakeRoute("POST", "/session/:id/abort") { call in
            with(call) { session in
                if let turn = session.turn { turn.abort() } else { call.server.set(session, .idle) }
                return .json(true)
            }
        },
        FakeRoute("POST", "/session/:id/summarize") { call in
            with(call) { session in
                call.server.summarize(session) { call.exchange.respond(200, type: "application/json", body: Array("true".utf8)) }
                return .later
            }
        },
        FakeRoute("POST", "/session/:id/init") { call in with(call) { _ in .json(true) } },
        FakeRoute("POST", "/session/:id/revert") { call in
            withBody(call) { session, body in
                if session.turn != nil { return .busy(session) }
                guard let message = body["messageID"]?.string.flatMap({ session.message($0) }) else { return .notFound }
                call.server.revert(session, to: message.id)
                return .json(session.json)
            }
        },
        FakeRoute("POST", "/session/:id/unrevert") { call in
            with(call) { session in
                if session.turn != nil { return .busy(session) }
                call.server.unrevert(session)
                return .json(session.json)
            }
        },
        FakeRoute("POST", "/session/:id/command") { call in
            withBody(call) { session, body in
                let name = body["command"]?.string ?? "", arguments = body["arguments"]?.string ?? ""
                let known = FakeCatalog.commands(call.server.config.tree).array?.first { $0["name"]?.string == name }
                guard let template = known?["template"]?.string else { return .broken }
                let text = template.split(separator: "$ARGUMENTS", omittingEmptySubsequences: false).joined(separator: arguments)
                call.server.prompt(session, body, parts: [["type": "text", "text": .string(text)]])
                session.whenIdle.append {
                    let answer = session.messages.last { !$0.isUser }
                    call.server.emit(
                        "command.executed", session,
                        [
                            "name": .string(name), "sessionID": .string(session.id), "arguments": .string(arguments), "messageID": .string(answer?.id ?? ""),
                        ])
                    call.exchange.respond(200, type: "application/json", body: (answer?.json ?? [:]).serialized())
                }
                return .later
            }
        },
        FakeRoute("POST", "/session/:id/shell") { call in
            withBody(call) { session, body in
                if session.turn != nil { return .busy(session) }
                return .json(shell(call.server, session, body["command"] ?? "", body))
            }
        },
    ]

    /// A command of the person, not of the model. Nothing is executed.
    private static func shell(_ server: FakeServer, _ session: FakeSession, _ command: JSONTree, _ body: JSONTree) -> JSONTree {
        server.set(session, .busy)
        let user = server.makeUserMessage(
            session, agent: body["agent"]?.string,
            parts: [
                ["type": "text", "text": "The following tool was executed by the user", "synthetic": true]
            ])
        let answer = server.makeAssistantMessage(session, parent: user)
        let now = JSONTree.int(Int(server.now()))
        let part = server.putPart(
            session, answer,
            [
                "type": "tool", "tool": "bash", "callID": .string(server.mint("call")),
                "state": ["status": "running", "time": ["start": now], "input": ["command": command]],
            ])
        answer.info["time"] = ["created": answer.info["time"]?["created"] ?? 0, "completed": now]
        server.put(session, answer)
        var done = part
        done["state"] = [
            "status": "completed", "time": ["start": now, "end": now], "input": ["command": command], "title": "",
            "metadata": ["output": "(no output)"], "output": "(no output)",
        ]
        server.putPart(session, answer, .object(done))
        server.set(session, .idle)
        return answer.json
    }
}
