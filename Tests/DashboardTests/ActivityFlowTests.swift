import Dashboard
import Domain
import Screen
import Testing

/// Finding one's way in a long conversation: kinds, sub-agents, searching, what came meanwhile.
@Suite struct ActivityFlowTests {
    private static func nested(_ state: ToolUse.State) -> [TranscriptItem] {
        var task = Sample.tool("task", "task", "Look up strategies", at: 300, state)
        task.tool?.child = SessionID("ses_child")
        var inner = [
            Sample.tool("in1", "read", "inner.ts", "1-4", at: 290, depth: 1),
            Sample.tool("in2", "bash", "inner command", "exit 1", at: 280, .failed, output: "boom", depth: 1),
        ]
        for index in inner.indices {
            inner[index].session = SessionID("ses_child")
            inner[index].message = MessageID("msg_child")
        }
        return [Sample.said("u", .user, "Find out", at: 310), task] + inner + [
            Sample.tool("after", "edit", "outer.ts", "", at: 270, changes: Changes(files: 1, additions: 1, deletions: 0))
        ]
    }

    private func harness(_ items: [TranscriptItem], _ columns: Int = 120, _ rows: Int = 36) -> Harness {
        Harness(columns, rows, herd: TextTests.quiet, transcript: items)
    }

    @Test func aFinishedSubAgentIsOneLineUntilItIsOpened() {
        var harness = harness(Self.nested(.completed))
        #expect(harness.shows("2 steps ▸") && !harness.shows("inner.ts"))
        harness.press("<enter>kk<enter>")
        #expect(harness.dashboard.ui.activity.chosen == "task" && harness.shows("2 steps ▾") && harness.shows("inner.ts") && harness.shows("boom"))
        harness.press("<enter>")
        #expect(!harness.shows("inner.ts"))
    }

    @Test func aSubAgentAtWorkIsOpenAndCanBeFolded() {
        var harness = harness(Self.nested(.running))
        #expect(harness.shows("inner.ts"))
        harness.press("<enter>kkkk<enter>")
        #expect(harness.dashboard.ui.activity.chosen == "task" && !harness.shows("inner.ts") && harness.shows("outer.ts"))
    }

    /// What a sub-agent does later than its parent still stands below the tool that started it.
    @Test func latecomersFindTheirPlace() {
        var harness = harness(Self.nested(.running))
        var late = Sample.tool("in3", "grep", "late one", at: 200, depth: 1)
        late.session = SessionID("ses_child")
        late.message = MessageID("msg_child")
        harness.take(.transcript(AgentID("oauth-login"), .put(late)))
        #expect(harness.dashboard.model.transcript.items.map(\.id) == ["u", "task", "in1", "in2", "in3", "after"])
    }

    @Test func everyKindShowsItsOwn() {
        var harness = harness(Self.nested(.completed) + [Sample.said("e", .error, "no more tokens", at: 10)])
        harness.press("<enter>")
        let expected: [(ActivityView.Kinds, String, String)] = [
            (.said, "Find out", "outer.ts"), (.tools, "outer.ts", "no more tokens"), (.edits, "outer.ts", "inner.ts"), (.commands, "inner command", "outer.ts"),
            (.errors, "no more tokens", "outer.ts"), (.requests, "no requests here", "outer.ts"), (.subagents, "inner.ts", "outer.ts"),
            (.all, "outer.ts", "inner.ts"),
        ]
        for (kind, shown, hidden) in expected {
            harness.press("f")
            #expect(harness.dashboard.ui.activity.kinds == kind && harness.shows(shown) && !harness.shows(hidden), "\(kind)")
            #expect(kind == .all || harness.shows("only " + kind.rawValue))
        }
    }

    @Test func aCommandThatFailedIsOpen() {
        let harness = harness([
            Sample.tool("c", "bash", "make", "exit 2", at: 9, output: "a\nthe reason"), Sample.tool("d", "bash", "ls", "exit 0", at: 8, output: "fine"),
        ])
        #expect(harness.shows("the reason") && !harness.shows("fine"))
    }

    @Test func whatCameMeanwhileIsCounted() {
        let items = (1...80).map { Sample.tool("t\($0)", "read", "file\($0).ts", at: 300) }
        var harness = harness(items)
        harness.press("<enter><pageup>")
        #expect(harness.shows("more below"))
        for number in 1...3 { harness.take(.transcript(AgentID("oauth-login"), .put(Sample.tool("n\(number)", "read", "new\(number).ts", at: 1)))) }
        #expect(harness.shows("↓ 3 new G"))
        harness.press("G")
        #expect(harness.shows("new3.ts") && !harness.shows("↓"))
    }

    @Test func aSearchGoesRoundAndOpensWhatHidesTheWord() {
        var items = (1...60).map { Sample.tool("t\($0)", "read", $0 % 20 == 0 ? "Needle\($0).ts" : "file\($0).ts", at: 300) }
        items[29] = Sample.tool("t30", "bash", "make", at: 300, output: "one\ntwo needle three\nfour")
        var harness = harness(items)
        harness.press("<enter>/needle")
        #expect(harness.dashboard.ui.find?.match?.block == "t40" && harness.shows("/needle"))
        harness.press("<enter>n")
        #expect(harness.dashboard.ui.find?.match?.block == "t60")
        harness.press("n")
        #expect(harness.dashboard.ui.find?.match?.block == "t20" && harness.shows("Needle20.ts"))
        harness.press("n")
        #expect(harness.dashboard.ui.find?.match?.block == "t30" && harness.shows("two needle three"))
        harness.press("nN")
        #expect(harness.dashboard.ui.find?.match?.block == "t30")
        harness.press("<esc>n")
        #expect(harness.dashboard.ui.find == nil && harness.dashboard.ui.dialogs.count == 1)
    }

    @Test func aSearchForNothingThereSaysSo() {
        var harness = harness(Self.nested(.completed))
        harness.press("<enter>/zebra")
        #expect(harness.shows("no /zebra") && harness.dashboard.ui.find?.match == nil)
        harness.press("<esc>")
        #expect(harness.dashboard.ui.find == nil && harness.dashboard.ui.focus == .detail)
    }

    @Test func aSearchReadsWhatIsFoldedAndFarAway() {
        var text = "The beginning has a Zebra.\n\n"
        while text.utf8.count < 200_000 { text += "Nothing to see in this paragraph.\n\n" }
        var harness = harness(Self.nested(.completed) + TextTests.items(text))
        harness.press("<enter>/zebra<enter>")
        #expect(harness.shows("beginning has a Zebra"))
        harness.press("/<c-u>boom<enter>")
        #expect(harness.shows("boom"))
    }

    @Test(arguments: GoldenTests.sizes) func search(_ size: Size) throws {
        var harness = harness(TextTests.items(TextTests.answer), size.columns, size.rows)
        harness.press("<enter>/git<enter>n")
        try GoldenTests().check(harness, "search-\(size.columns)x\(size.rows)")
    }

    @Test(arguments: GoldenTests.sizes) func subAgents(_ size: Size) throws {
        var harness = harness(Self.nested(.completed) + Self.nested(.running).map { Sample.again($0) }, size.columns, size.rows)
        harness.press("<enter>")
        try GoldenTests().check(harness, "subagents-\(size.columns)x\(size.rows)")
    }
}

extension Sample {
    /// The same under another name.
    static func again(_ item: TranscriptItem) -> TranscriptItem {
        let child = SessionID("ses_child2")
        var copy = TranscriptItem(
            id: item.id + "2", session: item.depth > 0 ? child : item.session, at: item.at, kind: item.kind, text: item.text, tool: item.tool, depth: item.depth
        )
        if copy.tool?.child != nil { copy.tool?.child = child }
        return copy
    }
}
