import Synchronization
import Sys

/// A stand-in server on a thread of its own, for tests and the demo.
package final class RunningStandIn: Sendable {
    package let port: Int
    private let mail: Mailbox<@Sendable (Reactor) -> Void>

    private init(port: Int, mail: Mailbox<@Sendable (Reactor) -> Void>) {
        self.port = port
        self.mail = mail
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    /// Starts a server that answers with `handler`, which runs on the server's thread.
    package static func start(port: Int = 0, handler: @escaping @Sendable (Exchange) -> Void) throws(StandInError) -> RunningStandIn {
        try start { reactor throws(StandInError) in try StandInServer(reactor, port: port, handler: handler) }
    }

    /// Starts what `make` makes: it is called on the new thread, and what it returns lives until `stop`.
    package static func start(
        _ make: @escaping @Sendable (Reactor) throws(StandInError) -> StandInServer
    ) throws(StandInError) -> RunningStandIn {
        let started = Started()
        startThread(named: "stand-in") {
            let reactor = Reactor()
            do throws(StandInError) {
                let server = try make(reactor)
                started.put(.success(RunningStandIn(port: server.port, mail: reactor.mail)))
                reactor.run()
                server.close()
            } catch {
                started.put(.failure(error))
            }
        }
        return try started.take().get()
    }

    /// Runs something on the server's thread.
    package func run(_ call: @escaping @Sendable (Reactor) -> Void) { mail.post(call) }

    /// Ends it: the listener and all connections are closed.
    package func stop() { mail.post { $0.stop() } }

    deinit { mail.post { $0.stop() } }
}

/// Hands the outcome of the start from the new thread to the one that waits for it.
private final class Started: Sendable {
    private let outcome = Mutex<Result<RunningStandIn, StandInError>?>(nil)
    private let pipe: Pipe

    init() {
        do throws(SysError) {
            pipe = try Pipe()
        } catch {
            preconditionFailure("a stand-in cannot start: \(error.message)")
        }
    }

    func put(_ result: Result<RunningStandIn, StandInError>) {
        outcome.withLock { $0 = result }
        _ = try? pipe.write.write([1])
    }

    func take() -> Result<RunningStandIn, StandInError> {
        var byte: [UInt8] = []
        _ = try? pipe.read.read(appendingTo: &byte, limit: 1)
        guard let result = outcome.withLock({ $0 }) else { preconditionFailure("a stand-in said that it had started and had not") }
        return result
    }
}
