import Glibc
import HTTP
import Sys

/// 500 idle event streams in a process that has nothing but the HTTP room.
enum StreamFigures {
    static let count = 500
    static let verb = "--hold-streams"

    /// What the child does: opens them, says so, and holds them until its input ends.
    static func hold(_ url: String) -> Int32 {
        let opened = Mailbox<Bool>()
        let http = HTTPClient()
        let headers = [World.authorization(Environment.get("DROVER_BENCH_PASSWORD") ?? "")]
        let tickets = (0..<count).map { _ in
            http.stream(HTTPRequest("GET", url, headers: headers)) { signal in
                if case .opened(let status, _) = signal { opened.post(status == 200) }
                if case .closed = signal { opened.post(false) }
            }
        }
        var seen = 0
        while seen < count {
            var ready = pollfd(fd: opened.descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 20_000) > 0 else { return 1 }
            for isFine in opened.drain() {
                guard isFine else { return 1 }
                seen += 1
            }
        }
        try? Descriptor.writeAll(1, Array("open\n".utf8))
        var byte: UInt8 = 0
        while read(0, &byte, 1) > 0 {}
        withExtendedLifetime(tickets) {}
        return 0
    }

    static func measure(_ world: World, seconds: Int32) throws(BenchError) -> [Figure] {
        guard let server = world.servers.last else { throw .failed("no server is there") }
        let child: OnTerminal = try OnTerminal(
            world.program, ["bench", verb, "http://127.0.0.1:\(server.port)/global/event"],
            environment: world.environment + ["DROVER_BENCH_PASSWORD=\(server.password)"], directory: world.root
        ) { OnTerminal.text($0, has: ["open"]) }
        child.pty.pass(milliseconds: 2000)
        let before = Meter(child.pty.pid)
        child.pty.pass(milliseconds: seconds * 1000)
        let used = Meter.between(before, Meter(child.pty.pid))
        let memory = Meter.megabytes(child.pty.pid)
        child.pty.signal(SIGKILL)
        _ = child.pty.waitForExit(timeout: .seconds(3))
        return [
            Figure(name: "streams.memory", what: "500 streams: memory of the process (PSS)", unit: "MB", ours: memory, must: 12, stretch: 8),
            Figure(name: "streams.cpu", what: "500 streams: CPU idle", unit: "%", ours: used.cpuPercent, must: 0.3, stretch: 0.18),
        ]
    }
}
