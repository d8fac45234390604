import Foundation
import Screen
import Sys
import TestKit
import Testing

/// The Term tab: a real shell, on a pseudo-terminal inside a pseudo-terminal.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct ShellTests {
    /// The dashboard with one agent in a worktree, and the Term tab of it before somebody's eyes.
    private func inTab(_ size: Size = Size(columns: 120, rows: 36), _ body: (Sandbox, Person) async throws -> Void) async throws {
        try await Sandbox.with(server: .standIn, extra: ["SHELL": "/bin/sh", "ENV": "/dev/null"]) { box in
            _ = try await box.new("[[text ready]]", "-w", "worktree", "--title", "With a shell")
            let person = try Person(box, size: size)
            try person.sees("With a shell")
            person.presses("$")
            try person.sees("starts it")
            #expect(Self.shells(box).isEmpty, "walking there started something")
            try await body(box, person)
        }
    }

    private static func shells(_ box: Sandbox) -> [ProcessFacts.Process] {
        box.marked.filter {
            ProcessFacts.executable($0.pid).map { $0.hasSuffix("/dash") || $0.hasSuffix("/sh") || $0.hasSuffix("/bash") } ?? false && $0.session == $0.pid
        }
    }

    /// What a program wrote stands somewhere with that colour.
    private static func shows(_ text: String, _ grid: VTGrid, _ isSo: (Style) -> Bool) -> Bool {
        for row in 0..<grid.size.rows {
            let cells = grid.cells[row * grid.size.columns..<(row + 1) * grid.size.columns]
            let line = Array(cells.map(\.text)), wanted = text.map(String.init)
            for start in 0...max(0, line.count - wanted.count) where Array(line[start..<min(line.count, start + wanted.count)]) == wanted {
                if isSo(Array(cells)[start].style) { return true }
            }
        }
        return false
    }

    @Test func aCommandAFullScreenAnEnd() async throws {
        try await inTab { box, person in
            person.presses("<enter>")
            try person.sees("typing here")
            person.types("pwd; printf '\\033[31mr''ed \\033[38;2;1;200;3mgr''een\\033[0m\\n'; echo $TERM-$DROVER_AGENT-${OPENCODE_SERVER_PASSWORD-none}\r")
            try person.sees("the output in its colours") {
                Self.shows("red", $0) { $0.foreground == .ansi(1) } && Self.shows("green", $0) { $0.foreground == .rgb(0x01C803) }
            }
            try person.sees("xterm-256color-")
            #expect(person.screen.text.contains("-none") && person.screen.text.contains("with-a-shell"))

            // A program with the whole screen; the size follows the column.
            person.types("seq -f 'row %g of many' 300 > r; clear; less r\r")
            try person.sees("less") { $0.contains("row 1 of many") && $0.contains("row 20 of many") }
            person.types("G")
            try person.sees("row 300 of many")
            person.pty.resize(Size(columns: 160, rows: 45))
            try person.sees("less at another size") { $0.contains("row 300 of many") && $0.contains("typing here") }
            person.types("q")
            try person.sees("the shell's own screen again") { $0.contains("typing here") && !$0.contains("row 300 of many") }
            person.types("stty size\r")
            try person.sees("the size of the column") { $0.lines.contains { $0.contains("33 62") || $0.contains("34 62") || $0.contains("35 62") } }

            // Out, about, and back: it was running all the time.
            person.types("(sleep 1; echo said mean''while) &\r")
            person.presses("<c-]>")
            try person.sees("to type")
            person.presses("w")
            try person.sees("WHY")
            person.presses("$")
            try person.sees("said meanwhile")

            // Its end, with its code; anew; away.
            person.presses("<enter>")
            person.types("exit 7\r")
            try person.sees("ended with exit code 7")
            person.presses("<enter>")
            try person.sees("typing here")
            person.types("echo an''ew\r")
            try person.sees("anew")
            #expect(person.screen.errors.isEmpty, "\(person.screen.errors)")
            person.presses("<c-]>q")
            #expect(try person.leaves() == 0)
            #expect(person.mess == nil && Self.shells(box).isEmpty)
        }
    }

    @Test func aFloodKeepsNoKeyWaiting() async throws {
        try await inTab { box, person in
            person.presses("<enter>")
            try person.sees("typing here")
            person.types("yes flooding\r")
            try person.sees("flooding") { $0.lines.filter { $0.contains("flooding") }.count > 20 }
            // Every key is answered in the middle of it.
            var slowest = Duration.zero
            for _ in 0..<10 {
                let start = ContinuousClock.now
                person.presses("<c-]>")
                try person.sees("to type") { $0.contains("to type") && !$0.contains("typing here") }
                person.presses("<enter>")
                try person.sees("typing here")
                slowest = max(slowest, ContinuousClock.now - start)
            }
            #expect(slowest < .seconds(2), "two keys took \(slowest)")
            person.presses("<c-c>")
            person.types("echo st''ill here\r")
            try person.sees("still here")
            person.presses("<c-]>")
            person.presses("q")
            #expect(try person.leaves() == 0)
        }
    }

    @Test func nothingIsLeftRunning() async throws {
        try await inTab { box, person in
            person.presses("<enter>")
            try person.sees("typing here")
            // In the background, in a session of its own, stopped, and in the foreground.
            person.types("sleep 991 & setsid -w sleep 992 & sh -c 'kill -STOP $$; exec sleep 993' & echo star''ted; sleep 994\r")
            try person.sees("started")
            try await Sandbox.until("all four run") { (991...994).allSatisfy { !box.processes("sleep \($0)").isEmpty } }
            person.presses("<c-]>+")
            try person.sees("typing here")
            person.types("trap '' TERM; sleep 995\r")
            try await Sandbox.until("the second runs") { !box.processes("sleep 995").isEmpty }
            // Something runs: it is asked about.
            person.presses("<c-]>q")
            try person.sees("Close the screen")
            person.presses("<enter>")
            #expect(try person.leaves() == 0 && person.mess == nil)
            #expect(box.processes("sleep 99").isEmpty && Self.shells(box).isEmpty)
        }
    }

    @Test func aKilledDashboardHangsItsShellsUp() async throws {
        try await inTab { box, person in
            person.presses("<enter>")
            try person.sees("typing here")
            person.types("sleep 996\r")
            try await Sandbox.until("it runs") { !box.processes("sleep 996").isEmpty }
            person.pty.signal(SIGKILL)
            _ = try person.leaves()
            try await Sandbox.until("it has ended") { box.processes("sleep 996").isEmpty && Self.shells(box).isEmpty }
        }
    }
}
