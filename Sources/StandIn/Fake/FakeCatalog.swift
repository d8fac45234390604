import JSON

/// What OpenCode says of agents, commands, models and money, as far as clients look at it.
enum FakeCatalog {
    // MARK: money

    /// Dollars, at three a million tokens in and fifteen out; scripted models are free.
    static func cost(_ tokens: FakeTokens, model: String) -> Double {
        if model.hasPrefix("scripted") || model.hasPrefix("small") { return 0 }
        return Double(tokens.input) * 3e-6 + Double(tokens.output + tokens.reasoning) * 15e-6
    }

    /// Whole numbers without a point, as JavaScript writes them.
    static func number(_ value: Double) -> JSONTree { value == value.rounded() ? .int(Int(value)) : .number(value) }

    static func apiError(_ status: Int, _ message: String) -> JSONTree {
        let kind = status == 401 ? "authentication_error" : "invalid_request_error"
        let body: JSONTree = ["error": ["message": .string(message), "type": .string(kind), "code": .string(kind)]]
        return [
            "name": "APIError",
            "data": [
                "message": .string(message), "statusCode": .int(status), "isRetryable": false,
                "responseHeaders": ["content-type": "application/json"],
                "responseBody": .string(String(decoding: body.serialized(), as: UTF8.self)),
                "metadata": ["url": "http://127.0.0.1:1/v1/chat/completions"],
            ],
        ]
    }

    // MARK: agents and commands

    static let agents: JSONTree = .array([
        agent("build", "primary", "The default agent. Executes tools based on configured permissions."),
        agent("compaction", "primary", nil, hidden: true),
        agent("explore", "subagent", "Fast agent specialized for exploring codebases."),
        agent("general", "subagent", "General-purpose agent for researching complex questions and executing multi-step tasks."),
        agent("plan", "primary", "Plan mode. Disallows all edit tools."),
        agent("summary", "primary", nil, hidden: true),
        agent("title", "primary", nil, hidden: true),
    ])

    private static func agent(_ name: String, _ mode: String, _ description: String?, hidden: Bool = false) -> JSONTree {
        var agent = JSONObject()
        agent["name"] = .string(name)
        if let description { agent["description"] = .string(description) }
        agent["mode"] = .string(mode)
        agent["native"] = true
        if hidden { agent["hidden"] = true }
        agent["permission"] = [["permission": "*", "pattern": "*", "action": "allow"]]
        agent["options"] = [:]
        return .object(agent)
    }

    static func commands(_ config: JSONTree) -> JSONTree {
        let own: [JSONTree] = (config["command"]?.object?.members ?? []).map { member in
            [
                "name": .string(member.key), "description": member.value["description"] ?? "", "source": "command",
                "template": member.value["template"] ?? "", "hints": ["$ARGUMENTS"],
            ]
        }
        return .array(
            [
                [
                    "name": "init", "description": "guided AGENTS.md setup", "source": "command", "template": "Create or update `AGENTS.md`.\n$ARGUMENTS",
                    "hints": ["$ARGUMENTS"],
                ],
                [
                    "name": "review", "description": "review changes [commit|branch|pr], defaults to uncommitted", "source": "command",
                    "template": "You are a code reviewer.\n$ARGUMENTS", "subtask": true, "hints": ["$ARGUMENTS"],
                ],
            ] + own)
    }

    // MARK: models

    static func providers(_ config: FakeConfig) -> [JSONTree] {
        let configured = (config.tree["provider"]?.object?.members ?? []).map { member in
            provider(
                member.key, member.value["name"]?.string ?? member.key, source: "config",
                models: (member.value["models"]?.object?.members ?? []).map {
                    ($0.key, $0.value["name"]?.string ?? $0.key, $0.value["limit"]?["context"]?.int ?? 100_000)
                })
        }
        if !configured.isEmpty { return configured }
        return [
            provider(
                "anthropic", "Anthropic", source: "env",
                models: [
                    ("claude-sonnet-4-5", "Claude Sonnet 4.5", 200_000), ("claude-haiku-4-5", "Claude Haiku 4.5", 200_000),
                    ("claude-opus-4-5", "Claude Opus 4.5", 200_000),
                ])
        ]
    }

    private static func provider(_ id: String, _ name: String, source: String, models: [(id: String, name: String, context: Int)]) -> JSONTree {
        let list = models.map { JSONObject.Member(key: $0.id, value: model($0.id, provider: id, $0.name, context: $0.context)) }
        return [
            "id": .string(id), "name": .string(name), "source": .string(source), "env": [], "options": [:], "models": .object(JSONObject(list)),
        ]
    }

    private static func model(_ id: String, provider: String, _ name: String, context: Int) -> JSONTree {
        let media: JSONTree = ["text": true, "audio": false, "image": false, "video": false, "pdf": false]
        let isFree = cost(FakeTokens(input: 1), model: id) == 0
        return [
            "id": .string(id), "providerID": .string(provider),
            "api": ["id": .string(id), "url": "", "npm": "@ai-sdk/openai-compatible"], "name": .string(name), "family": "",
            "capabilities": [
                "temperature": false, "reasoning": true, "attachment": false, "toolcall": true, "input": media, "output": media, "interleaved": false,
            ],
            "cost": ["input": isFree ? 0 : 3, "output": isFree ? 0 : 15, "cache": ["read": 0, "write": 0]],
            "limit": ["context": .int(context), "output": 8000], "status": "active", "options": [:], "headers": [:], "release_date": "",
            "variants": [:],
        ]
    }

    static func defaults(_ providers: [JSONTree]) -> JSONTree {
        .object(
            JSONObject(
                providers.compactMap { provider in
                    guard let id = provider["id"]?.string, let first = provider["models"]?.object?.keys.first else { return nil }
                    return JSONObject.Member(key: id, value: .string(first))
                }))
    }
}
