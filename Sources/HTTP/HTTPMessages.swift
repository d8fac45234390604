/// A header field. Names are compared without regard to case.
package struct HTTPHeader: Equatable, Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One request: HTTP/1.1, no redirects, no proxy, no cookies, no credentials but what `headers` say.
package struct HTTPRequest: Equatable, Sendable {
    package var method: String
    /// `http://…` or `https://…`, already percent-encoded.
    package var url: String
    package var headers: [HTTPHeader]
    package var body: [UInt8]?
    /// For the whole exchange; nil: no limit. Streams have none.
    package var timeoutMs: Int64?
    package var connectTimeoutMs: Int64
    /// A stream that gets no byte for so long is closed with `.silent`. A paused stream is not silent.
    package var silenceLimitMs: Int64?
    /// The longest answer body in bytes; for `send` only.
    package var responseLimit: Int
    /// Opens a connection for this request alone. Needed where an answer on an old one may never come: a server that is
    /// still starting. Without it libcurl sends a request again when a kept connection turns out to be dead.
    package var freshConnection: Bool
    /// The path of a Unix socket to connect to instead of the URL's host.
    package var unixSocket: String?

    package init(
        _ method: String = "GET", _ url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil, timeoutMs: Int64? = nil,
        connectTimeoutMs: Int64 = 5000, silenceLimitMs: Int64? = nil, responseLimit: Int = 64 << 20,
        freshConnection: Bool = false, unixSocket: String? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutMs = timeoutMs
        self.connectTimeoutMs = connectTimeoutMs
        self.silenceLimitMs = silenceLimitMs
        self.responseLimit = responseLimit
        self.freshConnection = freshConnection
        self.unixSocket = unixSocket
    }
}

/// A whole answer, whatever its status.
package struct HTTPResponse: Equatable, Sendable {
    package var status: Int
    package var body: [UInt8]
    /// The header lines as they came, without the status line.
    var head: HTTPHead

    init(status: Int, body: [UInt8], head: HTTPHead) {
        self.status = status
        self.body = body
        self.head = head
    }

    /// An answer that did not come over a connection: for tests and recordings.
    package init(status: Int, contentType: String, body: [UInt8]) {
        self.init(status: status, body: body, head: HTTPHead())
        ("Content-Type: " + contentType + "\r\n").utf8.withContiguousStorageIfAvailable { head.append(UnsafeRawBufferPointer($0)) }
    }

    /// The `Content-Type` field ("" when absent).
    package var contentType: String { head["content-type"] ?? "" }

    /// The first header field of that name.
    package func header(_ name: String) -> String? { head[name] }
}

/// What a stream says, on the HTTP thread, in this order: at most one `opened`, any number of `bytes`, one `closed`.
package enum HTTPStreamSignal {
    case opened(status: Int, contentType: String)
    /// Body bytes; valid inside the callback only.
    case bytes(UnsafeRawBufferPointer)
    /// The last signal; nil: the server ended the body properly.
    case closed(HTTPError?)
}

/// Header lines, kept as they came and searched when asked: most answers are never asked.
struct HTTPHead: Equatable, Sendable {
    private var bytes: [UInt8] = []

    mutating func append(_ line: UnsafeRawBufferPointer) {
        if line.starts(with: "HTTP/".utf8) {
            bytes.removeAll(keepingCapacity: true)  // an interim answer (1xx) went before
        } else {
            bytes.append(contentsOf: line)
        }
    }

    subscript(name: String) -> String? {
        let wanted = name.lowercased()
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            guard String(decoding: line[..<colon], as: UTF8.self).lowercased() == wanted else { continue }
            let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
            let value = line[(colon + 1)...].drop(while: isBlank)
            let end = value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? value.startIndex
            return String(decoding: value[..<end], as: UTF8.self)
        }
        return nil
    }
}
