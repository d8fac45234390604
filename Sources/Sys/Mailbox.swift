import CPosix
package import Synchronization

/// Values from any thread for the one that owns a poller: posted in order, taken as a batch.
///
/// The descriptor is readable while something waits. Only the first post into an empty box makes a system call, so a
/// burst costs tens of nanoseconds a value. Inlinable, since generic code of another room is not specialised otherwise.
package final class Mailbox<Element: Sendable>: Sendable {
    @usableFromInline struct Box: Sendable {
        @usableFromInline var elements: [Element] = []
        /// The owner has been woken for what is in here and has not taken it yet.
        @usableFromInline var isSignalled = false
        @usableFromInline init() {}
    }

    @usableFromInline let waiting = Mutex(Box())
    private let event: Descriptor

    package init() {
        let number = cposix_eventfd()
        guard number >= 0 else { preconditionFailure("no descriptor left for a mailbox") }
        event = Descriptor(owning: number)
    }

    /// For the poller. Readable while something waits that was not posted quietly.
    package var descriptor: Int32 { event.number }

    @inlinable package func post(_ element: Element) {
        let isFirst = waiting.withLock { box in
            box.elements.append(element)
            defer { box.isSignalled = true }
            return !box.isSignalled
        }
        if isFirst { signal() }
    }

    @inlinable package func post(contentsOf elements: [Element]) {
        if elements.isEmpty { return }
        let isFirst = waiting.withLock { box in
            box.elements.append(contentsOf: elements)
            defer { box.isSignalled = true }
            return !box.isSignalled
        }
        if isFirst { signal() }
    }

    /// In its order, but wakes nobody: for what need not be seen before the owner looks into the box for another reason.
    @inlinable package func postQuietly(_ element: Element) {
        waiting.withLock { $0.elements.append(element) }
    }

    /// Everything that waits, oldest first. Never waits itself.
    @inlinable package func drain() -> [Element] {
        // Cleared before the swap: a post in between signals again, at worst for nothing.
        clear()
        return waiting.withLock { box in
            var taken: [Element] = []
            swap(&taken, &box.elements)
            box.isSignalled = false
            return taken
        }
    }

    @usableFromInline func signal() { cposix_eventfd_signal(event.number) }
    @usableFromInline func clear() { cposix_eventfd_clear(event.number) }

    /// How many wait, for high-water marks; old the moment it is told.
    package var count: Int { waiting.withLock { $0.elements.count } }
}
