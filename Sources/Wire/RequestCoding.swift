package import Domain
package import JSON

extension Request: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("agent", agent)
        writer.field("session", session)
        writer.field("asked", asked)
        writer.fieldIfPresent("call", callID)
        switch kind {
        case .permission(let permission):
            writer.field("kind", "permission")
            writer.field("permission", permission)
        case .question(let questions):
            writer.field("kind", "question")
            writer.field("questions", questions)
        }
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let id: RequestID = wire.id("id") else { return nil }
        let kind: Kind =
            if let permission: Permission = wire.one("permission") { .permission(permission) } else { .question(wire.many("questions")) }
        self.init(
            id: id, session: wire.id("session") ?? SessionID(""), agent: wire.id("agent"), kind: kind,
            asked: wire.time("asked") ?? Timestamp(milliseconds: 0), callID: wire.text("call"))
    }
}

extension Request.Permission: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", name)
        writer.field("patterns", patterns)
        writer.field("always", always)
        writer.field("detail", detail)
        writer.fieldIfPresent("diff", diff)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard wire.isObject else { return nil }
        self.init(
            name: wire.text("name") ?? "", patterns: wire.texts("patterns"), always: wire.texts("always"), detail: wire.text("detail") ?? "",
            diff: wire.text("diff"))
    }
}

extension Request.Question: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("header", header)
        writer.field("text", text)
        writer.field("options", options)
        writer.field("multiple", multiple)
        writer.field("custom", custom)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard wire.isObject else { return nil }
        self.init(
            header: wire.text("header") ?? "", text: wire.text("text") ?? "", options: wire.many("options"), multiple: wire.flag("multiple"),
            custom: wire.flag("custom"))
    }
}

extension Request.Option: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("label", label)
        writer.field("description", description)
        writer.endObject()
    }

    package init?(wire: JSONValue) {
        guard let label = wire.text("label") else { return nil }
        self.init(label: label, description: wire.text("description") ?? "")
    }
}

extension Answer {
    /// The members of the `answer` method's parameters, beside the request.
    func writeMembers(to writer: inout JSONWriter) {
        switch self {
        case .once: writer.field("answer", "once")
        case .always: writer.field("answer", "always")
        case .reject(let message):
            writer.field("answer", "reject")
            writer.fieldIfPresent("message", message)
        case .choices(let choices):
            writer.field("answer", "choices")
            writer.array("choices") { for texts in choices { $0.array { for text in texts { $0.value(text) } } } }
        }
    }

    init?(wire: JSONValue) {
        switch wire.text("answer") {
        case "once": self = .once
        case "always": self = .always
        case "reject": self = .reject(message: wire.text("message"))
        case "choices":
            guard let choices = wire["choices"] else { return nil }
            self = .choices(choices.elements.map { $0.elements.compactMap(\.string) })
        default: return nil
        }
    }
}
