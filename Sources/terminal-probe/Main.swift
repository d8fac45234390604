import Glibc
import Screen
import Sys
import Terminal
import TestKit

/// Draws seeded random frames on its terminal, for tests of Terminal: `n` the next frame, `a` the same again, `r` measures the size, `o` runs
/// something outside, `p` a program that stops itself, `z` suspends, `h` and `j` draw something like the dashboard and move its selection, `b` measures drawing, `t` tells how long claiming
/// took, `c` crashes, `q` ends; other keys are told. Arguments: seed, depth.
@main
enum TerminalProbe {
    static func main() {
        let arguments = CommandLine.arguments
        let seed = arguments.count > 1 ? UInt64(arguments[1]) ?? 1 : 1
        let depth = arguments.count > 2 ? ColourDepth(rawValue: arguments[2]) : nil
        do throws(TerminalError) {
            let before = ContinuousClock.now
            let terminal = try TerminalSession(TerminalSession.Options(depth: depth))
            let claimed = ContinuousClock.now - before
            var probe = Probe(terminal: terminal, frames: RandomFrames(seed: seed), claimed: claimed)
            try probe.run()
        } catch {
            let message = Array((error.message + "\n").utf8)
            _ = write(2, message, message.count)
            exit(1)
        }
    }
}

private struct Probe {
    let terminal: TerminalSession
    var frames: RandomFrames
    let claimed: Duration
    var shown: Frame?
    var herd = HerdFrame()

    mutating func run() throws(TerminalError) {
        var rows = false
        while true {
            if let shown { terminal.present(shown) }
            for input in try wait() {
                switch input {
                case .key(.char("n")):
                    shown = frames.next(terminal.size)
                    rows = false
                case .key(.char("a")): break
                case .key(.char("h")):
                    rows = true
                    shown = herd.draw(terminal.size)
                case .key(.char("j")) where rows:
                    herd.selected += 1
                    shown = herd.draw(terminal.size)
                case .key(.char("r")):
                    _ = terminal.sizeChanged()
                    shown = frames.next(terminal.size)
                case .key(.char("t")): say("claimed in \(claimed.components.attoseconds / 1_000_000_000_000) us")
                case .key(.char("b")): measure()
                case .key(.char("o")): terminal.runOutside { _ = write(1, "outside\r\n", 9) }
                case .key(.char("p")): terminal.runOutside { _ = try? runInForeground("/bin/sh", ["-c", "kill -TSTP $$; echo went on"]) }
                case .key(.char("z")): terminal.suspend()
                case .key(.char("c")): preconditionFailure("crashes as asked")
                case .key(.char("q")): return
                case .paste(let text): say("pasted \(text.utf8.count) \(text.prefix(20))")
                case .key(let key): say("key \(key)")
                case .mouse(let mouse): say("mouse \(mouse.action) \(mouse.position.column),\(mouse.position.row)")
                case .focus(let on): say("focus \(on)")
                case .reply, .released, .unknown: break
                }
            }
        }
    }

    /// CPU time of drawing, in microseconds each.
    private mutating func measure() {
        func cpu() -> Int {
            var now = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
            return now.tv_sec * 1_000_000_000 + now.tv_nsec
        }
        let rounds = 200
        var times: [String] = []
        func time(_ name: String, _ work: () -> Void) {
            let before = cpu()
            for _ in 0..<rounds { work() }
            times.append("\(name) \((cpu() - before) / rounds / 1000)")
        }
        let size = terminal.size
        var frame = herd.draw(size)
        time("draw") { frame = herd.draw(size) }
        time("same") { terminal.present(frame) }
        time("move") {
            herd.selected += 1
            let next = herd.draw(size)
            while !terminal.present(next) {}
        }
        time("whole") {
            terminal.repaint()
            while !terminal.present(frame) {}
        }
        say(times.joined(separator: " "))
    }

    private mutating func say(_ text: String) {
        var frame = Frame(terminal.size, atlas: shown?.atlas ?? Atlas())
        frame.write(text, at: Point(0, 0))
        shown = frame
    }

    private func wait() throws(TerminalError) -> [Input] {
        let events = Int16(POLLIN) | (terminal.hasUnsentOutput ? Int16(POLLOUT) : 0)
        var poller = pollfd(fd: terminal.descriptor, events: events, revents: 0)
        let ready = poll(&poller, 1, terminal.inputWait.map(Int32.init) ?? -1)
        return ready == 0 ? terminal.inputTimedOut() : try terminal.read()
    }
}
