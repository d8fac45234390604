import CPosix
import Glibc

/// A program on a pseudo-terminal of ours: a person's shell in a tab. It leads a session of its own, of which that is the controlling terminal.
package final class PtyProcess {
    /// For the poller: readable when there is output.
    package let descriptor: Int32
    package let watch: ChildWatch
    private let master: Descriptor

    /// - Parameter environment: all of it, as "NAME=value"; TERM must be in it.
    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String], directory: String, columns: Int, rows: Int
    ) throws(SysError) {
        // posix_spawn does not tell which of them is wrong.
        guard (try? Files.facts(directory))?.kind == .directory else { throw SysError("enter", directory, code: ENOENT, detail: "to run \(executable)") }
        guard let program = findExecutable(executable) else { throw SysError("run", executable, code: ENOENT) }
        for text in [program, directory] + arguments + environment where text.utf8.contains(0) {
            throw SysError("run", executable, code: EINVAL, detail: "an argument contains a zero byte")
        }
        var number: Int32 = -1
        var pid: pid_t = 0
        let result = withCStrings([program] + arguments) { argv in
            withCStrings(environment) { envp in
                cposix_pty_spawn(program, argv, envp, directory, Int32(clamping: columns), Int32(clamping: rows), &number, &pid)
            }
        }
        try check(result, "run", program)
        let master = Descriptor(owning: number)
        let pidfd = cposix_pidfd_open(pid)
        guard pidfd >= 0 else {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw SysError("watch", program, result: pidfd)
        }
        try master.setNonBlocking()
        watch = ChildWatch(pid: pid, startTime: ProcessFacts.startTime(pid) ?? 0, pidfd: Descriptor(owning: pidfd), isChild: true)
        descriptor = master.number
        self.master = master
    }

    package func resize(columns: Int, rows: Int) { _ = cposix_pty_resize(descriptor, Int32(clamping: columns), Int32(clamping: rows)) }

    /// At most `limit` bytes; never waits. `.end` when nobody has the terminal open any more.
    package func read(appendingTo bytes: inout [UInt8], limit: Int) throws(SysError) -> Transfer {
        try master.read(appendingTo: &bytes, limit: limit)
    }

    /// As much as the terminal takes now.
    package func write(_ bytes: [UInt8], from start: Int) throws(SysError) -> Transfer { try master.write(bytes, from: start) }

    /// Whether a program runs in it that the shell waits for.
    package var hasJob: Bool {
        let group = tcgetpgrp(descriptor)
        return group > 0 && group != watch.pid
    }

    /// All that were started in it and are there: of its session, and its descendants in sessions of their own.
    package func members(among processes: [ProcessFacts.Process]) -> [ProcessFacts.Process] {
        // The number of a session that anybody is in is given to nobody else; another process with it means that nobody is left.
        if let leader = processes.first(where: { $0.pid == watch.pid }), leader.startTime != watch.startTime { return [] }
        let below = Set(ProcessFacts.descendants(of: watch.pid, among: processes).map(\.pid))
        return processes.filter { !$0.isZombie && ($0.pid == watch.pid || $0.session == watch.pid || below.contains($0.pid)) }
    }
}

extension ProcessFacts {
    /// Whether a process has chosen to go on when its terminal hangs up (`nohup`).
    package static func ignoresHangup(_ pid: Int32) -> Bool {
        guard let bytes = try? Files.read("/proc/\(pid)/status", limit: 16_384) else { return false }
        for line in bytes.split(separator: 0x0A) where line.starts(with: "SigIgn:".utf8) {
            let digits = String(decoding: line.dropFirst(7), as: UTF8.self).filter { $0 != "\t" && $0 != " " }
            return (UInt64(digits, radix: 16) ?? 0) & 1 << (UInt64(SIGHUP) - 1) != 0
        }
        return false
    }
}

/// The end of what runs on terminals, as closing a terminal's window is: all of it is hung up, and continued if it was stopped. What has not ended
/// after a while is killed, unless it chose to stay (`nohup`).
package final class HangUp {
    package static let graceMs: Int64 = 1000

    private let terminals: [PtyProcess]
    private var left: Set<ProcessFacts.Process>

    package init(_ terminals: [PtyProcess]) {
        self.terminals = terminals
        let all = terminals.isEmpty ? [] : ProcessFacts.all()
        left = Set(terminals.flatMap { $0.members(among: all) })
        for process in left {
            Glibc.kill(process.pid, SIGHUP)
            Glibc.kill(process.pid, SIGCONT)
        }
    }

    /// Looks, without waiting.
    package var isOver: Bool {
        for terminal in terminals { _ = terminal.watch.poll() }
        left = left.filter { ProcessFacts.isAlive(pid: $0.pid, startTime: $0.startTime) && !ProcessFacts.ignoresHangup($0.pid) }
        return left.isEmpty
    }

    package func kill() {
        guard !isOver else { return }
        for process in left { Glibc.kill(process.pid, SIGKILL) }
        for terminal in terminals { _ = terminal.watch.poll() }
    }

    /// When nobody waits for the screen any more.
    package func wait() {
        let end = Clock.monotonicMilliseconds() + Self.graceMs
        while !isOver, Clock.monotonicMilliseconds() < end { usleep(5_000) }
        kill()
    }
}
