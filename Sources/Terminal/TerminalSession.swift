import CTerm
import Glibc
package import Screen
import Sys

/// The person's terminal, while it is ours: frames in, keys out.
///
/// curses knows the terminal and paints whole screens, into memory; what changes from one frame to the next is written without it, which costs a
/// tenth. Only this class talks to the terminal. Modes, signals and input are never curses' business. One thread uses it, the one that claimed it.
package final class TerminalSession {
    package struct Options {
        /// nil: what TERM, COLORTERM and NO_COLOR say.
        package var depth: ColourDepth?
        package var theme: Theme
        /// nil: what the locale says.
        package var ascii: Bool?
        /// nil: where the terminal is one of those that are known to have them.
        package var hyperlinks: Bool?

        package init(depth: ColourDepth? = nil, theme: Theme = .default, ascii: Bool? = nil, hyperlinks: Bool? = nil) {
            self.depth = depth
            self.theme = theme
            self.ascii = ascii
            self.hyperlinks = hyperlinks
        }
    }

    /// Poll it for input; while `hasUnsentOutput`, for room to write too.
    package let descriptor: Int32
    package let depth: ColourDepth
    /// True when only ASCII may be shown.
    package let ascii: Bool
    /// In cells, since the claim or the last `sizeChanged`.
    package internal(set) var size: Size

    let modes: TerminalModes
    var decoder = InputDecoder()
    /// Where input is read to.
    var inputRoom = [UInt8](repeating: 0, count: 16_384)
    var output: TerminalOutput
    var answers = TerminalAnswers()
    private(set) var isActive = false

    private var hasLinks: Bool
    private var pens: Pens
    private var tidier = Tidier()
    /// What the terminal shows; nil: nobody knows.
    private var shown: Frame?
    private var shownTitle: String?
    /// What is shown is not known to be there: the next frame is painted whole.
    private var mustPaint = true
    /// Bytes of the frame that is being drawn.
    private var drawing: [UInt8] = []
    private let owner = pthread_self()
    /// Gets the bytes of every frame, as they go to the terminal.
    package var witness: (([UInt8]) -> Void)?

    /// Takes the terminal: its modes are saved, the alternate screen entered, crashes guarded.
    package init(_ options: Options = Options()) throws(TerminalError) {
        let tty = try TerminalDevice.open()
        var facts = cterm_facts()
        do {
            size = try tty.size()
            try TerminalDevice.openCurses(size, &facts)
        } catch {
            tty.close()
            throw error
        }
        let environment = TerminalEnvironment(colours: Int(facts.colours), direct: facts.direct_colour)
        descriptor = tty.descriptor
        depth = options.depth ?? environment.depth
        ascii = options.ascii ?? environment.ascii
        modes = TerminalModes(facts)
        output = TerminalOutput(tty.descriptor)
        hasLinks = modes.modern && (options.hyperlinks ?? TerminalEnvironment.bearsLinks(TerminalEnvironment.value))
        pens = Pens(theme: options.theme, depth: depth, onlyEight: facts.colours > 0 && facts.colours < 16)
        tidier.screen.able = TerminalAbilities(
            knowsOffCodes: facts.modern, addressesColumns: facts.addresses_columns, erases: facts.erases, scrollsAtTheEnd: facts.scrolls_at_the_end)
        cterm_ascii(ascii)
        let code = cterm_modes_save(descriptor)
        guard code == 0 else { throw .system("reading the terminal's modes", code) }
        enter()
        if modes.modern { answers.ask(modes.questions, &output) }
    }

    deinit {
        leave()
        cterm_close()
        close(descriptor)
    }

    /// The colours; everything is drawn again.
    package var theme: Theme {
        get { pens.theme }
        set {
            guard newValue != pens.theme else { return }
            pens.theme = newValue
            pens.forget()
            mustPaint = true
        }
    }

    /// Links can be clicked; nil: where the terminal is one of those that are known to have them.
    package func useHyperlinks(_ isWanted: Bool?) {
        let now = modes.modern && (isWanted ?? TerminalEnvironment.bearsLinks(TerminalEnvironment.value))
        guard now != hasLinks else { return }
        hasLinks = now
        mustPaint = true
    }

    /// Shows a frame. Costs no byte where nothing changed. False while the terminal has not taken the one before: present the newest
    /// again once it can be written to. (A terminal that does not read never blocks us.)
    @discardableResult
    package func present(_ frame: Frame) -> Bool {
        checkThread()
        guard isActive, output.flush() else { return false }
        learn(frame)
        let cursor = frame.cursor.flatMap { Rect(size).contains($0.position) ? $0 : nil }
        drawing.removeAll(keepingCapacity: true)
        let isWhole = mustPaint || shown?.size != frame.size || frame.size != size
        if isWhole { paint(frame) } else if let shown { change(from: shown, to: frame) }
        // A small change is one write and arrives in one piece anyhow.
        if answers.synchronizedOutput, drawing.count > 1024 { drawing = Array("\u{1B}[?2026h".utf8) + drawing + Array("\u{1B}[?2026l".utf8) }
        if let cursor { tidier.screen.move(toRow: cursor.position.row, column: cursor.position.column, &drawing) }
        switchModes(frame, cursor)
        output.write(drawing)
        witness?(drawing)
        mustPaint = false
        shown = frame
        shown?.cursor = cursor
        return true
    }

    /// By curses, from an empty screen on.
    private func paint(_ frame: Frame) {
        cterm_repaint()
        let columns = min(frame.size.columns, size.columns)
        for row in 0..<min(frame.size.rows, size.rows) {
            let start = row * frame.size.columns
            frame.cells.withUnsafeBufferPointer {
                UnsafeBufferPointer(rebasing: $0[start..<start + columns]).withMemoryRebound(to: cterm_cell.self) {
                    cterm_write(Int32(row), 0, $0.baseAddress, $0.count)
                }
            }
        }
        cterm_cursor(-1, 0)
        var count = 0
        let drawn = UnsafeBufferPointer(start: cterm_flush(&count), count: count)
        tidier.tidy(drawn, into: &drawing)
        if tidier.screen.links.count > 1 { drawLinks(frame, columns) }
    }

    /// curses knows no links: their cells are written again.
    private func drawLinks(_ frame: Frame, _ columns: Int) {
        for row in 0..<min(frame.size.rows, size.rows) {
            let start = row * frame.size.columns
            let cells = frame.cells[start..<start + columns]
            guard cells.contains(where: { $0.link != 0 }) else { continue }
            var at = start
            while at < start + columns {
                let first = frame.cells[at]
                var end = at + 1
                while end < start + columns, frame.cells[end].link == first.link, frame.cells[end].style == first.style { end += 1 }
                // Not the cell that would scroll the screen.
                if first.link != 0, row < size.rows - 1 || end < start + columns {
                    tidier.screen.become(pens.looks[Int(first.style)], &drawing)
                    tidier.screen.move(toRow: row, column: at - start, &drawing)
                    frame.cells.withUnsafeBufferPointer { tidier.screen.write(.init(rebasing: $0[at..<end]), of: size, &drawing) }
                }
                at = end
            }
        }
    }

    private func change(from old: Frame, to new: Frame) {
        var runs = difference(from: old, to: new)
        if tidier.screen.able.scrollsAtTheEnd, let last = runs.last, last.row == size.rows - 1, last.columns.upperBound == size.columns {
            runs[runs.count - 1].columns = last.columns.lowerBound..<max(last.columns.lowerBound, size.columns - (new.cells.last?.width == 0 ? 2 : 1))
        }
        guard !runs.isEmpty else { return }
        let byColour = depth >= .indexed256 && runs.reduce(0) { $0 + $1.columns.count } <= DrawPlan.mostCells
        old.cells.withUnsafeBufferPointer { before in
            new.cells.withUnsafeBufferPointer { after in
                pens.looks.withUnsafeBufferPointer { looks in
                    let plan = DrawPlan(
                        runs, from: before, to: after, columns: size.columns, looks: looks, starting: tidier.screen.rendition ?? Rendition(), byColour: byColour
                    )
                    draw(plan, after)
                }
            }
        }
    }

    private func draw(_ plan: DrawPlan, _ cells: UnsafeBufferPointer<Cell>) {
        var screen = tidier.screen
        for pass in plan.passes {
            if pass.empties { screen.becomeBlank(pass.rendition, &drawing) } else { screen.become(pass.rendition, &drawing) }
            for piece in pass.pieces {
                let start = piece.row * size.columns
                var columns = piece.columns
                if pass.empties {
                    screen.move(toRow: piece.row, column: columns.lowerBound, &drawing)
                    screen.blank(columns.count, of: size, &drawing)
                    continue
                }
                // A jump costs four bytes: what is in between and looks the same is rather written again.
                if screen.row == piece.row, let here = screen.column, here < columns.lowerBound, columns.lowerBound - here < 4,
                    (here..<columns.lowerBound).allSatisfy({ isPlain(cells[start + $0], in: pass.rendition) })
                {
                    columns = here..<columns.upperBound
                }
                screen.move(toRow: piece.row, column: columns.lowerBound, &drawing)
                screen.write(.init(rebasing: cells[start + columns.lowerBound..<start + columns.upperBound]), of: size, &drawing)
            }
        }
        tidier.screen = screen
    }

    private func isPlain(_ cell: Cell, in rendition: Rendition) -> Bool {
        guard cell.glyph >= 0x20, cell.glyph < 0x7F else { return false }
        let look = pens.looks[Int(cell.style)]
        return look == rendition || (cell.glyph == 0x20 && look.background == rendition.background && !look.showsOnBlanks && !rendition.showsOnBlanks)
    }

    /// Another atlas or no more pairs: what curses knows is worth nothing.
    private func learn(_ frame: Frame) {
        if let shown, shown.atlas !== frame.atlas {
            pens.forget()
            mustPaint = true
        }
        if !pens.learn(frame.atlas) {
            pens.dropPairs()
            _ = pens.learn(frame.atlas)
            tidier.forget()
            mustPaint = true
        }
        tidier.screen.colours = pens.colours
        tidier.screen.links = hasLinks && frame.atlas.links.count > 1 ? frame.atlas.links : []
    }

    private func switchModes(_ frame: Frame, _ cursor: Cursor?) {
        if frame.mouse != (shown?.mouse ?? false) { drawing += modes.mouse(frame.mouse) }
        if frame.bracketedPaste != (shown?.bracketedPaste ?? false) { drawing += modes.bracketedPaste(frame.bracketedPaste) }
        if let title = frame.title, title != shownTitle {
            drawing += modes.title(title)
            shownTitle = title
        }
        if cursor != nil || shown?.cursor != nil { drawing += modes.cursor(from: shown?.cursor, to: cursor) }
    }

    /// After SIGWINCH: reads the size anew. The next frame is drawn from scratch. Returns it if it changed.
    package func sizeChanged() -> Size? {
        checkThread()
        var columns: Int32 = 0
        var rows: Int32 = 0
        guard cterm_size(descriptor, &columns, &rows) == 0, columns > 0, rows > 0 else { return nil }
        let now = Size(columns: Int(columns), rows: Int(rows))
        guard now != size else { return nil }
        size = now
        cterm_resize(columns, rows)
        mustPaint = true
        return now
    }

    /// Draws everything with the next frame (Ctrl-L: something else wrote to the screen).
    package func repaint() {
        tidier.forget()
        mustPaint = true
    }

    private func enter() {
        _ = cterm_modes_raw(descriptor)
        output.write(modes.enter(kittyKeys: answers.kittyKeys))
        let leaving = modes.leave(kittyKeys: answers.kittyKeys)
        cterm_guard(descriptor, leaving, leaving.count)
        tidier.forget()
        mustPaint = true
        shown = nil
        shownTitle = nil
        isActive = true
    }

    /// Gives the terminal back as it was found. Again: does nothing.
    package func leave() {
        guard isActive else { return }
        isActive = false
        drainAnswers()
        output.finish(with: modes.leave(kittyKeys: answers.kittyKeys))
        _ = cterm_modes_restore(descriptor)
        cterm_unguard()
    }

    /// Takes it again: after `leave`, and after SIGCONT, when a shell may have changed everything. The next frame is drawn whole.
    package func resume() {
        checkThread()
        if isActive { output.forget() }
        _ = sizeChanged()
        enter()
    }

    /// Ctrl-Z: gives the terminal back, stops this process, and goes on when it is continued.
    package func suspend() {
        checkThread()
        leave()
        stopThisProcess()
        resume()
    }

    /// Runs something that uses the terminal itself (an editor, OpenCode's own screen) and comes back to the same frame.
    package func runOutside<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        checkThread()
        leave()
        defer { resume() }
        return try body()
    }

    /// The terminal answered that it has kitty's keys.
    func useKittyKeys() {
        guard !answers.kittyKeys else { return }
        answers.kittyKeys = true
        output.write(Array("\u{1B}[>1u".utf8))
        let leaving = modes.leave(kittyKeys: true)
        cterm_guard(descriptor, leaving, leaving.count)
    }

    func checkThread() {
        precondition(pthread_equal(owner, pthread_self()) != 0, "The terminal belongs to the thread that claimed it.")
    }
}
