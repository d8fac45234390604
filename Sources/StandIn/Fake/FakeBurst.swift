import JSON

/// Many deltas a second from many sessions, for measuring. The frames are made once; each tick sends copies of their bytes.
final class FakeBurst {
    private struct Source {
        let session: FakeSession
        let message: FakeMessage
        let part: JSONObject
        /// Its place in `directories`.
        let directory: Int
        let local: [UInt8]
        let global: [UInt8]
    }

    private struct Batch {
        let isHeardHere: Bool
        var count = 0
        var local: [UInt8] = []
        var global: [UInt8] = []
    }

    private let server: FakeServer
    private let burst: FakeFaults.Burst
    private var sources: [Source] = []
    private var directories: [String] = []
    private var next = 0
    private var sent = 0
    private let startNs = Reactor.nowNs()
    private static let tickMs = 2
    private static let delta = " lorem"

    init(_ server: FakeServer, _ burst: FakeFaults.Burst) {
        self.server = server
        self.burst = burst
    }

    func start() {
        for session in sessions() { sources.append(source(session)) }
        guard !sources.isEmpty else { return }
        tick()
    }

    /// Sessions that are there and idle, then new ones.
    private func sessions() -> [FakeSession] {
        let idle = server.sessions.filter { $0.turn == nil && $0.status == .idle }.prefix(burst.sessions)
        let missing = max(0, burst.sessions - idle.count)
        return Array(idle) + (0..<missing).map { server.make(in: server.options.directory, title: "Burst \($0 + 1)") }
    }

    private func source(_ session: FakeSession) -> Source {
        let user = server.makeUserMessage(session, parts: [["type": "text", "text": "A burst"]])
        server.set(session, .busy)
        let message = server.makeAssistantMessage(session, parent: user)
        let part = server.putPart(session, message, ["type": "text", "text": "", "time": ["start": .int(Int(server.now()))]])
        var body = JSONWriter()
        body.object {
            $0.field("id", server.mint("evt"))
            $0.field("type", "message.part.delta")
            $0.object("properties") {
                $0.field("sessionID", session.id)
                $0.field("messageID", message.id)
                $0.field("partID", part["id"]?.string ?? "")
                $0.field("field", "text")
                $0.field("delta", Self.delta)
            }
        }
        let scope = FakeEvents.Scope(directory: session.directory, project: session.projectID)
        let global = FakeEvents.wrapped(scope) { $0.field("payload", raw: body.bytes) }
        if !directories.contains(session.directory) { directories.append(session.directory) }
        return Source(
            session: session, message: message, part: part, directory: directories.firstIndex(of: session.directory) ?? 0,
            local: FakeEvents.frame(body.bytes), global: FakeEvents.frame(global))
    }

    private func tick() {
        let passed = Double(Reactor.nowNs() - startNs) / 1e9
        let due = Int(min(passed, burst.seconds) * Double(burst.perSecond)) - sent
        if due > 0 { send(due) }
        if passed < burst.seconds {
            server.reactor.after(ms: Self.tickMs) { self.tick() }
        } else {
            finish()
        }
    }

    private func send(_ count: Int) {
        let isHeard = server.events.hasListeners(nil)
        var batches = directories.map { Batch(isHeardHere: server.events.hasListeners($0)) }
        for _ in 0..<count {
            let source = sources[next]
            next = next + 1 == sources.count ? 0 : next + 1
            batches[source.directory].count += 1
            if isHeard { batches[source.directory].global += source.global }
            if batches[source.directory].isHeardHere { batches[source.directory].local += source.local }
        }
        for (directory, batch) in zip(directories, batches) where batch.count > 0 {
            server.events.sendMade(count: batch.count, directory: directory, local: batch.local, global: batch.global)
        }
        sent += count
    }

    /// Each text part ends as the sum of its deltas.
    private func finish() {
        for (index, source) in sources.enumerated() {
            let count = sent / sources.count + (index < sent % sources.count ? 1 : 0)
            var part = source.part
            part["text"] = .string(String(repeating: Self.delta, count: count))
            part["time"] = ["start": part["time"]?["start"] ?? 0, "end": .int(Int(server.now()))]
            server.putPart(source.session, source.message, .object(part))
            source.message.info["finish"] = "stop"
            source.message.info["time"] = ["created": source.message.info["time"]?["created"] ?? 0, "completed": .int(Int(server.now()))]
            server.put(source.session, source.message)
            server.set(source.session, .idle)
        }
    }
}
