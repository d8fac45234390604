import JSON

/// Many deltas a second from many sessions, for measuring. The frames are made once; each tick sends copies of their bytes.
final class FakeBurst {
    private struct Source {
        let session: FakeSession
        let message: FakeMessage
        let part: JSONObject
        let local: [UInt8]
        let global: [UInt8]
    }

    private let server: FakeServer
    private let burst: FakeFaults.Burst
    private var sources: [Source] = []
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
        return Source(session: session, message: message, part: part, local: FakeEvents.frame(body.bytes), global: FakeEvents.frame(global))
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
        var locals: [String: (count: Int, local: [UInt8], global: [UInt8])] = [:]
        for _ in 0..<count {
            let source = sources[next % sources.count]
            next += 1
            locals[source.session.directory, default: (0, [], [])].count += 1
            locals[source.session.directory]?.local += source.local
            locals[source.session.directory]?.global += source.global
        }
        for (directory, made) in locals { server.events.sendMade(count: made.count, directory: directory, local: made.local, global: made.global) }
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
