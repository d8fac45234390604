import Markdown
import Testing

@Suite struct ParseTests {
    private func plain(_ text: String) -> Block { .paragraph([Run(text)]) }

    @Test func theLibraryIsHere() { #expect(markdownProblem() == nil) }

    @Test func wordsAreOneParagraph() {
        #expect(markdownBlocks(of: "It works, at last.") == [plain("It works, at last.")])
        #expect(markdownBlocks(of: "") == [])
    }

    @Test func marksOfASentence() {
        #expect(
            markdownBlocks(of: "a *b* **c** ~~d~~ `e` ***f***") == [
                .paragraph([
                    Run("a "), Run("b", .emphasis), Run(" "), Run("c", .strong), Run(" "), Run("d", .strike), Run(" "), Run("e", .code), Run(" "),
                    Run("f", [.strong, .emphasis]),
                ])
            ])
    }

    @Test func headingsRulesAndQuotes() {
        #expect(
            markdownBlocks(of: "# One\n\n---\n\n> two\n> # three\n") == [
                .heading(level: 1, [Run("One")]), .rule, .quote([plain("two"), .heading(level: 1 + 0, [Run("three")])]),
            ])
    }

    @Test func listsNestAndTasksAreTold() {
        let text = "3. a\n   - b\n4. c\n\n- [ ] d\n- [x] e\n"
        let inner = Block.list(.init(start: nil, isTight: true, items: [.init(isDone: nil, blocks: [plain("b")])]))
        #expect(
            markdownBlocks(of: text) == [
                .list(.init(start: 3, isTight: true, items: [.init(isDone: nil, blocks: [plain("a"), inner]), .init(isDone: nil, blocks: [plain("c")])])),
                .list(.init(start: nil, isTight: true, items: [.init(isDone: false, blocks: [plain("d")]), .init(isDone: true, blocks: [plain("e")])])),
            ])
    }

    @Test func codeKeepsItsLines() {
        #expect(markdownBlocks(of: "```swift x\nlet a = 1\n\n  b\n```") == [.code(info: "swift x", text: "let a = 1\n\n  b\n")])
        #expect(markdownBlocks(of: "```\nnot closed") == [.code(info: "", text: "not closed\n")])
    }

    @Test func tablesHaveRowsOfCells() {
        #expect(
            markdownBlocks(of: "| a | b |\n|:-:|--:|\n| **1** | 2 |\n| 3 |\n") == [
                .table(
                    .init(
                        alignments: [.centre, .right],
                        rows: [[[Run("a")], [Run("b")]], [[Run("1", .strong)], [Run("2")]], [[Run("3")], []]]))
            ])
    }

    @Test func linksTellWhereTheyLeadWhenTheirWordsDoNot() {
        #expect(
            markdownBlocks(of: "[docs](https://a.b/c) <https://a.b> https://a.b/d ![picture](x.png)") == [
                .paragraph([
                    Run("docs", .link, link: "https://a.b/c"), Run(" (https://a.b/c)", .target, link: "https://a.b/c"), Run(" "),
                    Run("https://a.b", .link, link: "https://a.b"), Run(" "), Run("https://a.b/d", .link, link: "https://a.b/d"), Run(" "),
                    Run("picture", .link, link: "x.png"), Run(" (x.png)", .target, link: "x.png"),
                ])
            ])
    }

    @Test func entitiesAreTheirSigns() {
        #expect(markdownBlocks(of: "&lt;b&gt; &amp; &#8212; &#x2714; &nosuch; &#0;") == [plain("<b> & — ✔ &nosuch; \u{FFFD}")])
    }

    @Test func htmlIsText() {
        #expect(markdownBlocks(of: "<div onclick=x>a</div> <b>") == [plain("<div onclick=x>a</div> <b>")])
    }

    @Test func escapesAreText() {
        #expect(markdownBlocks(of: "\u{1B}[31m*a*") == [.paragraph([Run("\u{1B}[31m"), Run("a", .emphasis)])])
    }

    /// Ten thousand levels neither end in a trap nor take for ever.
    @Test func deepNestingIsFlat() {
        for sign in [">", "- ", "1. ", "*", "[", "![", "`", "| ", "    "] {
            let text = String(repeating: sign, count: 10_000) + "x"
            #expect(depth(markdownBlocks(of: text) ?? []) <= 26)
        }
    }

    private func depth(_ blocks: [Block]) -> Int {
        blocks.reduce(0) { most, block in
            switch block {
            case .quote(let inner): max(most, 1 + depth(inner))
            case .list(let list): max(most, list.items.reduce(0) { max($0, 2 + depth($1.blocks)) })
            default: max(most, 1)
            }
        }
    }

    /// A few kilobytes cannot become gigabytes.
    @Test func aTableOfAThousandColumnsIsText() {
        let head = String(repeating: "|a", count: 1000) + "|\n" + String(repeating: "|---", count: 1000) + "|\n"
        #expect(markdownBlocks(of: head + String(repeating: "x\n", count: 4000)) == nil)
    }
}
