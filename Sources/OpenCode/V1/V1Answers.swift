import Domain
import JSON

/// The content of answers. A list is read as far as it can be: entries without an id are left out, everything else is
/// tolerated.
enum V1Answers {
    /// False: the status code says all there is.
    static func hasContent(_ call: ServerCall) -> Bool {
        switch call {
        case .delete, .prompt, .abort, .command, .answer, .dispose: false
        default: true
        }
    }

    /// Nil: not what this call's answer looks like.
    static func read(_ call: ServerCall, _ json: JSONValue, now: Timestamp) -> ServerAnswer? {
        switch call {
        case .health: return json.word("version").map { .health(version: $0) }
        case .configuration: return json.isObject ? .configuration(model: json.word("model")) : nil
        case .sessions, .children: return list(json).map { .sessions(V1.sessions($0)) }
        case .create, .rename, .archive: return V1.session(json).map { .session($0) }
        case .phases: return json.isObject ? .phases(V1.phases(json, now: now)) : nil
        case .permissions: return list(json).map { .requests(V1.permissions($0, asked: now)) }
        case .questions: return list(json).map { .requests(V1.questions($0, asked: now)) }
        case .messages(let id, let directory, _):
            return list(json).map { .messages($0.elements.compactMap { V1.record($0, session: id, directory: directory) }) }
        case .message(let id, let directory, _): return V1.record(json, session: id, directory: directory).map { .messages([$0]) }
        case .todos: return list(json).map { .todos(V1.todos($0)) }
        case .diff: return list(json).map { .diff(V1.fileChanges($0)) }
        case .models: return models(json)
        case .modes: return list(json).map { .names($0.elements.compactMap(mode)) }
        case .subAgents: return list(json).map { .names($0.elements.compactMap(subAgent)) }
        case .commands: return list(json).map { .commands($0.elements.compactMap(command)) }
        case .delete, .prompt, .abort, .command, .answer, .dispose: return .done
        }
    }

    /// For "the answer cannot be read: it does not have the form that … should have".
    static func name(_ call: ServerCall) -> String {
        switch call {
        case .health: "an answer about its health"
        case .configuration: "a configuration"
        case .sessions, .children: "a list of sessions"
        case .create, .rename, .archive: "a session"
        case .phases: "a list of statuses"
        case .permissions: "a list of permissions"
        case .questions: "a list of questions"
        case .messages: "a list of messages"
        case .message: "a message"
        case .todos: "a to-do list"
        case .diff: "a list of changes"
        case .models: "a list of models"
        case .modes, .subAgents: "a list of agents"
        case .commands: "a list of commands"
        case .delete, .prompt, .abort, .command, .answer, .dispose: "an answer"
        }
    }

    private static func list(_ json: JSONValue) -> JSONValue? { json.isArray ? json : nil }

    /// `default` names the best of each provider, which is not what a session without a model takes (`GET /config` `model`): it is left.
    private static func models(_ json: JSONValue) -> ServerAnswer? {
        guard let providers = json.member("providers"), providers.isArray else { return nil }
        var models: [ModelInfo] = []
        for provider in providers.elements {
            guard let id = provider.word("id") else { continue }
            for (name, model) in provider.member("models")?.members.map({ $0 }) ?? [] {
                let input = model.member("capabilities")?.member("input")
                models.append(
                    ModelInfo(
                        id: id + "/" + name, name: model.word("name") ?? name, context: model.member("limit")?.whole("context") ?? 0,
                        seesImages: input?.member("image")?.bool))
            }
        }
        return .models(models)
    }

    /// Sub-agents and hidden agents (title, summary, compaction) are not for people to choose.
    private static func mode(_ json: JSONValue) -> String? {
        json.member("mode")?.equals("subagent") == true || json.flag("hidden") ? nil : json.word("name")
    }

    /// As OpenCode's own screen offers them.
    private static func subAgent(_ json: JSONValue) -> String? {
        json.member("mode")?.equals("primary") == true || json.flag("hidden") ? nil : json.word("name")
    }

    private static func command(_ json: JSONValue) -> CommandInfo? {
        json.word("name").map { CommandInfo(name: $0, description: json.text("description") ?? "") }
    }
}
