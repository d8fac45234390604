import Dashboard
import Domain
import Screen
import Testing

/// Colours of code in the diff: asked for what is seen, one text after the other, and nothing moves when they come.
@Suite struct DiffSyntaxTests {
    private func harness(_ columns: Int = 120, _ rows: Int = 36, _ keys: String = "", _ changes: [FileChange] = DiffTests.changes) -> Harness {
        var harness = Harness(columns, rows)
        harness.press("d")
        for (tag, pending) in harness.dashboard.model.pending {
            if case .diff = pending.order { harness.take(.replied(tag: tag, .success(.diff(changes)))) }
        }
        harness.press(keys)
        return harness
    }

    private func asked(_ harness: Harness) -> [SyntaxText] {
        harness.effects.compactMap { if case .readSyntax(let text) = $0 { text } else { nil } }
    }

    /// Names, small words of JavaScript and numbers are kinds enough.
    private static func read(_ text: SyntaxText) -> [[SyntaxRun]] {
        var lines = text.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var runs: [SyntaxRun] = []
            let bytes = Array(line.utf8)
            for (word, token) in [("const", Token.keyword), ("return", .keyword), ("\"", .string), ("auth", .string), ("=", .operation), ("price", .function)] {
                let word = Array(word.utf8)
                for start in bytes.indices where bytes[start...].starts(with: word) { runs.append(SyntaxRun(start..<start + word.count, token)) }
            }
            var kept: [SyntaxRun] = []
            for run in runs.sorted(by: { $0.start < $1.start }) where run.start >= kept.last?.end ?? 0 { kept.append(run) }
            return kept
        }
        lines.removeLast()
        return lines
    }

    /// Answers until nothing is asked any more.
    private func answerAll(_ harness: inout Harness) {
        var answered = 0
        while asked(harness).count > answered {
            let text = asked(harness)[answered]
            harness.take(.syntax(text, Self.read(text)))
            answered += 1
        }
    }

    private func style(_ harness: Harness, _ words: String, _ offset: Int = 0) -> Style? {
        let frame = harness.scene.frame
        for (row, line) in harness.screen.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let range = line.firstRange(of: words) else { continue }
            return frame.style(at: Point(displayWidth(String(line[..<range.lowerBound])) + offset, row))
        }
        return nil
    }

    @Test func coloursComeLaterAndNothingMoves() {
        var harness = harness(160, 40, "z")
        let before = harness.screen
        #expect(asked(harness).count == 1, "one at a time")
        #expect(asked(harness)[0].language == .file("oauth.ts") && asked(harness)[0].text == "export const providers = {}\n\n")
        #expect(style(harness, "const providers")?.foreground == .token(.text))
        answerAll(&harness)
        #expect(harness.screen == before)
        #expect(style(harness, "const providers")?.foreground == .token(.keyword) && style(harness, "const providers")?.background == .token(.addbg))
        // The context, the old side, and the words that changed in it.
        #expect(style(harness, "const withSession")?.foreground == .token(.keyword) && style(harness, "const withSession")?.background == .token(.bg))
        let old = style(harness, "\"auth\"", 1)
        #expect(old?.foreground == .token(.string) && old?.background == .token(.wordd), "\(String(describing: old))")
        #expect(style(harness, "authorization\")", 0)?.background == .token(.word))
    }

    @Test func bothSidesAreTextsOfTheirOwn() throws {
        var harness = harness(160, 40, "z")
        answerAll(&harness)
        let total = asked(harness).filter { $0.language == .file("total.swift") }
        try #require(total.count == 2)
        #expect(total[0].text.contains("amount") && !total[0].text.contains("count +") && total[0].text.hasPrefix("let currency"))
        #expect(total[1].text.contains("count +") && !total[1].text.contains("amount") && total[1].text.contains("gone\n"))
        // What is only added has one.
        #expect(asked(harness).count { $0.language == .file("oauth.ts") } == 1)
        #expect(!asked(harness).contains { $0.language == .file("logo.png") || $0.language == .file("old.txt") })
    }

    @Test func whoComesBackSeesThemAtOnce() {
        var harness = harness(160, 40, "z")
        answerAll(&harness)
        harness.effects = []
        harness.press("AA")
        harness.press("d")
        for (tag, pending) in harness.dashboard.model.pending {
            if case .diff = pending.order { harness.take(.replied(tag: tag, .success(.diff(DiffTests.changes)))) }
        }
        #expect(asked(harness).isEmpty && style(harness, "const providers")?.foreground == .token(.keyword))
        harness.press("|")
        #expect(asked(harness).isEmpty && style(harness, "const withSession")?.foreground == .token(.keyword))
    }

    @Test func onlyWhatIsSeenIsRead() {
        var harness = Harness()
        #expect(asked(harness).isEmpty)
        harness.press("d")
        #expect(asked(harness).isEmpty, "nothing is compared yet")
        harness = self.harness(120, 36, "", [])
        #expect(asked(harness).isEmpty)
        // Far below the window.
        let long = FileChange(
            file: "a.ts", patch: "@@ -0,0 +1,90 @@\n" + String(repeating: "+const a\n", count: 90), additions: 90, deletions: 0, status: "added")
        harness = self.harness(120, 36, "", [long] + DiffTests.changes)
        answerAll(&harness)
        #expect(asked(harness).map(\.language) == [.file("a.ts")])
        harness.press("J")
        answerAll(&harness)
        #expect(asked(harness).count > 1)
        // Folded away, there is nothing to be seen.
        harness = self.harness(120, 36, "")
        harness.effects = []
        harness.press("Z")
        for text in asked(harness) { harness.take(.syntax(text, [])) }
        #expect(asked(harness).isEmpty)
    }

    @Test func withoutColoursNothingIsRead() {
        var harness = Harness(120, 36)
        harness.take(.preferences(Preferences(syntax: false), problems: []))
        harness.press("d")
        for (tag, pending) in harness.dashboard.model.pending {
            if case .diff = pending.order { harness.take(.replied(tag: tag, .success(.diff(DiffTests.changes)))) }
        }
        harness.press("zJ")
        #expect(asked(harness).isEmpty)
    }

    @Test func aLanguageThatNobodyKnowsIsPlain() {
        var harness = harness(120, 36, "z")
        let before = harness.screen
        var answered = 0
        while asked(harness).count > answered {
            harness.take(.syntax(asked(harness)[answered], []))
            answered += 1
        }
        #expect(harness.screen == before && style(harness, "const providers")?.foreground == .token(.text))
        let known = asked(harness)
        harness.effects = []
        harness.press("jk|")
        #expect(asked(harness).allSatisfy { !known.contains($0) }, "it is not asked again")
    }

    @Test func answersThatDoNotFitAreBorne() {
        for runs in [[SyntaxRun(0..<9999, .string)], [SyntaxRun(2..<2, .type)], [SyntaxRun(3..<3, .type), SyntaxRun(1..<2, .type)]] {
            var harness = harness(120, 36, "z")
            var answered = 0
            let before = harness.screen
            while asked(harness).count > answered {
                harness.take(.syntax(asked(harness)[answered], Array(repeating: runs, count: 3)))
                answered += 1
            }
            #expect(harness.screen == before)
        }
    }

    @Test func whatIsSentIsBoundedAndPrintable() throws {
        let lines = (0..<12_000).map { "+line \($0) " + String(repeating: "x", count: $0 % 60) + "\n" }.joined()
        var harness = harness(
            120, 36, "", [FileChange(file: "src/a.ts", patch: "@@ -0,0 +1,12000 @@\n" + lines, additions: 12_000, deletions: 0, status: "added")])
        let text = try #require(asked(harness).first)
        #expect(text.text.utf8.count <= 400_000 && text.text.utf8.count(where: { $0 == 10 }) <= 10_000)
        harness.take(.syntax(text, Self.read(text)))
        harness.press("G")
        _ = harness.screen
        let evil = "@@ -1,3 +1,3 @@\n+a\u{1B}[31mb\u{07}\u{9B}1mc\u{7F}\tö\n+\(String(repeating: "y", count: 5000))\n+end\n"
        let hostile = self.harness(120, 36, "", [FileChange(file: "--help", patch: evil, additions: 3, deletions: 0, status: "added")])
        #expect(asked(hostile).first?.text == "a?[31mb???1mc?\tö\n\nend\n" && asked(hostile).first?.language == .file("--help"))
    }

    @Test func marksOfASearchLieAboveThem() {
        var harness = harness(160, 40, "z")
        answerAll(&harness)
        harness.press("/const providers<enter>")
        #expect(style(harness, "export const providers", 7)?.background == .token(.wait))
    }
}
