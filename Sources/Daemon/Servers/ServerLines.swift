import Domain
import Engine
import HTTP
import OpenCode
import Synchronization
import Sys

/// Calls and event streams to servers that are up. Answers are decoded on the HTTP thread, so that the core only sees words.
final class ServerLines {
    private let http: HTTPClient
    private let core: CoreMailbox
    private var links: [ServerID: (generation: Int, link: ServerLink)] = [:]
    private var streams: [ServerID: (number: Int, ticket: HTTPTicket)] = [:]
    private var arePaused = false

    /// Messages in the core's mailbox above which streams wait: the servers keep what they would have sent (v1-measured.md §4: nothing is lost).
    private static let highWater = 20_000

    init(http: HTTPClient, core: CoreMailbox) {
        self.http = http
        self.core = core
    }

    func learn(_ id: ServerID, _ generation: Int, _ link: ServerLink) { links[id] = (generation, link) }

    func link(of id: ServerID) -> ServerLink? { links[id]?.link }

    func forget(_ id: ServerID) {
        links[id] = nil
        streams.removeValue(forKey: id)?.ticket.cancel()
    }

    func call(_ call: CallID, _ id: ServerID, _ generation: Int, _ order: ServerCall) {
        let core = core
        guard let (known, link) = links[id], known == generation else {
            return core.post(.event(.called(call, .failure(.unreachable("the server does not run")))))
        }
        let adapter = link.adapter
        _ = http.send(adapter.request(for: order)) { result in
            core.post(.event(.called(call, Self.read(result, of: order, adapter))))
        }
    }

    private static func read(_ result: Result<HTTPResponse, HTTPError>, of order: ServerCall, _ adapter: any AgentServer) -> Result<ServerAnswer, CallFailure> {
        switch result {
        case .failure(let error): return .failure(CallFailure(error))
        case .success(let response):
            do throws(CallFailure) {
                return .success(try adapter.answer(to: order, response, now: Timestamp(milliseconds: Clock.wallMilliseconds())))
            } catch {
                return .failure(error)
            }
        }
    }

    func open(_ id: ServerID, _ generation: Int, _ stream: Int) {
        let core = core
        guard let (known, link) = links[id], known == generation else {
            return core.post(.event(.streamClosed(id, generation: generation, stream: stream, why: "the server does not run")))
        }
        streams.removeValue(forKey: id)?.ticket.cancel()
        let tap = StreamTap(reader: link.adapter.makeEventReader())
        let ticket = http.stream(link.adapter.eventStream()) { signal in
            switch signal {
            case .opened(let status, let type):
                guard status == 200, type.hasPrefix("text/event-stream") else {
                    return tap.refuse(
                        status == 200 ? "it sends \(type.isEmpty ? "something" : type) in place of events" : "it answers \(status) in place of events")
                }
                core.post(.event(.streamOpened(id, generation: generation, stream: stream)))
            case .bytes(let bytes):
                guard !tap.isRefused else { return }
                let (events, at, lives) = tap.read(bytes)
                if lives {
                    core.postQuietly(.lives(id, generation: generation, stream: stream, at: at))
                } else if !events.isEmpty {
                    core.post(.event(.streamEvents(id, generation: generation, stream: stream, events)))
                }
            case .closed(let error):
                core.post(
                    .event(.streamClosed(id, generation: generation, stream: stream, why: tap.refusal ?? error?.message ?? "the server ended the stream")))
            }
        }
        streams[id] = (stream, ticket)
    }

    func close(_ id: ServerID, _ stream: Int) {
        guard streams[id]?.number == stream else { return }
        streams.removeValue(forKey: id)?.ticket.cancel()
    }

    /// Called by the core each time round: streams wait while it has more to do than it can.
    func balance(waiting: Int) {
        if !arePaused, waiting > Self.highWater {
            arePaused = true
            for stream in streams.values { stream.ticket.pause() }
        } else if arePaused, waiting < Self.highWater / 4 {
            arePaused = false
            for stream in streams.values { stream.ticket.resume() }
        }
    }
}

/// What one stream needs on the HTTP thread.
private final class StreamTap: Sendable {
    private let reader: EventReader
    private let refused = Mutex<String?>(nil)
    private let isOpen = Atomic(true)
    /// When bytes came last, monotonic milliseconds.
    private let last = Atomic<Int64>(0)

    /// Shorter than the silence after which the core calls a server lost: then it has to be told at once that it is back.
    private static let longSilence: Int64 = 11_000

    init(reader: EventReader) { self.reader = reader }

    /// What answered is no event stream: nothing of it counts.
    var isRefused: Bool { !isOpen.load(ordering: .relaxed) }
    /// What it was instead.
    var refusal: String? { refused.withLock { $0 } }

    func refuse(_ why: String) {
        refused.withLock { $0 = why }
        isOpen.store(false, ordering: .relaxed)
    }

    /// What the bytes say; `lives`: no more than that the server lives, as it was expected to.
    func read(_ bytes: UnsafeRawBufferPointer) -> (events: [ServerEvent], at: Instant, lives: Bool) {
        let now = Clock.monotonicMilliseconds()
        let before = last.exchange(now, ordering: .relaxed)
        var events: [ServerEvent] = []
        reader.read(bytes, at: Timestamp(milliseconds: Clock.wallMilliseconds()), into: &events)
        let isBeat = events.count == 1 && (events[0] == .heartbeat || events[0] == .ignored)
        return (events, Instant(milliseconds: now), isBeat && now - before < Self.longSilence)
    }
}
