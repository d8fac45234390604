import Dashboard
import Domain
import Foundation
import Screen
import Testing

/// Screens as text, in files beside this one. `UPDATE_GOLDENS=1 swift test --filter GoldenTests` writes them anew: look at the difference before it is committed.
@Suite struct GoldenTests {
    static let sizes = [Size(columns: 60, rows: 20), Size(columns: 80, rows: 24), Size(columns: 120, rows: 36), Size(columns: 200, rows: 50)]

    /// What leads to each screen.
    static let scenes: [(name: String, keys: String)] = [
        ("main", ""), ("overview", "<esc>"), ("detail", "<enter>"), ("requests", "!"), ("question", "j<enter>"), ("diff", "d"), ("info", "w"),
        ("requests-tab", "d<tab>"), ("projects", "P"),
        ("filter", "/status:wait"), ("filter-error", "/stauts:x"), ("composer", "pgo on, and <a-enter>then the tests"), ("new", "n"),
        ("new-fields", "nFix the bug<tab><tab>"), ("help", "?"), ("help-search", "?stop"),
        ("palette", ":"), ("palette-search", ":arch"), ("palette-words", ":stop status:running"), ("remove", "D"), ("remove-many", "*D"), ("reject", "X"),
        ("rename", "<f2>"), ("zoom", "dJz"), ("one-line", "v"), ("board", "b"), ("pressed", "<f12>j<c-k>Q"), ("name-view", "/is:unseen or cost:>1<enter>V"),
        ("board-moved", "bl<space>"), ("marked", "<space><space>"),
    ]

    @Test(arguments: scenes.map(\.name), sizes)
    func screen(_ name: String, _ size: Size) throws {
        var harness = Harness(size.columns, size.rows)
        harness.press(Self.scenes.first { $0.name == name }?.keys ?? "")
        harness.answerDiff()
        try check(harness, "\(name)-\(size.columns)x\(size.rows)")
    }

    @Test(arguments: ["feed", "feed-moved", "feed-filter", "since"], sizes) func whatHappened(_ name: String, _ size: Size) throws {
        var harness = Harness(size.columns, size.rows, herd: Sample.afterAnHour)
        if name == "since" {
            harness.press("<esc>")
        } else {
            harness.press("L")
            harness.reply(.success(.feed(Sample.feed)))
            harness.press(name == "feed-moved" ? "kkk" : name == "feed-filter" ? "/test" : "")
        }
        try check(harness, "\(name)-\(size.columns)x\(size.rows)")
    }

    /// A wall of a screen.
    @Test(arguments: ["main", "board", "diff", "requests", "overview"]) func theBiggest(_ name: String) throws {
        var harness = Harness(300, 80)
        harness.press(Self.scenes.first { $0.name == name }?.keys ?? "")
        harness.answerDiff()
        try check(harness, "\(name)-300x80")
    }

    @Test(arguments: sizes) func emptyHerds(_ size: Size) throws {
        try check(Harness(size.columns, size.rows, herd: Herd()), "no-project-\(size.columns)x\(size.rows)")
        var herd = Sample.herd
        herd.agents = [:]
        herd.requests = [:]
        try check(Harness(size.columns, size.rows, herd: herd), "no-agent-\(size.columns)x\(size.rows)")
        var starting = Harness(size.columns, size.rows)
        starting.dashboard = Dashboard(size: size)
        try check(starting, "starting-\(size.columns)x\(size.rows)")
    }

    @Test(arguments: sizes) func aLostConnection(_ size: Size) throws {
        var harness = Harness(size.columns, size.rows)
        harness.take(.lost(why: "the daemon ended"))
        harness.pass(125_000)
        harness.take(.tick)
        try check(harness, "lost-\(size.columns)x\(size.rows)")
    }

    @Test(arguments: sizes) func hostileWords(_ size: Size) throws {
        var herd = Sample.herd
        let evil = [
            "\u{1b}[31mred\u{1b}]0;title\u{07}", "two\nlines\r\nof\ttext", "漢字かな交じり文の長い題名がここにあります", "שלום עולם \u{202E}evil\u{202C}",
            "👩‍👩‍👧‍👦 flags 🇩🇪 e\u{301}\u{301}\u{301}\u{301}\u{301}", "", String(repeating: "long ", count: 100),
        ]
        for (index, id) in herd.agents.keys.sorted().enumerated() {
            herd.agents[id]?.title = evil[index % evil.count]
            herd.agents[id]?.activity = Activity(verb: evil[index % 3], target: evil[(index + 1) % evil.count])
            herd.agents[id]?.error = evil[(index + 2) % evil.count]
            herd.agents[id]?.cost = [.nan, .infinity, -1e300][index % 3]
            herd.agents[id]?.contextUse = .nan
            herd.agents[id]?.since = Timestamp(milliseconds: [Int64.min, Int64.max, 0][index % 3])
        }
        try check(
            Harness(
                size.columns, size.rows, herd: herd,
                transcript: evil.enumerated().map {
                    Sample.said("e\($0.offset)", [.user, .text, .thinking, .error, .note][$0.offset % 5], $0.element, at: 100)
                }), "hostile-\(size.columns)x\(size.rows)")
    }

    @Test func otherTerminals() throws {
        var harness = Harness(100, 30)
        harness.look = Look(ascii: true, shades: false)
        try check(harness, "ascii-100x30")
        harness.press("D")
        try check(harness, "ascii-remove-100x30")
        picture("sixteen", Harness(120, 36).with(Look(ascii: false, shades: false)).scene.frame, depth: .ansi16)
        picture("mono", Harness(120, 36).with(Look(ascii: true, shades: false)).scene.frame, depth: .mono)
        picture("light", Harness(120, 36).scene.frame, theme: .light)
    }

    @Test(arguments: sizes) func everyKindOfItem(_ size: Size) throws {
        var herd = Sample.herd
        let edit = Request.Permission(name: "edit", patterns: ["src/middleware/auth.ts"], always: ["*"], detail: "src/middleware/auth.ts", diff: Sample.diff)
        herd.requests[RequestID("per_1")]?.kind = .permission(edit)
        herd.requests[RequestID("per_2")] = herd.requests[RequestID("per_1")]
        herd.agents[AgentID("oauth-login")]?.requests = [RequestID("per_1"), RequestID("per_2")]
        herd.agents[AgentID("oauth-login")]?.queued = [QueuedPrompt(message: MessageID("m"), text: "Then write the changelog.")]
        let output = (1...12).map { "  at test \($0) (src/auth.test.ts:\($0))" }.joined(separator: "\n")
        var items = [
            Sample.said("u1", .user, "Check the login", at: 400), Sample.tool("a", "task", "Look up passport strategies", "done", at: 390),
            Sample.tool("b", "webfetch", "https://www.passportjs.org/packages/", "200", at: 380, depth: 1),
            Sample.tool("c", "bash", "npm test", "exit 1", at: 300, .failed, output: output),
            Sample.tool("d", "bash", "npm run build", at: 280, .running, output: "compiling\nlinking"),
            Sample.said("e", .error, "the provider refused the request (400): prompt is too long", at: 270),
            Sample.said("n", .note, "the server went away and came back", at: 260),
            Sample.said(
                "t", .text,
                "## What I found\n\n- the **header** is wrong, it has to be `authorization` and never anything else\n- nothing else\n\n```ts\nconst a = 1\n```\nDone.",
                at: 250),
        ]
        items[2].session = SessionID("ses_child")
        try check(Harness(size.columns, size.rows, herd: herd, transcript: items), "kinds-\(size.columns)x\(size.rows)")
    }

    @Test func tooSmall() throws { try check(Harness(39, 9), "too-small-39x9") }

    @Test func aCrowd() throws { try check(Harness(120, 36, herd: Sample.crowd()), "crowd-120x36") }

    func check(_ harness: Harness, _ name: String) throws {
        let frame = harness.scene.frame
        picture(name, frame)
        let got = frame.text + (frame.cursor.map { "cursor \($0.position.column),\($0.position.row)\n" } ?? "")
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/\(name).txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] != nil {
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            return try got.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        if got != expected { Issue.record("\(name) differs:\n\(difference(expected, got))") }
    }

    private func difference(_ expected: String, _ got: String) -> String {
        let old = expected.split(separator: "\n", omittingEmptySubsequences: false), new = got.split(separator: "\n", omittingEmptySubsequences: false)
        return (0..<max(old.count, new.count)).compactMap { index in
            let (before, after) = (index < old.count ? String(old[index]) : "", index < new.count ? String(new[index]) : "")
            return before == after ? nil : "\(index)\t- \(before)\n\t+ \(after)"
        }.joined(separator: "\n")
    }
}

extension Harness {
    func with(_ look: Look) -> Harness {
        var other = self
        other.look = look
        return other
    }

    /// The daemon's answer to a question for a diff, if one was asked.
    mutating func answerDiff() {
        for (tag, pending) in dashboard.model.pending { if case .diff = pending.order { take(.replied(tag: tag, .success(.diff(Sample.changes)))) } }
    }
}
