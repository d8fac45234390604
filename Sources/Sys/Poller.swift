import CPosix

/// Waits for descriptors and a deadline: epoll, used by one thread.
package final class Poller {
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let read = Interest(rawValue: UInt32(CPOSIX_READ))
        package static let write = Interest(rawValue: UInt32(CPOSIX_WRITE))
    }

    /// A descriptor that is ready. After a hang-up or an error it is readable and writable too: the next call tells.
    package struct Ready: Equatable, Sendable {
        package let token: UInt64
        package let readable: Bool
        package let writable: Bool
        package let hangup: Bool
    }

    private let epoll: Descriptor
    private var found: [Ready] = []
    private static let most = 128

    package init() {
        let number = cposix_epoll_create()
        guard number >= 0 else { preconditionFailure("no descriptor left for a poller") }
        epoll = Descriptor(owning: number)
        found.reserveCapacity(Poller.most)
    }

    /// The token comes back with each readiness; it names the owner's row. A descriptor must be removed before it is closed.
    package func add(_ number: Int32, token: UInt64, _ interest: Interest = .read) throws(SysError) {
        try check(cposix_epoll_add(epoll.number, number, interest.rawValue, token), "watch descriptor", "\(number)")
    }

    package func modify(_ number: Int32, token: UInt64, _ interest: Interest) throws(SysError) {
        try check(cposix_epoll_modify(epoll.number, number, interest.rawValue, token), "watch descriptor", "\(number)")
    }

    /// Removing what is not there is no error.
    package func remove(_ number: Int32) { _ = cposix_epoll_remove(epoll.number, number) }

    /// Waits until something is ready or the deadline has come (then: nothing). nil waits for ever, a past deadline not at all.
    /// May also return nothing early, after a signal.
    package func wait(untilMonotonicMs deadline: Int64?) -> [Ready] {
        var nanoseconds: Int64 = -1
        if let deadline {
            let now = Int64(clamping: Clock.monotonicNanoseconds())
            let (moment, overflow) = deadline.multipliedReportingOverflow(by: 1_000_000)
            nanoseconds = overflow ? (deadline < 0 ? 0 : -1) : max(0, moment - now)
        }
        found.removeAll(keepingCapacity: true)
        withUnsafeTemporaryAllocation(of: cposix_ready.self, capacity: Poller.most) { buffer in
            let count = cposix_epoll_wait(epoll.number, buffer.baseAddress, Int32(Poller.most), nanoseconds)
            // Only a bug (a descriptor that is none) can fail here.
            precondition(count >= 0, "epoll_wait failed")
            for event in buffer[..<Int(count)] {
                found.append(
                    Ready(
                        token: event.token, readable: event.flags & UInt32(CPOSIX_READ) != 0,
                        writable: event.flags & UInt32(CPOSIX_WRITE) != 0,
                        hangup: event.flags & UInt32(CPOSIX_HANGUP) != 0))
            }
        }
        return found
    }
}
