import Domain
import Engine
import Sys
import Wire

/// One connection to the daemon. The core thread owns it.
final class Client {
    let id: ClientID
    let number: UInt64
    let socket: Descriptor
    var splitter = LineSplitter()
    var hello: Hello?
    /// Nil until it subscribed.
    var rate: Rate?
    /// What it does not know yet.
    var pending = ChangeSet()
    var looksAt: AgentID?
    var followsFeed = false
    var transcript: [TranscriptChange] = []
    /// Its transcript has to be sent anew as a whole: it was too slow for the changes.
    var needsTranscript = false
    var lastFlush: Int64 = 0
    var isClosing = false
    /// The poller tells when more can be written.
    var waitsForRoom = false

    private var output: [UInt8] = []
    private var sent = 0

    /// - Parameter buffer: an earlier client's, to be written into instead of a new one.
    init(id: ClientID, number: UInt64, socket: consuming Descriptor, buffer: consuming [UInt8] = []) {
        self.id = id
        self.number = number
        self.socket = socket
        output = buffer
        output.removeAll(keepingCapacity: true)
    }

    /// For the next client; a large one is not worth keeping.
    func takeBuffer() -> [UInt8] {
        var buffer: [UInt8] = []
        if output.capacity <= Self.keptBuffer { swap(&buffer, &output) }
        return buffer
    }
    private static let keptBuffer = 1 << 20

    /// Bytes that the client has not taken yet.
    var unsent: Int { output.count - sent }

    /// Above this nothing more is made for it: changes are merged in `pending`, which is bounded by the size of the herd.
    static let slow = 256 << 10
    var isSlow: Bool { unsent > Self.slow }
    /// Replies pile up beyond this only for a client that never reads: it is let go.
    static let hopeless = 256 << 20

    /// At most 60 times a second for a dashboard, 5 for the rest; milliseconds.
    var interval: Int64 { rate == .slow ? 200 : 16 }

    var hasNews: Bool { rate != nil && !pending.isEmpty || !transcript.isEmpty || needsTranscript }

    func send(_ message: DaemonMessage, _ kept: RowCache? = nil) { message.append(to: &output, kept) }

    /// Writes what the socket takes. False: the connection is gone.
    func drain() -> Bool {
        while sent < output.count {
            do throws(SysError) {
                switch try socket.write(output, from: sent) {
                case .bytes(let count): sent += count
                case .wouldBlock: return true
                case .end: return false
                }
            } catch {
                return false
            }
        }
        output.removeAll(keepingCapacity: output.capacity <= Self.keptBuffer)
        sent = 0
        return true
    }
}
