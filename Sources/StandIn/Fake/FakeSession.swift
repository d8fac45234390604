import JSON

struct FakeTokens: Equatable {
    var input = 0
    var output = 0
    var reasoning = 0

    static func + (a: FakeTokens, b: FakeTokens) -> FakeTokens {
        FakeTokens(input: a.input + b.input, output: a.output + b.output, reasoning: a.reasoning + b.reasoning)
    }

    /// As messages and parts carry it; sessions have no total.
    func json(total: Bool) -> JSONTree {
        var object = JSONObject()
        if total { object["total"] = .int(input + output + reasoning) }
        object["input"] = .int(input)
        object["output"] = .int(output)
        object["reasoning"] = .int(reasoning)
        object["cache"] = ["read": 0, "write": 0]
        return .object(object)
    }
}

enum FakeStatus: Equatable {
    case idle, busy
    case retry(attempt: Int, message: String, next: Int64)

    var json: JSONTree {
        switch self {
        case .idle: ["type": "idle"]
        case .busy: ["type": "busy"]
        case .retry(let attempt, let message, let next):
            ["type": "retry", "attempt": .int(attempt), "message": .string(message), "next": .int(Int(next))]
        }
    }
}

/// A message and its parts, as JSON that is changed in place.
final class FakeMessage {
    var info: JSONObject
    var parts: [JSONObject] = []

    init(_ info: JSONObject) { self.info = info }

    var id: String { info["id"]?.string ?? "" }
    var isUser: Bool { info["role"]?.string == "user" }
    /// What the turn plays; the text itself unless that is shown without its directives.
    var script: String?
    var text: String { script ?? parts.filter { $0["type"] == "text" }.compactMap { $0["text"]?.string }.joined(separator: "\n") }

    var json: JSONTree { ["info": .object(info), "parts": .array(parts.map { .object($0) })] }

    /// Puts a part in the place of the one with its id, or at the end.
    func put(_ part: JSONObject) {
        if let at = parts.firstIndex(where: { $0["id"] == part["id"] }) { parts[at] = part } else { parts.append(part) }
    }
}

/// A session with all that is stored of it. What only lives in memory (status, turn) is lost with the process, as in OpenCode.
final class FakeSession {
    let id: String
    let directory: String
    let projectID: String
    var info: JSONObject
    var tokens = FakeTokens()
    var cost = 0.0
    var messages: [FakeMessage] = []
    var todos: JSONTree = []
    /// How many stored events it has had.
    var sequence = 0

    var status = FakeStatus.idle
    var turn: FakeTurn?
    /// Called at the end of its turn, once each.
    var whenIdle: [() -> Void] = []

    init(id: String, directory: String, projectID: String, title: String, nowMs: Int64) {
        self.id = id
        self.directory = directory
        self.projectID = projectID
        info = JSONObject()
        info["id"] = .string(id)
        info["slug"] = .string(FakeID.slug())
        info["projectID"] = .string(projectID)
        info["directory"] = .string(directory)
        info["path"] = ""
        info["title"] = .string(title)
        info["version"] = .string(FakeProgram.version)
        info["time"] = ["created": .int(Int(nowMs)), "updated": .int(Int(nowMs))]
    }

    /// From what `json` gave.
    init?(stored tree: JSONTree) {
        guard let object = tree.object, let id = tree["id"]?.string, let directory = tree["directory"]?.string else { return nil }
        self.id = id
        self.directory = directory
        projectID = tree["projectID"]?.string ?? "global"
        info = object
        cost = tree["cost"]?.double ?? 0
        tokens = FakeTokens(
            input: tree["tokens"]?["input"]?.int ?? 0, output: tree["tokens"]?["output"]?.int ?? 0, reasoning: tree["tokens"]?["reasoning"]?.int ?? 0)
        info["cost"] = nil
        info["tokens"] = nil
    }

    var json: JSONTree {
        var object = info
        object["cost"] = cost == 0 ? 0 : .number(cost)
        object["tokens"] = tokens.json(total: false)
        return .object(object)
    }

    var title: String { info["title"]?.string ?? "" }
    var parentID: String? { info["parentID"]?.string }
    var isArchived: Bool { info["time"]?["archived"] != nil }
    var updatedMs: Int { info["time"]?["updated"]?.int ?? 0 }

    func setTime(_ name: String, _ ms: Int64?) {
        guard var time = info["time"]?.object else { return }
        time[name] = ms.map { .int(Int($0)) }
        info["time"] = .object(time)
    }

    func message(_ id: String) -> FakeMessage? { messages.first { $0.id == id } }
    var lastUserMessage: FakeMessage? { messages.last { $0.isUser } }

    /// Permission rules of its own, as they were given.
    var rules: [FakeRule] { (info["permission"]?.array ?? []).compactMap { FakeRule($0) } }
}

extension JSONObject {
    /// From a literal.
    static func of(_ tree: JSONTree) -> JSONObject { tree.object ?? JSONObject() }
}
