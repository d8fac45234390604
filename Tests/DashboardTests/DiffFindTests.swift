import Dashboard
import Domain
import Screen
import Testing

/// Searching in the diff, as in the activity.
@Suite struct DiffFindTests {
    private func harness(_ columns: Int = 120, _ rows: Int = 36, _ keys: String = "") -> Harness {
        var harness = Harness(columns, rows)
        harness.press("d")
        answer(&harness, DiffTests.changes)
        harness.press(keys)
        return harness
    }

    private func answer(_ harness: inout Harness, _ changes: [FileChange]) {
        for (tag, pending) in harness.dashboard.model.pending {
            if case .diff = pending.order { harness.take(.replied(tag: tag, .success(.diff(changes)))) }
        }
    }

    /// The text of the line that was found.
    private func found(_ harness: Harness) -> String? {
        guard let place = harness.dashboard.ui.find?.place, case .ready(let document)? = harness.dashboard.model.diffs[AgentID("oauth-login")] else {
            return nil
        }
        let file = document.files[place.file]
        return place.line < 0 ? file.path : file.lines[place.line].text
    }

    /// The words on the brightest ground, row by row.
    private func bright(_ harness: Harness) -> [String] {
        let frame = harness.scene.frame
        return (0..<frame.size.rows).compactMap { row in
            let text = (0..<frame.size.columns).reduce(into: "") { text, column in
                guard let cell = frame[Point(column, row)], frame.atlas.style(cell.style).background == .token(.wait) else { return }
                text.unicodeScalars.append(contentsOf: frame.atlas.scalars(of: cell.glyph))
            }
            return text.isEmpty ? nil : text
        }
    }

    @Test func everyLetterLooksAgain() {
        var harness = harness(120, 36, "/")
        #expect(harness.dashboard.context == .find && harness.scene.frame.cursor != nil && harness.dashboard.ui.find?.place == nil)
        harness.press("SAME")
        #expect(found(harness) == "  same   words" && harness.shows("/SAME  1/2") && bright(harness) == ["same"])
        harness.press("<space>words")
        #expect(found(harness) == "\tsame words" && harness.shows("/SAME words  1/1") && bright(harness) == ["same words"])
        harness.press("!")
        #expect(found(harness) == nil && harness.shows("no /SAME words!") && harness.dashboard.ui.diff.top == 0 && bright(harness) == [])
        harness.press("<backspace>")
        #expect(found(harness) == "\tsame words")
    }

    @Test func itGoesRoundBothWays() {
        var harness = harness(120, 36, "/same<enter>")
        #expect(harness.dashboard.context == .diff && harness.shows("/same 1/2  n N"))
        harness.press("n")
        #expect(found(harness) == "\tsame words" && harness.shows("2/2"))
        harness.press("n")
        #expect(found(harness) == "  same   words" && harness.shows("1/2"))
        harness.press("N")
        #expect(harness.shows("2/2"))
        harness.press("<esc>")
        #expect(harness.dashboard.ui.find == nil && harness.dashboard.ui.tab == .diff && harness.dashboard.ui.focus == .detail)
        harness.press("n")
        #expect(harness.dashboard.ui.dialog != nil, "n is a new agent again")
    }

    @Test func theArrowsGoOnWhileTyping() {
        var harness = harness(120, 36, "/same<down>")
        #expect(harness.shows("2/2") && harness.dashboard.context == .find)
        harness.press("<up>")
        #expect(harness.shows("1/2"))
    }

    @Test func escapeEndsItWhereItBegan() {
        var harness = harness(120, 36, "JJZ")
        let before = harness.dashboard.ui.diff
        harness.press("/same")
        #expect(harness.dashboard.ui.diff != before && harness.shows("same   words"))
        harness.press("<esc>")
        #expect(harness.dashboard.ui.diff == before && harness.dashboard.ui.find == nil && harness.dashboard.ui.focus == .detail)
    }

    @Test func itOpensTheFileThatHidesTheWord() {
        var harness = harness(120, 36, "Z")
        #expect(!harness.shows("same words"))
        harness.press("/same<enter>n")
        #expect(harness.shows("same words") && !harness.shows("Bearer") && harness.dashboard.ui.diff.file == 4)
        // What a shorter word opened is folded again by a longer one.
        harness.press("/<c-u>bea")
        #expect(harness.shows("Bearer") && !harness.shows("same words"))
    }

    @Test func namesAndHeadingsAreFound() {
        var harness = harness(120, 36, "/logo.png<enter>")
        #expect(found(harness) == "assets/logo.png" && harness.shows("1/2") && bright(harness) == ["logo.png"])
        harness.press("n")
        #expect(found(harness)?.hasPrefix("Binary files") == true && bright(harness) == ["logo.pnglogo.png"])
        var patched = self.harness()
        answer(&patched, [])
        patched.press("f")
        patched.press("/")
        #expect(patched.dashboard.ui.find?.tab == .diff)
        harness.press("/<c-u>新しい")
        #expect(found(harness)?.hasPrefix("新しい行") == true)
    }

    @Test func whatIsFarToTheRightComesIntoTheWindow() {
        var harness = harness(120, 36, "/rounded")
        #expect(bright(harness) == ["rounded"] && harness.dashboard.ui.diff.left > 0 && harness.shows("column "))
        harness.press("<c-u>currency")
        #expect(bright(harness) == ["currency"] && harness.dashboard.ui.diff.left == 0)
        harness.press("<c-u>rounded<esc>")
        #expect(harness.dashboard.ui.diff.left == 0)
        harness = self.harness(160, 40, "z|/rounded<enter>")
        #expect(bright(harness) == ["rounded"])
    }

    @Test func linesAreReadToTheirEnds() {
        var harness = harness(60, 20, "/amount<enter><esc>")
        #expect(!harness.shows("rounded: true)"))
        harness.press(">>>>>>")
        #expect(harness.shows("rounded: true)") && harness.shows("tax(price, \"FR\""))
        let left = harness.dashboard.ui.diff.left
        harness.press("<lt>")
        #expect(harness.dashboard.ui.diff.left < left)
        harness.press("<lt><lt><lt><lt>")
        #expect(harness.dashboard.ui.diff.left == 0 && !harness.shows("column "))
        // Half of a wide character is a space: nothing behind it moves.
        harness = self.harness(60, 20, "/漢<enter>")
        for _ in 0..<9 {
            harness.take(.terminal(.mouse(Mouse(.wheelRight, at: Point(30, 15)))))
            #expect(harness.screen.split(separator: "\n").prefix(20).allSatisfy { displayWidth(String($0)) == 61 })
        }
    }

    @Test func bothSidesAreFoundInTheOrderOfTheRows() {
        var harness = harness(160, 40, "z|/total<enter>")
        var seen: [String] = []
        for _ in 0..<4 {
            seen.append(found(harness) ?? "")
            #expect(bright(harness).count == 1)
            harness.press("n")
        }
        #expect(seen[0] == "src/pay/total.swift" && seen[1].contains("count") && seen[2].contains("amount") && seen[3] == seen[0])
        // Turned to one side it goes on from the same line.
        harness.press("|n")
        #expect(found(harness)?.contains("amount") == true)
    }

    @Test func anotherTabOrAgentEndsIt() {
        for keys in ["<tab>", "A", "p", "hj"] {
            let harness = harness(120, 36, "/same<enter>" + keys)
            #expect(harness.dashboard.ui.find == nil, "\(keys)")
        }
        var harness = Harness()
        harness.press("<enter>/auth<enter>d")
        #expect(harness.dashboard.ui.find == nil)
    }

    @Test func itOutlivesADiffThatChanges() {
        var harness = harness(120, 36, "/same<enter>n")
        harness.press("hd")
        #expect(harness.dashboard.ui.find == nil, "compared anew, from the beginning")
        harness.press("/same<enter>n")
        answer(&harness, Sample.changes)
        #expect(harness.dashboard.ui.find?.editor.text == "same")
        harness.press("nN")
        #expect(found(harness) == nil && harness.shows("no /same"))
        harness.press("f")
        #expect(harness.shows("last turn"))
        harness.press("n|zZG")
        _ = harness.screen
    }

    @Test func theListsFilterIsAStepToTheLeft() {
        var harness = harness(120, 36, "h/")
        #expect(harness.dashboard.ui.filter.isEditing && harness.dashboard.ui.find == nil)
        harness = self.harness(120, 36, "/same<enter>h/flaky<enter>")
        #expect(harness.dashboard.ui.filter.query.text == "flaky")
    }

    @Test func nothingToSearchInSaysSo() {
        var harness = Harness()
        harness.press("d/")
        #expect(harness.dashboard.ui.find == nil && harness.shows("no changes to search in"))
        harness.press("w/")
        #expect(harness.shows("only the activity and the diff can be searched"))
    }

    @Test(arguments: GoldenTests.sizes) func search(_ size: Size) throws {
        for (name, keys) in [("find", "/total<enter>n"), ("find-typing", "/req"), ("find-sides", "z|/total<enter>nn"), ("find-none", "/zebra")] {
            try GoldenTests().check(harness(size.columns, size.rows, keys), "diff-\(name)-\(size.columns)x\(size.rows)")
        }
    }
}
