import Domain
import JSON

/// Messages and their parts (api.md §7).
extension V1 {
    /// Nil: no id, no session or a role that is not known.
    static func message(_ json: JSONValue, session: SessionID? = nil) -> MessageInfo? {
        guard let id = json.message("id"), let session = json.session("sessionID") ?? session,
            let role = json.text("role").flatMap(MessageInfo.Role.init)
        else { return nil }
        let time = json.member("time")
        return MessageInfo(
            id: id, session: session, role: role, created: time?.time("created") ?? Timestamp(milliseconds: 0),
            completed: time?.time("completed"), error: json.member("error").flatMap(turnError), finish: json.word("finish"),
            parent: json.message("parentID"), model: messageModel(json), mode: json.word("agent") ?? json.word("mode"),
            cost: json.amount("cost") ?? 0, tokens: json.member("tokens").flatMap(tokens) ?? Tokens(),
            isSummary: json.flag("summary"))  // a user message has an object of that name: its changes
    }

    /// A user message has an object `model`, an assistant message has its fields.
    private static func messageModel(_ json: JSONValue) -> String? {
        if let model = json.member("model").flatMap(model) { return model }
        return json.word("modelID") == nil ? nil : model(json)
    }

    /// One entry of `GET /session/:id/message`.
    static func record(_ json: JSONValue, session: SessionID, directory: String) -> MessageRecord? {
        guard let info = json.member("info"), let message = message(info, session: session) else { return nil }
        let directory = info.member("path")?.word("cwd") ?? directory
        let parts = json.member("parts")?.elements.compactMap { part($0, session: session, message: message.id, directory: directory) }
        return MessageRecord(info: message, parts: parts ?? [])
    }

    /// Nil: no id, or nobody knows whose part it is.
    ///
    /// - Parameter directory: where the session works; paths inside it are shown relative to it.
    static func part(_ json: JSONValue, session: SessionID? = nil, message: MessageID? = nil, directory: String?) -> PartInfo? {
        guard let id = json.part("id"), let session = json.session("sessionID") ?? session,
            let message = json.message("messageID") ?? message
        else { return nil }
        var time = json.member("time")
        let content: PartInfo.Content
        switch json.text("type") ?? "" {
        case "text": content = .text(json.text("text") ?? "", synthetic: json.flag("synthetic"))
        case "reasoning": content = .reasoning(json.text("text") ?? "")
        case "tool":
            time = json.member("state")?.member("time")
            let (use, output) = tool(json, directory: directory)
            content = .tool(use, output: output)
        case "file": content = .file(name: fileName(json, directory: directory))
        case "compaction": content = .compaction(automatic: json.flag("auto"))
        case "subtask": content = .text("sub-task: " + (json.word("description") ?? json.text("prompt") ?? ""), synthetic: true)
        case "step-finish": content = .stepFinished(cost: json.amount("cost") ?? 0, tokens: json.member("tokens").flatMap(tokens) ?? Tokens())
        case let type: content = .other(type: type)
        }
        return PartInfo(id: id, session: session, message: message, content: content, started: time?.time("start"), ended: time?.time("end"))
    }

    /// A name for people; the URL itself may be a whole picture.
    private static func fileName(_ json: JSONValue, directory: String?) -> String {
        if let name = json.word("filename") { return name }
        if let path = json.member("source")?.word("path") { return shorten(path, directory) }
        if let url = json.word("url"), !url.hasPrefix("data:"), let last = url.split(separator: "/").last { return String(last) }
        return json.word("mime") ?? "a file"
    }
}
