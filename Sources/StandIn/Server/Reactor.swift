package import Sys

/// One thread's loop over descriptors, timers and calls. Without anything to do it sleeps in the kernel.
package final class Reactor {
    struct Readiness {
        let canRead: Bool
        let canWrite: Bool
    }

    private struct Watch {
        let descriptor: Int32
        let call: (Readiness) -> Void
    }
    private let poller = Poller()
    /// By token: a descriptor's number may be given out anew while news of the old one is still in the batch.
    private var watches: [UInt64: Watch] = [:]
    private var tokens: [Int32: UInt64] = [:]
    private var lastToken: UInt64 = 0
    private var timers = Timers()
    private var laterCalls: [() -> Void] = []
    private var isRunning = true
    /// Calls from other threads.
    package let mail = Mailbox<@Sendable (Reactor) -> Void>()

    package init() {
        watch(mail.descriptor) { [weak self] _ in
            guard let self else { return }
            for call in mail.drain() { call(self) }
        }
    }

    // MARK: descriptors

    func watch(_ descriptor: Int32, _ call: @escaping (Readiness) -> Void) {
        lastToken += 1
        do throws(SysError) {
            try poller.add(descriptor, token: lastToken)
            (watches[lastToken], tokens[descriptor]) = (Watch(descriptor: descriptor, call: call), lastToken)
        } catch {
            preconditionFailure("a stand-in cannot watch its descriptor: \(error.message)")
        }
    }

    func change(_ descriptor: Int32, writing: Bool) {
        guard let token = tokens[descriptor] else { return }
        try? poller.modify(descriptor, token: token, writing ? [.read, .write] : .read)
    }

    /// Before the descriptor is closed.
    func unwatch(_ descriptor: Int32) {
        guard let token = tokens.removeValue(forKey: descriptor) else { return }
        watches[token] = nil
        poller.remove(descriptor)
    }

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
    package static func nowNs() -> Int64 { Int64(clamping: Clock.monotonicNanoseconds()) }

    // MARK: the loop

    package func stop() { isRunning = false }

    package func run() {
        while isRunning { turn() }
    }

    private func turn() {
        let wait = laterCalls.isEmpty ? timers.nextNs.map { ($0 + 999_999) / 1_000_000 } : 0
        for ready in poller.wait(untilMonotonicMs: wait) {
            watches[ready.token]?.call(Readiness(canRead: ready.readable, canWrite: ready.writable))
        }
        let now = Self.nowNs()
        while isRunning, let call = timers.take(nowNs: now) { call() }
        while !laterCalls.isEmpty {
            let calls = laterCalls
            laterCalls = []
            for call in calls { call() }
        }
    }
}
