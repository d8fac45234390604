import Glibc
import Screen
import Sys
import TestKit

/// A program on a terminal of 40 rows and 140 columns, with a clock beside it.
struct OnTerminal {
    static let size = Size(columns: 140, rows: 40)

    let pty: Pty
    /// Milliseconds from before the start to the read after which the frame was full.
    let fullMs: Double
    let firstByteMs: Double

    /// Starts it and waits for the whole first frame.
    init(_ program: String, _ arguments: [String], environment: [String], directory: String, full: (VTGrid) -> Bool) throws(BenchError) {
        var variables: [String: String] = [:]
        for entry in environment {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            variables[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        let start = Clock.monotonicNanoseconds()
        do throws(Pty.Failure) {
            pty = try Pty(program, arguments, size: Self.size, environment: variables, directory: directory)
        } catch {
            throw .failed("\(program) could not be started on a terminal")
        }
        guard pty.waitUntil(timeout: .seconds(20), full) else { throw .late("the first frame of \(program)") }
        fullMs = Double(pty.lastReadNs - start) / 1e6
        firstByteMs = Double(pty.firstReadNs - start) / 1e6
    }

    /// Types a key and gives the milliseconds until `changed` is true of the screen; nil when it never was within a second.
    func key(_ notation: String, until changed: (VTGrid) -> Bool) -> Double? {
        let start = Clock.monotonicNanoseconds()
        pty.press(notation)
        return pty.waitUntil(timeout: .seconds(1), changed) ? Double(pty.lastReadNs - start) / 1e6 : nil
    }

    /// Latencies in milliseconds and bytes of so many moves of the cursor, eight down and eight up.
    func moves(_ count: Int, pauseMs: Int32, isQuiet: Bool) -> (ms: [Double], bytes: [Double]) {
        var latencies: [Double] = [], bytes: [Double] = []
        pty.waitUntilQuiet(milliseconds: isQuiet ? 100 : 1, timeout: .milliseconds(500))
        for index in 0..<count {
            let written = pty.output.count, before = isQuiet ? [] : Self.bars(pty.grid)
            let ms = key(index / 8 % 2 == 0 ? "j" : "k") { isQuiet ? pty.output.count > written : Self.bars($0) != before }
            if let ms { latencies.append(ms) }
            pty.pass(milliseconds: pauseMs)
            bytes.append(Double(pty.output.count - written))
        }
        return (latencies, bytes)
    }

    /// Where the bars of selected rows are.
    static func bars(_ grid: VTGrid) -> [Int] { grid.cells.indices.filter { grid.cells[$0].text == "▌" } }

    /// Ends it as a hang-up would, and waits.
    func end() {
        pty.signal(SIGTERM)
        _ = pty.waitForExit(timeout: .seconds(3))
    }

    static func text(_ grid: VTGrid, has words: [String]) -> Bool {
        let lines = grid.lines
        return words.allSatisfy { word in lines.contains { $0.contains(word) } }
    }
}
