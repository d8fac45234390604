import Domain
import JSON

/// Sessions, their phases, to-do lists and changes (api.md §7).
extension V1 {
    static func session(_ json: JSONValue) -> SessionInfo? {
        guard let id = json.session("id") else { return nil }
        let time = json.member("time")
        let created = time?.time("created") ?? Timestamp(milliseconds: 0)
        return SessionInfo(
            id: id, parent: json.session("parentID"), directory: json.text("directory") ?? "", title: json.text("title") ?? "",
            model: json.member("model").flatMap(model), mode: json.word("agent"), cost: json.amount("cost"),
            tokens: json.member("tokens").flatMap(tokens), changes: json.member("summary").flatMap(changes),
            created: created, updated: time?.time("updated") ?? created,
            archived: (time?.whole("archived") ?? 0) > 0)  // 0: taken out of the archive again
    }

    static func sessions(_ json: JSONValue) -> [SessionInfo] { json.elements.compactMap(session) }

    /// `provider/model`. A session's model has `id`, a message's `modelID`.
    static func model(_ json: JSONValue) -> String? {
        guard let name = json.word("modelID") ?? json.word("id") else { return nil }
        return json.word("providerID").map { $0 + "/" + name } ?? name
    }

    static func tokens(_ json: JSONValue) -> Tokens? {
        guard json.isObject else { return nil }
        let cache = json.member("cache")
        return Tokens(
            input: json.whole("input") ?? 0, output: json.whole("output") ?? 0, reasoning: json.whole("reasoning") ?? 0,
            cacheRead: cache?.whole("read") ?? 0, cacheWrite: cache?.whole("write") ?? 0)
    }

    static func changes(_ json: JSONValue) -> Changes? {
        guard json.isObject else { return nil }
        return Changes(files: json.whole("files") ?? 0, additions: json.whole("additions") ?? 0, deletions: json.whole("deletions") ?? 0)
    }

    /// Nil: a kind of status that is not known.
    static func phase(_ json: JSONValue, now: Timestamp) -> SessionPhase? {
        guard let type = json.member("type") else { return nil }
        if type.equals("busy") { return .busy }
        if type.equals("idle") { return .idle }
        guard type.equals("retry") else { return nil }
        // The server's advice, where it has one, is better than the raw error of the provider.
        let message = json.member("action")?.word("message") ?? json.word("message") ?? ""
        return .retry(attempt: json.whole("attempt") ?? 1, message: message, next: json.time("next") ?? now)
    }

    static func phases(_ json: JSONValue, now: Timestamp) -> [SessionID: SessionPhase] {
        var phases: [SessionID: SessionPhase] = [:]
        for (name, status) in json.members { phases[SessionID(name)] = phase(status, now: now) }
        return phases
    }

    static func todos(_ json: JSONValue) -> [Todo] {
        json.elements.compactMap { todo in
            todo.text("content").map { Todo(content: $0, status: todo.text("status") ?? "pending", priority: todo.text("priority") ?? "") }
        }
    }

    static func fileChanges(_ json: JSONValue) -> [FileChange] {
        json.elements.compactMap { change in
            change.word("file").map {
                FileChange(
                    file: $0, patch: change.text("patch") ?? "", additions: change.whole("additions") ?? 0,
                    deletions: change.whole("deletions") ?? 0, status: change.word("status") ?? "modified")
            }
        }
    }
}
