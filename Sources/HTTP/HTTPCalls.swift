import CCurl
import Glibc

// Where Swift and the shim meet: requests as C structures, C callbacks as methods.

extension HTTPLoop {
    static let callbacks = ccurl_callbacks(
        header: { context, status, line, length in
            guard let context else { return }
            HTTPTransfer.at(context).take(header: UnsafeRawBufferPointer(start: line, count: length), status: Int(status))
        },
        bytes: { context, bytes, length in
            guard let context else { return Int32(CCURL_ABORT) }
            return HTTPTransfer.at(context).take(bytes: UnsafeRawBufferPointer(start: bytes, count: length))
        },
        done: { context, outcome, code, text in
            guard let context else { return }
            let text = text.map { String(cString: $0) } ?? ""
            HTTPTransfer.at(context).isDone(HTTPError(outcome: outcome, code: code, text: text))
        })
}

extension HTTPTransfer {
    /// The transfer that was given to `ccurl_transfer_start`; the loop holds it until the end.
    fileprivate static func at(_ context: UnsafeMutableRawPointer) -> HTTPTransfer {
        Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
    }
}

extension HTTPRequest {
    /// The request as the shim reads it; libcurl copies what it needs during the call.
    func withC<Result>(isStream: Bool, _ body: (UnsafePointer<ccurl_request>) -> Result) -> Result {
        let lines = headers.map { strdup($0.line) }
        defer { lines.forEach { free($0) } }
        return lines.map { UnsafePointer($0) }.withUnsafeBufferPointer { headers in
            method.withCString { method in
                url.withCString { url in
                    withOptionalCString(unixSocket) { socket in
                        withOptionalBytes(self.body) { bytes in
                            var request = ccurl_request(
                                method: method, url: url, unix_socket: socket, headers: headers.baseAddress, header_count: headers.count,
                                body: bytes?.baseAddress, body_length: bytes?.count ?? 0, timeout_ms: timeoutMs ?? 0,
                                connect_timeout_ms: connectTimeoutMs, fresh_connection: freshConnection, is_stream: isStream)
                            return body(&request)
                        }
                    }
                }
            }
        }
    }
}

extension HTTPHeader {
    /// One line, whatever the name and value hold: a line end inside would start a header of its own.
    fileprivate var line: String {
        let text = "\(name): \(value)"
        return String(decoding: text.utf8.filter { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") && $0 != 0 }, as: UTF8.self)
    }
}

private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}

/// An empty body is a body: it gets an address, too.
private func withOptionalBytes<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
    guard let bytes else { return body(nil) }
    guard bytes.isEmpty else { return bytes.withUnsafeBytes { body($0) } }
    return [0 as UInt8].withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<0])) }
}
