import Dashboard
import Domain
import Screen
import Testing

/// The bytes that changed in a line, as words.
func changedWords(_ line: DiffLine) -> [String] { line.changed.map { String(decoding: Array(line.text.utf8)[$0], as: UTF8.self) } }

@Suite struct DiffTests {
    private static let patch = """
        @@ -1,9 +1,9 @@ func pay()
         let currency = "EUR"
        -let total = price * count + tax(price, "DE")
        +let total = price * amount + tax(price, "FR", rounded: true)
         \tindented
        -  same   words
        +\tsame words
        -gone
         after
        @@ -40,3 +40,4 @@
         漢字
        +新しい行 👩‍👩‍👧
         end

        """

    static let changes =
        Sample.changes + [
            FileChange(file: "src/pay/total.swift", patch: patch, additions: 3, deletions: 3, status: "modified"),
            FileChange(file: "assets/logo.png", patch: "Binary files a/logo.png and b/logo.png differ\n", additions: 0, deletions: 0, status: "modified"),
            FileChange(file: "old.txt", patch: "", additions: 0, deletions: 0, status: "deleted"),
        ]

    private func harness(_ columns: Int, _ rows: Int, _ keys: String = "") -> Harness {
        var harness = Harness(columns, rows)
        harness.press("d")
        for (tag, pending) in harness.dashboard.model.pending {
            if case .diff = pending.order { harness.take(.replied(tag: tag, .success(.diff(Self.changes)))) }
        }
        harness.press(keys)
        return harness
    }

    @Test func everyChangedWordIsMarked() {
        let lines = diffLines(of: Self.patch)
        #expect(changedWords(lines[1]) == ["count", "DE"])
        #expect(changedWords(lines[2]) == ["amount", "FR", ", rounded: true"])
    }

    @Test func otherLinesHaveNoChangedWords() {
        let lines = diffLines(of: "@@ -1 +1 @@\n-the quick brown fox\n+return nil\n")
        #expect(lines.allSatisfy { $0.changed.isEmpty })
    }

    @Test func spacesCanBeIgnored() {
        let quiet = DiffDocument(Self.changes).ignoringSpaces()
        let lines = quiet.files[4].lines
        #expect(lines.contains { $0.kind == .context && $0.text == "\tsame words" })
        #expect(lines.count { $0.kind == .deleted } == 2 && lines.count { $0.kind == .added } == 2)
        #expect(quiet.files[4].additions == 2 && quiet.files[4].deletions == 2)
    }

    @Test func hunksAreReachedOneByOne() {
        var harness = harness(120, 36)
        var tops: [Int] = []
        for _ in 0..<12 {
            harness.press("}")
            tops.append(harness.dashboard.ui.diff.top)
        }
        #expect(tops == tops.sorted() && Set(tops).count >= 3)
        for _ in 0..<14 { harness.press("{") }
        #expect(harness.dashboard.ui.diff.top == 0)
    }

    @Test func aFoldedFileIsItsName() {
        var harness = harness(120, 36, "J")
        #expect(harness.shows("Bearer") && harness.dashboard.ui.diff.file == 1)
        harness.press("<enter>")
        #expect(!harness.shows("Bearer") && harness.shows("auth.ts"))
        harness.press("<enter>")
        #expect(harness.shows("Bearer"))
        harness.click(on: "src/auth/oauth.ts")
        #expect(harness.dashboard.ui.diff.file == 0)
    }

    @Test func theLastTurnIsWhatItsToolsChanged() {
        var harness = harness(120, 36, "f")
        #expect(harness.shows("last turn") && harness.shows("Bearer") && !harness.shows("logo.png"))
        harness.take(.transcript(AgentID("oauth-login"), .put(Sample.said("u2", .user, "And now?", at: 1))))
        #expect(harness.shows("No changes"))
        harness.press("f")
        #expect(harness.shows("all changes") && harness.shows("Bearer"))
    }

    @Test func oneSideWhereThereIsNoRoomForTwo() {
        var harness = harness(80, 24, "|")
        #expect(!harness.dashboard.ui.diff.isSideBySide && harness.shows("no room for two sides"))
        harness = self.harness(120, 36, "z|")
        #expect(harness.dashboard.ui.diff.isSideBySide && harness.shows("side by side"))
        harness.press("z")
        #expect(!harness.shows("side by side"))
    }

    @Test func bothSidesHaveTheirOwnNumbers() {
        let lines = diffLines(of: "@@ -10,2 +20,3 @@\n a\n+b\n c\n")
        #expect(lines.filter { $0.kind == .context }.map { [$0.oldNumber, $0.number] } == [[10, 20], [11, 22]])
    }

    @Test(arguments: GoldenTests.sizes) func everyMode(_ size: Size) throws {
        for (name, keys) in [("unified", "z"), ("sides", "zJ|"), ("spaces", "JJJJzW"), ("folded", "zZ"), ("turn", "f"), ("end", "zG"), ("hunk", "}}}")] {
            try GoldenTests().check(harness(size.columns, size.rows, keys), "diff-\(name)-\(size.columns)x\(size.rows)")
        }
    }

    @Test(arguments: 0..<40) func anyBytesAreADiff(_ seed: Int) {
        var random = Chance(UInt64(seed) + 31)
        let signs = Array("@@ -1,2 +3 \n\n++--  \\é漢\t\r\u{1B}[31mab".unicodeScalars)
        var patch = "@@ -1 +1 @@\n"
        for _ in 0..<2500 { patch.unicodeScalars.append(signs[Int.random(in: 0..<signs.count, using: &random)]) }
        let document = DiffDocument([FileChange(file: patch, patch: patch, additions: 1, deletions: 1, status: "x")])
        _ = document.ignoringSpaces()
        for size in [Size(columns: 60, rows: 20), Size(columns: 200, rows: 50)] {
            var harness = Harness(size.columns, size.rows)
            harness.press("d")
            for (tag, pending) in harness.dashboard.model.pending {
                if case .diff = pending.order {
                    harness.take(.replied(tag: tag, .success(.diff([FileChange(file: "a\u{1B}b", patch: patch, additions: 1, deletions: 1, status: "x")]))))
                }
            }
            for keys in ["z", "|", "}", "W", "G", "<pageup>", "Z"] {
                harness.press(keys)
                #expect(
                    harness.screen.split(separator: "\n", omittingEmptySubsequences: false).dropLast().allSatisfy {
                        displayWidth(String($0)) <= size.columns + 1
                    })
                #expect(!harness.screen.unicodeScalars.contains { $0.value == 0x1B })
            }
        }
    }
}
