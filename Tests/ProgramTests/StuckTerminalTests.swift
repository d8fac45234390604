import Foundation
import Screen
import TestKit
import Testing

/// The dashboard on a terminal that somebody stopped reading from (Ctrl-S, a line that hangs).
@Suite(.serialized)
struct StuckTerminalTests {
    @Test func aTerminalThatDoesNotReadCostsNothing() async throws {
        try await Sandbox.with(server: .standIn) { box in
            let pty = try Pty(box.program, size: Size(columns: 200, rows: 50), environment: box.environment, directory: box.api)
            #expect(pty.waitUntil(timeout: Sandbox.patience) { $0.contains("j/k") && $0.contains("Agents") })
            pty.waitUntilQuiet(milliseconds: 300)
            // It paints all of the screen again and again until nobody takes it.
            var written = Self.written(pty.pid), isStuck = false
            for _ in 0..<200 where !isStuck {
                pty.type("\u{0C}")
                isStuck = !Self.waits(upTo: 0.3) { Self.written(pty.pid) > written }
                written = Self.written(pty.pid)
            }
            try #require(isStuck, "the terminal took everything")
            let before = Self.switches(pty.pid)
            _ = Self.waits(upTo: 1.5) { false }
            let woken = Self.switches(pty.pid) - before
            #expect(woken <= 5, "it woke up \(woken) times in a second and a half")
            // Read from again it shows what is true now.
            pty.type("?")
            #expect(pty.waitUntil { $0.contains("MOVING ABOUT") })
            pty.press("<esc>")
            #expect(pty.waitUntil { !$0.contains("MOVING ABOUT") && $0.contains("j/k") })
            #expect(pty.grid.errors.isEmpty)
            pty.press("q")
            #expect(pty.waitForExit() == 0)
        }
    }

    /// Bytes it wrote anywhere so far.
    private static func written(_ pid: Int32) -> Int { field("wchar:", "/proc/\(pid)/io") }
    /// How often it went to sleep.
    private static func switches(_ pid: Int32) -> Int { field("voluntary_ctxt_switches:", "/proc/\(pid)/status") }

    private static func field(_ name: String, _ path: String) -> Int {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.dropFirst(name.count).trimmingCharacters(in: .whitespaces)) } ?? 0
    }

    /// Looks every few milliseconds, without reading from the terminal.
    private static func waits(upTo seconds: Double, _ isSo: () -> Bool) -> Bool {
        let end = Date.now.addingTimeInterval(seconds)
        while Date.now < end {
            if isSo() { return true }
            usleep(5_000)
        }
        return false
    }
}
