import Glibc
import Sys

/// `drover bench [NAME…] [--json]`: measures drover against docs/performance.md on this machine, in under three minutes.
package enum BenchMain {
    static let names = ["frame", "idle", "keys", "burst", "wire", "ls", "deltas", "streams", "engine"]

    /// - Parameter program: drover itself, to be started again.
    package static func run(_ arguments: [String], program: String? = nil) -> Int32 {
        if arguments.count == 2, arguments[0] == StreamFigures.verb { return StreamFigures.hold(arguments[1]) }
        let wanted = arguments.filter { $0 != "--json" }
        if let strange = wanted.first(where: { !names.contains($0) }) {
            try? Descriptor.writeAll(2, Array("drover: there is no measurement \"\(strange)\"\nhint: there are \(names.joined(separator: ", "))\n".utf8))
            return 2
        }
        guard let program = program ?? (try? Files.readLink("/proc/self/exe")) else { return 1 }
        var bench = Bench(program: program, wanted: Set(wanted.isEmpty ? names : wanted))
        bench.run()
        try? Descriptor.writeAll(1, arguments.contains("--json") ? bench.report.json : Array(bench.report.text.utf8))
        return bench.report.figures.isEmpty ? 1 : 0
    }
}

/// One run: what was asked for, in an order in which nothing disturbs what follows.
struct Bench {
    let program: String
    let wanted: Set<String>
    var report = Report()

    private var folder: String { Files.parentDirectory(program) }

    mutating func run() {
        if wanted.contains("deltas") { report.figures.append(PureFigures.deltas()) }
        if wanted.contains("engine") { report.figures += PureFigures.engine() }
        guard !wanted.isDisjoint(with: ["frame", "idle", "keys", "burst", "wire", "ls", "streams"]) else { return }
        let world: World
        do throws(BenchError) {
            world = try World(program: program, standIn: [program, "stand-in-opencode"])
        } catch {
            report.remarks.append(error.message)
            return
        }
        defer { world.end() }
        attempt { () throws(BenchError) in
            try world.fill()
            return []
        }
        guard !world.servers.isEmpty else { return }
        measure(world)
    }

    private mutating func measure(_ world: World) {
        let floor = folder + "/bench-floor"
        let screen = ScreenFigures(world: world, floor: Files.exists(floor) ? floor : nil)
        if screen.floor == nil { report.remarks.append("no bench-floor beside drover: `make bench` builds it from Tests/support/floor.c") }
        let load = LoadFigures(world: world, screen: screen)
        if wanted.contains("ls") { attempt { () throws(BenchError) in [try load.list()] } }
        if wanted.contains("frame") {
            attempt { () throws(BenchError) in [try screen.firstFrame("frame.warm", "exec to full first frame, daemon running", goal: (30, 12))] }
        }
        if wanted.contains("keys") { attempt(screen.keys) }
        if wanted.contains("wire") { attempt { () throws(BenchError) in try load.wire(60) } }
        if wanted.contains("idle") { attempt { () throws(BenchError) in try screen.idle(seconds: 20) } }
        if wanted.contains("streams") { attempt { () throws(BenchError) in try StreamFigures.measure(world, seconds: 10) } }
        if wanted.contains("burst") {
            attempt { () throws(BenchError) in [try load.keys(perSecond: 5000, seconds: 9), try load.keys(perSecond: 20_000, seconds: 9)] }
        }
        if wanted.contains("frame") { attempt { () throws(BenchError) in try Self.cold(world, screen) } }
    }

    /// Last: the servers are stopped for it.
    private static func cold(_ world: World, _ screen: ScreenFigures) throws(BenchError) -> [Figure] {
        // The snapshot is written at most a second after the last change.
        pass(ms: 1500)
        let figure = try screen.firstFrame("frame.cold", "exec to full first frame, nothing running", goal: (30, 12)) {
            _ = try? world.drover("daemon", "stop")
        }
        return [figure]
    }

    private mutating func attempt(_ work: () throws(BenchError) -> [Figure]) {
        do throws(BenchError) {
            report.figures += try work()
        } catch {
            report.remarks.append(error.message)
        }
    }
}
