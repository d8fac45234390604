import Glibc

/// One client. Belongs to the server's thread.
final class Connection {
    private let descriptor: Int32
    private let reactor: Reactor
    private let handler: (Exchange) -> Void
    private let whenClosed: (Int32) -> Void
    private var parser = RequestParser()
    private var exchange: Exchange?
    private var output = OutputQueue()
    private var isFlushDue = false, isWatchingWrite = false, isClosing = false, isClosed = false
    /// One byte at a time with so many ms between.
    var dripMs: Int?

    init(_ descriptor: Int32, _ reactor: Reactor, handler: @escaping (Exchange) -> Void, whenClosed: @escaping (Int32) -> Void) {
        self.descriptor = descriptor
        self.reactor = reactor
        self.handler = handler
        self.whenClosed = whenClosed
        reactor.watch(descriptor) { [weak self] event in self?.ready(event) }
    }

    var backlog: Int { output.count }

    private func ready(_ event: Reactor.Readiness) {
        if event.canRead { read() }
        if event.canWrite, !isClosed { flush() }
    }

    // MARK: in

    private func read() {
        // A buffer of this size for each read: on the stack it would be on every connection's path, here it is shared.
        let ended = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            while true {
                let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                if count > 0 {
                    parser.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                    if count < buffer.count { return false }
                } else if count < 0, errno == EINTR {
                    continue
                } else {
                    return !(count < 0 && errno == EAGAIN)
                }
            }
        }
        if ended { return close() }
        takeRequest()
    }

    private func takeRequest() {
        guard exchange == nil, !isClosing else { return }  // answers go out in order: one at a time
        switch parser.next() {
        case .incomplete: return
        case .malformed:
            write(Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
            closeWhenSent()
        case .request(let request):
            let exchange = Exchange(request, self)
            self.exchange = exchange
            handler(exchange)
        }
    }

    func exchangeEnded(closes: Bool) {
        exchange = nil
        if closes { return closeWhenSent() }
        reactor.later { [weak self] in self?.takeRequest() }
    }

    // MARK: out

    /// Collected and sent at the end of the reactor's turn: many small chunks leave as one packet.
    func write(_ bytes: [UInt8]) {
        guard !isClosed else { return }
        output.append(bytes)
        flushLater()
    }

    func closeWhenSent() {
        isClosing = true
        flushLater()
    }

    private func flushLater() {
        guard !isFlushDue, !isWatchingWrite else { return }
        isFlushDue = true
        reactor.later { [weak self] in self?.flush() }
    }

    private func flush() {
        isFlushDue = false
        if let dripMs, backlog > 0 { return drip(dripMs) }
        while !output.isEmpty {
            let count = output.withNext { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                output.drop(count)
            } else if errno != EINTR {
                guard errno == EAGAIN else { return close() }
                if !isWatchingWrite { setWatching(write: true) }
                return
            }
        }
        if isWatchingWrite { setWatching(write: false) }
        if isClosing { close() }
    }

    private func setWatching(write: Bool) {
        isWatchingWrite = write
        reactor.change(descriptor, writing: write)
    }

    private func drip(_ ms: Int) {
        let count = output.withNext { send(descriptor, $0.baseAddress, 1, Int32(MSG_NOSIGNAL)) }
        if count < 0, errno != EAGAIN, errno != EINTR { return close() }
        if count > 0 { output.drop(1) }
        if output.isEmpty {
            if isClosing { close() }
        } else {
            isFlushDue = true
            reactor.after(ms: ms) { [weak self] in self?.flush() }
        }
    }

    // MARK: the end

    func close() {
        guard !isClosed else { return }
        isClosed = true
        reactor.unwatch(descriptor)
        _ = Glibc.close(descriptor)
        let left = exchange
        exchange = nil
        left?.clientLeft()
        whenClosed(descriptor)
    }
}

/// Bytes on their way out, in pieces: a client that does not read makes it long, and taking from its front must stay cheap.
struct OutputQueue {
    private var pieces: [[UInt8]] = []
    private var first = 0  // pieces before it are gone
    private var offset = 0  // what is gone of the first piece
    private(set) var count = 0
    private static let pieceSize = 64 << 10

    var isEmpty: Bool { count == 0 }

    mutating func append(_ bytes: [UInt8]) {
        if bytes.isEmpty { return }
        count += bytes.count
        if let last = pieces.indices.last, last >= first, pieces[last].count + bytes.count <= Self.pieceSize {
            pieces[last].append(contentsOf: bytes)
        } else {
            pieces.append(bytes)
        }
    }

    /// The bytes at the front; not for an empty queue.
    func withNext<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        pieces[first].withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
    }

    /// Takes bytes of the front piece away.
    mutating func drop(_ size: Int) {
        count -= size
        offset += size
        guard offset == pieces[first].count else { return }
        offset = 0
        if isEmpty {
            pieces = []
            first = 0
            return
        }
        pieces[first] = []
        first += 1
        if first > 64, first * 2 > pieces.count {
            pieces.removeFirst(first)
            first = 0
        }
    }
}
