import Glibc
import JSON
import Sys

/// The program fake-opencode: `serve`, `--version`, and as much of the rest as callers look at.
package enum FakeProgram {
    package static let version = "1.18.33"

    /// Returns the exit code, or runs until it is killed.
    package static func main(_ arguments: [String]) -> Int32 {
        switch arguments.dropFirst().first {
        case "--version", "-v":
            output(version + "\n")
            return 0
        case "serve": return serve(Array(arguments.dropFirst(2)))
        case "attach": return attach(Array(arguments.dropFirst(2)))
        default:
            output("fake-opencode: a stand-in for opencode \(version).\nUsage: fake-opencode serve [--hostname H] [--port P] | --version\n", to: 2)
            return 1
        }
    }

    private static func serve(_ arguments: [String]) -> Int32 {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let here = getcwd(&buffer, buffer.count).map { String(cString: $0) } ?? "/"
        var options = FakeOptions(environment: { getenv($0).map { String(cString: $0) } }, currentDirectory: here)
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count > 1 ? parts[1] : rest.first
            if parts.count < 2, ["--hostname", "--port"].contains(argument) { rest.removeFirst(min(1, rest.count)) }
            if parts.first == "--hostname", let value { options.hostname = value }
            if parts.first == "--port", let value { options.port = Int(value) ?? 0 }
        }
        return run(options)
    }

    private static func run(_ options: FakeOptions) -> Int32 {
        let wish = options.faults.flatMap { try? JSONTree(parsing: $0) } ?? [:]
        var faults = FakeFaults()
        _ = faults.take(wish)
        if let message = faults.exitMessage {
            output(message + "\n", to: 2)
            return 1
        }
        if faults.garbage { output("\u{1B}[31mgarbage\u{1B}[0m \u{0}\u{1} not a url\nlistening on nothing\n") }
        if faults.portBusy { return portIsBusy() }
        let reactor = Reactor()
        swallowTerminations(faults.swallowTerm, reactor)
        do throws(StandInError) {
            let (server, router) = try listen(options, reactor)
            withExtendedLifetime(server) {
                router.isReady = faults.slowStartMs == 0
                let ready = {
                    router.isReady = true
                    if options.password == nil { output("Warning: OPENCODE_SERVER_PASSWORD is not set; server is unsecured.\n") }
                    output("opencode server listening on http://\(options.hostname):\(server.port)\n")
                }
                if faults.slowStartMs > 0 { reactor.after(ms: faults.slowStartMs, ready) } else { ready() }
                reactor.run()
            }
            return 0
        } catch {
            return portIsBusy()
        }
    }

    /// As OpenCode says it: no word about the port.
    private static func portIsBusy() -> Int32 {
        output("Error: Unexpected error\n\nServeError: Failed to start server\n", to: 2)
        return 1
    }

    /// Makes the server and listens. Port 0 takes 4096 if that is free.
    private static func listen(_ options: FakeOptions, _ reactor: Reactor) throws(StandInError) -> (StandInServer, FakeRouter) {
        let router = FakeRouter(FakeServer(options, reactor))
        router.server.events.crash = { crash() }
        let answer = { (exchange: Exchange) in router.take(exchange) }
        let server: StandInServer
        if options.port == 0, let common = try? StandInServer(reactor, host: options.hostname, port: 4096, handler: answer) {
            server = common
        } else {
            server = try StandInServer(reactor, host: options.hostname, port: options.port, handler: answer)
        }
        if let wish = options.faults.flatMap({ try? JSONTree(parsing: $0) }) { router.apply(wish) }
        return (server, router)
    }

    /// For a server inside another process: the demo and tests. A crash closes it.
    package static func listen(inside options: FakeOptions, _ reactor: Reactor) throws(StandInError) -> StandInServer {
        let router = FakeRouter(FakeServer(options, reactor))
        let server = try StandInServer(reactor, host: options.hostname, port: options.port) { router.take($0) }
        router.server.events.crash = { [weak server] in server?.close() }
        if let wish = options.faults.flatMap({ try? JSONTree(parsing: $0) }) { router.apply(wish) }
        return server
    }

    /// Dies as from a crash: nothing is written, nobody is told.
    static func crash() { kill(getpid(), SIGKILL) }

    /// OpenCode lets the first SIGTERM pass by while it installs a package in the background.
    private static func swallowTerminations(_ count: Int, _ reactor: Reactor) {
        guard count > 0, let signals = try? Signals([SIGTERM]) else { return }
        var left = count
        reactor.watch(signals.descriptor) { _ in
            for _ in signals.read() {
                left -= 1
                if left < 0 { exit(143) }
            }
        }
    }

    /// Stands for OpenCode's own screen on a session: says what it would show, ends with its input or at `q`.
    private static func attach(_ arguments: [String]) -> Int32 {
        output("\u{1B}[2J\u{1B}[Hfake-opencode attach \(arguments.joined(separator: " "))\r\nPress q to leave.\r\n")
        var byte: UInt8 = 0
        while read(0, &byte, 1) == 1, byte != UInt8(ascii: "q") {}
        return 0
    }
}
