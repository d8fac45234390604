/// Calls that are due at a moment, earliest first; equal moments in the order they were made.
struct Timers {
    private struct Entry {
        let atNs: Int64
        let number: UInt64
        let call: () -> Void

        func isBefore(_ other: Entry) -> Bool { (atNs, number) < (other.atNs, other.number) }
    }
    private var heap: [Entry] = []
    private var cancelled: Set<UInt64> = []
    private var pending: Set<UInt64> = []
    private var lastNumber: UInt64 = 0

    /// When the next call is due (monotonic ns).
    var nextNs: Int64? { heap.first?.atNs }

    mutating func add(atNs: Int64, _ call: @escaping () -> Void) -> UInt64 {
        lastNumber += 1
        pending.insert(lastNumber)
        heap.append(Entry(atNs: atNs, number: lastNumber, call: call))
        siftUp(heap.count - 1)
        return lastNumber
    }

    /// A call that was made or taken back already is left alone.
    mutating func cancel(_ number: UInt64) {
        if pending.remove(number) != nil { cancelled.insert(number) }
        while let first = heap.first, cancelled.remove(first.number) != nil { removeFirst() }
    }

    /// The next call that is due at `nowNs`.
    mutating func take(nowNs: Int64) -> (() -> Void)? {
        while let first = heap.first, first.atNs <= nowNs {
            removeFirst()
            if cancelled.remove(first.number) != nil { continue }
            pending.remove(first.number)
            return first.call
        }
        return nil
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(0)
    }

    private mutating func siftUp(_ start: Int) {
        var at = start
        while at > 0, heap[at].isBefore(heap[(at - 1) / 2]) {
            heap.swapAt(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var at = start
        while 2 * at + 1 < heap.count {
            var child = 2 * at + 1
            if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(heap[at]) else { return }
            heap.swapAt(at, child)
            at = child
        }
    }
}
