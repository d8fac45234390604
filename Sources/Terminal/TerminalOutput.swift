import Glibc

/// Bytes on their way to a terminal that may not read for a while.
struct TerminalOutput {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    var isEmpty: Bool { pending.isEmpty }

    /// Sends what fits and keeps the rest.
    mutating func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        if pending.isEmpty {
            let sent = send(bytes[...])
            if sent < bytes.count { pending = Array(bytes[sent...]) }
        } else {
            pending += bytes
            flush()
        }
    }

    /// True when nothing is left.
    @discardableResult
    mutating func flush() -> Bool {
        guard !pending.isEmpty else { return true }
        pending.removeFirst(send(pending[...]))
        return pending.isEmpty
    }

    mutating func forget() { pending = [] }

    /// The last bytes: waits up to a second for a terminal that is slow, not for one that is stopped.
    mutating func finish(with bytes: [UInt8]) {
        write(bytes)
        var tries = 0
        while !flush(), tries < 10 {
            var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&poller, 1, 100)
            tries += 1
        }
        pending = []
    }

    /// How many bytes the terminal took. What it can never take (it is gone) counts as taken: reading will tell.
    private func send(_ bytes: ArraySlice<UInt8>) -> Int {
        var sent = 0
        bytes.withUnsafeBytes { all in
            while sent < all.count {
                let count = Glibc.write(descriptor, all.baseAddress.map { $0 + sent }, all.count - sent)
                if count > 0 {
                    sent += count
                } else if errno == EINTR {
                    continue
                } else {
                    if errno != EAGAIN { sent = all.count }
                    return
                }
            }
        }
        return sent
    }
}
