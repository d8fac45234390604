import CTerm
import Glibc
package import Screen
import Sys

/// The person's terminal, while it is ours: frames in, keys out.
///
/// curses decides what to draw and how to get there; it draws into memory, and only this class talks to the terminal. Modes, signals and
/// input are never curses' business. One thread uses it, the one that claimed it.
package final class TerminalSession {
    package struct Options {
        /// nil: what TERM, COLORTERM and NO_COLOR say.
        package var depth: ColourDepth?
        package var theme: Theme
        /// nil: what the locale says.
        package var ascii: Bool?

        package init(depth: ColourDepth? = nil, theme: Theme = .default, ascii: Bool? = nil) {
            self.depth = depth
            self.theme = theme
            self.ascii = ascii
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
    var output: TerminalOutput
    var answers = TerminalAnswers()
    private(set) var isActive = false

    private var pens: Pens
    private var tidier = Tidier()
    /// What the terminal shows; nil: nobody knows.
    private var shown: Frame?
    private var shownTitle: String?
    /// What was drawn with last: the next change had best begin with it.
    private var lastStyle = Atlas.plain
    private let owner = pthread_self()

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
        pens = Pens(theme: options.theme, depth: depth, onlyEight: facts.colours > 0 && facts.colours < 16)
        tidier.knowsOffCodes = facts.modern
        tidier.addressesColumns = facts.addresses_columns
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
            shown?.invalidate()
        }
    }

    /// Shows a frame. Costs no byte where nothing changed. False while the terminal has not taken the one before: present the newest
    /// again once it can be written to. (A terminal that does not read never blocks us.)
    @discardableResult
    package func present(_ frame: Frame) -> Bool {
        checkThread()
        guard isActive, output.flush() else { return false }
        learn(frame)
        draw(frame)
        let cursor = frame.cursor.flatMap { Rect(size).contains($0.position) ? $0 : nil }
        cterm_cursor(Int32(cursor?.position.row ?? -1), Int32(cursor?.position.column ?? 0))
        send(frame, cursor)
        shown = frame
        shown?.cursor = cursor
        return true
    }

    /// Hands curses what differs.
    private func draw(_ frame: Frame) {
        let runs = difference(from: shown, to: frame).compactMap { run in
            let columns = run.columns.clamped(to: 0..<size.columns)
            var run = run
            run.columns = columns
            return run.row < size.rows && !columns.isEmpty ? run : nil
        }
        if let shown, depth >= .indexed256, let plan = DrawPlan(runs, from: shown, to: frame, starting: lastStyle) {
            for pass in plan.passes { draw(pass, frame) }
            lastStyle = plan.passes.last?.style ?? lastStyle
        } else {
            for run in runs { write(frame, run.row, run.columns) }
            if let last = runs.last { lastStyle = frame.style(at: Point(last.columns.upperBound - 1, last.row)) }
        }
    }

    private func draw(_ pass: DrawPlan.Pass, _ frame: Frame) {
        for piece in pass.pieces {
            if pass.empties {
                let style = number(of: pass.style, in: frame.atlas)
                write(Array(repeating: .space(style), count: piece.columns.count), row: piece.row, column: piece.columns.lowerBound)
            } else {
                write(frame, piece.row, piece.columns)
            }
        }
        // Where drawing ends, the cursor is: said so, curses remembers it and gets to the next piece by a shorter way.
        let end = pass.pieces.last.map { Point($0.columns.upperBound, $0.row) }
        let known = end.map { !pass.empties && $0.column < size.columns } ?? false
        cterm_cursor(Int32(known ? end?.row ?? -1 : -1), Int32(end?.column ?? 0))
        cterm_draw()
    }

    /// A style the frame itself may not have.
    private func number(of style: Style, in atlas: Atlas) -> UInt16 {
        let number = atlas.number(of: style)
        if pens.learn(atlas) { tidier.colours = pens.colours }
        return number
    }

    private func write(_ frame: Frame, _ row: Int, _ columns: Range<Int>) {
        frame.cells.withUnsafeBufferPointer { all in
            let start = row * frame.size.columns
            write(UnsafeBufferPointer(rebasing: all[start + columns.lowerBound..<start + columns.upperBound]), row, columns.lowerBound)
        }
    }

    private func write(_ cells: [Cell], row: Int, column: Int) {
        cells.withUnsafeBufferPointer { write($0, row, column) }
    }

    private func write(_ cells: UnsafeBufferPointer<Cell>, _ row: Int, _ column: Int) {
        cells.withMemoryRebound(to: cterm_cell.self) { cterm_write(Int32(row), Int32(column), $0.baseAddress, $0.count) }
    }

    /// Another atlas or no more pairs: what curses knows is worth nothing.
    private func learn(_ frame: Frame) {
        if let shown, shown.atlas !== frame.atlas { pens.forget() }
        if shown != nil, shown?.atlas !== frame.atlas || shown?.size != frame.size { shown?.invalidate() }
        if !pens.learn(frame.atlas) {
            pens.dropPairs()
            _ = pens.learn(frame.atlas)
            cterm_repaint()
            shown?.invalidate()
        }
        tidier.colours = pens.colours
    }

    /// What curses drew and the modes that changed, in one write.
    private func send(_ frame: Frame, _ cursor: Cursor?) {
        var count = 0
        let drawn = UnsafeBufferPointer(start: cterm_flush(&count), count: count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 64)
        if frame.mouse != (shown?.mouse ?? false) { bytes += modes.mouse(frame.mouse) }
        if frame.bracketedPaste != (shown?.bracketedPaste ?? false) { bytes += modes.bracketedPaste(frame.bracketedPaste) }
        if let title = frame.title, title != shownTitle {
            bytes += modes.title(title)
            shownTitle = title
        }
        // A small change is one write and arrives in one piece anyhow.
        let synchronized = answers.synchronizedOutput && count > 1024
        if synchronized { bytes += Array("\u{1B}[?2026h".utf8) }
        tidier.tidy(drawn, into: &bytes)
        if cursor != nil || shown?.cursor != nil { bytes += modes.cursor(from: shown?.cursor, to: cursor) }
        if synchronized { bytes += Array("\u{1B}[?2026l".utf8) }
        output.write(bytes)
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
        shown?.invalidate()
        return now
    }

    /// Draws everything with the next frame (Ctrl-L: something else wrote to the screen).
    package func repaint() {
        cterm_repaint()
        tidier.forget()
        shown?.invalidate()
    }

    private func enter() {
        _ = cterm_modes_raw(descriptor)
        output.write(modes.enter(kittyKeys: answers.kittyKeys))
        let leaving = modes.leave(kittyKeys: answers.kittyKeys)
        cterm_guard(descriptor, leaving, leaving.count)
        tidier.forget()
        cterm_repaint()
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
