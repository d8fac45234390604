import Dashboard
import Domain
import Screen
import Testing
import VT

extension Harness {
    /// What was asked for with shells, in order.
    var shellActs: [ShellAct] { effects.compactMap { if case .shell(_, let act) = $0 { act } else { nil } } }
    var starts: Int { shellActs.filter { if case .start = $0 { true } else { false } }.count }

    /// The shell has written this: its screen is told as the program tells it.
    mutating func shell(_ text: String, _ number: Int = 1, name: String = "bash") {
        let views = effects.compactMap { if case .showShell(let view) = $0 { view } else { nil } }
        let view = views.last { $0.id == ShellID(number) } ?? ShellView(ShellID(number), Size(columns: 40, rows: 10))
        let terminal = VT(view.size)
        terminal.feed(text.utf8)
        terminal.scroll(to: dashboard.ui.shells.scrolled)
        var screen = ShellScreen(terminal.grid())
        (screen.title, screen.isAlternate, screen.wantsMouse) = (terminal.title, terminal.isAlternate, terminal.wantsMouse)
        (screen.scrolled, screen.above) = (terminal.scrolled, terminal.above)
        take(.shell(ShellID(number), .started(name: name)))
        take(.shell(ShellID(number), .screen(screen)))
    }
}

/// To an agent whose place is a worktree, and into a terminal there.
private let open = "jjj$<enter>"
private let listing =
    "\u{1B}]0;ana@box: translate\u{7}\u{1B}[01;32mana@box\u{1B}[0m:\u{1B}[01;34mtranslate\u{1B}[0m$ ls --color\r\n\u{1B}[01;34msrc\u{1B}[0m  README.md  \u{1B}[01;32mbuild.sh\u{1B}[0m  漢字.txt\r\n\u{1B}[01;32mana@box\u{1B}[0m:\u{1B}[01;34mtranslate\u{1B}[0m$ "

@Suite struct ShellGoldenTests {
    private func check(_ size: Size, _ name: String, _ prepare: (inout Harness) -> Void) throws {
        var harness = Harness(size.columns, size.rows)
        prepare(&harness)
        try GoldenTests().check(harness, "term-\(name)-\(size.columns)x\(size.rows)")
    }

    @Test(arguments: GoldenTests.sizes) func noTerminalInAContainer(_ size: Size) throws { try check(size, "nowhere") { $0.press("$") } }

    @Test(arguments: GoldenTests.sizes) func notStarted(_ size: Size) throws { try check(size, "not-started") { $0.press("jjj$") } }

    @Test(arguments: GoldenTests.sizes) func typedInto(_ size: Size) throws {
        try check(size, "typing") {
            $0.press(open)
            $0.shell(listing)
        }
    }

    @Test(arguments: GoldenTests.sizes) func leftAndScrolledBack(_ size: Size) throws {
        try check(size, "scrolled") {
            $0.press(open)
            $0.shell((1...100).map { "line \($0)\r\n" }.joined() + "$ ")
            $0.press("<c-]>kkk")
            $0.shell((1...100).map { "line \($0)\r\n" }.joined() + "$ ")
        }
    }

    @Test(arguments: GoldenTests.sizes) func aWholeScreenOnTheWholeScreen(_ size: Size) throws {
        try check(size, "alternate") {
            $0.press(open + "<c-]>+<c-]>z<enter>")
            $0.shell(
                "\u{1B}[?1049h\u{1B}[?1h\u{1B}]2;less README.md\u{7}\u{1B}[H# api\r\n\r\nA service.\r\n\u{1B}[999;1H\u{1B}[7mREADME.md (END)\u{1B}[27m", 2,
                name: "bash")
        }
    }

    @Test(arguments: GoldenTests.sizes) func ended(_ size: Size) throws {
        try check(size, "ended") {
            $0.press(open)
            $0.shell("$ exit 3\r\n", name: "zsh")
            $0.take(.shell(ShellID(1), .ended(.exited(3))))
            $0.press("<esc>")
        }
    }

    @Test func otherTerminals() throws {
        var harness = Harness(100, 30)
        harness.look = Look(ascii: true, shades: false)
        harness.press(open)
        harness.shell(listing)
        try GoldenTests().check(harness, "term-ascii-100x30")
    }
}

@Suite struct ShellTests {
    @Test func walkingPastStartsNothing() {
        var harness = Harness()
        harness.press("jjj<enter>]]]]][[[[[<tab><tab><tab><tab><tab>$jk$hj$")
        #expect(harness.starts == 0)
        harness.press("<enter>")
        #expect(harness.starts == 1)
        // There is one now: Enter goes into it.
        harness.press("<c-]><enter>")
        #expect(harness.starts == 1 && harness.dashboard.ui.shells.typing == ShellID(1))
    }

    @Test func itStartsInTheAgentsDirectoryAtTheSizeItIsShown() {
        var harness = Harness()
        harness.press(open)
        guard case .start(let agent, let directory, let size)? = harness.shellActs.first else { Issue.record("nothing was started"); return }
        #expect(agent == AgentID("translate") && directory == "/home/ana/.local/share/drover/worktrees/web/translate")
        #expect(harness.effects.contains(.showShell(ShellView(ShellID(1), size))) && size.columns == 46 && size.rows > 20)
        // Another size, zoomed, another tab, back.
        harness.effects = []
        harness.take(.resized(Size(columns: 200, rows: 50)))
        harness.press("<c-]>zw$")
        let views = harness.effects.compactMap { if case .showShell(let view) = $0 { view.map(\.size.columns) ?? 0 } else { nil } }
        #expect(views == [82, 198, 0, 198], "\(views)")
    }

    @Test func allKeysGoIntoIt() {
        var harness = Harness()
        harness.press(open)
        harness.effects = []
        let keys = Key.parse("yYxq!:?/D.nN1<esc><c-c><c-z><c-l><tab><s-tab><enter><up><pageup><f1><a-x><space>$<c-k>") ?? []
        for key in keys { harness.take(.terminal(.key(key))) }
        #expect(harness.shellActs == keys.map { .key($0) })
        #expect(harness.orders.isEmpty && !harness.effects.contains(.quit) && harness.dashboard.ui.dialog == nil)
    }

    /// Then no frame is drawn for the key, and its echo can be at once.
    @Test func aKeyForTheProgramChangesNothingHere() {
        var harness = Harness()
        harness.press(open)
        harness.shell("$ ")
        harness.press("x")
        let before = harness.dashboard.ui
        harness.press("y<esc><c-c>")
        #expect(harness.dashboard.ui.looksLike(before))
    }

    @Test func newAttentionTakesNoKeyFromIt() {
        var harness = Harness()
        harness.press(open)
        harness.effects = []
        var herd = Sample.herd
        var agent = herd.agents[AgentID("translate")] ?? Sample.herd.agents.values.first!
        let request = Request(
            id: RequestID("per_9"), session: SessionID("s"), agent: agent.id,
            kind: .permission(Request.Permission(name: "bash", patterns: [], always: ["*"], detail: "rm -rf /")), asked: Sample.ago(0))
        agent.requests = [request.id]
        agent.status = .waiting
        herd.agents[agent.id] = agent
        var change = HerdChange()
        (change.agents, change.requests) = ([agent], [request])
        harness.take(.changed(change))
        harness.press("yY")
        harness.take(.snapshot(herd, live: true))
        harness.press("x1<enter>")
        harness.take(.lost(why: "gone"))
        harness.press("q")
        #expect(harness.orders.isEmpty && harness.shellActs == "yYx1".map { .key(.char($0.unicodeScalars.first!)) } + [.key(.enter), .key(.char("q"))])
    }

    @Test func keysOfATerminalThatIsGoneDoNothing() {
        var harness = Harness()
        harness.press(open)
        harness.effects = []
        var change = HerdChange()
        change.removedAgents = [AgentID("translate")]
        harness.take(.changed(change))
        #expect(harness.shellActs == [.end])
        harness.press("yDq<enter><esc>!")
        #expect(harness.orders.isEmpty && !harness.effects.contains(.quit) && harness.dashboard.ui.dialog == nil && harness.shows("the terminal is gone"))
        harness.press("<c-]>!")
        #expect(harness.dashboard.ui.queue != nil)
    }

    @Test func theEndIsToldAndEnterStartsAnew() {
        var harness = Harness()
        harness.press(open)
        harness.shell("$ exit 3\r\n")
        harness.take(.shell(ShellID(1), .ended(.exited(3))))
        #expect(harness.shows("ended with exit code 3") && harness.shows("starts anew"))
        harness.press("qyD")
        #expect(harness.orders.isEmpty && !harness.effects.contains(.quit) && harness.dashboard.ui.dialog == nil)
        harness.press("<enter>")
        #expect(harness.starts == 2 && harness.dashboard.ui.shells.shells(of: AgentID("translate")).map(\.id) == [ShellID(2)])
        harness.take(.shell(ShellID(2), .failed("enter /gone: No such file or directory")))
        #expect(harness.shows("No such file"))
        harness.press("<esc>-")
        #expect(harness.dashboard.ui.shells.shells(of: AgentID("translate")).isEmpty && harness.shows("starts it"))
    }

    @Test func eachAgentHasItsOwn() {
        var harness = Harness()
        harness.press(open + "<c-]>")
        harness.shell("one")
        harness.press("+<c-]>")
        harness.shell("two", 2)
        #expect(harness.shows("two") && harness.shows("Term 2"))
        harness.press("hj$")
        #expect(!harness.shows("two") && harness.dashboard.ui.shells.shells(of: harness.dashboard.ui.selected).isEmpty)
        harness.press("hk$")
        #expect(harness.shows("two"))
        harness.press("J")
        harness.shell("one")
        #expect(harness.shows("one") && !harness.shows("two"))
    }

    @Test func closingAsksWhereSomethingRuns() {
        var harness = Harness()
        harness.press(open + "<c-]>-")
        #expect(harness.shellActs.last == .close && harness.dashboard.ui.dialog == nil)
        harness.take(.shell(ShellID(1), .busy))
        #expect(harness.shows("what runs in this terminal is ended"))
        harness.press("<esc>")
        #expect(harness.shellActs.last == .close)
        harness.take(.shell(ShellID(1), .busy))
        harness.press("<enter>")
        #expect(harness.shellActs.last == .end && harness.dashboard.ui.shells.byAgent.isEmpty)
        harness.press(":")
        harness.press("<esc>$<enter><c-]>q")
        #expect(harness.effects.last == .quit)
        harness.take(.busy([ShellID(2)]))
        #expect(harness.shows("Close the screen"))
        harness.press("<enter>")
        #expect(harness.effects.last == .quitNow)
    }

    @Test func pastesAndTheMouse() throws {
        var harness = Harness()
        harness.press(open)
        harness.shell("$ ")
        harness.effects = []
        harness.take(.terminal(.paste("ls\nD")))
        #expect(harness.shellActs == [.paste("ls\nD")] && harness.dashboard.ui.drafts.isEmpty)
        // A program that wants no mouse: the wheel scrolls.
        harness.shell((1...100).map { "\($0)\r\n" }.joined())
        harness.take(.terminal(.mouse(Mouse(.wheelUp, .none, at: Point(100, 20)))))
        #expect(harness.dashboard.ui.shells.scrolled == 3)
        harness.take(.terminal(.mouse(Mouse(.wheelDown, .none, at: Point(100, 20)))))
        // One that does gets it in its own cells.
        harness.shell("\u{1B}[?1000h")
        harness.effects = []
        let grid = try #require(harness.scene.regions.last { if case .shell = $0.hit { $0.rect.rows > 3 } else { false } }).rect
        harness.take(.terminal(.mouse(Mouse(.press, .left, at: Point(grid.column + 4, grid.row + 2)))))
        harness.take(.terminal(.mouse(Mouse(.release, .left, at: Point(0, 0)))))
        harness.take(.terminal(.mouse(Mouse(.wheelUp, .none, at: grid.origin))))
        #expect(
            harness.shellActs == [
                .mouse(Mouse(.press, .left, at: Point(4, 2))), .mouse(Mouse(.release, .left, at: .init(0, 0))), .mouse(Mouse(.wheelUp, .none, at: Point(0, 0))),
            ])
        // Outside a click leaves it; on it, it goes in again.
        harness.click(40, 10)
        #expect(harness.dashboard.ui.shells.typing == nil && harness.dashboard.ui.focus == .agents)
    }

    @Test(arguments: GoldenTests.sizes) func whereKeysGoIsToldAndHowToGetOut(_ size: Size) {
        var harness = Harness(size.columns, size.rows)
        harness.press(open)
        harness.shell("$ ")
        #expect(harness.shows("typing here") && harness.shows("ctrl-] leave") && harness.scene.frame.cursor != nil)
        harness.press("<c-]>")
        #expect(!harness.shows("typing here") && !harness.shows("ctrl-] leave") && harness.shows("to type") && harness.scene.frame.cursor == nil)
    }

    @Test func aKeyLeavesItWhateverThePersonChose() {
        for wishes in [["shell.leave": ""], ["shell.leave": "<c-g>"], ["shell.leave": "q"]] {
            var harness = Harness()
            harness.take(.preferences(Preferences(keys: wishes), problems: []))
            harness.press(open)
            harness.press(wishes["shell.leave"] == "<c-g>" ? "<c-g>" : "q<c-]>")
            #expect(harness.dashboard.ui.shells.typing == nil, "\(wishes)")
        }
    }

    @Test func programsKeepTheirColoursAndTheTheirDefaultsAreTheThemes() throws {
        var harness = Harness()
        harness.press(open)
        harness.shell("\u{1B}[31mred\u{1B}[48;2;1;2;3m true\u{1B}[0;7m reversed\u{1B}[0m plain\u{1B}]0;evil\u{9C}\u{1B}[999;999H")
        let grid = try #require(harness.scene.regions.last { if case .shell = $0.hit { $0.rect.rows > 3 } else { false } }).rect
        func style(_ column: Int) -> Style { harness.scene.frame.style(at: Point(grid.column + column, grid.row)) }
        #expect(style(0) == Style(foreground: .ansi(1), background: .token(.bg)))
        #expect(style(4) == Style(foreground: .ansi(1), background: .rgb(0x010203)))
        #expect(style(9) == Style(attributes: .reverse) && style(18) == Style())
    }
}
