import CPosix
import Glibc

/// A program that is to outlive us: own session, nothing to read, its output in a file.
package struct DetachedSpawn: Sendable {
    package enum Output: Sendable {
        /// Output and error output are appended to this file, which is made with 0600. A file and no pipe, so that our end
        /// does not give the program a SIGPIPE.
        case log(String)
        /// Both go to a descriptor that the caller owns and keeps.
        case descriptor(Int32)
        case nothing
    }

    package var executable: String
    package var arguments: [String]
    /// "NAME=value"; nil inherits ours. Secrets belong here and never in the arguments, which everybody can read.
    package var environment: [String]?
    package var directory: String?
    package var output: Output

    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String]? = nil, directory: String? = nil, output: Output
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.output = output
    }

    /// Starts it. It is our child as long as we live, so somebody must watch for its end (`ChildWatch`).
    package func start() throws(SysError) -> ChildWatch {
        let null = try Descriptor.open("/dev/null", O_RDWR)
        switch output {
        case .log(let path):
            let log = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
            return try start(null.number, log.number)
        case .descriptor(let number): return try start(null.number, number)
        case .nothing: return try start(null.number, null.number)
        }
    }

    private func start(_ input: Int32, _ output: Int32) throws(SysError) -> ChildWatch {
        let child = try spawn(
            executable, arguments, environment: environment, directory: directory, input: input, output: output, error: output,
            session: .own)
        // The start time is there: the child has executed its program. 0 only if it has been reaped, which nobody could.
        let startTime = ProcessFacts.startTime(child.pid) ?? 0
        return ChildWatch(pid: child.pid, startTime: startTime, pidfd: child.pidfd.duplicated(), isChild: true)
    }
}

extension Descriptor {
    /// The same open file under a number of its own.
    package borrowing func duplicated() -> Descriptor { Descriptor(owning: fcntl(number, F_DUPFD_CLOEXEC, 3)) }
}

/// Waits for the end of one process: a child of ours, or one that an earlier daemon started.
package final class ChildWatch: Sendable {
    package enum Ending: Equatable, Sendable {
        case running
        /// Status unknown: only the parent is told.
        case ended(ExitStatus?)
    }

    package let pid: Int32
    /// In ticks since the start of the machine; with the pid and the boot id it names a process for good.
    package let startTime: UInt64
    package let isChild: Bool
    private let pidfd: Descriptor

    init(pid: Int32, startTime: UInt64, pidfd: consuming Descriptor, isChild: Bool) {
        self.pid = pid
        self.startTime = startTime
        self.isChild = isChild
        self.pidfd = pidfd
    }

    /// Takes over a process that is no child of ours. nil when it is gone, or when its pid now names another process.
    package static func adopt(pid: Int32, startTime: UInt64) -> ChildWatch? {
        let number = cposix_pidfd_open(pid)
        guard number >= 0 else { return nil }
        let pidfd = Descriptor(owning: number)
        // Looked at after opening: if the time fits now, the descriptor is of the process that was meant.
        guard ProcessFacts.isAlive(pid: pid, startTime: startTime) else { return nil }
        return ChildWatch(pid: pid, startTime: startTime, pidfd: pidfd, isChild: false)
    }

    /// For the poller: readable once the process has ended. Remove it from there after `.ended`, or it stays ready.
    package var descriptor: Int32 { pidfd.number }

    /// Looks, without waiting. A child is reaped by the call that tells its status; later calls tell `.ended(nil)`.
    package func poll() -> Ending {
        if isChild {
            do throws(SysError) {
                return try reap(pidfd.number, wait: false).map { .ended($0) } ?? .running
            } catch {
                return .ended(nil)  // reaped before
            }
        }
        var ready = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&ready, 1, 0) > 0 ? .ended(nil) : .running
    }

    /// To this very process, never to another that got its number. False when it is gone.
    @discardableResult
    package func signal(_ number: Int32) -> Bool { cposix_pidfd_signal(pidfd.number, number) == 0 }

    /// To all of the process group that it leads; it leads one when `DetachedSpawn` started it.
    @discardableResult
    package func signalGroup(_ number: Int32) -> Bool {
        // Alive, or an unreaped child: then the number is still its own.
        guard poll(keeping: true) else { return false }
        return kill(-pid, number) == 0
    }

    private func poll(keeping: Bool) -> Bool { cposix_pidfd_signal(pidfd.number, 0) == 0 }
}
