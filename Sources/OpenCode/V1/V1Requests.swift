import Domain
import JSON

/// What waits for a person: permissions and questions (api.md §7; the fields of `metadata` were read in 1.18.33 itself).
extension V1 {
    static func permission(_ json: JSONValue, asked: Timestamp) -> Request? {
        guard let id = json.request("id"), let session = json.session("sessionID") else { return nil }
        let patterns = json.texts("patterns")
        let permission = Request.Permission(
            name: json.word("permission") ?? "permission", patterns: patterns, always: json.texts("always"),
            detail: json.member("metadata").flatMap(detail) ?? patterns.joined(separator: "\n"),
            diff: json.member("metadata")?.word("diff"))
        return Request(id: id, session: session, kind: .permission(permission), asked: asked, callID: json.member("tool")?.word("callID"))
    }

    static func permissions(_ json: JSONValue, asked: Timestamp) -> [Request] { json.elements.compactMap { permission($0, asked: asked) } }

    /// The one thing that a person must see before answering: bash has `command`, edit and write `filepath`, webfetch `url`,
    /// websearch `query`, grep and glob `pattern`, task `description`, an MCP resource `uri`, doom_loop `tool`.
    private static func detail(_ metadata: JSONValue) -> String? {
        let keys: [StaticString] = ["command", "filepath", "url", "query", "pattern", "description", "uri", "tool"]
        return keys.lazy.compactMap { metadata.word($0) }.first
    }

    static func question(_ json: JSONValue, asked: Timestamp) -> Request? {
        guard let id = json.request("id"), let session = json.session("sessionID") else { return nil }
        let questions = json.member("questions")?.elements.map(oneQuestion) ?? []
        return Request(id: id, session: session, kind: .question(questions), asked: asked, callID: json.member("tool")?.word("callID"))
    }

    static func questions(_ json: JSONValue, asked: Timestamp) -> [Request] { json.elements.compactMap { question($0, asked: asked) } }

    private static func oneQuestion(_ json: JSONValue) -> Request.Question {
        let options = json.member("options")?.elements.compactMap { option in
            (option.text("label") ?? option.string).map { Request.Option(label: $0, description: option.text("description") ?? "") }
        }
        return Request.Question(
            header: json.text("header") ?? "", text: json.text("question") ?? json.text("header") ?? "", options: options ?? [],
            multiple: json.flag("multiple"), custom: json.member("custom")?.bool ?? true)  // allowed unless it says no
    }
}
