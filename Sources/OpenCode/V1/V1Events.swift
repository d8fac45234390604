import Domain
import JSON

/// The table of event types (api.md §8 and the recordings). A server event is one row.
struct V1Events: EventDialect {
    /// What a row is given.
    struct Frame {
        let type: JSONValue
        let properties: JSONValue
        /// The working directory of the instance that speaks, where the frame names it.
        let directory: String?
        let now: Timestamp

        var session: SessionID? { properties.session("sessionID") }
    }

    struct Row: Sendable {
        let type: StaticString
        /// Nil: a field is missing without which the event means nothing.
        let read: @Sendable (Frame) -> ServerEvent?
    }

    static let rows: [Row] = [
        Row(type: "message.part.delta") { delta($0) },
        Row(type: "message.part.updated") { frame in
            frame.properties.member("part").flatMap { V1.part($0, session: frame.session, directory: frame.directory) }.map { .part($0) }
        },
        Row(type: "message.updated") { frame in
            frame.properties.member("info").flatMap { V1.message($0, session: frame.session) }.map { .message($0) }
        },
        Row(type: "session.status") { status($0) },
        Row(type: "session.idle") { frame in frame.session.map { .phase($0, .idle) } },
        Row(type: "session.updated") { info($0) },
        Row(type: "session.created") { info($0) },
        Row(type: "session.deleted") { frame in
            (frame.session ?? frame.properties.member("info")?.session("id")).map { .sessionDeleted($0) }
        },
        Row(type: "session.error") { frame in
            let error = frame.properties.member("error").flatMap(V1.turnError)
            return .turnError(frame.session, error ?? TurnError(name: "UnknownError", message: "the server did not say what went wrong"))
        },
        Row(type: "session.compacted") { frame in frame.session.map { .compacted($0) } },
        Row(type: "message.removed") { frame in
            frame.session.flatMap { session in frame.properties.message("messageID").map { .messageRemoved(session, $0) } }
        },
        Row(type: "message.part.removed") { partRemoved($0) },
        Row(type: "permission.asked") { frame in V1.permission(frame.properties, asked: frame.now).map { .asked($0) } },
        Row(type: "permission.replied") { answered($0, how: $0.properties.word("reply") ?? $0.properties.word("response") ?? "answered") },
        Row(type: "question.asked") { frame in V1.question(frame.properties, asked: frame.now).map { .asked($0) } },
        Row(type: "question.replied") { answered($0, how: "answered") },
        Row(type: "question.rejected") { answered($0, how: "reject") },
        Row(type: "todo.updated") { frame in
            frame.session.map { .todos($0, frame.properties.member("todos").map(V1.todos) ?? []) }
        },
        Row(type: "server.connected") { _ in .connected },
        Row(type: "server.heartbeat") { _ in .heartbeat },
        Row(type: "server.instance.disposed") { frame in
            (frame.properties.word("directory") ?? frame.directory).map { .instanceDisposed(directory: $0) }
        },
        Row(type: "global.disposed") { _ in .disposed },
    ]

    /// Known, and of no meaning for drover. `.*` at the end stands for all names that begin so.
    static let ignored: [StaticString] = [
        "sync", "plugin.*", "session.diff", "session.next.*", "file.*", "catalog.*", "integration.*", "reference.*", "project.*", "command.executed",
        "pty.*", "permission.v2.*", "question.v2.*", "tui.*", "lsp.*", "mcp.*", "vcs.*", "workspace.*", "worktree.*", "installation.*", "account.*",
        "models-dev.*", "permission.updated",
    ]

    /// Where sessions work: only for streams whose frames do not name a directory (`/event`).
    private var directories: [SessionID: String] = [:]

    mutating func read(_ frame: JSONValue, now: Timestamp) -> ServerEvent {
        let payload = frame.member("payload") ?? frame
        guard let type = payload.member("type"), let name = type.bytes else { return .unreadable("an event without a type") }
        guard let row = Self.rows.first(where: { type.equals($0.type) }) else {
            return Self.isIgnored(name) ? .ignored : .unknown(type: String(decoding: name.prefix(200), as: UTF8.self))
        }
        let properties = payload.member("properties") ?? payload
        let directory =
            frame.word("directory").flatMap { $0 == "global" ? nil : $0 }
            ?? properties.session("sessionID").flatMap { directories[$0] }
        guard let event = row.read(Frame(type: type, properties: properties, directory: directory, now: now)) else {
            return .unreadable("\(row.type) without what it is about")
        }
        if case .session(let info) = event, frame.member("directory") == nil { directories[info.id] = info.directory }
        return event
    }

    private static func isIgnored(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        ignored.contains { known in
            known.withUTF8Buffer { known in
                known.last == UInt8(ascii: "*") ? name.starts(with: known.dropLast()) : name.elementsEqual(known)
            }
        }
    }

    // MARK: rows that need more than a line

    private static func info(_ frame: Frame) -> ServerEvent? {
        frame.properties.member("info").flatMap(V1.session).map { .session($0) }
    }

    private static func status(_ frame: Frame) -> ServerEvent? {
        guard let session = frame.session, let status = frame.properties.member("status") else { return nil }
        guard let phase = V1.phase(status, now: frame.now) else {
            return status.word("type").map { .unknown(type: "session.status " + $0) }
        }
        return .phase(session, phase)
    }

    /// `field` was always "text", for reasoning too (v1-measured.md §4).
    private static func delta(_ frame: Frame) -> ServerEvent? {
        let properties = frame.properties
        guard let session = frame.session, let message = properties.message("messageID"), let part = properties.part("partID"),
            let text = properties.text("delta")
        else { return nil }
        let field = properties.text("field") ?? "text"
        return field == "text" ? .delta(session, message, part, text: text) : .unknown(type: "message.part.delta " + field)
    }

    private static func partRemoved(_ frame: Frame) -> ServerEvent? {
        guard let session = frame.session, let message = frame.properties.message("messageID"), let part = frame.properties.part("partID") else { return nil }
        return .partRemoved(session, message, part)
    }

    /// Before 1.1.1 the id was called `permissionID`.
    private static func answered(_ frame: Frame, how: String) -> ServerEvent? {
        guard let session = frame.session, let id = frame.properties.request("requestID") ?? frame.properties.request("permissionID") else { return nil }
        return .answered(id, session, how: how)
    }
}
