import Domain
import Wire

extension Verb {
    static let daemonStart = Verb(
        "daemon start", "", "Start the daemon, if it is not running", details: ["Every command that needs the daemon starts it too."], run: DaemonVerbs.start)
    static let daemonStop = Verb(
        "daemon stop", "", "End the daemon and every process it started",
        details: [
            "Turns that are at work are ended; `drover resume` goes on with them later. What a daemon that crashed left behind is ended, too."
        ], run: DaemonVerbs.stop)
    static let daemonStatus = Verb("daemon status", "", "Show the daemon and its servers", options: [.json], run: DaemonVerbs.status)
    static let daemonRun = Verb(
        "daemon run", "", count: 0...64, "Be the daemon, in the foreground", details: ["For service managers and for looking at what it says."],
        passesArguments: true,
        run: { (run) in run.parts.daemonRun(run.arguments.positionals) })
}

enum DaemonVerbs {
    static func start(_ run: Run) throws(Refusal) -> Int32 {
        let status = try run.reading { (daemon) throws(Refusal) in try daemon.status() }
        try run.print("the daemon runs: drover \(Visible.line(status.version)), pid \(status.pid)")
        return ExitCode.fine
    }

    static func stop(_ run: Run) throws(Refusal) -> Int32 {
        let daemon: any DaemonConnection
        do throws(Refusal) {
            daemon = try run.daemon(starting: false)
        } catch {
            guard error.reason == .unreachable, error.message == "no daemon is running" else { throw error }
            return try endLeftovers(run, otherwise: "no daemon is running")
        }
        // Its answer comes when all servers have ended, or its end comes first.
        do throws(Refusal) {
            _ = try daemon.order(.shutdown, timeoutMs: 60_000)
        } catch {
            guard daemon.isLost else { throw error }
        }
        guard daemon.waitForEnd(untilMs: run.world.monotonic() + 30_000) else {
            throw Refusal(.timedOut, "the daemon said that it stops, but is still there after 30 s", remedy: "`drover daemon status` shows its process")
        }
        // Without its last word it crashed on the way.
        if daemon.farewell != .stopped { return try endLeftovers(run, otherwise: "the daemon has stopped") }
        try run.print("the daemon has stopped")
        return ExitCode.fine
    }

    private static func endLeftovers(_ run: Run, otherwise words: String) throws(Refusal) -> Int32 {
        if let ended = try run.parts.endLeftovers().get() { try run.print(ended) } else { run.warn(words) }
        return ExitCode.fine
    }

    static func status(_ run: Run) throws(Refusal) -> Int32 {
        let status = try run.reading(starting: false) { (daemon) throws(Refusal) in try daemon.status() }
        if run.wantsJSON {
            try run.printJSON { status.write(to: &$0) }
            return ExitCode.fine
        }
        let clients = status.clients == 1 ? "1 client" : "\(status.clients) clients"
        try run.print("drover \(Visible.line(status.version)), pid \(status.pid), up \(Style.age(status.started, now: run.now)), \(clients)")
        try run.print("socket " + Visible.line(status.socket))
        if !status.servers.isEmpty { try run.print(table(status)) }
        let counted = status.counters.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map { "\(Visible.line($0.key)) \($0.value)" }
        if !counted.isEmpty { try run.print("counted: " + counted.joined(separator: ", ")) }
        return ExitCode.fine
    }

    private static func table(_ status: DaemonStatus) -> Table {
        var table = Table([
            .init(title: "SERVER", limit: 30), .init(title: "STATE"), .init(title: "PID", isNumber: true), .init(title: "OPENCODE"),
            .init(title: "MEMORY", isNumber: true),
            .init(title: "CPU", isNumber: true), .init(title: "SESSIONS", isNumber: true), .init(title: "RESTARTS", isNumber: true), .init(title: "URL"),
            .init(title: "TROUBLE"),
        ])
        for line in status.servers {
            let server = line.server
            let cpu = server.pid != nil && server.cpu.isFinite ? "\(Int(max(0, min(server.cpu, 9999)) * 100)) %" : ""
            table.add([
                .init(Visible.line(line.project), .bold), .init(server.state.rawValue, server.state == .live ? .green : server.state == .failed ? .red : nil),
                .init(server.pid.map(String.init) ?? ""), .init(Visible.line(server.version ?? "")), .init(Style.bytes(server.memory)), .init(cpu),
                .init(String(server.sessions)), .init(String(server.restarts)), .init(Visible.line(server.url ?? "")),
                .init(Visible.line(server.trouble ?? ""), .red),
            ])
        }
        return table
    }
}
