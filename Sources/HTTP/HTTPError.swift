/// Why there is no answer, or why a stream ended before its time.
package enum HTTPError: Error, Equatable, Sendable {
    case refused
    case timedOut
    case reset
    case tooLarge(limit: Int)
    case cancelled
    case silent(afterMs: Int64)
    case tls(String)
    case notHTTP(String)
    /// libcurl cannot be used at all.
    case unavailable(String)
    /// Anything else, with libcurl's code and words.
    case other(code: Int32, text: String)

    package var message: String {
        switch self {
        case .refused: "connection refused: nothing listens there; is the server running?"
        case .timedOut: "no answer in time: the server is slow, busy or out of reach"
        case .reset: "the server closed the connection before its answer was complete"
        case .tooLarge(let limit): "the answer is longer than \(limit) bytes and was dropped"
        case .cancelled: "cancelled"
        case .silent(let ms): "no byte for \(ms) ms: the server or the link hangs"
        case .tls(let text): "no secure connection: \(text)"
        case .notHTTP(let text): "the answer is not HTTP: \(text); does another program use this port?"
        case .unavailable(let text): text
        case .other(let code, let text): "\(text) (libcurl \(code))"
        }
    }
}
