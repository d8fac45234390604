import Domain
import Testing

@testable import CommandLine

@Suite struct PlainTests {
    @Test(arguments: [
        ("new api \"fix the bug\"", ["new", "api", "fix the bug"]), ("send k3f 'it''s \\ fine'", ["send", "k3f", "its \\ fine"]),
        ("a\\ b  c\\\"", ["a b", "c\""]),
        ("say \"\" \"a \\\"b\\\" 'c'\"", ["say", "", "a \"b\" 'c'"]), ("  ", []),
        ("ls; rm $HOME | x `y` > z", ["ls;", "rm", "$HOME", "|", "x", "`y`", ">", "z"]),
    ])
    func aLineIsSplitAndNothingElse(_ line: String, _ words: [String]) throws {
        #expect(try ArgumentParser.words(line) == words)
    }

    @Test func anOpenQuoteIsTold() { #expect(throws: Refusal.self) { try ArgumentParser.words("new \"fix") } }

    /// How the herd is, then what is typed, until quit; changes come from a second command beside it.
    @Test func theHerdIsSaidAndCommandsAreTyped() throws {
        let bench = Bench()
        bench.typedLines = ["drover show kaaaaa", "what is this", "attach kaaaaa", "quit", "never read"]
        #expect(bench.run("--plain") == 0)
        #expect(bench.output.hasPrefix("drover, ") && bench.output.contains(" agents, ") && bench.output.contains("need"))
        #expect(bench.besides == [["watch", "--sentences"]])
        #expect(bench.errors.contains("what"), "\(bench.errors)")
        #expect(bench.executed == nil && bench.typedLines == ["never read"])
        for line in bench.output.split(separator: "\n") { #expect(!line.contains("\u{1B}")) }
    }
}
