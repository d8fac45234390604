package import Domain
import JSON

/// What a request gives.
package enum DaemonReply: Equatable, Sendable {
    case welcome(Welcome)
    case herd(Herd)
    case rows(AgentRows)
    case status(DaemonStatus)
    case why(Explanation)
    /// What an order gave.
    case client(ClientReply)
}

/// One line from the daemon.
package enum DaemonMessage: Equatable, Sendable {
    /// `id` is nil when the request could not be read so far as to know it.
    case reply(id: Int?, Result<DaemonReply, Refusal>)
    /// What is new since the last one; merged, never more often than asked for.
    case herd(HerdChange)
    /// All of it; what was before is gone. After `subscribe`, and after a client was too slow for changes.
    case snapshot(Herd)
    case transcript(AgentID, [TranscriptChange])
    case status(DaemonStatus)
    case bye(Farewell)

    /// One line, its end included.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Adds the line to what is there. With `kept` what was written of an agent before is not written anew.
    package func append(to bytes: inout [UInt8], _ kept: RowCache? = nil) {
        var writer = JSONWriter(taking: &bytes, reserving: expectedSize)
        write(to: &writer, kept)
        swap(&bytes, &writer.bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    private func write(to writer: inout JSONWriter, _ kept: RowCache?) {
        writer.beginObject()
        writer.field("jsonrpc", "2.0")
        switch self {
        case .reply(let id, .success(let reply)):
            writer.field("id", id)
            writer.key("result")
            reply.write(to: &writer, kept)
        case .reply(let id, .failure(let refusal)):
            writer.field("id", id)
            writer.key("error")
            refusal.write(to: &writer)
        case .herd(let change): Self.notify(.herd, change, &writer)
        case .snapshot(let herd):
            writer.field("method", Notification.snapshot.rawValue)
            writer.object("params") { herd.writeMembers(to: &$0, kept) }
        case .status(let status): Self.notify(.status, status, &writer)
        case .bye(let farewell):
            writer.field("method", Notification.bye.rawValue)
            writer.object("params") { $0.field("reason", farewell.rawValue) }
        case .transcript(let agent, let changes):
            writer.field("method", Notification.transcript.rawValue)
            writer.object("params") {
                $0.field("agent", agent)
                $0.field("changes", changes)
            }
        }
        writer.endObject()
    }

    private static func notify(_ name: Notification, _ parameters: some WireCoded, _ writer: inout JSONWriter) {
        writer.field("method", name.rawValue)
        writer.field("params", parameters)
    }

    /// So that a snapshot is not moved a dozen times while it grows.
    private var expectedSize: Int {
        switch self {
        case .snapshot(let herd), .reply(_, .success(.herd(let herd))): 4096 + 1024 * (herd.agents.count + herd.requests.count)
        case .reply(_, .success(.rows(let rows))): 256 + rows.expectedSize
        default: 512
        }
    }
}
