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

    /// As the program does it after each frame, until nothing is asked any more.
    private func answerAll(_ harness: inout Harness, _ read: (SyntaxText) -> [[SyntaxRun]] = Self.read) {
        while let text = harness.scene.uncoloured {
            let count = asked(harness).count
            harness.take(.uncoloured(text))
            harness.take(.uncoloured(text))
            #expect(asked(harness).count == count + 1 && asked(harness).last == text, "one at a time")
            harness.take(.syntax(text, read(text)))
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
        #expect(harness.scene.uncoloured?.language == .file("oauth.ts") && harness.scene.uncoloured?.text == "export const providers = {}\n\n")
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
        harness.press("AA")
        harness.press("d")
        for (tag, pending) in harness.dashboard.model.pending {
            if case .diff = pending.order { harness.take(.replied(tag: tag, .success(.diff(DiffTests.changes)))) }
        }
        #expect(harness.scene.uncoloured == nil && style(harness, "const providers")?.foreground == .token(.keyword))
        harness.press("|")
        #expect(harness.scene.uncoloured == nil && style(harness, "const withSession")?.foreground == .token(.keyword))
    }

    @Test func onlyWhatIsSeenIsRead() {
        var harness = Harness()
        #expect(harness.scene.uncoloured == nil)
        harness.press("d")
        #expect(harness.scene.uncoloured == nil, "nothing is compared yet")
        harness = self.harness(120, 36, "", [])
        #expect(harness.scene.uncoloured == nil)
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
        harness = self.harness(120, 36, "Z")
        #expect(harness.scene.uncoloured == nil)
    }

    @Test func withoutColoursNothingIsRead() {
        var harness = Harness(120, 36)
        harness.take(.preferences(Preferences(syntax: false), problems: []))
        harness.press("d")
        for (tag, pending) in harness.dashboard.model.pending {
            if case .diff = pending.order { harness.take(.replied(tag: tag, .success(.diff(DiffTests.changes)))) }
        }
        harness.press("zJ")
        #expect(harness.scene.uncoloured == nil)
        harness.take(.uncoloured(SyntaxText.some))
        #expect(asked(harness).isEmpty)
    }

    @Test func aLanguageThatNobodyKnowsIsPlain() {
        var harness = harness(120, 36, "z")
        let before = harness.screen
        answerAll(&harness) { _ in [] }
        #expect(harness.screen == before && style(harness, "const providers")?.foreground == .token(.text))
        let known = asked(harness)
        harness.press("jk|")
        #expect(harness.scene.uncoloured.map { !known.contains($0) } ?? true, "it is not asked again")
    }

    @Test func answersThatDoNotFitAreBorne() {
        for runs in [[SyntaxRun(0..<9999, .string)], [SyntaxRun(2..<2, .type)], [SyntaxRun(3..<3, .type), SyntaxRun(1..<2, .type)]] {
            var harness = harness(120, 36, "z")
            let before = harness.screen
            answerAll(&harness) { _ in Array(repeating: runs, count: 3) }
            #expect(harness.screen == before)
        }
    }

    @Test func whatIsSentIsBoundedAndPrintable() throws {
        let lines = (0..<12_000).map { "+line \($0) " + String(repeating: "x", count: $0 % 60) + "\n" }.joined()
        var harness = harness(
            120, 36, "", [FileChange(file: "src/a.ts", patch: "@@ -0,0 +1,12000 @@\n" + lines, additions: 12_000, deletions: 0, status: "added")])
        let text = try #require(harness.scene.uncoloured)
        #expect(text.text.utf8.count <= 400_000 && text.text.utf8.count(where: { $0 == 10 }) <= 10_000)
        harness.take(.syntax(text, Self.read(text)))
        harness.press("G")
        _ = harness.screen
        let evil = "@@ -1,3 +1,3 @@\n+a\u{1B}[31mb\u{07}\u{9B}1mc\u{7F}\tö\n+\(String(repeating: "y", count: 5000))\n+end\n"
        let hostile = self.harness(120, 36, "", [FileChange(file: "--help", patch: evil, additions: 3, deletions: 0, status: "added")])
        #expect(hostile.scene.uncoloured?.text == "a?[31mb???1mc?\tö\n\nend\n" && hostile.scene.uncoloured?.language == .file("--help"))
    }

    @Test func marksOfASearchLieAboveThem() {
        var harness = harness(160, 40, "z")
        answerAll(&harness)
        harness.press("/const providers<enter>")
        #expect(style(harness, "export const providers", 7)?.background == .token(.wait))
    }

    // MARK: Code elsewhere

    private func conversation(_ items: [TranscriptItem]) -> Harness { Harness(120, 36, herd: TextTests.quiet, transcript: items) }

    @Test func codeInAnswersIsColoured() {
        var harness = conversation(TextTests.items("Before:\n\n```ts title\nconst a = \"b\"\n\treturn a\n```\n\n```\nconst plain\n```\n\nAfter."))
        let before = harness.screen
        #expect(harness.scene.uncoloured?.language == .named("ts"))
        answerAll(&harness)
        #expect(asked(harness).count == 1 && harness.screen == before)
        #expect(style(harness, "const a")?.foreground == .token(.keyword) && style(harness, "return a")?.foreground == .token(.keyword))
        #expect(style(harness, "const plain")?.foreground == .token(.text))
    }

    @Test func whatIsBeingWrittenWaits() throws {
        var items = TextTests.items("Before:\n\n```ts\nconst a = 1\n")
        items[items.count - 1].isOpen = true
        var harness = conversation(items)
        #expect(harness.scene.uncoloured == nil && harness.shows("const a"))
        var done = try #require(items.last)
        (done.isOpen, done.text) = (false, done.text + "```\n")
        harness.take(.transcript(AgentID("oauth-login"), .put(done)))
        answerAll(&harness)
        #expect(style(harness, "const a")?.foreground == .token(.keyword))
    }

    @Test func editsThatAreOpenedAndRequestsAreColoured() {
        var edit = Sample.tool("e", "edit", "src/a.ts", at: 20, changes: Changes(files: 1, additions: 1, deletions: 1))
        edit.tool?.diff = "@@ -1 +1 @@\n-const old = 1\n+return new\n"
        var harness = conversation([edit])
        #expect(harness.scene.uncoloured == nil)
        harness.press("<enter>k<enter>")
        #expect(harness.shows("const old"))
        answerAll(&harness)
        #expect(asked(harness).map(\.language) == [.file("a.ts"), .file("a.ts")])
        #expect(style(harness, "const old")?.foreground == .token(.keyword) && style(harness, "return new")?.background == .token(.addbg))
    }
}

extension SyntaxText {
    fileprivate static var some: SyntaxText {
        var harness = Harness()
        harness.press("d")
        for (tag, pending) in harness.dashboard.model.pending {
            if case .diff = pending.order { harness.take(.replied(tag: tag, .success(.diff(DiffTests.changes)))) }
        }
        return harness.scene.uncoloured ?? { fatalError("the sample has code") }()
    }
}
