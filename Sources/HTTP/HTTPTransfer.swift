import CCurl
import Sys

/// One request under way; belongs to the HTTP thread.
final class HTTPTransfer {
    let ticket: HTTPTicket
    let request: HTTPRequest
    private let receiver: HTTPReceiver
    /// libcurl's side of it and the loop it runs on; nil before the start and after the end.
    var handle: OpaquePointer?
    var loop: HTTPLoop?
    /// When the last byte came, in monotonic ms.
    var lastByteMs: Int64

    private var status = 0
    private var head = HTTPHead()
    private var body: [UInt8] = []
    private var isOpen = false
    private var refusal: HTTPError?

    init(_ ticket: HTTPTicket, _ request: HTTPRequest, _ receiver: HTTPReceiver, nowMs: Int64) {
        self.ticket = ticket
        self.request = request
        self.receiver = receiver
        lastByteMs = nowMs
    }

    var isStream: Bool {
        if case .stream = receiver { true } else { false }
    }

    /// When it becomes silent, if nothing comes and nobody paused it.
    var silentAtMs: Int64? {
        guard case .stream = receiver, let limit = request.silenceLimitMs else { return nil }
        return lastByteMs + limit
    }

    func take(header line: UnsafeRawBufferPointer, status: Int) {
        guard !isOpen else { return }  // a trailer
        head.append(line)
        guard line.elementsEqual("\r\n".utf8) || line.elementsEqual("\n".utf8), status >= 200 else { return }
        isOpen = true
        self.status = status
        lastByteMs = Clock.monotonicMilliseconds()
        guard case .stream(let signal) = receiver, !ticket.isCancelled else { return }
        signal(.opened(status: status, contentType: head["content-type"] ?? ""))
    }

    /// Returns what libcurl shall do next.
    func take(bytes: UnsafeRawBufferPointer) -> Int32 {
        if ticket.isCancelled { return Int32(CCURL_ABORT) }
        if ticket.isPaused { return Int32(CCURL_PAUSE) }
        switch receiver {
        case .stream(let signal):
            lastByteMs = Clock.monotonicMilliseconds()
            signal(.bytes(bytes))
        case .answer:
            guard body.count + bytes.count <= request.responseLimit else {
                refusal = .tooLarge(limit: request.responseLimit)
                return Int32(CCURL_ABORT)
            }
            body.append(contentsOf: bytes)
        }
        return Int32(CCURL_GO_ON)
    }

    /// libcurl is through with it.
    func isDone(_ error: HTTPError?) { loop?.end(self, error) }

    /// The one last word to the receiver. `error` nil: libcurl says that all went well.
    func finish(_ error: HTTPError?) {
        let error = ticket.isCancelled ? .cancelled : refusal ?? error
        switch receiver {
        case .stream(let signal): signal(.closed(error))
        case .answer(let done):
            if let error {
                done(.failure(error))
            } else {
                done(.success(HTTPResponse(status: status, body: body, head: head)))
            }
        }
    }
}

extension HTTPError {
    /// libcurl's outcome as ours; nil: all went well.
    init?(outcome: Int32, code: Int32, text: String) {
        switch Int(outcome) {
        case CCURL_OK: return nil
        case CCURL_REFUSED: self = .refused
        case CCURL_TIMED_OUT: self = .timedOut
        case CCURL_RESET: self = .reset
        case CCURL_ABORTED: self = .cancelled
        case CCURL_TLS: self = .tls(text)
        case CCURL_NOT_HTTP: self = .notHTTP(text)
        default: self = .other(code: code, text: text)
        }
    }
}
