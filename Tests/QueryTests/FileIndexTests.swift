import Query
import Testing

@Suite struct FileIndexTests {
    private let index = FileIndex(
        ["src/main.c", "src/domain/mail.c", "README.md", "docs/read me.md", "src/domain/Main.swift", "a/b/c/deep.txt"].map { Array($0.utf8) } + [[0x66, 0xFF]])

    @Test func nothingTypedShowsTheTop() { #expect(index.best("", limit: 4) == ["a/", "src/", "docs/", "README.md"]) }

    @Test func namesComeBeforePathsAndShortOnesFirst() {
        #expect(
            index.best("main", limit: 9) == ["src/main.c", "src/domain/Main.swift", "src/domain/", "src/domain/mail.c"].filter { $0 != "src/domain/mail.c" } + [
                "src/domain/mail.c"
            ])
        #expect(index.best("READ", limit: 2) == ["README.md", "docs/read me.md"])
        #expect(index.best("dom/", limit: 9).isEmpty == false)
        #expect(index.best("abcdeep", limit: 1) == ["a/b/c/deep.txt"])
        #expect(index.best("zzz", limit: 9).isEmpty)
    }

    @Test func directoriesAreThereOnce() {
        #expect(index.best("domain/", limit: 9).filter { $0 == "src/domain/" }.count == 1)
        #expect(index.count == 7 + 6)
    }

    /// A name that is no text cannot be said in a prompt.
    @Test func whatIsNoTextIsPassedOver() { #expect(index.best("f", limit: 50).allSatisfy { !$0.contains("\u{FFFD}") }) }
}
