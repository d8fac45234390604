import Domain
import Testing

/// What a prompt means besides its words.
@Suite struct PromptTextTests {
    private func names(_ text: String) -> [String] { PromptText.mentions(of: text).map(\.name) }

    @Test(arguments: [
        ("", []), ("no mention", []), ("@a.txt", ["a.txt"]), ("see @src/a.txt.", ["src/a.txt"]), ("(@a, @b)", ["a", "b"]), ("me@example.org", []),
        ("@", []), ("@ a", []), ("`@a.txt`", []), ("@\"a b.txt\" c", ["a b.txt"]), ("@\"open", []), ("@\"a\nb\"", []), ("a\n@b\tc", ["b"]),
        ("@a@b", ["a@b"]), ("[@x]", ["x"]), ("@src/", ["src/"]), ("@~/x", ["~/x"]), ("@...", []),
    ])
    func namesAreFound(text: String, expected: [String]) { #expect(names(text) == expected) }

    @Test func aMentionSaysWhereItStandsInUTF16() throws {
        let text = "ü 👩‍👩‍👧 @\"x y\" then @a.c#10-20 and @b.c#7 @c#x"
        let mentions = PromptText.mentions(of: text)
        let units = Array(text.utf16)
        for mention in mentions { #expect(String(decoding: units[mention.start..<mention.end], as: UTF16.self) == mention.written) }
        #expect(mentions.map(\.name) == ["x y", "a.c", "b.c", "c#x"])
        #expect(mentions.map(\.lines) == [nil, 10...20, 7...7, nil])
        #expect(PromptText.mentions(of: "@a#0 @b#5-3 @c#1-2-3 @d#99999999999999999999").map(\.lines) == [nil, nil, nil, nil])
    }

    @Test(arguments: ["a.txt", "a b", "a#1", "src/", "dir with/ü.c", "end.", "x)"]) func whatIsMentionedIsFoundAgain(name: String) {
        #expect(names("see " + PromptText.mentioning(name) + " now") == [name])
    }

    @Test func aPastedLogHasNoEndOfMentions() {
        #expect(PromptText.mentions(of: String(repeating: "@x ", count: 100_000)).count == PromptText.mostMentions)
    }

    @Test(arguments: [
        ("/review", "review", ""), ("/review a b", "review", "a b"), ("/review a\nb", "review", "a\nb"), ("/review\nb", "review", "b"),
        ("/a/b c", "a/b", "c"),
    ])
    func aCommandHasArguments(text: String, name: String, arguments: String) {
        #expect(PromptText.command(of: text) == PromptCommand(name: name, arguments: arguments))
    }

    @Test(arguments: ["", "/", "/ x", " /review", "review", "x /review"]) func otherTextsAreNoCommands(text: String) {
        #expect(PromptText.command(of: text) == nil)
    }

    @Test func aSpaceBeforeASlashStays() {
        #expect(PromptText.trimmed("  /etc/hosts \n") == " /etc/hosts")
        #expect(PromptText.trimmed("/review \n") == "/review")
        #expect(PromptText.trimmed(" \n text ") == "text")
        #expect(PromptText.trimmed(" \n ") == "")
    }
}
