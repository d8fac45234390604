package import CommandLine
import Glibc
import Screen
import Sys
import Terminal
import VT

/// Shows a recorded session. Its bytes go through a terminal of our own making, and only what that shows reaches the person's: a file from a
/// stranger can draw, and nothing else.
package final class ReplayProgram {
    private static let ttyToken: UInt64 = 1, signalToken: UInt64 = 2

    private let wish: Replay
    private var recording: Recording
    private let screen: VT
    private var next = 0
    /// Where in the session it is, in milliseconds.
    private var position: Int64 = 0
    private var speed: Double
    private var isStopped = false

    package init(_ wish: Replay) throws(DashboardFailure) {
        self.wish = wish
        speed = wish.speed
        do throws(SysError) {
            let bytes = try Files.read(wish.file, limit: 256 << 20)
            do throws(Recording.Problem) {
                recording = try Recording(bytes, name: wish.file)
            } catch {
                throw SysError("read", wish.file, code: EINVAL, detail: error.message)
            }
        } catch {
            throw .system(error)
        }
        screen = VT(recording.size, history: 0)
    }

    /// The frame at that moment, as SVG.
    package func picture() -> String {
        let wanted = wish.picture ?? -1
        while next < recording.events.count, wanted < 0 || recording.events[next].at <= wanted { step() }
        return frame(in: screen.grid().size, Atlas()).svg(.default)
    }

    /// Until the person leaves.
    package func run() throws(DashboardFailure) {
        recording.shorten(pausesOver: wish.longestPause)
        let terminal: TerminalSession
        let signals: Signals
        do throws(SysError) {
            signals = try Signals([SIGWINCH, SIGTERM, SIGHUP, SIGINT])
            Signals.ignorePipes()
        } catch {
            throw .system(error)
        }
        do throws(TerminalError) {
            terminal = try TerminalSession(TerminalSession.Options())
        } catch {
            throw .terminal(error)
        }
        defer { terminal.leave() }
        do throws(SysError) {
            try show(terminal, signals)
        } catch {
            throw .system(error)
        }
    }

    private func show(_ terminal: TerminalSession, _ signals: Signals) throws(SysError) {
        let poller = Poller(), atlas = Atlas()
        try poller.add(terminal.descriptor, token: Self.ttyToken)
        try poller.add(signals.descriptor, token: Self.signalToken)
        var clock = Clock.monotonicMilliseconds(), inputDue: Int64?
        while true {
            terminal.present(labelled(frame(in: terminal.size, atlas)))
            let isOver = next >= recording.events.count
            let due = isOver || isStopped ? nil : clock + Int64(Double(recording.events[next].at - position) / speed)
            for ready in poller.wait(untilMonotonicMs: [due, inputDue].compactMap { $0 }.min()) {
                if ready.token == Self.signalToken {
                    for signal in signals.read() {
                        guard signal == SIGWINCH else { return }
                        _ = terminal.sizeChanged()
                    }
                } else {
                    guard let inputs = try? terminal.read() else { return }
                    inputDue = terminal.inputWait.map { Clock.monotonicMilliseconds() + Int64($0) }
                    for case .key(let key) in inputs { if obey(key) { return } }
                }
            }
            let now = Clock.monotonicMilliseconds()
            // Nothing followed an ESC: it was the key. An arrow may come in pieces.
            if let due = inputDue, now >= due {
                inputDue = nil
                for case .key(let key) in terminal.inputTimedOut() { if obey(key) { return } }
            }
            if !isStopped, !isOver { position += Int64(Double(now - clock) * speed) }
            clock = now
            guard !isStopped else { continue }
            while next < recording.events.count, recording.events[next].at <= position { step() }
        }
    }

    /// True: leave.
    private func obey(_ key: Key) -> Bool {
        switch key {
        case .char("q"), .escape, .ctrl("c"): return true
        case .char(" "): isStopped.toggle()
        case .char("+"), .char("="): speed = min(1000, speed * 2)
        case .char("-"): speed = max(0.05, speed / 2)
        case .right, .char("."), .char("l"): if next < recording.events.count { step() }
        case .char("0"), .home: rewind()
        default: break
        }
        return false
    }

    private func rewind() {
        (next, position) = (0, 0)
        screen.feed(Array("\u{1B}c".utf8))
        screen.resize(recording.size)
    }

    private func step() {
        let event = recording.events[next]
        next += 1
        position = max(position, event.at)
        switch event.what {
        case .drew(let bytes): screen.feed(bytes)
        case .resized(let size): screen.resize(size)
        }
        // Nobody answers a question of the past.
        _ = screen.takeAnswers()
    }

    private func frame(in size: Size, _ atlas: Atlas) -> Frame {
        var frame = Frame(size, atlas: atlas)
        let grid = screen.grid()
        frame.draw(grid, in: Rect(0, 0, min(size.columns, grid.size.columns), min(size.rows, grid.size.rows)), on: .bg)
        return frame
    }

    /// While it stands still the last line says where it stands.
    private func labelled(_ frame: Frame) -> Frame {
        guard isStopped || next >= recording.events.count else { return frame }
        var frame = frame
        let line = Rect(0, frame.size.rows - 1, frame.size.columns, 1)
        frame.clear(line, .sel)
        let state = next >= recording.events.count ? "the end" : "stopped   space goes on"
        let words =
            " \(time(position)) of \(time(recording.length))   \(state)   x\(speed < 1 ? "1/\(Int((1 / speed).rounded()))" : "\(Int(speed))")   0 begins again   q leaves"
        frame.write(words, at: Point(0, line.row), Paint(.text), maxWidth: line.columns, ellipsis: true)
        return frame
    }

    private func time(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        return "\(seconds / 60):" + (seconds % 60 < 10 ? "0" : "") + "\(seconds % 60)"
    }
}
