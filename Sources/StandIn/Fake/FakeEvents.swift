import JSON

/// The event streams of a stand-in server, and what they carry.
final class FakeEvents {
    private final class Stream {
        let exchange: Exchange
        /// nil: `/global/event`, which carries everything.
        let directory: String?
        var heartbeat: UInt64?

        init(_ exchange: Exchange, _ directory: String?) {
            self.exchange = exchange
            self.directory = directory
        }
    }

    private let reactor: Reactor
    private var streams: [Stream] = []
    private var ids = FakeID()
    var faults = FakeFaults()
    /// What a crash is; a test in the same process has its own idea.
    var crash: () -> Void = {}
    /// Events sent so far, deltas of a burst included.
    private(set) var sentCount = 0
    static let heartbeatMs = 10_000

    init(_ reactor: Reactor) { self.reactor = reactor }

    var streamCount: Int { streams.count }

    // MARK: streams

    func open(_ exchange: Exchange, directory: String?) {
        let stream = Stream(exchange, directory)
        streams.append(stream)
        exchange.onLeave = { [weak self, weak stream] in
            guard let self, let stream else { return }
            if let timer = stream.heartbeat { self.reactor.cancel(timer) }
            self.streams.removeAll { $0 === stream }
        }
        if let ms = faults.dripMs { exchange.drip(everyMs: ms) }
        exchange.begin(
            200, type: "text/event-stream",
            headers: [
                ("Cache-Control", "no-cache, no-transform"), ("X-Content-Type-Options", "nosniff"), ("x-accel-buffering", "no"),
            ])
        sayAlone("server.connected", to: stream)
        scheduleHeartbeat(stream)
    }

    private func scheduleHeartbeat(_ stream: Stream) {
        stream.heartbeat = reactor.after(ms: Self.heartbeatMs) { [weak self, weak stream] in
            guard let self, let stream else { return }
            if !self.faults.hang, !self.faults.mute { self.sayAlone("server.heartbeat", to: stream) }
            self.scheduleHeartbeat(stream)
        }
    }

    /// Connected and heartbeat: to one stream, without a directory.
    private func sayAlone(_ type: String, to stream: Stream) {
        let body = #"{"id":"\#(ids.mint("evt"))","type":"\#(type)","properties":{}}"#
        let text = stream.directory == nil ? #"{"payload":\#(body)}"# : body
        stream.exchange.send(Array("data: \(text)\n\n".utf8))
    }

    /// Ends streams properly: those of a directory (an instance is gone), or all.
    func end(directory: String?) {
        for stream in streams where directory == nil || stream.directory == directory {
            if let timer = stream.heartbeat { reactor.cancel(timer) }
            stream.exchange.finish()
        }
        streams.removeAll { directory == nil || $0.directory == directory }
    }

    /// Ends all streams inside a frame, as a dying server does.
    func cutInsideFrame() {
        for stream in streams {
            stream.exchange.send(Array(#"data: {"id":"evt_cut","type":"message.part.del"#.utf8))
            stream.exchange.cut()
        }
        streams = []
    }

    // MARK: events

    /// Where an event belongs.
    struct Scope {
        let directory: String
        let project: String
        /// The number of the event in its session, for what is stored; nil: not stored, so no `sync` copy.
        var sequence: (session: String, number: Int)?
    }

    func emit(_ type: String, _ scope: Scope?, _ properties: JSONTree) {
        emit(type, scope) { $0.value(properties) }
    }

    func emit(_ type: String, _ scope: Scope?, properties: (inout JSONWriter) -> Void) {
        guard passes(type), !streams.isEmpty else { return }
        let id = ids.mint("evt")
        var content = JSONWriter()
        properties(&content)
        var body = JSONWriter(reserving: content.bytes.count + 100)
        body.object {
            $0.field("id", id)
            $0.field("type", type)
            $0.field("properties", raw: content.bytes)
        }
        if streams.contains(where: { $0.directory != nil && $0.directory == scope?.directory }) {
            let frame = Self.chunked(Self.frame(body.bytes))
            for stream in streams where stream.directory == scope?.directory && stream.directory != nil { stream.exchange.send(chunked: frame) }
        }
        if streams.contains(where: { $0.directory == nil }) {
            for payload in globals(id, type, scope, body.bytes, content.bytes) {
                let frame = Self.chunked(Self.frame(payload))
                for stream in streams where stream.directory == nil { stream.exchange.send(chunked: frame) }
            }
        }
    }

    /// The frames of `/global/event` for one event: itself, and its copy for the `sync` protocol.
    private func globals(_ id: String, _ type: String, _ scope: Scope?, _ body: [UInt8], _ content: [UInt8]) -> [[UInt8]] {
        var frames = [Self.wrapped(scope) { $0.field("payload", raw: body) }]
        guard let sequence = scope?.sequence else { return frames }
        frames.append(
            Self.wrapped(scope) {
                $0.object("payload") {
                    $0.field("id", id)
                    $0.field("type", "sync")
                    $0.object("syncEvent") {
                        $0.field("id", id)
                        $0.field("type", type + ".1")
                        $0.field("seq", sequence.number)
                        $0.field("aggregateID", sequence.session)
                        $0.field("data", raw: content)
                    }
                }
            })
        return frames
    }

    static func wrapped(_ scope: Scope?, _ payload: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            if let scope {
                $0.field("directory", scope.directory)
                $0.field("project", scope.project)
            } else {
                $0.field("directory", "global")
            }
            payload(&$0)
        }
        return writer.bytes
    }

    static func frame(_ body: [UInt8]) -> [UInt8] { Array("data: ".utf8) + body + [10, 10] }

    static func chunked(_ bytes: [UInt8]) -> [UInt8] { Array(String(bytes.count, radix: 16).utf8) + [13, 10] + bytes + [13, 10] }

    /// Whether anybody listens to a directory, or to everything (nil).
    func hasListeners(_ directory: String?) -> Bool { streams.contains { $0.directory == directory } }

    /// Frames made before, the same for all who listen to that directory and for `/global/event`; not counted singly.
    func sendMade(count: Int, directory: String, local: [UInt8], global: [UInt8]) {
        guard !faults.hang, !faults.mute else { return }
        sentCount += count
        for stream in streams {
            if let wanted = stream.directory {
                if wanted == directory { stream.exchange.send(local) }
            } else {
                stream.exchange.send(global)
            }
        }
    }

    // MARK: faults

    private func passes(_ type: String) -> Bool {
        if faults.hang || faults.mute || faults.forgetType == type { return false }
        if faults.forgetCount > 0 {
            faults.forgetCount -= 1
            return false
        }
        sentCount += 1
        if let left = faults.crashAfter {
            faults.crashAfter = left - 1
            if left <= 1 { reactor.later { [weak self] in self?.crash() } }
        }
        return true
    }

    /// Bytes as they are to all streams.
    func sendRaw(_ bytes: [UInt8]) {
        for stream in streams { stream.exchange.send(bytes) }
    }
}
