import CPosix
import Glibc
import Synchronization

/// Runs programs to their end, any number at a time, on one thread of its own. No task and no thread ever waits in a call.
///
/// A run ends when its process has: what descendants still write to its pipes afterwards is not waited for.
package final class CommandRunner: Sendable {
    /// Names a run, for cancelling it.
    package struct ID: Hashable, Sendable { fileprivate let raw: UInt64 }

    package typealias Outcome = Result<CommandResult, SysError>

    enum Request: Sendable {
        case start(UInt64, Command, output: (@Sendable ([UInt8], Bool) -> Void)?, done: @Sendable (Outcome) -> Void)
        case cancel(UInt64)
        case stop
    }

    private let mailbox = Mailbox<Request>()
    private let next = Atomic<UInt64>(1)

    package init() {
        cposix_keep_child_status()
        let mailbox = mailbox
        startThread(named: "commands") { CommandLoop(mailbox).run() }
    }

    /// Cancels what still runs, after which its thread ends.
    deinit { mailbox.post(.stop) }

    /// Starts a program. `done` is called exactly once, on the runner's thread, and must be quick: it posts to somebody.
    /// `output` gets each piece as it comes (true: of the error output); it is then not limited, and kept up to the limit as well.
    @discardableResult
    package func start(
        _ command: Command, output: (@Sendable (_ bytes: [UInt8], _ isError: Bool) -> Void)? = nil,
        done: @escaping @Sendable (Outcome) -> Void
    ) -> ID {
        let id = next.add(1, ordering: .relaxed).oldValue
        mailbox.post(.start(id, command, output: output, done: done))
        return ID(raw: id)
    }

    /// TERM to the process group, KILL 2 s later. The run ends with ECANCELED (`isCancelled`); too late is no error.
    package func cancel(_ id: ID) { mailbox.post(.cancel(id.raw)) }

    /// Runs a program. An exit code other than 0 is a result, not an error. Throws when it cannot be started, when its time is
    /// up (ETIMEDOUT, with what it last said), or when the task is cancelled (ECANCELED); its processes are gone by then.
    /// `output` is as in `start`.
    package func run(
        _ command: Command, output: (@Sendable (_ bytes: [UInt8], _ isError: Bool) -> Void)? = nil
    ) async throws(SysError) -> CommandResult {
        let id = next.add(1, ordering: .relaxed).oldValue
        let outcome: Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                mailbox.post(.start(id, command, output: output) { continuation.resume(returning: $0) })
                // A cancellation that came before the start found nothing to cancel.
                if Task.isCancelled { mailbox.post(.cancel(id)) }
            }
        } onCancel: {
            mailbox.post(.cancel(id))
        }
        return try outcome.get()
    }
}
