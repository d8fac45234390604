import Foundation
import Testing

@testable import Domain
@testable import JSON
@testable import OpenCode

private let session = SessionID("ses_1"), message = MessageID("msg_1"), part = PartID("prt_1")

private func read(_ frames: [String], with reader: EventReader = EventReader(V1Events())) -> [ServerEvent] {
    var events: [ServerEvent] = []
    let bytes = frames.flatMap { Array("data: ".utf8) + Array($0.utf8) + Array("\n\n".utf8) }
    bytes.withUnsafeBytes { reader.read($0, at: Timestamp(milliseconds: 7), into: &events) }
    return events
}

private func delta(_ text: String, of part: String = "prt_1", wrapped: Bool = false) -> String {
    let inner =
        #""id":"evt_1","type":"message.part.delta","properties":{"sessionID":"ses_1","messageID":"msg_1","partID":"\#(part)","field":"text","delta":"\#(text)"}"#
    return wrapped ? #"{"directory":"/p","project":"x","payload":{\#(inner)}}"# : "{\(inner)}"
}

@Suite struct EventReaderTests {
    @Test(arguments: [false, true]) func deltasOfAPartAreMerged(wrapped: Bool) {
        let events = read([
            delta("a", wrapped: wrapped), delta("b", wrapped: wrapped), #"{"type":"plugin.added","properties":{"id":"x"}}"#, delta("c", wrapped: wrapped),
        ])
        #expect(events == [.delta(session, message, part, text: "abc")])
    }

    @Test func anythingElseEndsARun() {
        let idle = #"{"type":"session.status","properties":{"sessionID":"ses_1","status":{"type":"idle"}}}"#
        #expect(
            read([delta("a"), idle, delta("b")]) == [
                .delta(session, message, part, text: "a"), .phase(session, .idle), .delta(session, message, part, text: "b"),
            ])
    }

    @Test func partsThatStreamTogetherKeepTheirOrder() {
        let events = read([delta("x", of: "prt_2"), delta("a", of: "prt_1"), delta("y", of: "prt_2"), delta("n", of: "prt_3"), delta("b", of: "prt_1")])
        #expect(
            events == [
                .delta(session, message, PartID("prt_2"), text: "xy"), .delta(session, message, part, text: "ab"),
                .delta(session, message, PartID("prt_3"), text: "n"),
            ])
    }

    @Test func manyPartsAtOnce() {
        let reader = EventReader(V1Events())
        for round in 0..<3 {
            let events = read((0..<300).flatMap { index in [delta("\(round)", of: "prt_\(index)"), delta("!", of: "prt_\(index)")] }, with: reader)
            #expect(events == (0..<300).map { .delta(session, message, PartID("prt_\($0)"), text: "\(round)!") })
        }
    }

    /// Both ways of reading a delta, against Foundation's encoder.
    @Test(arguments: [
        "plain", "", "line\nbreak\ttab \"quoted\" back\\slash / \r\u{08}\u{0C}", "grüße 🐑 日本", "\u{0}\u{1}\u{1B}[31mred\u{7F}", "ends in \\", "\u{2028}",
    ])
    func escapesAreRead(text: String) throws {
        let encoded = String(decoding: try JSONSerialization.data(withJSONObject: [text], options: .withoutEscapingSlashes), as: UTF8.self).dropFirst(2)
            .dropLast(2)
        #expect(read([delta(String(encoded))]) == [.delta(session, message, part, text: text)])
        let escaped = text.utf16.map { String(format: "\\u%04x", $0) }.joined()
        #expect(read([delta(escaped)]) == [.delta(session, message, part, text: text)])
    }

    @Test func anotherOrderOfFieldsIsADeltaToo() {
        let frame =
            #"{"type":"message.part.delta","properties":{"delta":"x","field":"text","partID":"prt_1","messageID":"msg_1","sessionID":"ses_1","more":1},"id":"e"}"#
        #expect(read([frame]) == [.delta(session, message, part, text: "x")])
        #expect(read([delta("a").replacing("\"text\"", with: "\"other\"")]) == [.unknown(type: "message.part.delta other")])
    }

    @Test func badFramesAreReportedAndDoNotEndTheStream() {
        let reader = EventReader(V1Events())
        let bad = [
            "{", "", "null", "[]", "{}", "7", "{\"type\":5}", delta("a") + "x", delta("\u{1}"), "{\"type\":\"session.status\",\"properties\":{}}",
            "{\"type\":\"message.updated\",\"properties\":{\"info\":{\"role\":\"user\"}}}", String(repeating: "[", count: 5000),
        ]
        let events = read(bad + [delta("alive")], with: reader)
        #expect(events.count == bad.count + 1)
        for event in events.dropLast() { if case .unreadable = event {} else { Issue.record("\(event)") } }
        #expect(events.last == .delta(session, message, part, text: "alive"))
        #expect(reader.counts.unreadable == bad.count)
    }

    @Test func unknownTypesAreKeptAndCounted() {
        let reader = EventReader(V1Events())
        let strange = #"{"type":"session.levitated","properties":{"sessionID":"ses_1"}}"#
        #expect(read([strange, strange], with: reader) == [.unknown(type: "session.levitated"), .unknown(type: "session.levitated")])
        #expect(reader.counts.unknown == ["session.levitated": 2])
        for index in 0..<200 { _ = read([#"{"type":"t\#(index)","properties":{}}"#], with: reader) }
        #expect(reader.counts.unknown.count == 100)
    }

    @Test func whatMeansNothingSaysThatTheServerLives() {
        let sync = #"{"directory":"/p","project":"x","payload":{"type":"sync","syncEvent":{"data":{}}}}"#
        #expect(read([sync, sync, #"{"type":"plugin.added","properties":{}}"#]) == [.ignored])
        #expect(read([]) == [])
        let reader = EventReader(V1Events())
        var events: [ServerEvent] = []
        for piece in [": still", " here\n\n", "data: {\"ty", "pe\":\"server.heartbeat\",\"properties\":{}}\n\n"] {
            Array(piece.utf8).withUnsafeBytes { reader.read($0, at: Timestamp(milliseconds: 0), into: &events) }
        }
        #expect(events == [.ignored, .heartbeat])
    }

    @Test func veryLongLinesPassAndTooLongOnesAreReported() {
        let long = String(repeating: "z", count: 5 << 20)
        #expect(read([delta(long)]) == [.delta(session, message, part, text: long)])
        let events = read([delta(long + long), delta("next")])
        #expect(events.count == 2)
        #expect(events.last == .delta(session, message, part, text: "next"))
    }

    @Test func bytesThatAreNoTextAreRepairedOrRefused() {
        var frame = Array(("data: " + delta("a?b") + "\n\n").utf8)
        frame[frame.firstIndex(of: UInt8(ascii: "?")) ?? 0] = 0xFF
        var events: [ServerEvent] = []
        frame.withUnsafeBytes { EventReader(V1Events()).read($0, at: Timestamp(milliseconds: 0), into: &events) }
        #expect(events == [.delta(session, message, part, text: "a\u{FFFD}b")])
    }

    /// `/event` frames name no directory: the sessions do.
    @Test func pathsAreRelativeToWhereTheSessionWorks() {
        let born = #"{"type":"session.created","properties":{"info":{"id":"ses_1","directory":"/home/a/p","title":"t","time":{}}}}"#
        let tool =
            #"{"type":"message.part.updated","properties":{"sessionID":"ses_1","part":{"id":"prt_1","messageID":"msg_1","sessionID":"ses_1","type":"tool","tool":"read","callID":"c","state":{"status":"running","input":{"filePath":"/home/a/p/src/x.swift"}}}}}"#
        func target(_ events: [ServerEvent]) -> String? {
            if case .part(let part)? = events.last, case .tool(let use, _) = part.content { use.target } else { nil }
        }
        #expect(target(read([born, tool])) == "src/x.swift")
        #expect(target(read([tool])) == "/home/a/p/src/x.swift")
        #expect(target(read([#"{"directory":"/home/a","payload":\#(tool)}"#])) == "p/src/x.swift")
    }

    /// Shapes of 1.15 and before: no `sessionID` beside `info` or `part`.
    @Test func olderShapesAreRead() {
        #expect(read([#"{"type":"session.deleted","properties":{"info":{"id":"ses_1"}}}"#]) == [.sessionDeleted(session)])
        #expect(
            read([#"{"type":"session.updated","properties":{"info":{"id":"ses_1"}}}"#]) == [
                .session(SessionInfo(id: session, directory: "", title: "", created: Timestamp(milliseconds: 0), updated: Timestamp(milliseconds: 0)))
            ])
        #expect(
            read([#"{"type":"message.updated","properties":{"info":{"id":"msg_1","sessionID":"ses_1","role":"assistant"}}}"#]) == [
                .message(MessageInfo(id: message, session: session, role: .assistant, created: Timestamp(milliseconds: 0)))
            ])
        #expect(
            read([#"{"type":"message.part.updated","properties":{"part":{"id":"prt_1","sessionID":"ses_1","messageID":"msg_1","type":"text","text":"x"}}}"#])
                == [
                    .part(PartInfo(id: part, session: session, message: message, content: .text("x", synthetic: false)))
                ])
        #expect(
            read([#"{"type":"session.error","properties":{}}"#]) == [
                .turnError(nil, TurnError(name: "UnknownError", message: "the server did not say what went wrong"))
            ])
        #expect(
            read([#"{"type":"session.status","properties":{"sessionID":"ses_1","status":{"type":"dreaming"}}}"#]) == [.unknown(type: "session.status dreaming")]
        )
    }
}

/// One frame of each shape that was ever recorded, with everything in it replaced by everything else.
@Suite struct EventFuzzTests {
    static let shapes: [String] = {
        var seen: [String: String] = [:]
        for recording in Recording.streams {
            for line in String(decoding: recording.bytes, as: UTF8.self).split(separator: "\n") where line.utf8.count < 4000 {
                let frame = String(line.dropFirst("data: ".count)), json = JSONObject(text: frame)
                let payload = json.object("payload") ?? json, part = payload.object("properties")?.object("part")
                let error = payload.object("properties")?.object("error")?.string("name") ?? ""
                let names = [
                    payload.string("type"), part?.string("type"), part?.string("tool"), part?.object("state")?.string("status"), error,
                    json.string("directory") == nil ? "" : "wrapped",
                ]
                seen[names.compactMap { $0 }.joined(separator: " ")] = frame
            }
        }
        return seen.values.sorted()
    }()

    @Test(arguments: shapes) func anyValueMayBeAnything(frame: String) throws {
        let original = try JSONSerialization.jsonObject(with: Data(frame.utf8))
        let others: [Any] = [
            NSNull(), true, 0, -1.5, 1e300, UInt64.max, "", "x", "\u{0}\u{1B}[2J\n\"", [Any](), [String: Any](), ["a", 1, NSNull()] as [Any], ["id": ["b": 1]],
            [[[[1]]]],
        ]
        let reader = EventReader(V1Events())
        var tried = 0
        let all = paths(original)
        for (index, path) in all.enumerated() {
            // In a large frame each value meets a few of the others, and its neighbours the rest.
            let turn = (others + [Optional<Any>.none as Any]).enumerated().filter { all.count < 20 || ($0.offset + index) % 3 == 0 }
            for (_, other) in turn {
                let changed = replaced(original, path[...], other)
                guard JSONSerialization.isValidJSONObject(changed) else { continue }
                let text = String(decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
                #expect(read([text], with: reader).count == 1)
                tried += 1
            }
        }
        #expect(tried > 0 && read([delta("alive")], with: reader) == [.delta(session, message, part, text: "alive")])
    }

    @Test(arguments: shapes) func anyEndMayBeMissing(frame: String) {
        let bytes = Array(frame.utf8), reader = EventReader(V1Events())
        for cut in stride(from: 0, to: bytes.count, by: 1 + bytes.count / 200) {
            #expect(read([String(decoding: bytes[..<cut], as: UTF8.self)], with: reader).count == 1)
        }
        #expect(reader.counts.unreadable > 0)
    }

    private enum Step { case key(String), index(Int) }

    private func paths(_ value: Any) -> [[Step]] {
        if let object = value as? [String: Any] { return object.flatMap { key, inner in [[.key(key)]] + paths(inner).map { [.key(key)] + $0 } } }
        if let list = value as? [Any] { return list.enumerated().flatMap { index, inner in [[.index(index)]] + paths(inner).map { [.index(index)] + $0 } } }
        return []
    }

    /// Nil in place of a value takes the member away.
    private func replaced(_ value: Any, _ path: ArraySlice<Step>, _ other: Any) -> Any {
        guard let step = path.first else { return other }
        switch step {
        case .key(let key):
            guard var object = value as? [String: Any] else { return value }
            let inner = replaced(object[key] as Any, path.dropFirst(), other)
            object[key] = path.count == 1 && isNone(other) ? nil : inner
            return object
        case .index(let index):
            guard var list = value as? [Any] else { return value }
            if path.count == 1, isNone(other) { list.remove(at: index) } else { list[index] = replaced(list[index], path.dropFirst(), other) }
            return list
        }
    }

    private func isNone(_ value: Any) -> Bool { if case Optional<Any>.none = value { true } else { false } }
}
