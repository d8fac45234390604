import JSON

/// All routes of the stand-in. What is not here gets the web page, as from OpenCode.
enum FakeRoutes {
    static let all = FakeSessionRoutes.all + FakeRequestRoutes.all + server + directory + files

    private static let server = [
        FakeRoute("GET", "/global/health", scoped: false) { _ in .json(["healthy": true, "version": .string(FakeProgram.version)]) },
        FakeRoute("GET", "/global/event", scoped: false) { call in
            call.server.events.open(call.exchange, directory: nil)
            return .later
        },
        FakeRoute("GET", "/event", scoped: false) { call in
            call.server.visit(call.directory)
            call.server.events.open(call.exchange, directory: call.directory)
            return .later
        },
        FakeRoute("GET", "/global/config", scoped: false) { _ in .json([:]) },
        FakeRoute("POST", "/global/dispose", scoped: false) { call in
            call.server.disposeAll()
            return .json(true)
        },
        FakeRoute("POST", "/instance/dispose") { call in
            call.server.dispose(call.directory)
            return .json(true)
        },
        FakeRoute("GET", "/api/health", scoped: false) { _ in .json(["healthy": true]) },
        FakeRoute("POST", "/log") { _ in .json(true) },
    ]

    private static let directory = [
        FakeRoute("GET", "/agent") { _ in .json(FakeCatalog.agents) },
        FakeRoute("GET", "/command") { .json(FakeCatalog.commands($0.server.config.tree)) },
        FakeRoute("GET", "/config") { call in
            var config = JSONObject.of(["$schema": "https://opencode.ai/config.json", "plugin": [], "username": "agent", "mode": [:], "agent": [:]])
            for member in call.server.config.tree.object?.members ?? [] { config[member.key] = member.value }
            return .json(.object(config))
        },
        FakeRoute("GET", "/config/providers") { call in
            let providers = FakeCatalog.providers(call.server.config)
            return .json(["providers": .array(providers), "default": FakeCatalog.defaults(providers)])
        },
        FakeRoute("GET", "/provider") { call in
            let providers = FakeCatalog.providers(call.server.config)
            return .json([
                "all": .array(providers), "default": FakeCatalog.defaults(providers), "connected": .array(providers.compactMap { $0["id"] }),
            ])
        },
        FakeRoute("GET", "/project") { .json([$0.server.projects.json($0.directory, nowMs: $0.server.now())]) },
        FakeRoute("GET", "/project/current") { .json($0.server.projects.json($0.directory, nowMs: $0.server.now())) },
        FakeRoute("GET", "/path") { call in
            let home = call.server.options.home
            return .json([
                "home": .string(home), "state": .string(home + "/.local/state/opencode"), "config": .string(home + "/.config/opencode"),
                "worktree": .string(call.server.projects.root(call.directory)), "directory": .string(call.directory),
            ])
        },
        FakeRoute("GET", "/mcp") { _ in .json([:]) },
        FakeRoute("GET", "/lsp") { _ in .json([]) },
        FakeRoute("GET", "/formatter") { _ in .json([]) },
        FakeRoute("GET", "/skill") { _ in .json([]) },
        FakeRoute("GET", "/pty") { _ in .json([]) },
        FakeRoute("GET", "/experimental/tool/ids") { _ in .json(.array(FakeTools.names.sorted().map { .string($0) })) },
    ]

    private static let files = [
        FakeRoute("GET", "/vcs") { call in
            guard let branch = call.server.projects.branch(call.directory) else { return .json([:]) }
            return .json(["branch": .string(branch), "default_branch": "main"])
        },
        FakeRoute("GET", "/vcs/status") { call in
            .json(
                .array(
                    changes(call).map { change in
                        var change = change
                        change["patch"] = nil
                        return .object(change)
                    }))
        },
        FakeRoute("GET", "/vcs/diff") { .json(.array(changes($0).map { .object($0) })) },
        FakeRoute("GET", "/vcs/diff/raw") { call in
            .text(changes(call).compactMap { $0["patch"]?.string }.joined(), type: "text/x-diff; charset=utf-8")
        },
        FakeRoute("GET", "/file") { call in
            FakeFiles.nodes(call.directory, call.request.query("path") ?? ".").map { .json($0) } ?? .broken
        },
        FakeRoute("GET", "/file/content") { call in
            FakeFiles.content(call.directory, call.request.query("path") ?? "").map { .json($0) } ?? .broken
        },
        FakeRoute("GET", "/file/status") { _ in .json([]) },
        FakeRoute("GET", "/find") { _ in .json([]) },
        FakeRoute("GET", "/find/symbol") { _ in .json([]) },
        FakeRoute("GET", "/find/file") { call in
            .json(
                FakeFiles.find(
                    call.directory, query: call.request.query("query") ?? "",
                    directories: call.request.query("type") == "directory", limit: call.request.query("limit").flatMap { Int($0) } ?? 10))
        },
    ]

    /// What the sessions of a directory did to its files, the last word on each.
    private static func changes(_ call: FakeCall) -> [JSONObject] {
        var byFile = JSONObject()
        for session in call.server.sessions(in: call.directory) {
            for message in session.messages {
                for diff in message.info["summary"]?["diffs"]?.array ?? [] { byFile[diff["file"]?.string ?? ""] = diff }
            }
            for diff in session.turn?.diffs ?? [] { byFile[diff.file] = diff.json }
        }
        return byFile.members.compactMap { $0.value.object }
    }
}

/// Permissions and questions. Each needs the directory: without it nothing is found.
enum FakeRequestRoutes {
    static let all = [
        FakeRoute("GET", "/permission") { .json($0.server.list(.permission, in: $0.directory)) },
        FakeRoute("GET", "/question") { .json($0.server.list(.question, in: $0.directory)) },
        FakeRoute("POST", "/permission/:id/reply") { call in
            guard let body = call.body else { return .broken }
            guard let reply = body["reply"]?.string, ["once", "always", "reject"].contains(reply) else { return .wrong("Expected reply") }
            guard let request = call.server.request(call.values[0], .permission, in: call.directory) else { return missing("Permission", call) }
            call.server.answer(request, reply: reply, message: body["message"]?.string)
            return .json(true)
        },
        FakeRoute("POST", "/question/:id/reply") { call in
            guard let body = call.body else { return .broken }
            guard let answers = body["answers"]?.array else { return .wrong("Expected array\n  at [\"answers\"]") }
            guard let request = call.server.request(call.values[0], .question, in: call.directory) else { return missing("Question", call) }
            call.server.answer(request, answers: answers.map { ($0.array ?? []).compactMap(\.string) })
            return .json(true)
        },
        FakeRoute("POST", "/question/:id/reject") { call in
            guard let request = call.server.request(call.values[0], .question, in: call.directory) else { return missing("Question", call) }
            call.server.dismiss(request)
            return .json(true)
        },
    ]

    private static func missing(_ kind: String, _ call: FakeCall) -> FakeAnswer {
        .json(
            [
                "_tag": .string("\(kind)NotFoundError"), "requestID": .string(call.values[0]),
                "message": .string("\(kind) request not found: \(call.values[0])"),
            ], status: 404)
    }
}
