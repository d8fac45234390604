import Config
import JSON
import Testing

@Suite struct ConfigEditTests {
    private func set(_ name: String, _ value: JSONTree, _ text: String) throws -> String {
        var config = try ConfigText(Array(text.utf8))
        config.set(name, to: value)
        return String(decoding: config.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", "{\n  \"theme\": \"moss\"\n}\n"),
        ("// mine\n", "// mine\n{\n  \"theme\": \"moss\"\n}\n"),
        ("{}", "{\n  \"theme\": \"moss\"\n}"),
        ("{ \"ascii\": true }", "{\n  \"theme\": \"moss\",\n  \"ascii\": true }"),
        ("{\n  // why\n  \"ascii\": true, // so\n}\n", "{\n  \"theme\": \"moss\",\n  // why\n  \"ascii\": true, // so\n}\n"),
        ("{ /* { */ \"theme\" : \"light\" /* } */, }", "{ /* { */ \"theme\" : \"moss\" /* } */, }"),
        ("{\"theme\":\"a\",\"theme\":\"b\"}", "{\"theme\":\"a\",\"theme\":\"moss\"}"),
    ])
    func theRestStaysAsItWasWritten(_ before: String, _ after: String) throws {
        #expect(try set("theme", "moss", before) == after)
    }

    @Test(arguments: [
        ("{\n  \"views\": {\n    \"mine\": \"x\", // why\n    \"b\": \"y\"\n  }\n}\n", "{\n  \"views\": {\n     // why\n    \"b\": \"y\"\n  }\n}\n"),
        ("{\n  \"views\": {\n    \"mine\": \"x\"\n  }\n}\n", "{\n  \"views\": {\n  }\n}\n"),
        ("{\n  \"views\": {\n    \"a\": \"x\",\n    \"mine\": \"x\"\n  }\n}\n", "{\n  \"views\": {\n    \"a\": \"x\"\n  }\n}\n"),
        ("{\"views.mine\": \"x\", \"ascii\": true}", "{ \"ascii\": true}"), ("{\"ascii\": true}", "{\"ascii\": true}"), ("", ""),
        ("{\"views\": {\"mine\": \"x\"}, \"views.mine\": \"y\"}", "{\"views\": {} }"),
    ])
    func whatIsTakenOutIsGoneAndTheRestStays(_ before: String, _ after: String) throws {
        var config = try ConfigText(Array(before.utf8))
        config.remove("views.mine")
        #expect(String(decoding: config.bytes, as: UTF8.self) == after)
        #expect(config.value(of: "views.mine") == nil)
        _ = try ConfigText(config.bytes)
    }

    @Test func bothWaysOfWritingANameAreFound() throws {
        #expect(try set("opencode.idleStop", 5, "{\"opencode.idleStop\": 30}") == "{\"opencode.idleStop\": 5}")
        #expect(
            try set("opencode.idleStop", 5, "{\"opencode\": {\"idleStop\": 30, \"data\": \"private\"}}")
                == "{\"opencode\": {\"idleStop\": 5, \"data\": \"private\"}}")
    }

    @Test func entriesOfAMapAreSetOneByOne() throws {
        #expect(try set("keys.agent.stop", "s", "{}") == "{\n  \"keys\": {\"agent.stop\":\"s\"}\n}")
        let second = try set("keys.agent.retry", "t", "{\"keys\": {\"agent.stop\": \"s\"}}")
        #expect(second == "{\"keys\": {\n  \"agent.retry\": \"t\",\n  \"agent.stop\": \"s\"}}")
        #expect(try set("keys.agent.stop", "x", second).contains("\"agent.stop\": \"x\""))
        #expect(try ConfigText(Array(second.utf8)).value(of: "keys.agent.retry") == "t")
    }

    /// Whatever is set in whatever text is what is read afterwards.
    @Test func whatIsSetIsRead() throws {
        var text: [UInt8] = Array("// begin\n{ // x\n \"opencode\": {\"env\": {\"A\": \"1\"}}, /* , */ }".utf8)
        let values: [(String, JSONTree)] = [
            ("theme", "dusk"), ("quietAfter", 7), ("opencode.env.B", "2"), ("opencode.data", "private"), ("notify.on", ["failed"]), ("theme", "paper"),
            ("mouse", .bool(false)),
        ]
        for (name, value) in values {
            var config = try ConfigText(text)
            config.set(name, to: value)
            text = config.bytes
            #expect(try ConfigText(text).value(of: name) == value)
        }
        var settings = Settings()
        #expect(settings.read(text, file: "f", scope: .person).isEmpty)
        #expect(settings.theme == "paper" && !settings.mouse && settings.openCodeEnvironment == ["A": "1", "B": "2"] && settings.notifyOn == [.failed])
        #expect(String(decoding: text, as: UTF8.self).hasPrefix("// begin\n{"))
    }

    /// It can be read as JSON, but no setting can stand in it: that must be said, or a person believes that it was set.
    @Test(arguments: ["[]", "3", "\"theme\"", "// only\n[{}]"]) func whatIsNoObjectIsRefused(_ text: String) {
        #expect(throws: ConfigText.Failure.self) { try set("theme", "moss", text) }
    }

    @Test func brokenTextIsNotTouched() {
        for text in ["{", "[]x", "{\"a\" 1}"] { #expect(throws: ConfigText.Failure.self) { try set("theme", "x", text) } }
    }

    @Test func whatAPersonTypesIsReadAsTheSettingWantsIt() throws {
        func typed(_ name: String, _ text: String) throws -> JSONTree { try #require(Setting.about(name)).value(typed: text, name: name) }
        let cases: [(String, String, JSONTree)] = [
            ("theme", "10", "10"), ("mouse", "false", .bool(false)), ("quietAfter", "2.5", .number(2.5)),
            ("notify.on", "waiting, failed", ["waiting", "failed"]),
            ("notify.on", "[]", []), ("keys.agent.stop", "1", "1"), ("opencode.command", "[\"a\",\"b\"]", ["a", "b"]),
        ]
        for (name, text, wanted) in cases { #expect(try typed(name, text) == wanted, "\(name)") }
        for (name, text) in [("mouse", "yes"), ("quietAfter", "soon"), ("notify.on", "asleep"), ("opencode.data", "else")] {
            #expect(throws: ConfigValueError.self, "\(name)") { try typed(name, text) }
        }
    }
}
