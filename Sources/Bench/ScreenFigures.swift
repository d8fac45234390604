import Glibc
import Screen
import Sys
import TestKit

/// The dashboard beside the floor program and tig: first frame, keys, idling, memory.
struct ScreenFigures {
    let world: World
    /// The C program that draws the same number of rows; nil when it was not built.
    let floor: String?

    /// A frame is full when the list and the bottom line are there.
    static func isFull(_ grid: VTGrid) -> Bool {
        guard grid.isAlternate else { return false }
        let lines = grid.lines
        return lines.count { $0.contains("Agent ") } >= 30 && (lines.last ?? "").contains("j/k")
    }

    func open() throws(BenchError) -> OnTerminal {
        try OnTerminal(world.program, [], environment: world.environment, directory: world.root, full: Self.isFull)
    }

    func openFloor() throws(BenchError) -> OnTerminal? {
        guard let floor else { return nil }
        return try OnTerminal(floor, ["200"], environment: world.environment, directory: world.root) { ($0.lines.last ?? "").contains("READY") }
    }

    /// tig on a history of 200 commits; nil without tig or git.
    func openTig() throws(BenchError) -> OnTerminal? {
        guard let tig = findExecutable("tig"), let git = findExecutable("git") else { return nil }
        let folder = world.root + "/history"
        if !Files.exists(folder) {
            var script = ""
            for index in 1...200 {
                script += "commit refs/heads/main\ncommitter A <a@b> \(1_700_000_000 + index) +0000\ndata 11\nchange \(1000 + index)\n"
            }
            try world.running.run(git, ["init", "-q", "-b", "main", folder], environment: world.environment)
            try world.running.run(git, ["-C", folder, "fast-import", "--quiet"], environment: world.environment, input: script)
        }
        return try OnTerminal(tig, [], environment: world.environment, directory: folder) { OnTerminal.text($0, has: ["change 1"]) }
    }

    /// Median of so many starts.
    static func starts(_ count: Int, _ open: () throws(BenchError) -> OnTerminal?) throws(BenchError) -> Double? {
        var times: [Double] = []
        for _ in 0..<count {
            guard let one = try open() else { return nil }
            times.append(one.fullMs)
            one.end()
        }
        return times.median
    }

    /// exec → full first frame.
    func firstFrame(_ name: String, _ what: String, goal: (must: Double, stretch: Double), prepare: () -> Void = {}) throws(BenchError) -> Figure {
        var times: [Double] = []
        for _ in 0..<9 {
            prepare()
            let one = try open()
            times.append(one.fullMs)
            one.end()
        }
        let bare = try Self.starts(9, openFloor)
        return Figure(name: name, what: what, unit: "ms", ours: times.median, floor: bare, floorName: "C", must: goal.must, stretch: goal.stretch)
    }

    func keys() throws(BenchError) -> [Figure] {
        let ours = try open()
        ours.pty.pass(milliseconds: 1000)
        let quiet = ours.moves(240, pauseMs: 12, isQuiet: true)
        ours.end()
        var bare: (ms: [Double], bytes: [Double])?
        if let floor = try openFloor() {
            bare = floor.moves(240, pauseMs: 12, isQuiet: true)
            floor.end()
        }
        var figures = [
            Figure(
                name: "key.p50", what: "key to first changed cell, p50", unit: "ms", ours: quiet.ms.median, floor: bare?.ms.median, floorName: "C", must: 0.5,
                stretch: 0.3),
            Figure(
                name: "key.p99", what: "key to first changed cell, p99", unit: "ms", ours: quiet.ms.quantile(0.99), floor: bare?.ms.quantile(0.99),
                floorName: "C",
                must: max(3, (bare?.ms.quantile(0.99) ?? 0) + 2), stretch: bare.map { $0.ms.quantile(0.99) + 0.5 }),
            Figure(
                name: "key.bytes", what: "bytes per cursor move", unit: "B", ours: quiet.bytes.median, floor: bare?.bytes.median, floorName: "C", must: 400,
                stretch: 250),
        ]
        // A peer only: whatever is wrong with it does not concern our figures.
        if let tig = try? openTig() {
            let peer = tig.moves(120, pauseMs: 12, isQuiet: true)
            tig.end()
            figures.append(Figure(name: "key.tig", what: "tig in this run: key p50", unit: "ms", ours: peer.ms.median))
        }
        return figures
    }

    /// Screen and daemon, nothing happening but heartbeats.
    func idle(seconds: Int32) throws(BenchError) -> [Figure] {
        guard let daemon = world.daemonPid else { throw .failed("the daemon does not say who it is") }
        let one = try open()
        // Ages under a minute go on every five seconds, all others with the full minute: idle is when neither happens.
        one.pty.pass(milliseconds: 62_000)
        let second = Int32(Clock.wallMilliseconds() % 60_000)
        if second + seconds * 1000 > 58_000 || second < 2_000 { one.pty.pass(milliseconds: (62_000 - second) % 60_000) }
        let written = one.pty.output.count
        let before = (Meter(one.pty.pid), Meter(daemon))
        one.pty.pass(milliseconds: seconds * 1000)
        let screen = Meter.between(before.0, Meter(one.pty.pid)), server = Meter.between(before.1, Meter(daemon))
        let bytes = one.pty.output.count - written
        let memory = (Meter.megabytes(one.pty.pid), Meter.megabytes(daemon))
        one.end()
        var bare: Double?
        if let floor = try openFloor() {
            bare = Meter.megabytes(floor.pty.pid)
            floor.end()
        }
        let beats = Double(world.servers.count) / 10
        return [
            Figure(
                name: "screen.idle.bytes", what: "screen idle: bytes to the terminal", unit: "B", ours: Double(bytes), floor: 0, floorName: "C", must: 0,
                stretch: 0),
            Figure(name: "screen.idle.cpu", what: "screen idle: CPU", unit: "%", ours: screen.cpuPercent, floor: 0, floorName: "C", must: 0.02, stretch: 0.005),
            Figure(
                name: "screen.idle.wakeups", what: "screen idle: wake-ups", unit: "/s", ours: screen.wakeUpsPerSecond, floor: 0, floorName: "C", must: 0.5,
                stretch: 0),
            Figure(name: "daemon.idle.cpu", what: "daemon idle, 20 servers: CPU", unit: "%", ours: server.cpuPercent, must: 0.05, stretch: 0.02),
            Figure(
                name: "daemon.idle.wakeups", what: "daemon idle, 20 servers: wake-ups", unit: "/s", ours: server.wakeUpsPerSecond, floor: beats,
                floorName: "heartbeats",
                must: 1 + beats, stretch: beats),
            Figure(name: "screen.memory", what: "memory of the screen (PSS)", unit: "MB", ours: memory.0, floor: bare, floorName: "C", must: 12, stretch: 6),
            Figure(name: "daemon.memory", what: "memory of the daemon (PSS)", unit: "MB", ours: memory.1, must: 25, stretch: 12),
        ]
    }
}
