import Glibc
import Synchronization

/// One thread's loop over descriptors, timers and calls. Without anything to do it sleeps in the kernel.
package final class Reactor {
    struct Readiness {
        let canRead: Bool
        let canWrite: Bool
    }

    private struct Watch {
        var writing: Bool
        let call: (Readiness) -> Void
    }
    private var watches: [Int32: Watch] = [:]
    private var timers = Timers()
    private var laterCalls: [() -> Void] = []
    private var isRunning = true
    package let mail = ReactorMail()

    package init() {}

    // MARK: descriptors

    func watch(_ descriptor: Int32, writing: Bool, _ call: @escaping (Readiness) -> Void) {
        watches[descriptor] = Watch(writing: writing, call: call)
    }

    func change(_ descriptor: Int32, writing: Bool) { watches[descriptor]?.writing = writing }

    func unwatch(_ descriptor: Int32) { watches[descriptor] = nil }

    // MARK: time

    /// A number to take it back with.
    @discardableResult
    package func after(ms: Int, _ call: @escaping () -> Void) -> UInt64 { at(ns: Self.nowNs() + Int64(ms) * 1_000_000, call) }

    @discardableResult
    package func at(ns: Int64, _ call: @escaping () -> Void) -> UInt64 { timers.add(atNs: ns, call) }

    package func cancel(_ timer: UInt64) { timers.cancel(timer) }

    /// At the end of this turn.
    package func later(_ call: @escaping () -> Void) { laterCalls.append(call) }

    /// CLOCK_MONOTONIC.
    package static func nowNs() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    // MARK: the loop

    package func stop() { isRunning = false }

    package func run() {
        while isRunning { turn() }
    }

    private func turn() {
        var descriptors = [pollfd(fd: mail.reading, events: Int16(POLLIN), revents: 0)]
        for (descriptor, watch) in watches {
            descriptors.append(pollfd(fd: descriptor, events: Int16(watch.writing ? POLLIN | POLLOUT : POLLIN), revents: 0))
        }
        let count = poll(&descriptors, nfds_t(descriptors.count), laterCalls.isEmpty ? timeoutMs() : 0)
        if count > 0 {
            for entry in descriptors where entry.revents != 0 {
                if entry.fd == mail.reading { mail.take().forEach { $0(self) } }
                let canWrite = entry.revents & Int16(POLLOUT) != 0
                let canRead = entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0
                watches[entry.fd]?.call(Readiness(canRead: canRead, canWrite: canWrite))
            }
        }
        let now = Self.nowNs()
        while isRunning, let call = timers.take(nowNs: now) { call() }
        while !laterCalls.isEmpty {
            let calls = laterCalls
            laterCalls = []
            for call in calls { call() }
        }
    }

    private func timeoutMs() -> Int32 {
        guard let next = timers.nextNs else { return -1 }
        let wait = (next - Self.nowNs() + 999_999) / 1_000_000
        return Int32(clamping: max(0, wait))
    }
}

/// Calls from other threads into a reactor.
package final class ReactorMail: Sendable {
    private let calls = Mutex<[@Sendable (Reactor) -> Void]>([])
    let reading: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { preconditionFailure("no descriptors left for a stand-in server") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    package func post(_ call: @escaping @Sendable (Reactor) -> Void) {
        let isFirst = calls.withLock { calls in
            calls.append(call)
            return calls.count == 1
        }
        if isFirst { _ = write(writing, [1] as [UInt8], 1) }
    }

    fileprivate func take() -> [@Sendable (Reactor) -> Void] {
        var byte: UInt8 = 0
        while read(reading, &byte, 1) == 1 {}
        return calls.withLock { calls in
            let taken = calls
            calls = []
            return taken
        }
    }
}
