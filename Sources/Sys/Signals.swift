import CPosix
import Glibc

/// Signals as something to read: blocked for the whole process and told by a descriptor.
///
/// Made on the first thread before any other starts, since threads inherit what is blocked. SIGPIPE is ignored as well:
/// a write to who has gone is an answer (`.end`), not the end of the program.
package final class Signals {
    private let queue: Descriptor

    package init(_ signals: [Int32]) throws(SysError) {
        Signals.ignorePipes()
        cposix_keep_child_status()
        try check(cposix_block_signals(signals, Int32(signals.count)), "block signals")
        queue = Descriptor(owning: try check(cposix_signalfd(signals, Int32(signals.count)), "read signals"))
    }

    /// For the poller.
    package var descriptor: Int32 { queue.number }

    /// The signals that have come since; the same one twice counts once. Never waits.
    package func read() -> [Int32] {
        var numbers = [Int32](repeating: 0, count: 32)
        let count = cposix_signalfd_read(queue.number, &numbers, Int32(numbers.count))
        return Array(numbers.prefix(Int(count)))
    }

    /// For programs without a `Signals`. Children get the default back.
    package static func ignorePipes() { signal(SIGPIPE, SIG_IGN) }
}
