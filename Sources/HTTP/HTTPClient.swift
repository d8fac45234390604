/// Requests and event streams on one thread with one libcurl multi handle.
///
/// Any thread may call it; nothing here waits. Callbacks run on the HTTP thread and must not block: decode, post, return.
/// The thread and libcurl start with the first request and end with the client, which cancels what is still going on.
package final class HTTPClient: Sendable {
    private let inbox = HTTPInbox()

    package init() {}

    deinit { inbox.stop() }

    /// Sends a request and calls `done` exactly once.
    @discardableResult
    package func send(_ request: HTTPRequest, done: @escaping @Sendable (Result<HTTPResponse, HTTPError>) -> Void) -> HTTPTicket {
        inbox.start(request, .answer(done))
    }

    /// Opens a stream and calls `events` until it said `.closed`.
    @discardableResult
    package func stream(_ request: HTTPRequest, events: @escaping @Sendable (HTTPStreamSignal) -> Void) -> HTTPTicket {
        inbox.start(request, .stream(events))
    }
}
