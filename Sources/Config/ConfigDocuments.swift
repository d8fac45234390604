import JSON

/// What is written from the table: the schema that editors read, and the example that people do.
package enum ConfigDocuments {
    /// JSON Schema (draft 2020-12), with every setting both nested and by its dotted name.
    package static func schema() -> [UInt8] {
        var properties = JSONObject()
        properties["$schema"] = ["type": "string"]
        for setting in Setting.table {
            let path = setting.path
            if path.count == 2 {
                var group = properties[path[0]]?.object ?? JSONObject([.init(key: "type", value: "object"), .init(key: "additionalProperties", value: false)])
                var inner = group["properties"]?.object ?? JSONObject()
                inner[path[1]] = schema(of: setting)
                group["properties"] = .object(inner)
                properties[path[0]] = .object(group)
            }
            properties[setting.name] = schema(of: setting)
        }
        let root: JSONTree = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Configuration of drover", "type": "object", "additionalProperties": false,
            "properties": .object(properties),
        ]
        return root.serialized(pretty: true) + [UInt8(ascii: "\n")]
    }

    private static func schema(of setting: Setting) -> JSONTree {
        var object = JSONObject([.init(key: "description", value: .string(setting.help))])
        switch setting.shape {
        case .text, .branchPrefix: object["type"] = "string"
        case .command: object["anyOf"] = [["type": "string"], ["type": "array", "items": ["type": "string"], "minItems": 1]]
        case .flag: object["type"] = "boolean"
        case .number(let range):
            object["type"] = "number"
            object["minimum"] = .number(range.lowerBound)
            object["maximum"] = .number(range.upperBound)
        case .choice(let words): object["enum"] = .array(words.map { .string($0) })
        case .texts:
            object["type"] = "array"
            object["items"] = ["type": "string"]
        case .choices(let words):
            object["type"] = "array"
            object["items"] = ["enum": .array(words.map { .string($0) })]
        case .map:
            object["type"] = "object"
            object["additionalProperties"] = ["type": "string"]
        }
        if !setting.fallback.isNull { object["default"] = setting.fallback }
        return .object(object)
    }

    /// Every setting with its help and its default, put out of effect by `//`.
    package static func example() -> String {
        var text = """
            // drover's configuration: copy to $XDG_CONFIG_HOME/drover/config.jsonc (~/.config/drover/config.jsonc) and take away the
            // slashes before what you change. It is read again when it is saved. Settings marked [project] may also stand in a
            // project's own .drover/config.jsonc.
            {
                "$schema": "./config.schema.json",

            """
        for setting in Setting.table {
            let value = setting.fallback.isNull ? placeholder(setting) : setting.fallback.serialized()
            text += "\n    // \(setting.help)\(setting.isForProjects ? " [project]" : "")\n"
            text += "    // \"\(setting.name)\": \(String(decoding: value, as: UTF8.self)),\n"
        }
        return text + "}\n"
    }

    private static func placeholder(_ setting: Setting) -> [UInt8] {
        switch setting.name {
        case "opencode.command": Array("\"/usr/local/bin/opencode\"".utf8)
        case "worktrees.directory": Array("\"/home/me/worktrees\"".utf8)
        case "worktrees.setup": Array("\".drover/setup\"".utf8)
        case "worktrees.teardown": Array("\".drover/teardown\"".utf8)
        case "editor": Array("\"vim\"".utf8)
        default: Array("null".utf8)
        }
    }
}
