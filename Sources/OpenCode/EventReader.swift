package import Domain
import JSON
import Synchronization

/// How one generation's frames are read.
protocol EventDialect: Sendable {
    /// What a look at the bytes alone says.
    func glance(_ frame: UnsafeRawBufferPointer) -> Glance

    /// What a whole frame says; always an event: `.ignored`, `.unknown` or `.unreadable` when there is nothing better.
    mutating func read(_ frame: JSONValue, now: Timestamp) -> ServerEvent
}

enum Glance {
    /// Of no meaning: it need not be parsed.
    case skip
    case delta(DeltaFrame)
    case other
}

/// Reads one connection of an event stream: bytes as they arrive, events in order.
///
/// Deltas are merged while nothing else comes between: one event for each part, in the order of each part's first. Frames
/// that cannot be read become `.unreadable`, types that are not known `.unknown`; neither ends the stream.
///
/// Meant for the HTTP thread alone. The lock, taken once for each piece of bytes, lets a stream's callback hold it.
package final class EventReader: Sendable {
    /// What has been read since the connection opened.
    package struct Counts: Equatable, Sendable {
        package var bytes = 0
        package var frames = 0
        package var deltas = 0
        /// Frames of no meaning, parsed or not.
        package var ignored = 0
        package var unreadable = 0
        /// Frames of types that are not known, by type; at most 100 types.
        package var unknown: [String: Int] = [:]
    }

    private let state: Mutex<State>

    init(_ dialect: some EventDialect) { state = Mutex(State(dialect: dialect)) }

    package var counts: Counts { state.withLock { $0.counts } }

    /// Takes the next bytes and appends what they say.
    ///
    /// When they held nothing but frames of no meaning (or a comment), one `.ignored` says that the server is alive.
    /// - Parameter now: the time of arrival: requests count as asked then.
    package func read(_ bytes: UnsafeRawBufferPointer, at now: Timestamp, into events: inout [ServerEvent]) {
        // As numbers, because a pointer may not cross into a lock; it is looked at until this returns and no longer.
        let address = UInt(bitPattern: bytes.baseAddress), count = bytes.count
        events += state.withLock { state in
            var said: [ServerEvent] = []
            let bytes = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
            state.read(bytes, at: now, into: &said)
            return said
        }
    }
}

private struct State {
    var counts = EventReader.Counts()
    private var decoder = SSEDecoder()
    private let parser = JSONParser()
    private var dialect: any EventDialect
    private var texts = DeltaMerger()

    init(dialect: any EventDialect) { self.dialect = dialect }

    mutating func read(_ bytes: UnsafeRawBufferPointer, at now: Timestamp, into events: inout [ServerEvent]) {
        let before = events.count
        var heard = false
        counts.bytes += bytes.count
        var decoder = SSEDecoder()
        swap(&decoder, &self.decoder)  // not copied: the closure uses the rest of self
        decoder.feed(bytes) { frame in
            heard = true
            switch frame {
            case .message(let data, _, _): take(data, now, &events)
            case .comment: break
            case .oversized(let count):
                counts.frames += 1
                add(.unreadable("an event of \(count) bytes is too long to be kept"), &events)
            }
        }
        swap(&decoder, &self.decoder)
        texts.flush(into: &events)
        if heard, events.count == before { events.append(.ignored) }
    }

    private mutating func take(_ data: UnsafeRawBufferPointer, _ now: Timestamp, _ events: inout [ServerEvent]) {
        counts.frames += 1
        switch dialect.glance(data) {
        case .skip: counts.ignored += 1
        case .delta(let frame):
            counts.deltas += 1
            texts.add(frame)
        case .other:
            do {
                add(dialect.read(try parser.parse(data), now: now), &events)
            } catch {
                add(.unreadable("\(error.message) in an event of \(data.count) bytes"), &events)
            }
        }
    }

    private mutating func add(_ event: ServerEvent, _ events: inout [ServerEvent]) {
        switch event {
        case .ignored:
            counts.ignored += 1
            return
        case .delta(let session, let message, let part, let text):
            counts.deltas += 1
            texts.add(session, message, part, text)
            return
        case .unreadable: counts.unreadable += 1
        case .unknown(let type):
            if counts.unknown[type] != nil || counts.unknown.count < 100 { counts.unknown[type, default: 0] += 1 }
        default: break
        }
        texts.flush(into: &events)
        events.append(event)
    }
}
