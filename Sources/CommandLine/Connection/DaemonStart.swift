package import Domain
import Glibc
package import Sys
package import Wire

/// Finds the daemon, or starts it.
package struct DaemonStart {
    package var directories: Directories
    package var hello: Hello
    /// Of the daemon, and so of its servers: "NAME=value"; nil inherits ours to the byte.
    package var environment: [String]?
    /// The program and arguments that are the daemon; our own with `daemon run`.
    package var command: [String]
    package var onWelcome: (Welcome) -> Void

    /// From the start of the daemon to its first answer.
    private static let patienceMs: Int64 = 5000

    package init(
        directories: Directories, hello: Hello, environment: [String]? = nil, command: [String] = ["/proc/self/exe", "daemon", "run"],
        onWelcome: @escaping (Welcome) -> Void = { _ in }
    ) {
        self.directories = directories
        self.hello = hello
        self.environment = environment
        self.command = command
        self.onWelcome = onWelcome
    }

    package func connect(starting: Bool) throws(Refusal) -> SocketConnection {
        guard directories.socket.utf8.count <= UnixSocket.longestPath else {
            throw Refusal(
                .failed,
                "the path of the daemon's socket is too long (\(directories.socket.utf8.count) of \(UnixSocket.longestPath) bytes): \(directories.socket)",
                remedy: "set XDG_RUNTIME_DIR to a shorter directory")
        }
        if let connection = try attempt() { return connection }
        guard starting else {
            throw Refusal(.unreachable, "no daemon is running", remedy: "`drover daemon start` starts it, and so does every command that needs it")
        }
        return try start()
    }

    /// Nil when nobody listens.
    private func attempt() throws(Refusal) -> SocketConnection? {
        do throws(SysError) {
            let socket = try UnixSocket.connect(to: directories.socket)
            guard UnixSocket.isTrusted(socket) else {
                throw SysError("connect to", directories.socket, code: EPERM, detail: "another user listens there")
            }
            return SocketConnection(socket, hello: hello, onWelcome: onWelcome)
        } catch {
            if error.isUnreachable || error.isMissing { return nil }
            throw Refusal(.unreachable, "the daemon cannot be reached: \(error.message)", remedy: "`drover doctor` looks for the reason")
        }
    }

    private func start() throws(Refusal) -> SocketConnection {
        let log = directories.state + "/logs/daemon.log"
        let child: ChildWatch
        let logStart: UInt64
        do throws(SysError) {
            try directories.prepareRuntime()
            try Files.makeDirectories(directories.state + "/logs")
            logStart = (try? Files.facts(log).size) ?? 0
            // Not where the person stands: the daemon must not keep a directory from being removed or unmounted.
            child = try DetachedSpawn(
                realProgram, Array(command.dropFirst()), environment: environment, directory: "/", output: .log(log)
            ).start()
        } catch {
            throw Refusal(.failed, "the daemon cannot be started: \(error.message)", remedy: error.startRemedy)
        }
        return try wait(for: child, log: log, logStart: logStart)
    }

    /// The name itself, not the link: the daemon's own `/proc/self/exe` is another one.
    private var realProgram: String { (try? Files.readLink(command[0])) ?? command[0] }

    /// There is nothing to wait on for "somebody listens": the socket's file is there a moment before. So it is tried again, every
    /// few milliseconds and for seconds at most; the end of the child cuts it short.
    private func wait(for child: ChildWatch, log: String, logStart: UInt64) throws(Refusal) -> SocketConnection {
        let deadline = Clock.monotonicMilliseconds() + Self.patienceMs
        var pauseMs: Int32 = 2
        var ending: ExitStatus?
        while Clock.monotonicMilliseconds() < deadline {
            if let connection = try attempt() { return connection }
            if let ending, !ending.isSuccess { throw failed("it ended at once (\(ending.words))", log, logStart) }
            var ready = pollfd(fd: ending == nil ? child.descriptor : -1, events: Int16(POLLIN), revents: 0)
            poll(&ready, 1, pauseMs)
            pauseMs = min(50, pauseMs * 2)
            // Another client was quicker, then ours ends well and the other's daemon is waited for. Otherwise one more try is made first.
            if ending == nil, case .ended(let status) = child.poll() { ending = status ?? .exited(0) }
        }
        throw failed("nobody listens at \(directories.socket) after \(Self.patienceMs / 1000) s", log, logStart)
    }

    private func failed(_ what: String, _ log: String, _ logStart: UInt64) -> Refusal {
        let text = (try? Files.read(log))?.dropFirst(Int(clamping: logStart)) ?? []
        let lines = String(decoding: text.suffix(2000), as: UTF8.self).split(separator: "\n").suffix(3).map { Visible.line(String($0)) }
        let said = lines.isEmpty ? "" : ": " + lines.joined(separator: " / ")
        return Refusal(.unreachable, "the daemon does not start: \(what)\(said)", remedy: "`drover doctor` looks for the reason; its log is \(log)")
    }
}

extension ExitStatus {
    var words: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}

extension SysError {
    fileprivate var startRemedy: String {
        if isFull { return "free some room on the disk" }
        if isPermission { return "drover needs to write there: look at its owner, or set XDG_STATE_HOME and XDG_RUNTIME_DIR to directories of your own" }
        return "`drover doctor` looks for the reason"
    }
}
