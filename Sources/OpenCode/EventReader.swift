package import Domain
import JSON

/// How one generation's frames are read.
protocol EventDialect {
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
/// Not `Sendable`: it lives on the HTTP thread.
package final class EventReader {
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

    package private(set) var counts = Counts()
    private var decoder = SSEDecoder()
    private let parser = JSONParser()
    private var dialect: any EventDialect
    private var texts = DeltaMerger()

    init(_ dialect: any EventDialect) { self.dialect = dialect }

    /// Takes the next bytes and appends what they say.
    ///
    /// When they held nothing but frames of no meaning (or a comment), one `.ignored` says that the server is alive.
    /// - Parameter now: the time of arrival: requests count as asked then.
    package func read(_ bytes: UnsafeRawBufferPointer, at now: Timestamp, into events: inout [ServerEvent]) {
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

    private func take(_ data: UnsafeRawBufferPointer, _ now: Timestamp, _ events: inout [ServerEvent]) {
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

    private func add(_ event: ServerEvent, _ events: inout [ServerEvent]) {
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
