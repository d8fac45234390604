/// One request and the answer to it. Belongs to the server's thread.
///
/// Either `respond` once, or `begin`, any number of `send`, `finish`. Doing nothing leaves the client waiting for ever.
package final class Exchange {
    package let request: StandInRequest
    /// Called when the client leaves before the answer is complete.
    package var onLeave: (() -> Void)?
    private weak var connection: Connection?
    private var state = State.waiting

    private enum State { case waiting, streaming, over }

    init(_ request: StandInRequest, _ connection: Connection) {
        self.request = request
        self.connection = connection
    }

    package var isOver: Bool { state == .over }
    /// Bytes of the answer that the client has not taken yet.
    package var backlog: Int { connection?.backlog ?? 0 }

    /// The whole answer.
    package func respond(_ status: Int, type: String? = nil, headers: [(String, String)] = [], body: [UInt8] = []) {
        guard state == .waiting, let connection else { return }
        var lines = headers
        if let type { lines.append(("Content-Type", type)) }
        if status != 204 { lines.append(("Content-Length", String(body.count))) }
        connection.write(Self.head(status, lines))
        if request.method != "HEAD" { connection.write(body) }
        end()
    }

    /// The head of an answer in chunks.
    package func begin(_ status: Int, type: String, headers: [(String, String)] = []) {
        guard state == .waiting, let connection else { return }
        state = .streaming
        connection.write(Self.head(status, headers + [("Content-Type", type), ("Transfer-Encoding", "chunked")]))
    }

    /// One chunk.
    package func send(_ bytes: [UInt8]) {
        guard state == .streaming, !bytes.isEmpty, let connection else { return }
        connection.write(Array(String(bytes.count, radix: 16).utf8) + [13, 10])
        connection.write(bytes)
        connection.write([13, 10])
    }

    /// Bytes that are chunked already: for many clients that get the same.
    package func send(chunked bytes: [UInt8]) {
        guard state == .streaming, let connection else { return }
        connection.write(bytes)
    }

    package func finish() {
        guard state == .streaming, let connection else { return }
        connection.write(Array("0\r\n\r\n".utf8))
        end()
    }

    // MARK: faults

    /// Bytes on the wire as they are: half an answer, or no HTTP at all.
    package func sendRaw(_ bytes: [UInt8]) { connection?.write(bytes) }

    /// Sends what was written and closes, whatever was promised.
    package func cut() {
        state = .over
        connection?.closeWhenSent()
    }

    /// From now on, one byte at a time with so many ms in between (0: as fast as possible).
    package func drip(everyMs: Int) { connection?.dripMs = everyMs }

    // MARK: inside

    func clientLeft() {
        guard state != .over else { return }
        state = .over
        onLeave?()
    }

    private func end() {
        state = .over
        onLeave = nil
        connection?.exchangeEnded(closes: request.wantsClose)
    }

    private static func head(_ status: Int, _ headers: [(String, String)]) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(reasons[status] ?? "Status")\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    private static let reasons = [
        200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 409: "Conflict",
        429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
    ]
}
