package import Domain
import Glibc
package import Sys
package import Wire

/// The line over the unix socket. The greeting is sent with the first request in one write, and looked at when its answer comes:
/// a command costs one round trip. `shutdown` goes without one: a daemon of any version takes it, and must, to make way for ours.
package final class SocketConnection: DaemonConnection {
    private let socket: Descriptor
    private let decoder = WireDecoder()
    private var splitter = LineSplitter()
    private var lines: [[UInt8]] = []
    private var notifications: [DaemonMessage] = []
    private var output: [UInt8] = []
    private let hello: Hello
    private var lastID = 0
    private var saidHello = false
    private var isGreeted = false
    package private(set) var daemonVersion: String?
    package private(set) var isLost = false
    package var wasTold: Bool { output.isEmpty }
    package private(set) var farewell: Farewell?
    /// Called once, with the daemon's version.
    private let onWelcome: (Welcome) -> Void

    /// Takes a connected, non-blocking socket.
    package init(_ socket: consuming Descriptor, hello: Hello, onWelcome: @escaping (Welcome) -> Void = { _ in }) {
        self.socket = socket
        self.hello = hello
        self.onWelcome = onWelcome
    }

    package func call(_ request: ClientRequest, timeoutMs: Int64) throws(Refusal) -> DaemonReply {
        if !saidHello, request != .order(.shutdown) {
            output += ClientMessage.request(id: 0, .hello(hello)).encoded()
            saidHello = true
        }
        lastID += 1
        let id = lastID
        output += ClientMessage.request(id: id, request).encoded()
        let deadline = Clock.monotonicMilliseconds() + timeoutMs
        while let message = try message(untilMs: deadline) {
            guard case .reply(let answered, let result) = message else {
                notifications.append(message)
                continue
            }
            // An answer without a number is to a line of ours that could not be read; only this one is under way.
            if answered == id || answered == nil { return try result.get() }
        }
        throw Refusal(
            .unreachable, "the daemon has not answered within \(timeoutMs / 1000) s", remedy: "`drover doctor` looks at it, `drover daemon stop` ends it")
    }

    package func next(untilMs deadline: Int64?) throws(Refusal) -> DaemonMessage? {
        if !notifications.isEmpty { return notifications.removeFirst() }
        while let message = try message(untilMs: deadline) {
            if case .reply = message { continue }
            return message
        }
        return nil
    }

    package func waitForEnd(untilMs deadline: Int64) -> Bool {
        // The process itself: it closes the line a moment before it is gone.
        let process = (try? UnixSocket.peer(of: socket)).flatMap { peer in
            peer.pid == getpid() ? nil : ChildWatch.adopt(pid: peer.pid, startTime: ProcessFacts.startTime(peer.pid) ?? 0)
        }
        do throws(Refusal) {
            while try message(untilMs: deadline) != nil {}
            return false
        } catch {
            guard let process else { return true }
            var ended = pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&ended, 1, Int32(clamping: max(0, deadline - Clock.monotonicMilliseconds()))) > 0
        }
    }

    /// Whatever comes next, the greeting's answer taken out; nil at the deadline.
    private func message(untilMs deadline: Int64?) throws(Refusal) -> DaemonMessage? {
        while true {
            try flush(untilMs: deadline)
            while !lines.isEmpty {
                guard let message = try decode(lines.removeFirst()) else { continue }
                if saidHello, !isGreeted, case .reply(let id, let result) = message, id == 0 || id == nil {
                    try greeted(result)
                    continue
                }
                if case .bye(let last) = message { farewell = last }
                return message
            }
            guard try fill(untilMs: deadline) else { return nil }
        }
    }

    private func greeted(_ result: Result<DaemonReply, Refusal>) throws(Refusal) {
        guard case .welcome(let welcome) = try result.get() else { throw Self.surprise("hello") }
        isGreeted = true
        daemonVersion = welcome.version
        onWelcome(welcome)
    }

    private func decode(_ line: [UInt8]) throws(Refusal) -> DaemonMessage? {
        do throws(WireError) {
            return try decoder.daemonMessage(line)
        } catch {
            throw Refusal(
                .failed, "the daemon's answer cannot be read: \(error.message)", remedy: "`drover daemon stop` makes the next command start a new one")
        }
    }

    /// Writes what waits to be written, reading meanwhile so that two full buffers cannot wait for each other.
    private func flush(untilMs deadline: Int64?) throws(Refusal) {
        var start = 0
        while start < output.count {
            switch try transfer({ () throws(SysError) in try socket.write(output, from: start) }) {
            case .bytes(let count): start += count
            case .end: throw gone()
            case .wouldBlock:
                let ready = try wait(for: Int16(POLLOUT | POLLIN), untilMs: deadline)
                if ready & Int16(POLLIN) != 0 { try readOnce() }
                if ready == 0 { throw Refusal(.unreachable, "the daemon does not take what is sent to it", remedy: "`drover doctor` looks at it") }
            }
        }
        output.removeAll(keepingCapacity: true)
    }

    /// False at the deadline.
    private func fill(untilMs deadline: Int64?) throws(Refusal) -> Bool {
        guard try wait(for: Int16(POLLIN), untilMs: deadline) != 0 else { return false }
        try readOnce()
        return true
    }

    private func readOnce() throws(Refusal) {
        var bytes: [UInt8] = []
        switch try transfer({ () throws(SysError) in try socket.read(appendingTo: &bytes, limit: 256 << 10) }) {
        case .end: throw gone()
        case .wouldBlock: return
        case .bytes: break
        }
        for line in splitter.feed(bytes) {
            guard case .line(let line) = line else { throw Refusal(.failed, "the daemon's answer is longer than \(WireProtocol.longestLine >> 20) MB") }
            lines.append(line)
        }
    }

    private func wait(for events: Int16, untilMs deadline: Int64?) throws(Refusal) -> Int16 {
        while true {
            let left = deadline.map { max(0, $0 - Clock.monotonicMilliseconds()) } ?? -1
            var ready = pollfd(fd: socket.number, events: events, revents: 0)
            let count = poll(&ready, 1, Int32(clamping: left))
            if count > 0 { return ready.revents & Int16(POLLOUT) != 0 ? ready.revents : ready.revents | Int16(POLLIN) }
            if count == 0 { return 0 }
            if errno != EINTR { throw gone() }
        }
    }

    private func transfer(_ body: () throws(SysError) -> Transfer) throws(Refusal) -> Transfer {
        do throws(SysError) {
            return try body()
        } catch {
            isLost = true
            throw Refusal(.unreachable, "the line to the daemon broke: \(error.message)", remedy: "try again: the next command starts the daemon anew")
        }
    }

    private func gone() -> Refusal {
        isLost = true
        let what =
            switch farewell {
            case .stopped: "the daemon was stopped"
            case .left, nil: "the daemon has ended"
            }
        return Refusal(.unreachable, what, remedy: "the next command starts it anew")
    }
}
