import CPosix
package import Synchronization

/// Values from any thread for the one that owns a poller: posted in order, taken as a batch.
///
/// The descriptor is readable while something waits. Only the first post into an empty box makes a system call, so a
/// burst costs tens of nanoseconds a value. Inlinable, since generic code of another room is not specialised otherwise.
package final class Mailbox<Element: Sendable>: Sendable {
    @usableFromInline let waiting = Mutex<[Element]>([])
    private let event: Descriptor

    package init() {
        let number = cposix_eventfd()
        guard number >= 0 else { preconditionFailure("no descriptor left for a mailbox") }
        event = Descriptor(owning: number)
    }

    /// For the poller. Readable while the box is not empty.
    package var descriptor: Int32 { event.number }

    @inlinable package func post(_ element: Element) {
        let wasEmpty = waiting.withLock { waiting in
            waiting.append(element)
            return waiting.count == 1
        }
        if wasEmpty { signal() }
    }

    @inlinable package func post(contentsOf elements: [Element]) {
        if elements.isEmpty { return }
        let wasEmpty = waiting.withLock { waiting in
            let wasEmpty = waiting.isEmpty
            waiting.append(contentsOf: elements)
            return wasEmpty
        }
        if wasEmpty { signal() }
    }

    /// Everything that waits, oldest first. Never waits itself.
    @inlinable package func drain() -> [Element] {
        // Cleared before the swap: a post in between signals again, at worst for nothing.
        clear()
        return waiting.withLock { waiting in
            var taken: [Element] = []
            swap(&taken, &waiting)
            return taken
        }
    }

    @usableFromInline func signal() { cposix_eventfd_signal(event.number) }
    @usableFromInline func clear() { cposix_eventfd_clear(event.number) }

    /// How many wait, for high-water marks; old the moment it is told.
    package var count: Int { waiting.withLock { $0.count } }
}
