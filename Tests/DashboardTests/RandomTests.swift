import Dashboard
import Domain
import Screen
import Testing

/// Thousands of inputs in no order: nothing traps, and what must hold always holds.
@Suite struct RandomTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 31)
        }
    }

    private static let keys: [Key] =
        Command.table.flatMap(\.keys)
        + (Key.parse("abc xyz019\"':-()<tab><s-tab><backspace><delete><a-enter><c-w><c-k><left><right><home><end><pageup><esc><esc>") ?? [])

    @Test(arguments: [UInt64(1), 2, 3, 4, 5]) func tenThousandInputs(_ seed: UInt64) {
        var dice = Dice(state: seed)
        var harness = Harness(120, 36, herd: seed % 2 == 0 ? Sample.crowd(60) : Sample.herd)
        var tags: [Int] = []
        let atlas = Atlas()
        var before: Scene?
        for step in 0..<2000 {
            harness.pass(Int64.random(in: 0...700, using: &dice))
            let drafts = harness.dashboard.ui.drafts.mapValues(\.text)
            let input = Self.input(&dice, harness, &tags)
            harness.effects = []
            harness.take(input)
            for case .order(_, let tag) in harness.effects { tags.append(tag) }
            check(harness, drafts, input, step)
            // What is copied from the frame before is what would have been drawn.
            let whole = harness.dashboard.view(atlas: atlas, now: harness.now)
            let next = harness.dashboard.view(atlas: atlas, now: harness.now, after: before)
            #expect(next.frame.cells == whole.frame.cells && next.regions == whole.regions, "step \(step): copied cells differ after \(input)")
            before = next
        }
    }

    private static func input(_ dice: inout Dice, _ harness: Harness, _ tags: inout [Int]) -> DashboardInput {
        switch Int.random(in: 0..<100, using: &dice) {
        case 0..<72: return .terminal(.key(keys.randomElement(using: &dice) ?? .enter))
        case 72..<80:
            let size = harness.dashboard.ui.size
            let point = Point(Int.random(in: 0...size.columns, using: &dice), Int.random(in: 0...size.rows, using: &dice))
            return .terminal(.mouse(Mouse([.press, .wheelUp, .wheelDown][Int.random(in: 0..<3, using: &dice)], .left, at: point)))
        case 80..<83:
            return .resized(
                [
                    Size(columns: 60, rows: 20), Size(columns: 80, rows: 24), Size(columns: 120, rows: 36), Size(columns: 200, rows: 50),
                    Size(columns: 39, rows: 9), Size(columns: 1, rows: 1), Size(columns: 0, rows: 0), Size(columns: 70, rows: 10),
                ].randomElement(using: &dice) ?? .zero)
        case 83..<86: return .terminal(.paste("pasted \u{1b}[31m\n" + String(Int.random(in: 0...9, using: &dice))))
        case 86..<90:
            var change = HerdChange()
            let agents = harness.dashboard.model.herd.agents.values.sorted { $0.id < $1.id }
            if var agent = agents.randomElement(using: &dice) {
                agent.status = Status.allCases.randomElement(using: &dice) ?? .done
                agent.unseen = Bool.random(using: &dice)
                agent.archived = Int.random(in: 0..<10, using: &dice) == 0
                change.agents = [agent]
            }
            if Int.random(in: 0..<20, using: &dice) == 0, let gone = agents.randomElement(using: &dice) { change.removedAgents = [gone.id] }
            if Int.random(in: 0..<10, using: &dice) == 0 { change.removedRequests = Array(harness.dashboard.model.herd.requests.keys.prefix(1)) }
            return .changed(change)
        case 90..<93:
            guard !tags.isEmpty else { return .tick }
            let tag = tags.removeFirst()
            let replies: [Result<ClientReply, Refusal>] = [
                .success(.done), .success(.diff(Sample.changes)), .failure(Refusal(.failed, "no", remedy: "try")), .success(.words("undone")),
                .success(.choices(models: [], fallback: nil, modes: ["a"], commands: [], branches: ["b"])),
            ]
            return .replied(tag: tag, replies.randomElement(using: &dice) ?? .success(.done))
        case 93..<95:
            guard let agent = harness.dashboard.ui.selected else { return .tick }
            return .transcript(
                agent,
                Bool.random(using: &dice)
                    ? .reset(Sample.transcript)
                    : .put(Sample.tool("r\(Int.random(in: 0...50, using: &dice))", "bash", "x", at: 10, .failed, output: "a\nb\n\u{1b}c")))
        case 95: return .lost(why: "gone")
        case 96: return .snapshot(Sample.herd, live: Bool.random(using: &dice))
        case 97: return .edited(Bool.random(using: &dice) ? "edited" : nil)
        case 98: return .starting
        case 99: return shellNews(&dice, harness)
        default: return .tick
        }
    }

    private static func shellNews(_ dice: inout Dice, _ harness: Harness) -> DashboardInput {
        let shells = harness.dashboard.ui.shells.byAgent.values.joined().map(\.id).sorted()
        guard let id = shells.randomElement(using: &dice) else { return .busy([]) }
        var screen = ShellScreen(
            Grid(Size(columns: Int.random(in: 0...90, using: &dice), rows: Int.random(in: 0...30, using: &dice)), cursor: Cursor(Point(70, 25))))
        (screen.above, screen.wantsMouse, screen.title) = (100, Bool.random(using: &dice), "漢字 title")
        let news: [ShellNews] = [
            .started(name: "bash"), .screen(screen), .screen(screen), .ended(.exited(1)), .ended(.signalled(9)), .failed("no such directory"), .busy, .closed,
        ]
        return .shell(id, news.randomElement(using: &dice) ?? .busy)
    }

    private func check(_ harness: Harness, _ drafts: [AgentID: String], _ input: DashboardInput, _ step: Int) {
        let dashboard = harness.dashboard
        if let selected = dashboard.ui.selected {
            #expect(dashboard.model.herd.agents[selected] != nil, "step \(step): the selected agent is gone after \(input)")
        }
        #expect(Set(dashboard.ui.marks).isSubset(of: Set(dashboard.model.herd.agents.keys)))
        #expect(dashboard.listing.rows.count == Set(dashboard.listing.rows).count)
        if let queue = dashboard.ui.queue?.selected { #expect(dashboard.model.herd.requests[queue] != nil) }
        let scene = harness.scene
        let size = dashboard.ui.size
        #expect(scene.frame.size == size)
        if let cursor = scene.frame.cursor, !Rect(size).contains(cursor.position) {
            #expect(Rect(size).contains(cursor.position), "step \(step): the cursor is outside")
        }
        for region in scene.regions { #expect(region.rect.right <= size.columns + 1 && region.rect.column >= 0, "\(region)") }
        // A draft goes only by being sent, taken up by its editor, or edited.
        for (agent, text) in drafts where !text.isEmpty && dashboard.model.herd.agents[agent] != nil && agent != dashboard.ui.selected {
            if case .edited = input { continue }
            #expect(
                dashboard.ui.drafts[agent]?.text != nil || harness.effects.contains { if case .order(.send(agent, _, _, _), _) = $0 { true } else { false } },
                "step \(step): a draft is lost after \(input)")
        }
        _ = dashboard.nextDeadline
    }
}
