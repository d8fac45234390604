package import Domain
package import HTTP

/// How one generation of OpenCode is spoken to: pure translation between drover's words and HTTP. It sends nothing itself.
package protocol AgentServer: Sendable {
    static var generation: Generation { get }

    /// - Parameter url: `http://127.0.0.1:PORT`, without a slash at the end.
    init(url: String, password: String, version: String)

    /// The request that carries out a call, with its time limit.
    func request(for call: ServerCall) -> HTTPRequest

    /// What the answer to that request says.
    /// - Parameter now: the time that pending requests count as asked at; OpenCode names none.
    func answer(to call: ServerCall, _ response: HTTPResponse, now: Timestamp) throws(CallFailure) -> ServerAnswer

    /// The stream that carries the events of all directories.
    func eventStream() -> HTTPRequest

    /// A reader for one connection of that stream: a new connection needs a new reader.
    func makeEventReader() -> EventReader
}

/// OpenCode's two incompatible ways to be spoken to: 1.x, and 2.x with `/api` (api.md §1).
package enum Generation: String, Sendable { case v1, v2 }

extension CallFailure {
    /// Why there is no answer to read, in the words of a call.
    package init(_ error: HTTPError) {
        switch error {
        case .timedOut, .silent: self = .timedOut
        case .cancelled: self = .cancelled
        case .notHTTP, .tooLarge: self = .unreadable(error.message)
        case .refused, .reset, .tls, .unavailable, .other: self = .unreachable(error.message)
        }
    }
}
