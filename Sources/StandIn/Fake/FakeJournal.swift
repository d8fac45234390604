import Glibc
import JSON
import Sys

/// What a stand-in server keeps over its death: a file of upserts, one JSON object a line, read back and rewritten at the start.
/// A batch is written at the end of each turn of the reactor, so `kill -9` loses at most what no client has heard of yet.
final class FakeJournal {
    private let path: String
    private var file: Descriptor?
    private var pending: [UInt8] = []
    private let reactor: Reactor

    /// Under `$XDG_DATA_HOME/opencode/fake/`.
    init(dataHome: String, _ reactor: Reactor) {
        path = dataHome + "/opencode/fake/journal.jsonl"
        self.reactor = reactor
        try? Files.makeDirectories(dataHome + "/opencode/fake")
    }

    func write(_ line: JSONTree) {
        if pending.isEmpty { reactor.later { [weak self] in self?.flush() } }
        pending += line.serialized() + [10]
    }

    func flush() {
        if file == nil { file = try? Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND) }
        if let number = file?.number { try? Descriptor.writeAll(number, pending) }
        pending = []
    }

    func session(_ session: FakeSession) { write(["session": session.json, "sequence": .int(session.sequence)]) }
    func message(_ session: FakeSession, _ message: FakeMessage) { write(["message": .object(message.info), "of": .string(session.id)]) }
    func part(_ session: FakeSession, _ part: JSONObject) { write(["part": .object(part), "of": .string(session.id)]) }
    func todos(_ session: FakeSession) { write(["todos": session.todos, "of": .string(session.id)]) }
    func removed(session: FakeSession) { write(["removed": .string(session.id)]) }
    func removed(_ message: FakeMessage, of session: FakeSession) { write(["removedMessage": .string(message.id), "of": .string(session.id)]) }

    /// All sessions as they were left, in the order they were made. Lines that cannot be read are passed over: a torn last
    /// line is what a crash leaves.
    func readBack() -> [FakeSession] {
        guard let bytes = try? Files.read(path, limit: 1 << 30) else { return [] }
        var order: [String] = [], byID: [String: FakeSession] = [:]
        let parser = JSONParser()
        for line in bytes.split(separator: 10) {
            guard let entry = try? JSONTree(parser.parse(line)) else { continue }
            if let stored = entry["session"], let fresh = FakeSession(stored: stored) {
                if let old = byID[fresh.id] {
                    (fresh.messages, fresh.todos) = (old.messages, old.todos)
                } else {
                    order.append(fresh.id)
                }
                fresh.sequence = entry["sequence"]?.int ?? 0
                byID[fresh.id] = fresh
            } else if let id = entry["removed"]?.string {
                byID[id] = nil
                order.removeAll { $0 == id }
            } else if let id = entry["of"]?.string, let session = byID[id] {
                Self.apply(entry, to: session)
            }
        }
        let sessions = order.compactMap { byID[$0] }
        compact(sessions)
        return sessions
    }

    private static func apply(_ entry: JSONTree, to session: FakeSession) {
        if let info = entry["message"]?.object {
            if let old = session.message(info["id"]?.string ?? "") { old.info = info } else { session.messages.append(FakeMessage(info)) }
        } else if let part = entry["part"]?.object {
            session.message(part["messageID"]?.string ?? "")?.put(part)
        } else if let id = entry["removedMessage"]?.string {
            session.messages.removeAll { $0.id == id }
        } else if let todos = entry["todos"] {
            session.todos = todos
        }
    }

    /// Leaves one line for each thing.
    private func compact(_ sessions: [FakeSession]) {
        file = nil
        try? Files.remove(path)
        for session in sessions {
            self.session(session)
            for message in session.messages {
                self.message(session, message)
                for part in message.parts { self.part(session, part) }
            }
            if session.todos != [] { todos(session) }
        }
        flush()
    }
}
