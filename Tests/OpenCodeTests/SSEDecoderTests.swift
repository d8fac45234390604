import Testing

@testable import OpenCode

/// What a decoder said, in a form that can be kept and compared.
private enum Seen: Equatable, Sendable {
    case message(String, name: String = "", id: String? = nil)
    case comment
    case oversized(Int)

    init(_ frame: SSEFrame) {
        switch frame {
        case .message(let data, let name, let id): self = .message(String(decoding: data, as: UTF8.self), name: name, id: id)
        case .comment: self = .comment
        case .oversized(let bytes): self = .oversized(bytes)
        }
    }
}

extension SSEDecoder {
    fileprivate mutating func seen(_ bytes: some Sequence<UInt8>) -> [Seen] {
        var result: [Seen] = []
        Array(bytes).withUnsafeBytes { feed($0) { result.append(Seen($0)) } }
        return result
    }
}

private struct Sample: Sendable {
    let name: String
    let text: String
    let expected: [Seen]

    static let all = [
        Sample(name: "two frames", text: "data: {\"a\":1}\n\ndata: {\"b\":2}\n\n", expected: [.message("{\"a\":1}"), .message("{\"b\":2}")]),
        Sample(
            name: "long frames", text: "data: \(String(repeating: "x", count: 70))\n\ndata:\(String(repeating: "y", count: 33))\n\n",
            expected: [.message(String(repeating: "x", count: 70)), .message(String(repeating: "y", count: 33))]),
        Sample(name: "several data lines", text: "data: one\ndata:two\ndata:  three\n\n", expected: [.message("one\ntwo\n three")]),
        Sample(name: "CRLF", text: "data: one\r\ndata: two\r\n\r\ndata: three\r\n\r\n", expected: [.message("one\ntwo"), .message("three")]),
        Sample(name: "CR", text: "data: one\rdata: two\r\rdata: three\r\r", expected: [.message("one\ntwo"), .message("three")]),
        Sample(name: "mixed line ends", text: "data: a\rdata: b\ndata: c\r\n\n\rdata: d\n\r\n", expected: [.message("a\nb\nc"), .message("d")]),
        Sample(
            name: "name and id", text: "event: hello\nid: 7\nretry: 100\ndata: x\n\ndata: y\n\n",
            expected: [.message("x", name: "hello", id: "7"), .message("y")]),
        Sample(name: "comments", text: ": hi\n:\ndata: x\n: inside\n\n", expected: [.comment, .comment, .comment, .message("x")]),
        Sample(name: "no data is no event", text: "event: x\n\nid: 1\n\n\n\ndata: y\n\n", expected: [.message("y")]),
        Sample(name: "empty data is an event", text: "data:\n\ndata\n\ndata: \n\n", expected: [.message(""), .message(""), .message("")]),
        Sample(name: "byte order mark", text: "\u{FEFF}data: x\n\n\u{FEFF}data: y\n\n", expected: [.message("x")]),
        Sample(name: "unknown fields", text: "date: x\ndatax: y\n data: z\nDATA: q\ndata: ok\n\n", expected: [.message("ok")]),
        Sample(name: "unfinished", text: "data: x\n\ndata: y\n", expected: [.message("x")]),
        Sample(name: "an id with NUL is ignored", text: "id: a\0b\ndata: x\n\n", expected: [.message("x")]),
        Sample(name: "not ASCII", text: "data: grüße 🐑\ndata: ßß\n\n", expected: [.message("grüße 🐑\nßß")]),
        Sample(
            name: "control characters", text: "data: a\u{01}\u{0B}\u{0C}\u{1B}[0m and enough bytes for the quick look\n\n",
            expected: [.message("a\u{01}\u{0B}\u{0C}\u{1B}[0m and enough bytes for the quick look")]),
    ]
}

@Suite struct SSEDecoderTests {
    @Test(arguments: Sample.all) private func everySplitDecodesTheSame(_ sample: Sample) {
        let bytes = Array(sample.text.utf8)
        for cut in 0...bytes.count {
            var decoder = SSEDecoder()
            let first = decoder.seen(bytes[..<cut])
            #expect(first + decoder.seen(bytes[cut...]) == sample.expected, "cut at \(cut)")
        }
    }

    @Test(arguments: Sample.all) private func byteByByteDecodesTheSame(_ sample: Sample) {
        var decoder = SSEDecoder()
        #expect(sample.text.utf8.flatMap { decoder.seen([$0]) } == sample.expected)
    }

    @Test func everyThreeWaySplitDecodesTheSame() {
        let bytes = Array("\u{FEFF}data: a\r\n\r\ndata: b\n\n: c\r\rid:1\ndata: d\n\n".utf8)
        let expected: [Seen] = [.message("a"), .message("b"), .comment, .message("d", id: "1")]
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var decoder = SSEDecoder()
                #expect(decoder.seen(bytes[..<first]) + decoder.seen(bytes[first..<second]) + decoder.seen(bytes[second...]) == expected)
            }
        }
    }

    @Test func aWholeFrameIsNotCopied() {
        let bytes = Array("data: {\"type\":\"x\"}\n\ndata: y\n\n".utf8)
        var decoder = SSEDecoder()
        bytes.withUnsafeBytes { fed in
            var inside = 0
            decoder.feed(fed) { frame in
                guard case .message(let data, _, _) = frame, let base = data.baseAddress, let start = fed.baseAddress else { return }
                if base >= start, base + data.count <= start + fed.count { inside += 1 }
            }
            #expect(inside == 2)
        }
    }

    @Test(arguments: [1, 7, 4096]) func aLineOfFiveMegabytesPasses(piece: Int) {
        let size = piece == 1 ? 50_000 : 5 << 20
        let bytes = Array("data: ".utf8) + [UInt8](repeating: UInt8(ascii: "z"), count: size) + Array("\n\ndata: next\n\n".utf8)
        var decoder = SSEDecoder()
        var sizes: [Int] = []
        bytes.withUnsafeBytes { all in
            for start in stride(from: 0, to: all.count, by: piece) {
                decoder.feed(UnsafeRawBufferPointer(rebasing: all[start..<min(start + piece, all.count)])) { frame in
                    if case .message(let data, _, _) = frame { sizes.append(data.count) }
                }
            }
        }
        #expect(sizes == [size, 4])
    }

    @Test(arguments: [
        ("data: 0123456789\n\ndata: ok\n\n", [Seen.oversized(16), .message("ok")]),
        ("data: 01\ndata: 23\ndata: 45\ndata: 67\n\ndata: ok\n\n", [.oversized(22), .message("ok")]),
        ("event: e\ndata: 0123456789\nid: 3\n: c\n\ndata: ok\n\n", [.oversized(24), .message("ok")]),
        (": 0123456789 a long comment\n\ndata: ok\n\n", [.oversized(27), .message("ok")]),
        ("data: 0123456789\r\n\r\ndata: ok\r\n\r\n", [.oversized(16), .message("ok")]),
        (": many\n: short\n: comments\n: are\n: fine\ndata: ok\n\n", [.comment, .comment, .comment, .comment, .comment, .message("ok")]),
    ])
    private func anEventOverTheLimitIsReportedAndSkipped(_ text: String, _ expected: [Seen]) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var decoder = SSEDecoder(limit: 12)
            #expect(decoder.seen(bytes[..<cut]) + decoder.seen(bytes[cut...]) == expected, "cut at \(cut)")
        }
    }

    @Test func garbageDoesNotTrap() {
        var chance = SplitMix(state: 99)
        for _ in 0..<200 {
            var decoder = SSEDecoder(limit: 200)
            for _ in 0..<20 { _ = decoder.seen((0..<Int(chance.next() % 60)).map { _ in UInt8(truncatingIfNeeded: chance.next()) }) }
            let after = decoder.seen(Array("\n\n\ndata: still alive\n\n".utf8))
            #expect(after.last == .message("still alive"))
        }
    }

    @Test(arguments: 0..<40) func randomStreamsDecodeAsTheReferenceDoes(seed: Int) {
        var chance = SplitMix(state: UInt64(seed))
        let words = [
            "data", "data:", "data: ", "event: ", "id:", ":", " ", "\n", "\n\n", "\r", "\r\n", "x", "{\"a\":\"b\"}", "\u{FEFF}", "ü",
            "data: {\"type\":\"message.part.delta\",\"properties\":{}}\n\n", "retry: 5\n",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<300 { bytes += Array(words[Int(chance.next() % UInt64(words.count))].utf8) }
        let limit = seed % 2 == 0 ? 80 : 1 << 20
        var decoder = SSEDecoder(limit: limit)
        var result: [Seen] = []
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + 1 + Int(chance.next() % 40))
            result += decoder.seen(bytes[at..<end])
            at = end
        }
        #expect(result == Reference.decode(bytes, limit: limit))
    }
}

/// The same rules, written for clarity over the whole input.
private enum Reference {
    static func decode(_ bytes: [UInt8], limit: Int) -> [Seen] {
        var seen: [Seen] = [], data: [[UInt8]] = [], name = "", id: String?
        var dropped: Int?
        for (number, raw) in lines(bytes).enumerated() {
            let line = number == 0 && raw.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(raw.dropFirst(3)) : raw
            let kept = data.reduce(0) { $0 + $1.count + 1 }
            if let bytes = dropped {
                dropped = bytes + raw.count
                if raw.isEmpty {
                    seen.append(.oversized(bytes))
                    (dropped, data, name, id) = (nil, [], "", nil)
                }
            } else if kept + raw.count > limit {
                dropped = kept + raw.count
            } else if line.isEmpty {
                if !data.isEmpty { seen.append(.message(String(decoding: Array(data.joined(separator: [10])), as: UTF8.self), name: name, id: id)) }
                (data, name, id) = ([], "", nil)
            } else if line.first == UInt8(ascii: ":") {
                seen.append(.comment)
            } else {
                let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.count
                var value = Array(line.dropFirst(colon + 1))
                if value.first == UInt8(ascii: " ") { value.removeFirst() }
                switch String(decoding: line[..<colon], as: UTF8.self) {
                case "data": data.append(value)
                case "event": name = String(decoding: value, as: UTF8.self)
                case "id" where !value.contains(0): id = String(decoding: value, as: UTF8.self)
                default: break
                }
            }
        }
        return seen
    }

    /// The lines that have an end.
    static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = [], line: [UInt8] = [], at = 0
        while at < bytes.count {
            if bytes[at] == 13 || bytes[at] == 10 {
                lines.append(line)
                line = []
                if bytes[at] == 13, at + 1 < bytes.count, bytes[at + 1] == 10 { at += 1 }
            } else {
                line.append(bytes[at])
            }
            at += 1
        }
        return lines
    }
}

/// A small seeded generator (Steele, Lea, Flood 2014).
private struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
