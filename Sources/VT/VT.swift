import CVTerm
package import Screen

/// A terminal inside a tab: a program's bytes in; its screen, its modes and what is to be sent back to it out. libvterm does the work.
///
/// No I/O, no clock. The result does not depend on how the bytes are cut. One thread.
package final class VT {
    /// Lines that are kept above the screen.
    package static let history = 5_000
    /// Smaller ones are not made: a program is told this size and shown in part.
    package static let leastSize = Size(columns: Int(CVTERM_LEAST_COLUMNS), rows: Int(CVTERM_LEAST_ROWS))

    private let terminal: OpaquePointer
    private var sieve = Sieve()
    /// The screen as it was made last; rows that changed since are made anew when somebody asks.
    private var screen: Grid
    /// Lines that the view is above the end; 0: at the end, and it stays there.
    package private(set) var scrolled = 0
    private var pushed: Int64 = 0

    package init(_ size: Size, history: Int = VT.history) {
        guard let terminal = cvterm_new(Int32(clamping: size.columns), Int32(clamping: size.rows), Int32(clamping: history)) else {
            preconditionFailure("no memory left for a terminal")
        }
        self.terminal = terminal
        screen = Grid(size)
    }

    deinit { cvterm_free(terminal) }

    /// What the program wrote.
    package func feed(_ bytes: some Sequence<UInt8>) {
        let safe = sieve.sift(bytes)
        guard !safe.isEmpty else { return }
        safe.withUnsafeBufferPointer { cvterm_feed(terminal, $0.baseAddress, $0.count) }
        follow()
    }

    package func resize(_ size: Size) {
        guard size != self.size else { return }
        cvterm_resize(terminal, Int32(clamping: size.columns), Int32(clamping: size.rows))
        screen = Grid(size)
        follow()
    }

    /// Who has scrolled back goes on seeing the same lines while new ones come.
    private func follow() {
        let now = cvterm_look(terminal)
        if scrolled > 0 { scrolled += Int(now.pushed - pushed) }
        pushed = now.pushed
        scrolled = max(0, min(scrolled, now.alternate ? 0 : Int(now.above)))
    }

    /// Goes to so many lines above the end, as far as there are lines.
    package func scroll(to lines: Int) { scrolled = max(0, min(lines, isAlternate ? 0 : above)) }

    // MARK: What it shows

    private var size: Size { screen.size }
    private var state: cvterm_state { cvterm_look(terminal) }

    /// Lines above the screen.
    package var above: Int { Int(state.above) }
    /// A program has the whole screen (vi, less): nothing is above it.
    package var isAlternate: Bool { state.alternate }
    /// The program wants clicks and the wheel.
    package var wantsMouse: Bool { state.mouse != 0 }
    /// What the program calls itself (OSC 0 and 2), one line of printable text; empty when it said nothing.
    package var title: String { sieve.title }
    package var bells: Int { Int(state.bells) }

    /// What is to be seen: its screen, or what is above it when it was scrolled back.
    package func grid() -> Grid {
        let state = state
        for line in 0..<min(size.rows, Int(state.rows)) where cvterm_take_change(terminal, Int32(line)) {
            fill(&screen, line: line, from: line)
        }
        screen.cursor = cursor(state)
        guard scrolled > 0 else { return screen }
        var view = screen
        for line in 0..<size.rows { fill(&view, line: line, from: line - scrolled) }
        view.cursor = nil
        return view
    }

    private func fill(_ grid: inout Grid, line: Int, from row: Int) {
        let columns = grid.size.columns
        grid.cells.withUnsafeMutableBufferPointer { cells in
            UnsafeMutableBufferPointer(rebasing: cells[line * columns..<(line + 1) * columns]).withMemoryRebound(to: cvterm_cell.self) {
                cvterm_row(terminal, Int32(clamping: row), $0.baseAddress, Int32(columns))
            }
        }
    }

    private func cursor(_ state: cvterm_state) -> Cursor? {
        guard state.cursor_visible else { return nil }
        let point = Point(Int(state.cursor_column), Int(state.cursor_row))
        guard Rect(size).contains(point) else { return nil }
        let shapes: [Cursor.Shape] = [.block, .block, .underline, .bar]
        return Cursor(point, shape: shapes[max(0, min(3, Int(state.cursor_shape)))])
    }

    // MARK: What goes to the program

    /// Answers to its questions, and what keys and the mouse came to since the last time.
    package func takeAnswers() -> [UInt8] {
        let count = cvterm_answers(terminal)
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = cvterm_take_answers(terminal, buffer.baseAddress, count)
        }
    }

    /// The bytes of a key, as the program's modes want them.
    package func press(_ key: Key) -> [UInt8] {
        scrolled = 0
        if let bytes = plainBytes(of: key) { return bytes }
        guard let code = key.vtermCode else { return [] }
        cvterm_key(terminal, code, key.modifiers.vterm)
        return takeAnswers()
    }

    /// Pasted text, marked as such for programs that want it. It is text: nothing of it can end the mark or be a key.
    package func paste(_ text: String) -> [UInt8] {
        scrolled = 0
        cvterm_paste(terminal, true)
        var bytes = takeAnswers()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: bytes.append(0x0D)
            case 0x09: bytes.append(0x09)
            case 0..<0x20, 0x7F..<0xA0: break
            default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        cvterm_paste(terminal, false)
        return bytes + takeAnswers()
    }

    /// A click, a drag or the wheel, at a cell of the screen; nothing for programs that do not want it.
    package func point(_ mouse: Mouse) -> [UInt8] {
        guard wantsMouse else { return [] }
        let modifiers = mouse.modifiers.vterm
        let column = max(0, min(mouse.position.column, size.columns - 1)), row = max(0, min(mouse.position.row, size.rows - 1))
        cvterm_mouse_move(terminal, Int32(column), Int32(row), modifiers)
        let button: Int32 =
            switch mouse.button {
            case .left, .none: 1
            case .middle: 2
            case .right: 3
            }
        switch mouse.action {
        case .press: cvterm_mouse_button(terminal, button, true, modifiers)
        case .release: cvterm_mouse_button(terminal, button, false, modifiers)
        case .wheelUp: cvterm_mouse_button(terminal, 4, true, modifiers)
        case .wheelDown: cvterm_mouse_button(terminal, 5, true, modifiers)
        case .drag, .move, .wheelLeft, .wheelRight: break
        }
        return takeAnswers()
    }
}
