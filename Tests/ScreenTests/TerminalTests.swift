import Foundation
import Screen
import TestKit
import Testing

/// The probe on a pseudo-terminal: real curses, real modes, a grid that looks at every byte.
private struct Probe {
    let pty: Pty
    var frames: RandomFrames
    let depth: ColourDepth
    /// The oldest have no way to.
    let hidesCursor: Bool
    let onlyEight: Bool
    let bearsLinks: Bool

    init(
        _ term: String, depth: ColourDepth = .direct, seed: UInt64 = 1, size: Size = Size(columns: 60, rows: 14), modern: Bool = true, inShell: Bool = false,
        _ extra: [String: String] = [:]
    ) throws {
        let program = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }?.deletingLastPathComponent() ?? Bundle.main.bundleURL
        var environment = ["TERM": term, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"]
        if depth == .direct { environment["COLORTERM"] = "truecolor" }
        if depth == .mono { environment["NO_COLOR"] = "1" }
        environment.merge(extra) { $1 }
        let probe = program.appendingPathComponent("terminal-probe").path
        // A shell with job control, that says when the probe has stopped and brings it back for a line.
        let script = "'\(probe)' \(seed); while [ $? = 148 ]; do echo stopped; read line; fg; done"
        pty = try Pty(inShell ? "/bin/sh" : probe, inShell ? ["-m", "-c", script] : ["\(seed)"], size: size, environment: environment, modern: modern)
        frames = RandomFrames(seed: seed)
        self.depth = depth
        hidesCursor = term != "vt100"
        onlyEight = term == "linux"
        bearsLinks = extra["WT_SESSION"] != nil || term == "xterm-kitty"
    }

    /// Asks for the next frame and waits until the grid shows it.
    mutating func expectNext(_ key: String = "n", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let frame = frames.next(pty.grid.size)
        pty.press(key)
        let looks = frame.atlas.styles.map { style in
            let style = Theme.default.resolve(style, depth: depth)
            return onlyEight ? style.inEightColours : style
        }
        let hides = hidesCursor, bears = bearsLinks
        let shows = pty.waitUntil(timeout: .seconds(5)) { $0.differences(from: frame, looks, hidesCursor: hides, bearsLinks: bears).isEmpty }
        try #require(shows, "\(pty.grid.differences(from: frame, looks, hidesCursor: hides, bearsLinks: bears).prefix(4))", sourceLocation: sourceLocation)
        #expect(pty.grid.errors.isEmpty, sourceLocation: sourceLocation)
    }
}

extension VTGrid {
    /// Cells, cursor and modes that are not as in the frame.
    fileprivate func differences(from frame: Frame, _ looks: [Style], hidesCursor: Bool, bearsLinks: Bool) -> [String] {
        guard frame.size == size else { return ["size \(size)"] }
        var result: [String] = []
        for row in 0..<size.rows {
            for column in 0..<size.columns {
                let cell = frame.cells[row * size.columns + column]
                let text = cell.width == 0 ? "" : String(String.UnicodeScalarView(frame.atlas.scalars(of: cell.glyph)))
                let style = looks[Int(cell.style)]
                let shown = self[column, row]
                let link = bearsLinks ? frame.atlas.links[Int(cell.link)] : ""
                if shown.link != link, text != " " { result.append("\(column),\(row): \(shown.text) leads to \"\(shown.link)\" instead of \"\(link)\"") }
                if !shown.text.utf8.elementsEqual(text.utf8) || !looksAlike(shown.style, style, blank: text == " ") {
                    result.append("\(column),\(row): \(shown.text) \(shown.style.mark) instead of \(text) \(style.mark)")
                }
            }
        }
        if hidesCursor, cursorVisible != (frame.cursor != nil) { result.append("cursor shown \(cursorVisible)") }
        if let wanted = frame.cursor, cursor != wanted.position { result.append("cursor at \(cursor)") }
        return result
    }

    /// A blank shows its background, lines and reverse, nothing else.
    private func looksAlike(_ a: Style, _ b: Style, blank: Bool) -> Bool {
        if !blank { return a == b }
        let visible: Attributes = [.underline, .reverse, .strike]
        guard a.attributes.isDisjoint(with: visible), b.attributes.isDisjoint(with: visible) else { return a == b }
        return a.background == b.background
    }
}

@Suite(.serialized) struct TerminalTests {
    @Test(arguments: [
        ("xterm-256color", ColourDepth.direct), ("xterm-256color", .indexed256), ("tmux-256color", .direct), ("screen-256color", .indexed256), ("vt100", .mono),
        ("linux", .ansi16), ("xterm", .mono), ("xterm-kitty", .direct),
    ])
    func theScreenShowsTheFrame(_ term: String, _ depth: ColourDepth) throws {
        for seed in 1...4 {
            var probe = try Probe(term, depth: depth, seed: UInt64(seed), term == "vt100" ? ["LANG": "en_US.UTF-8"] : [:])
            for _ in 0..<25 { try probe.expectNext() }
            let bytes = probe.pty.grid.bytesFed
            probe.pty.press("a")
            probe.pty.waitUntilQuiet(milliseconds: 30)
            #expect(probe.pty.grid.bytesFed == bytes, "an unchanged frame costs nothing")
            probe.pty.press("q")
            #expect(probe.pty.waitForExit() == 0)
        }
    }

    /// Only where the terminal says what it is; links through curses' whole paints and through small changes alike.
    @Test(arguments: [ColourDepth.direct, .indexed256, .mono]) func linksLeadWhereTheFrameSays(_ depth: ColourDepth) throws {
        var seen = 0
        for seed in 11...13 {
            var probe = try Probe("xterm-256color", depth: depth, seed: UInt64(seed), ["WT_SESSION": "1"])
            for round in 0..<25 {
                try probe.expectNext(round % 6 == 5 ? "r" : "n")
                seen += probe.pty.grid.cells.count { $0.link.hasPrefix("https://example.org") }
                #expect(!probe.pty.grid.cells.contains { $0.link.hasPrefix("file") })
            }
            probe.pty.press("q")
            #expect(probe.pty.waitForExit() == 0)
        }
        #expect(seen > 0)
    }

    @Test func itFollowsTheSize() throws {
        var probe = try Probe("xterm-256color", seed: 9)
        try probe.expectNext()
        for (columns, rows) in [(100, 30), (20, 5), (1, 1), (120, 36), (61, 14), (60, 14)] {
            probe.pty.resize(Size(columns: columns, rows: rows))
            try probe.expectNext("r")
            for _ in 0..<3 { try probe.expectNext() }
        }
    }

    @Test func itLeavesTheTerminalAsItWasFound() throws {
        for (keys, code) in [("q", Int32(0)), ("c", 128 + SIGILL), ("", 128 + SIGKILL)] {
            var probe = try Probe("xterm-256color")
            for _ in 0..<3 { try probe.expectNext() }
            let pty = probe.pty
            #expect(pty.grid.isAlternate && !pty.isCooked && pty.grid.privateModes.isSuperset(of: [1004, 2004]))
            #expect(pty.waitUntil { $0.keyboardFlags == [1] })
            if keys.isEmpty { pty.signal(SIGKILL) } else { pty.press(keys) }
            let status = pty.waitForExit()
            #expect(status == code || (code == 128 + SIGILL && status == 128 + SIGTRAP))
            #expect(pty.isCooked)
            #expect(!pty.grid.isAlternate && pty.grid.cursorVisible && pty.grid.keyboardFlags.isEmpty && pty.grid.titles.isEmpty)
            #expect(pty.grid.privateModes.isDisjoint(with: [1000, 1002, 1003, 1004, 1006, 1049, 2004, 2026]))
            #expect(pty.grid.style == VTGrid.plain && pty.grid.cursorShape == 0)
            #expect(pty.grid.errors.isEmpty)
        }
    }

    @Test func itSuspendsAndComesBack() throws {
        var probe = try Probe("xterm-256color", inShell: true)
        for _ in 0..<3 { try probe.expectNext() }
        let pty = probe.pty
        pty.press("z")
        #expect(pty.waitUntil { !$0.isAlternate && $0.cursorVisible && $0.keyboardFlags.isEmpty && $0.contains("stopped") })
        #expect(pty.isCooked)
        pty.press("<enter>")
        try probe.expectNext()
        #expect(pty.grid.isAlternate && !pty.isCooked && pty.grid.keyboardFlags == [1])
        pty.press("o")
        #expect(pty.waitUntil { $0.bytesFed > 0 && $0.isAlternate && !pty.isCooked })
        try probe.expectNext()
        #expect(String(decoding: pty.output, as: UTF8.self).contains("outside"))
    }

    @Test func itStopsWithAProgramThatStopsItself() throws {
        var probe = try Probe("xterm-256color", inShell: true)
        try probe.expectNext()
        let pty = probe.pty
        pty.press("p")
        #expect(pty.waitUntil { !$0.isAlternate && $0.contains("stopped") }, "the shell has the terminal")
        pty.press("<enter>")
        try probe.expectNext()
        #expect(String(decoding: pty.output, as: UTF8.self).contains("went on"))
    }

    @Test func withoutAShellItDoesNotStop() throws {
        var probe = try Probe("xterm-256color")
        try probe.expectNext()
        probe.pty.press("z")
        try probe.expectNext()
        probe.pty.press("p")
        try probe.expectNext()
        #expect(String(decoding: probe.pty.output, as: UTF8.self).contains("went on"))
    }

    @Test func inputArrives() throws {
        let pty = try Probe("xterm-256color").pty
        #expect(pty.waitUntil { $0.isAlternate })
        for keys in ["<c-k>", "<a-x>", "<f5>", "<s-tab>", "<esc>", "<up>", "<c-right>", "ß"] {
            pty.press(keys)
            #expect(pty.waitUntil { $0.lines[0] == "key \(keys)" }, "\(keys)")
        }
        pty.write("\u{1B}[<0;10;5M")
        #expect(pty.waitUntil { $0.lines[0] == "mouse press 9,4" })
        pty.write("\u{1B}[200~" + String(repeating: "x", count: 300_000) + "\u{1B}[201~")
        #expect(pty.waitUntil { $0.contains("pasted 300000 xxxxxxxxxxxxxxxxxxxx") })
    }

    @Test func itSaysWhyItCannotStart() throws {
        for (term, words) in [("dumb", "cannot show a dashboard"), ("no-such-terminal", "No description of the terminal")] {
            let pty = try Probe(term).pty
            #expect(pty.waitForExit() == 1)
            #expect(String(decoding: pty.output, as: UTF8.self).contains(words))
        }
    }

    @Test func aTerminalThatAnswersNothingIsNotWaitedFor() throws {
        var probe = try Probe("xterm-256color", modern: false)
        try probe.expectNext()
        #expect(probe.pty.grid.keyboardFlags.isEmpty)
        probe.pty.press("q")
        #expect(probe.pty.waitForExit() == 0)
    }

    @Test func aCursorMoveIsCheap() throws {
        let pty = try Probe("xterm-256color", size: Size(columns: 120, rows: 36)).pty
        pty.press("h")
        #expect(pty.waitUntil { $0.contains("Translate docs") })
        pty.waitUntilQuiet(milliseconds: 30)
        var costs: [Int] = []
        for _ in 0..<8 {
            let before = pty.grid.bytesFed
            pty.press("j")
            #expect(pty.waitUntil { $0.bytesFed > before })
            pty.waitUntilQuiet(milliseconds: 30)
            costs.append(pty.grid.bytesFed - before)
        }
        #expect(costs.reduce(0, +) / costs.count <= 410, "\(costs)")
    }
}
