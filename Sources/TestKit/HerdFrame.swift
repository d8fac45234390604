package import Screen

/// A frame with the weight of the dashboard: three columns, two-line rows, one selected. For measuring what a cursor move costs.
package struct HerdFrame {
    package var selected = 0
    private let atlas = Atlas()

    package init() {}

    private static let agents: [(glyph: String, token: Token, title: String, project: String, place: String, age: String, second: [Span])] = [
        ("!", .wait, "Add OAuth login", "api", "docker", "4m", [Span("bash ", .wait), Span("npm install passport")]),
        ("!", .wait, "Fix flaky CI", "web", "worktree", "1m", [Span("asks ", .wait), Span("Which database? "), Span("3 options", .muted)]),
        ("✕", .fail, "Refactor DB layer", "api", "worktree", "15m", [Span("failed ", .fail), Span("context window exceeded", .muted)]),
        ("●", .run, "Update dependencies", "api", "worktree", "3m", [Span("bash ", .done), Span("npm test", .muted)]),
        ("●", .run, "Port build to arm64", "infra", "ssh big", "41m", [Span("edit ", .done), Span("Makefile  +12 -4", .muted)]),
        ("◔", .limit, "Translate docs", "web", "worktree", "9m", [Span("rate limit ", .limit), Span("again in 42s", .muted)]),
        ("↗", .move, "Speed up search", "web", "→ docker", "8s", [Span("moving ", .move), Span("files proven", .muted)]),
        ("✓", .done, "Fix typos in README", "web", "worktree", "23m", [Span("+8", .add), Span(" -8", .dele), Span("  2 files", .muted)]),
    ]

    package func draw(_ size: Size) -> Frame {
        var frame = Frame(size, atlas: atlas)
        frame.clear(Rect(0, 0, size.columns, 1), .panel)
        frame.write([Span("drover", .accent, .bold), Span("   3 projects  9 agents   ", .muted), Span("! 2 need you", .wait, .bold)], at: Point(1, 0))
        frame.clear(Rect(0, 1, 22, size.rows - 2), .panel)
        frame.clear(Rect(73, 1, size.columns - 73, size.rows - 2), .panel)
        for index in 0..<12 { frame.write("12:34:0\(index % 10) read src/auth/oauth.ts", at: Point(74, 4 + index), .muted) }
        for index in 0..<8 { row(index, &frame) }
        return frame
    }

    private func row(_ index: Int, _ frame: inout Frame) {
        let agent = Self.agents[index]
        let rect = Rect(22, 3 + 3 * index, 50, 2)
        if index == selected % 8 {
            frame.restyle(rect, background: .sel)
            frame.bar(rect, .accent)
        }
        frame.write([Span(agent.glyph, agent.token, .bold), Span(" " + agent.title, .text, agent.token == .wait ? .bold : [])], at: Point(24, rect.row))
        frame.write(agent.project, at: Point(50, rect.row), .muted)
        frame.write(agent.place, at: Point(57, rect.row), .muted)
        frame.writeRight(agent.age, endingAt: 71, row: rect.row)
        frame.write(agent.second, at: Point(26, rect.row + 1))
    }
}
