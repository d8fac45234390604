import CCurl
import Synchronization
import Sys

/// What other threads say to the HTTP thread.
enum HTTPCommand: Sendable {
    case start(HTTPTicket, HTTPRequest, HTTPReceiver)
    case cancel(UInt64)
    case resume(UInt64)
    case stop
}

enum HTTPReceiver: Sendable {
    case answer(@Sendable (Result<HTTPResponse, HTTPError>) -> Void)
    case stream(@Sendable (HTTPStreamSignal) -> Void)
}

/// The queue between them. The first command starts the thread.
final class HTTPInbox: Sendable {
    private struct State {
        var commands: [HTTPCommand] = []
        var lastID: UInt64 = 0
        var hasThread = false
        var isStopped = false
        /// The address of the thread's loop, to wake it; a number because a pointer is not Sendable.
        var loop: UInt?
    }
    private let state = Mutex(State())

    func start(_ request: HTTPRequest, _ receiver: HTTPReceiver) -> HTTPTicket {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let ticket = HTTPTicket(id: id, inbox: self)
        post(.start(ticket, request, receiver))
        return ticket
    }

    func post(_ command: HTTPCommand) {
        let startsThread = state.withLock { state in
            if state.isStopped { return false }
            if !state.hasThread, case .start = command {} else if !state.hasThread { return false }
            state.commands.append(command)
            if state.commands.count == 1, let loop = state.loop { ccurl_loop_wake(OpaquePointer(bitPattern: loop)) }
            defer { state.hasThread = true }
            return !state.hasThread
        }
        if startsThread { startThread(named: "http") { HTTPLoop.run(self) } }
    }

    func stop() {
        post(.stop)
        state.withLock { $0.isStopped = true }
    }

    // MARK: for the HTTP thread

    /// From here on, commands wake the loop.
    func attach(_ loop: OpaquePointer) {
        state.withLock { $0.loop = UInt(bitPattern: loop) }
    }

    /// All commands since the last call, in order.
    func take() -> [HTTPCommand] {
        state.withLock { state in
            guard !state.commands.isEmpty else { return [] }
            let commands = state.commands
            state.commands = []
            return commands
        }
    }

    /// The thread ends: the loop must not be woken any more. Returns what came in meanwhile.
    func detach() -> [HTTPCommand] {
        state.withLock { state in
            let commands = state.commands
            state.commands = []
            state.loop = nil
            state.hasThread = false
            return commands
        }
    }
}
