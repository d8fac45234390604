import Dashboard
import Domain
import Markdown
import Screen
import Testing

/// What agents write, on the screen.
@Suite struct TextTests {
    static let answer = """
        # Login with two providers

        Login works with **GitHub** and *Google*; bearer tokens behave as ~~before~~ they did. See the [passport docs](https://www.passportjs.org/docs/) or
        https://example.com/oauth for `scope` and `state`.

        ## What changed

        1. The middleware asks `request.session` first
        2. Two providers:
           - GitHub, with `read:user`
             - and `user:email` when the address is hidden
           - Google
        3. Tests for both

        - [x] Routes
        - [ ] Documentation

        > **Note:** set `GITHUB_ID` and `GITHUB_SECRET` before you start it.

        ```ts auth.ts
        export function startLogin(provider: Provider) {
        \treturn passport.authenticate(provider, { scope: ["email"], failureRedirect: "/login?failed=1", session: true });
        }
        ```

        ---

        5 &lt; 6 &amp;&amp; done.
        """

    static let tables = """
        Measured on two cores:

        | case | before | after | what helped |
        |:-----|-------:|------:|-------------|
        | cold start | 412 ms | 38 ms | no `Foundation`, and the libraries are opened by need |
        | key | 11.2 ms | **0.4 ms** | only rows that differ are sent to the terminal |
        | 漢字 | 1 | 22 | wide |

        | a | b | c |
        |---|:-:|---|
        | 1 | 2 | 3 |

        | one | two | three | four | five | six | seven | eight | nine | ten | eleven | twelve |
        |---|---|---|---|---|---|---|---|---|---|---|---|
        | 100000 | 200000 | 300000 | 400000 | 500000 | 600000 | 700000 | 800000 | 900000 | 1000000 | 1100000 | 1200000 |
        """

    static let lists = """
        - first
          continued on a line of its own
          1. one
             - deep
               - deeper
                 - deepest, with words enough that this line has to be wrapped somewhere in the middle
        - second

          with a paragraph

          ```
          and code
          ```

        8. eight
        9. nine
        10. ten
        """

    static let output = """
        \u{1B}[1m> test\u{1B}[0m
        fetch 10%\rfetch 55%\rfetch 100%
        \u{1B}[30;42m PASS \u{1B}[0m src/auth.test.ts \u{1B}[2m(4.2 s)\u{1B}[22m
        \u{1B}[41;97m FAIL \u{1B}[0m \u{1B}[31msrc/pay.test.ts\u{1B}[39m
        \u{1B}]0;a title\u{7}\u{1B}[2J\u{1B}[38;5;208morange\u{1B}[0m \u{1B}[38;2;10;200;120mtrue colour\u{1B}[m
        a\tb\tc
        """

    static func items(_ texts: String...) -> [TranscriptItem] {
        [Sample.said("u", .user, "How does it look?", at: 400)]
            + texts.enumerated().map { Sample.said("t\($0.offset)", .text, $0.element, at: 300 - Int64($0.offset)) }
    }

    static var quiet: Herd {
        var herd = Sample.herd
        herd.agents[AgentID("oauth-login")]?.requests = []
        return herd
    }

    @Test(arguments: GoldenTests.sizes) func richText(_ size: Size) throws {
        for (name, text) in [("answer", Self.answer), ("tables", Self.tables), ("lists", Self.lists)] {
            var harness = Harness(size.columns, size.rows, herd: Self.quiet, transcript: Self.items(text))
            harness.press("<enter>g")
            try GoldenTests().check(harness, "\(name)-\(size.columns)x\(size.rows)")
        }
    }

    @Test(arguments: GoldenTests.sizes) func outputOfTools(_ size: Size) throws {
        let items = [
            Sample.tool("a", "bash", "npm test", "exit 1", at: 300, .failed, output: Self.output),
            Sample.tool("b", "bash", "npm run build", at: 200, .running, output: "compiling 1/9\rcompiling 2/9\r"),
        ]
        var harness = Harness(size.columns, size.rows, herd: Self.quiet, transcript: items)
        harness.press("<enter>kk")
        try GoldenTests().check(harness, "output-\(size.columns)x\(size.rows)")
    }

    @Test func withoutColoursItIsStillToldApart() throws {
        var harness = Harness(100, 44, herd: Self.quiet, transcript: Self.items(Self.answer)).with(Look(ascii: true, shades: false))
        harness.press("<enter>zg")
        try GoldenTests().check(harness, "answer-ascii-100x44")
    }

    // MARK: Streams

    /// However an answer arrives, it ends as the screen that the whole gives.
    @Test(arguments: [answer, tables, lists]) func everySplitEndsAlike(_ text: String) {
        let whole = screen(of: [text], isOpen: false)
        for cut in stride(from: 0, through: text.unicodeScalars.count, by: 7) {
            let scalars = Array(text.unicodeScalars)
            let parts = [scalars[..<cut], scalars[cut...]].map { part in
                var text = ""
                text.unicodeScalars.append(contentsOf: part)
                return text
            }
            #expect(screen(of: parts, isOpen: false) == whole)
        }
        #expect(screen(of: text.map(String.init), isOpen: false) == whole)
    }

    private func screen(of parts: [String], isOpen: Bool) -> String {
        var harness = Harness(120, 80, herd: Self.quiet, transcript: [])
        let agent = AgentID("oauth-login")
        var item = Sample.said("t", .text, "", at: 10)
        item.isOpen = true
        harness.take(.transcript(agent, .put(item)))
        for part in parts {
            harness.take(.transcript(agent, .append(id: "t", text: part)))
            if parts.count < 5 || part == "\n" { _ = harness.screen }
        }
        item.text = parts.joined()
        item.isOpen = isOpen
        harness.take(.transcript(agent, .put(item)))
        return harness.screen
    }

    /// Nothing that was read jumps while the rest comes: marks that are half there are not shown.
    @Test func halfOfAMarkIsNotShown() {
        func end(_ text: String) -> String { mendedEnd(of: text) }
        #expect(end("Text\n-") == "Text\n")
        #expect(end("Text\n==") == "Text\n")
        #expect(end("Text\n```") == "Text\n")
        #expect(end("a **bold") == "a **bold**")
        #expect(end("a `code") == "a `code`")
        #expect(end("**done** and") == "**done** and")
        #expect(end("| a | b |") == "| a | b |\n|---|---|")
        #expect(end("| a | b |\n|--") == "| a | b |\n|---|---|")
        #expect(end("| a | b |\n|---|---|\n| 1") == "| a | b |\n|---|---|\n| 1")
        #expect(end("```\n**a") == "```\n**a")
    }

    // MARK: Hostile words

    @Test(arguments: 0..<40) func noBytesLeaveTheirColumns(_ seed: Int) {
        var random = Chance(UInt64(seed) + 7)
        let marks = Array("#>-*_`~|[]()!\\\n\n\t 1.ab:&;<é漢\u{1B}[31m\u{202E}\u{7}👩‍👩‍👧‍👦e\u{301}\r".unicodeScalars)
        var text = ""
        for _ in 0..<1500 { text.unicodeScalars.append(marks[Int.random(in: 0..<marks.count, using: &random)]) }
        let raw = String(decoding: (0..<1500).map { _ in UInt8.random(in: 0...255, using: &random) }, as: UTF8.self)
        let items = Self.items(text, raw) + [Sample.tool("x", "bash", text, at: 5, .failed, output: raw + text)]
        for size in [Size(columns: 60, rows: 20), Size(columns: 120, rows: 36)] {
            var harness = Harness(size.columns, size.rows, herd: Self.quiet, transcript: items)
            harness.press("<enter>")
            for _ in 0..<12 {
                #expect(
                    harness.screen.split(separator: "\n", omittingEmptySubsequences: false).dropLast().allSatisfy {
                        displayWidth(String($0)) <= size.columns + 1
                    })
                #expect(!harness.screen.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x202E || $0.value == 7 })
                harness.press("<pageup>")
            }
        }
    }

    /// A megabyte is laid out where it is looked at: every page of it can be reached, and its end is at once.
    @Test func aMegabyte() {
        var text = ""
        while text.utf8.count < 1_000_000 { text += Self.answer + "\n\n" }
        var harness = Harness(120, 36, herd: Self.quiet, transcript: Self.items(text))
        #expect(harness.shows("5 < 6 && done."))
        harness.press("<enter>g")
        #expect(harness.shows("How does it look?"))
        harness.press("<pagedown><pagedown><pagedown>G")
        #expect(harness.shows("5 < 6 && done."))
    }
}

/// Chance that comes back with its seed.
struct Chance: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let value = (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return value ^ (value >> 33)
    }
}
