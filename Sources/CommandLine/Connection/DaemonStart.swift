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
        do throws(SysError) {
            try directories.prepareRuntime()
            try Files.makeDirectories(directories.state + "/logs")
        } catch {
            throw Refusal(.failed, "the daemon cannot be started: \(error.message)", remedy: error.startRemedy)
        }
        return try wait(log: log, logStart: (try? Files.facts(log).size) ?? 0)
    }

    private func spawn(log: String) throws(Refusal) -> ChildWatch {
        do throws(SysError) {
            // Not where the person stands: the daemon must not keep a directory from being removed or unmounted.
            return try DetachedSpawn(
                realProgram, Array(command.dropFirst()), environment: environment, directory: "/", output: .log(log)
            ).start()
        } catch {
            throw Refusal(.failed, "the daemon cannot be started: \(error.message)", remedy: error.startRemedy)
        }
    }

    /// The name itself, not the link: the daemon's own `/proc/self/exe` is another one.
    private var realProgram: String { (try? Files.readLink(command[0])) ?? command[0] }

    /// There is nothing to wait on for "somebody listens": the socket's file is there a moment before. So it is tried again, every
    /// few milliseconds and for seconds at most; the end of the child cuts it short.
    private func wait(log: String, logStart: UInt64) throws(Refusal) -> SocketConnection {
        let deadline = Clock.monotonicMilliseconds() + Self.patienceMs
        var child = try spawn(log: log)
        var pauseMs: Int32 = 2
        var isOver = false
        while Clock.monotonicMilliseconds() < deadline {
            if let connection = try attempt() { return connection }
            var ready = pollfd(fd: isOver ? -1 : child.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&ready, 1, pauseMs)
            pauseMs = min(50, pauseMs * 2)
            guard case .ended(let status) = child.poll() else { continue }
            if isOver {
                // Nobody listens yet: whoever had the lock was an old daemon about to end.
                child = try spawn(log: log)
                isOver = false
            } else if status?.isSuccess ?? true {
                // Another was quicker. It is waited for, a few pauses long at first.
                isOver = true
                pauseMs = 50
            } else {
                if let connection = try attempt() { return connection }
                throw failed("it ended at once (\(status?.words ?? ""))", log, logStart)
            }
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
