import Foundation
import Testing

@testable import Domain
@testable import OpenCode

/// Every recorded stream through the reader, against what Foundation reads in the same bytes.
@Suite struct EventReplayTests {
    @Test(arguments: Recording.streams) func saysWhatTheFramesSay(_ recording: Recording) {
        let expected = FrameWords.lines(of: recording.frames)
        let said = normalised(recording.events()).map(FrameWords.line)
        #expect(said.count == expected.count)
        for (index, (said, expected)) in zip(said, expected).enumerated() where said != expected {
            Issue.record("event \(index)\n  said     \(said)\n  expected \(expected)")
            return
        }
    }

    @Test(arguments: Recording.streams) func piecesDoNotMatter(_ recording: Recording) {
        let whole = normalised(recording.events())
        var chance = Chance(state: UInt64(recording.bytes.count))
        for longest in [3, 90, 700, 20_000] where recording.bytes.count < longest * 4_000 {
            let pieces = (0..<997).map { _ in 1 + chance.next(below: longest) }
            #expect(normalised(recording.events(pieces: pieces)) == whole, "pieces of up to \(longest) bytes")
        }
    }

    @Test(arguments: Recording.streams) func everyFrameIsCounted(_ recording: Recording) {
        let reader = EventReader(V1Events())
        var events: [ServerEvent] = []
        recording.bytes.withUnsafeBytes { reader.read($0, at: Timestamp(milliseconds: 0), into: &events) }
        let types = recording.frames.map { ($0.object("payload") ?? $0).string("type") ?? "" }
        #expect(reader.counts.frames == types.count)
        #expect(reader.counts.deltas == types.count { $0 == "message.part.delta" })
        #expect(reader.counts.ignored == types.count { FrameWords.isIgnored($0) })
        #expect(reader.counts.unreadable == 0)
        #expect(reader.counts.unknown == [:])
        #expect(reader.counts.bytes == recording.bytes.count)
    }

    /// The deltas of a part are exactly its final text (v1-measured.md §4), except where the server lost it.
    @Test(arguments: Recording.streams) func deltasAddUpToTheFinalText(_ recording: Recording) {
        var streamed: [PartID: String] = [:]
        for event in recording.events(pieces: [4096]) {
            switch event {
            case .delta(_, _, let part, let text): streamed[part, default: ""] += text
            case .part(let part) where part.ended != nil && streamed[part.id] != nil:
                switch part.content {
                case .text(let text, _), .reasoning(let text): #expect(streamed[part.id] == text)
                default: Issue.record("deltas of a part that has no text")
                }
            default: break
            }
        }
    }

    /// The quick way by bytes and the long way through the parser say the same.
    @Test(arguments: Recording.streams) func aGlanceSaysWhatTheParserSays(_ recording: Recording) {
        var quick = 0, deltas = 0
        for line in recording.bytes.split(separator: UInt8(ascii: "\n")) {
            let frame = Array(line.dropFirst("data: ".utf8.count))
            let json = JSONObject(text: String(decoding: frame, as: UTF8.self))
            let payload = json.object("payload") ?? json
            let isDelta = payload.string("type") == "message.part.delta"
            deltas += isDelta ? 1 : 0
            frame.withUnsafeBytes { bytes in
                switch V1Events().glance(bytes) {
                case .skip: #expect(payload.string("type") == "sync")
                case .other: #expect(!isDelta && payload.string("type") != "sync")
                case .delta(let delta):
                    quick += 1
                    #expect(isDelta)
                    #expect(String(decoding: delta.part, as: UTF8.self) == payload.object("properties")?.string("partID"))
                }
            }
        }
        #expect(quick == deltas)
    }
}

/// What the frames say, computed without any of the code under test. One line for each event.
enum FrameWords {
    static func isIgnored(_ type: String) -> Bool {
        let words = [
            "sync", "plugin.added", "session.diff", "catalog.updated", "integration.updated", "reference.updated", "project.updated", "file.edited",
            "file.watcher.updated", "command.executed", "pty.created", "pty.updated", "pty.exited", "pty.deleted",
        ]
        return words.contains(type)
    }

    static func lines(of frames: [JSONObject]) -> [String] {
        var lines: [String] = []
        var texts: [String: (String, String)] = [:]
        for frame in frames {
            let payload = frame.object("payload") ?? frame
            let type = payload.string("type") ?? "", properties = payload.object("properties") ?? JSONObject([:])
            if isIgnored(type) { continue }
            if type == "message.part.delta" {
                let part = properties.string("partID") ?? ""
                texts[part, default: ("delta \(properties.string("sessionID") ?? "") \(properties.string("messageID") ?? "") \(part) ", "")].1 +=
                    properties.string("delta") ?? ""
                continue
            }
            lines += texts.sorted { $0.key < $1.key }.map { $0.value.0 + $0.value.1 }
            texts = [:]
            lines.append(line(type, properties))
        }
        return lines + texts.sorted { $0.key < $1.key }.map { $0.value.0 + $0.value.1 }
    }

    private static func line(_ type: String, _ p: JSONObject) -> String {
        let session = p.string("sessionID") ?? "-"
        switch type {
        case "server.connected": return "connected"
        case "server.heartbeat": return "heartbeat"
        case "server.instance.disposed": return "instance disposed \(p.string("directory") ?? "-")"
        case "global.disposed": return "disposed"
        case "session.created", "session.updated": return line(session: p.object("info") ?? JSONObject([:]))
        case "session.deleted": return "deleted \(session)"
        case "session.idle": return "phase \(session) idle"
        case "session.status":
            let status = p.object("status") ?? JSONObject([:])
            let kind = status.string("type") ?? "-"
            return "phase \(session) \(kind)"
                + (kind == "retry" ? " \(status.int("attempt") ?? -1) \(status.int("next") ?? -1) \(status.string("message") ?? "-")" : "")
        case "session.error": return "error \(session) \(p.object("error")?.string("name") ?? "-")"
        case "session.compacted": return "compacted \(session)"
        case "message.updated": return line(message: p.object("info") ?? JSONObject([:]))
        case "message.removed": return "message removed \(session) \(p.string("messageID") ?? "-")"
        case "message.part.updated": return line(part: p.object("part") ?? JSONObject([:]))
        case "permission.asked":
            let words = [
                p.string("permission") ?? "-", p.strings("patterns").joined(separator: "|"), p.strings("always").joined(separator: "|"),
                p.object("metadata")?.string("diff") ?? "-",
            ]
            return "asked \(p.string("id") ?? "-") \(session) \(p.object("tool")?.string("callID") ?? "-") permission " + words.joined(separator: " / ")
        case "question.asked":
            let questions = p.objects("questions").map { question in
                let options = question.objects("options").map { "\($0.string("label") ?? "-"):\($0.string("description") ?? "-")" }
                return
                    "\(question.string("header") ?? "-") / \(question.string("question") ?? "-") / \(options.joined(separator: "|")) / \(question.bool("multiple")) / true"
            }
            return "asked \(p.string("id") ?? "-") \(session) \(p.object("tool")?.string("callID") ?? "-") question " + questions.joined(separator: "; ")
        case "permission.replied": return "answered \(p.string("requestID") ?? "-") \(session) \(p.string("reply") ?? "-")"
        case "question.replied": return "answered \(p.string("requestID") ?? "-") \(session) answered"
        case "question.rejected": return "answered \(p.string("requestID") ?? "-") \(session) reject"
        case "todo.updated":
            return "todos \(session) "
                + p.objects("todos").map { "\($0.string("content") ?? "-")/\($0.string("status") ?? "-")/\($0.string("priority") ?? "-")" }.joined(
                    separator: ";")
        default: return "unknown \(type)"
        }
    }

    private static func tokens(_ json: JSONObject?) -> String {
        guard let json else { return "-" }
        let counts = [json.int("input"), json.int("output"), json.int("reasoning"), json.object("cache")?.int("read"), json.object("cache")?.int("write")]
        return counts.map { String($0 ?? 0) }.joined(separator: "+")
    }

    static func line(session json: JSONObject) -> String {
        let model = json.object("model").map { "\($0.string("providerID") ?? "-")/\($0.string("id") ?? "-")" } ?? "-"
        let summary = json.object("summary").map { "\($0.int("files") ?? 0) +\($0.int("additions") ?? 0) -\($0.int("deletions") ?? 0)" } ?? "-"
        let time = json.object("time")
        return [
            "session", json.string("id") ?? "-", json.string("parentID") ?? "-", json.string("directory") ?? "-", json.string("title") ?? "-", model,
            json.string("agent") ?? "-", "\(json.double("cost") ?? 0)", tokens(json.object("tokens")), summary, "\(time?.int("created") ?? -1)",
            "\(time?.int("updated") ?? -1)", time?.has("archived") == true ? "archived" : "-",
        ].joined(separator: " / ")
    }

    static func line(message json: JSONObject) -> String {
        let model =
            json.object("model").map { "\($0.string("providerID") ?? "-")/\($0.string("modelID") ?? "-")" }
            ?? "\(json.string("providerID") ?? "-")/\(json.string("modelID") ?? "-")"
        let time = json.object("time")
        let isSummary = (json.value["summary"] as? NSNumber)?.boolValue == true
        return [
            "message", json.string("id") ?? "-", json.string("sessionID") ?? "-", json.string("role") ?? "-", "\(time?.int("created") ?? -1)",
            "\(time?.int("completed") ?? -1)", json.object("error")?.string("name") ?? "-", json.string("finish") ?? "-", json.string("parentID") ?? "-", model,
            json.string("agent") ?? "-", "\(json.double("cost") ?? 0)", tokens(json.object("tokens") ?? JSONObject([:])), isSummary ? "summary" : "-",
        ].joined(separator: " / ")
    }

    static func line(part json: JSONObject) -> String {
        let type = json.string("type") ?? "-"
        var time = json.object("time")
        var words: [String] = []
        switch type {
        case "text": words = [json.string("text") ?? "-", json.bool("synthetic") ? "synthetic" : "-"]
        case "reasoning": words = [json.string("text") ?? "-"]
        case "compaction": words = [json.bool("auto") ? "automatic" : "-"]
        case "step-finish": words = ["\(json.double("cost") ?? 0)", tokens(json.object("tokens"))]
        case "tool":
            let state = json.object("state") ?? JSONObject([:]), metadata = state.object("metadata")
            time = state.object("time")
            let name = json.string("tool") ?? "-", status = state.string("status") ?? "-"
            let isFailed = status == "error" || (name == "invalid" && status == "completed")
            let output = (status == "error" ? state.string("error") : status == "completed" ? state.string("output") : metadata?.string("output")) ?? ""
            words = [
                name, json.string("callID") ?? "-", isFailed ? "failed" : status, String(output.suffix(30_000)), metadata?.string("diff") ?? "-",
                metadata?.string("sessionId") ?? "-",
            ]
        default: break
        }
        return
            ([
                "part", json.string("id") ?? "-", json.string("sessionID") ?? "-", json.string("messageID") ?? "-", type, "\(time?.int("start") ?? -1)",
                "\(time?.int("end") ?? -1)",
            ] + words)
            .joined(separator: " / ")
    }

    // MARK: ours, in the same words

    static func line(_ event: ServerEvent) -> String {
        switch event {
        case .connected: "connected"
        case .heartbeat: "heartbeat"
        case .session(let info): line(info)
        case .sessionDeleted(let session): "deleted \(session)"
        case .phase(let session, .idle): "phase \(session) idle"
        case .phase(let session, .busy): "phase \(session) busy"
        case .phase(let session, .retry(let attempt, let message, let next)): "phase \(session) retry \(attempt) \(next.milliseconds) \(message)"
        case .turnError(let session, let error): "error \(session?.raw ?? "-") \(error.name)"
        case .message(let info): line(info)
        case .messageRemoved(let session, let message): "message removed \(session) \(message)"
        case .part(let part): line(part)
        case .partRemoved(let session, let message, let part): "part removed \(session) \(message) \(part)"
        case .delta(let session, let message, let part, let text): "delta \(session) \(message) \(part) \(text)"
        case .asked(let request): line(request)
        case .answered(let id, let session, let how): "answered \(id) \(session) \(how)"
        case .todos(let session, let todos): "todos \(session) " + todos.map { "\($0.content)/\($0.status)/\($0.priority)" }.joined(separator: ";")
        case .compacted(let session): "compacted \(session)"
        case .instanceDisposed(let directory): "instance disposed \(directory)"
        case .disposed: "disposed"
        case .ignored: "ignored"
        case .unknown(let type): "unknown \(type)"
        case .unreadable(let why): "unreadable \(why)"
        }
    }

    private static func tokens(_ tokens: Tokens?) -> String {
        tokens.map { "\($0.input)+\($0.output)+\($0.reasoning)+\($0.cacheRead)+\($0.cacheWrite)" } ?? "-"
    }

    static func line(_ info: SessionInfo) -> String {
        let summary = info.changes.map { "\($0.files) +\($0.additions) -\($0.deletions)" } ?? "-"
        return [
            "session", info.id.raw, info.parent?.raw ?? "-", info.directory, info.title, info.model ?? "-", info.mode ?? "-", "\(info.cost ?? 0)",
            tokens(info.tokens), summary, "\(info.created.milliseconds)", "\(info.updated.milliseconds)", info.archived ? "archived" : "-",
        ].joined(separator: " / ")
    }

    static func line(_ info: MessageInfo) -> String {
        [
            "message", info.id.raw, info.session.raw, info.role.rawValue, "\(info.created.milliseconds)", "\(info.completed?.milliseconds ?? -1)",
            info.error?.name ?? "-",
            info.finish ?? "-", info.parent?.raw ?? "-", info.model ?? "-", info.mode ?? "-", "\(info.cost)", tokens(info.tokens),
            info.isSummary ? "summary" : "-",
        ]
        .joined(separator: " / ")
    }

    static func line(_ part: PartInfo) -> String {
        let type: String, words: [String]
        switch part.content {
        case .text(let text, let synthetic): (type, words) = ("text", [text, synthetic ? "synthetic" : "-"])
        case .reasoning(let text): (type, words) = ("reasoning", [text])
        case .tool(let use, let output):
            (type, words) = ("tool", [use.name, use.callID, use.state.rawValue, output, use.diff ?? "-", use.child?.raw ?? "-"])
        case .file(let name): (type, words) = ("file", [name])
        case .compaction(let automatic): (type, words) = ("compaction", [automatic ? "automatic" : "-"])
        case .stepFinished(let cost, let used): (type, words) = ("step-finish", ["\(cost)", tokens(used)])
        case .other(let name): (type, words) = (name, [])
        }
        return
            (["part", part.id.raw, part.session.raw, part.message.raw, type, "\(part.started?.milliseconds ?? -1)", "\(part.ended?.milliseconds ?? -1)"] + words)
            .joined(separator: " / ")
    }

    static func line(_ request: Request) -> String {
        let head = "asked \(request.id) \(request.session) \(request.callID ?? "-") "
        switch request.kind {
        case .permission(let asked):
            return head + "permission "
                + [asked.name, asked.patterns.joined(separator: "|"), asked.always.joined(separator: "|"), asked.diff ?? "-"].joined(separator: " / ")
        case .question(let questions):
            return head + "question "
                + questions.map { question in
                    let options = question.options.map { "\($0.label):\($0.description)" }.joined(separator: "|")
                    return "\(question.header) / \(question.text) / \(options) / \(question.multiple) / \(question.custom)"
                }.joined(separator: "; ")
        }
    }
}
