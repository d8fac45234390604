import Domain
import Foundation
import JSON
import Testing

@testable import Wire

@Suite struct RoundTrips {
    @Test(arguments: 0..<60) func everyDaemonMessageComesBack(seed: Int) throws {
        var generator = Generator(seed: UInt64(seed))
        let decoder = WireDecoder()
        for message in generator.daemonMessages() {
            let line = message.encoded()
            #expect(line.last == UInt8(ascii: "\n") && line.dropLast().allSatisfy { $0 >= 0x20 })
            #expect(try decoder.daemonMessage(line) == message)
        }
    }

    @Test(arguments: 0..<60) func everyClientMessageComesBack(seed: Int) throws {
        var generator = Generator(seed: UInt64(seed))
        let decoder = WireDecoder()
        for request in generator.requests() {
            let message = ClientMessage.request(id: generator.number(0...1 << 50), request)
            let line = message.encoded()
            #expect(line.last == UInt8(ascii: "\n") && line.dropLast().allSatisfy { $0 >= 0x20 })
            #expect(try decoder.clientMessage(line) == message)
        }
    }

    @Test func everyMethodHasARequest() {
        var generator = Generator(seed: 1)
        #expect(Set(generator.requests().map(\.method)) == Set(Method.allCases))
    }

    @Test func equalHerdsHaveEqualBytes() {
        var first = Generator(seed: 3), second = Generator(seed: 3)
        #expect(first.herd(20).json() == second.herd(20).json())
    }
}

@Suite struct Rows {
    @Test(arguments: 0..<20) func whatIsKeptOfAgentsIsWhatIsWritten(seed: Int) {
        var generator = Generator(seed: UInt64(seed))
        var herd = generator.herd(8)
        let kept = RowCache()
        for round in 0..<4 {
            let ids = herd.agents.keys.sorted()
            let replies: [DaemonReply] = [.rows(AgentRows(ids, in: herd)), .herd(herd)]
            for message in [DaemonMessage.snapshot(herd)] + replies.map({ .reply(id: 3, .success($0)) }) {
                var line = Array("before".utf8)
                message.append(to: &line, kept)
                #expect(line == Array("before".utf8) + message.encoded())
            }
            guard !ids.isEmpty, let project = herd.projects.keys.min() else { return }
            let changed = generator.pick(ids)
            switch round {
            case 0:
                herd.agents[changed]?.cost += 1
                herd.agents[changed]?.title = generator.text()
                kept.forget([changed])
            case 1:
                herd.agents[changed] = nil
                kept.forget([changed])
            default:
                herd.projects[project] = Project(path: "/elsewhere", isRepository: false, added: Timestamp(milliseconds: 0))
                kept.forget(nil)
            }
        }
    }

    @Test func theArrayIsTakenAsItStandsAndFromAnyOtherJSON() throws {
        let decoder = WireDecoder()
        let lines = [
            #"{"jsonrpc":"2.0","id":12,"result":{"kind":"rows","agents":[{"id":"a","cost":1},{"id":"b"}]}}"#,
            #"{"jsonrpc":"2.0","id":12,"result":{"kind":"rows","agents":[{"id":"a","cost":1},{"id":"b"}]}}"# + "\n",
            #"{ "id":12, "result":{"agents":[ {"id":"a","cost":1},{"id":"b"}],"kind":"rows"}, "jsonrpc":"2.0"}"#,
        ]
        for line in lines {
            guard case .reply(12, .success(.rows(let rows))) = try decoder.daemonMessage(Array(line.utf8)) else {
                Issue.record("\(line)")
                continue
            }
            #expect(String(decoding: rows.json, as: UTF8.self) == #"[{"id":"a","cost":1},{"id":"b"}]"#)
        }
        let none = DaemonMessage.reply(id: 0, .success(.rows(AgentRows([], in: Herd()))))
        #expect(try decoder.daemonMessage(none.encoded()) == none)
    }
}

@Suite struct Leniency {
    let decoder = WireDecoder()

    @Test func unknownMembersArePassedOverAndMissingOnesHaveDefaults() throws {
        let line = #"{"jsonrpc":"2.0","method":"herd","params":{"agents":[{"id":"abcdef","colour":"blue","status":"flying"},{"title":"no id"}],"new":[1]}}"#
        guard case .herd(let change) = try decoder.daemonMessage(Array(line.utf8)) else { throw Missing() }
        #expect(change.agents.count == 1)
        #expect(change.agents.first?.status == .unknown)
        #expect(change.agents.first?.tokens == Tokens())
    }

    @Test func notificationsOfUnknownKindsAreNothing() throws {
        #expect(try decoder.daemonMessage(Array(#"{"method":"weather","params":{}}"#.utf8)) == nil)
    }

    @Test(
        arguments: [
            ("nonsense", -32700, nil), ("[1]", -32600, nil), (#"{"id":3}"#, -32600, 3), (#"{"method":"ls"}"#, -32600, nil),
            (#"{"id":4,"method":"ls","params":{}}"#, -32601, 4), (#"{"id":5,"method":"send","params":{"agent":"a"}}"#, -32602, 5),
            (#"{"id":6,"method":"new","params":{"directory":"/a","prompt":"x","kind":"moon"}}"#, -32602, 6),
            (#"{"id":7,"method":"answer","params":{"request":"a","answer":"perhaps"}}"#, -32602, 7),
        ] as [(String, Int, Int?)]) func errorsNameTheirRequest(line: String, code: Int, id: Int?)
    {
        #expect {
            try decoder.clientMessage(Array(line.utf8))
        } throws: { error in
            (error as? WireError)?.code.rawValue == code && (error as? WireError)?.id == id
        }
    }

    @Test func aHugeNumberCannotOverflowASum() throws {
        let line = #"{"method":"herd","params":{"agents":[{"id":"a","tokens":{"input":9223372036854775807,"output":9223372036854775807}}]}}"#
        guard case .herd(let change) = try decoder.daemonMessage(Array(line.utf8)) else { throw Missing() }
        #expect(change.agents[0].tokens.total == 1 << 54)
    }

    @Test(arguments: 0..<40) func garbageNeverTraps(seed: Int) {
        var generator = Generator(seed: UInt64(seed))
        for line in generator.daemonMessages().map({ $0.encoded() }) + generator.requests().map({ ClientMessage.request(id: 1, $0).encoded() }) {
            var broken = line
            for _ in 0..<3 {
                let place = generator.number(0...broken.count - 1)
                switch generator.number(0...2) {
                case 0: broken[place] = UInt8(generator.number(0...255))
                case 1: broken.remove(at: place)
                default: broken.insert(contentsOf: generator.pick(["{", "]", "null", "\"", "1e999", "\\u0000"]).utf8, at: place)
                }
            }
            _ = try? decoder.daemonMessage(broken)
            _ = try? decoder.clientMessage(broken)
            _ = try? decoder.daemonMessage(broken[..<generator.number(0...broken.count)])
        }
    }

    struct Missing: Error {}
}

@Suite struct Words {
    @Test func anotherProtocolIsRefusedWithBothVersions() {
        #expect(Hello(version: "0.1.0", client: .cli).refusal(daemon: "0.1.0") == nil)
        let refusal = Hello(version: "9.0", protocolVersion: 7, client: .cli).refusal(daemon: "0.1.0")
        #expect(refusal?.message == "this client is drover 9.0 (protocol 7), the daemon is drover 0.1.0 (protocol 1)")
        #expect(refusal?.remedy.contains("drover daemon stop") == true)
    }

    @Test func theReasonOfARefusalTravels() {
        let line = DaemonMessage.reply(id: 1, .failure(Refusal(.notFound, "there is no agent \"x\"", remedy: "see `drover ls`"))).encoded()
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"jsonrpc":"2.0","id":1,"error":{"code":-32003,"message":"there is no agent \"x\"","data":{"reason":"notFound","remedy":"see `drover ls`"}}}"#
                + "\n")
    }

    @Test(arguments: [0, 1, -1, 1_763_713_916_986, 951_827_696_789, -62_167_219_200_000, 253_402_300_799_999, 253_402_300_800_000])
    func timesAreThoseOfTheDomain(milliseconds: Int64) {
        var writer = JSONWriter()
        let time = Timestamp(milliseconds: milliseconds)
        WireTime.write(time, to: &writer)
        let text = writer.text
        if WireTime.range.contains(milliseconds) {
            #expect(text == "\"\(time.rfc3339)\"")
            #expect(Array(text.utf8.dropFirst().dropLast()).withUnsafeBufferPointer { WireTime.parse($0) } == time)
        } else {
            #expect(text == "\(milliseconds)")
        }
    }

    @Test(arguments: ["", "2026-11-21", "2026-13-21T08:31:56.986Z", "2026-11-21T08:31:56.986+", "2026-11-21T24:31:56.986Z", "2026-1a-21T08:31:56.986Z"])
    func otherTimesAreNone(text: String) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { WireTime.parse($0) } == nil)
    }
}

@Suite struct Documented {
    /// Lines of docs/protocol.md that begin with `>` or `<` are what they say they are.
    @Test func theExamplesOfTheDocumentAreRead() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/protocol.md"), encoding: .utf8)
        let decoder = WireDecoder()
        var count = 0
        for line in text.split(separator: "\n") where line.hasPrefix("> {") || line.hasPrefix("< {") {
            count += 1
            let bytes = Array(line.dropFirst(2).utf8)
            if line.hasPrefix(">") { _ = try decoder.clientMessage(bytes) } else { #expect(try decoder.daemonMessage(bytes) != nil) }
        }
        #expect(count >= 10)
    }
}
