import CCurl
import Sys

/// The HTTP thread: it alone touches libcurl.
final class HTTPLoop {
    private let inbox: HTTPInbox
    private let loop: OpaquePointer
    private var transfers: [UInt64: HTTPTransfer] = [:]
    /// Not later than the first moment at which a stream may be silent. Bytes only move that moment away, so it is
    /// looked at when it comes, and the next one is computed then.
    private var silenceCheckMs: Int64?
    private var nowMs = Clock.monotonicMilliseconds()

    static func run(_ inbox: HTTPInbox) {
        var problem: UnsafePointer<CChar>?
        guard let loop = ccurl_loop_create(callbacks, &problem) else {
            let text = problem.map { String(cString: $0) } ?? "the HTTP loop cannot be made"
            return refuse(inbox.detach(), .unavailable(text))
        }
        inbox.attach(loop)
        HTTPLoop(inbox, loop).run()
    }

    private init(_ inbox: HTTPInbox, _ loop: OpaquePointer) {
        self.inbox = inbox
        self.loop = loop
    }

    private func run() {
        while perform(inbox.take()) {
            nowMs = ccurl_loop_step(loop, silenceCheckMs ?? -1)
            if let check = silenceCheckMs, nowMs >= check { closeSilentStreams() }
        }
        let late = inbox.detach()
        for transfer in transfers.values { end(transfer, .cancelled) }
        ccurl_loop_destroy(loop)
        Self.refuse(late, .cancelled)
    }

    private static func refuse(_ commands: [HTTPCommand], _ error: HTTPError) {
        for case .start(let ticket, let request, let receiver) in commands {
            HTTPTransfer(ticket, request, receiver, nowMs: 0).finish(error)
        }
    }

    /// False: it was told to stop.
    private func perform(_ commands: [HTTPCommand]) -> Bool {
        var goesOn = true
        for command in commands {
            switch command {
            case .start(let ticket, let request, let receiver): start(HTTPTransfer(ticket, request, receiver, nowMs: Clock.monotonicMilliseconds()))
            case .cancel(let id): if let transfer = transfers[id] { end(transfer, .cancelled) }
            case .resume(let id): if let transfer = transfers[id] { resume(transfer) }
            case .stop: goesOn = false
            }
        }
        return goesOn
    }

    private func start(_ transfer: HTTPTransfer) {
        guard !transfer.ticket.isCancelled else { return transfer.finish(.cancelled) }
        let context = Unmanaged.passUnretained(transfer).toOpaque()  // `transfers` keeps it alive until `end`
        guard let handle = transfer.request.withC(isStream: transfer.isStream, { ccurl_transfer_start(loop, $0, context) }) else {
            return transfer.finish(.other(code: 0, text: "the request to \(transfer.request.url) cannot be started"))
        }
        transfer.handle = handle
        transfer.loop = self
        transfers[transfer.ticket.id] = transfer
        watch(transfer)
    }

    private func resume(_ transfer: HTTPTransfer) {
        guard let handle = transfer.handle else { return }
        transfer.lastByteMs = Clock.monotonicMilliseconds()
        watch(transfer)
        ccurl_transfer_resume(handle)
    }

    func end(_ transfer: HTTPTransfer, _ error: HTTPError?) {
        guard let handle = transfer.handle else { return }
        transfer.handle = nil
        transfer.loop = nil
        transfers[transfer.ticket.id] = nil
        ccurl_transfer_end(handle)
        transfer.finish(error)
    }

    // MARK: silence

    private func watch(_ transfer: HTTPTransfer) {
        guard let at = transfer.silentAtMs else { return }
        silenceCheckMs = min(silenceCheckMs ?? at, at)
    }

    private func closeSilentStreams() {
        silenceCheckMs = nil
        for transfer in transfers.values {
            guard let at = transfer.silentAtMs, !transfer.ticket.isPaused else { continue }
            if at <= nowMs {
                end(transfer, .silent(afterMs: nowMs - transfer.lastByteMs))
            } else {
                watch(transfer)
            }
        }
    }
}
