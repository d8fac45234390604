import Screen
import Testing

/// What bat makes of a text, read back.
@Suite struct SyntaxDecoderTests {
    private static let source = "let x = 42 // nö\n\n\tcall(\"a\\n\")\n"
    private static let painted =
        "\u{1B}[38;2;129;161;193mlet\u{1B}[0m\u{1B}[38;2;216;222;233m x \u{1B}[0m\u{1B}[38;2;129;161;193m=\u{1B}[0m \u{1B}[38;2;180;142;173m42\u{1B}[0m "
        + "\u{1B}[38;2;97;110;136m//\u{1B}[0m\u{1B}[38;2;97;110;136m nö\u{1B}[0m\n\n\t\u{1B}[1;38;2;136;192;208mcall\u{1B}[0m(\u{1B}[38;2;163;190;140m\"\u{1B}[0m"
        + "\u{1B}[38;2;163;190;140ma\u{1B}[0m\u{1B}[38;2;235;203;139m\\n\u{1B}[0m\u{1B}[38;2;163;190;140m\"\u{1B}[0m)\n"
    private static let expected: [[SyntaxRun]] = [
        [SyntaxRun(0..<3, .keyword), SyntaxRun(6..<7, .operation), SyntaxRun(8..<10, .number), SyntaxRun(11..<17, .comment)], [],
        [SyntaxRun(1..<5, .function), SyntaxRun(6..<8, .string), SyntaxRun(8..<10, .number), SyntaxRun(10..<11, .string)],
    ]

    private func lines(_ painted: [UInt8], _ source: String = Self.source) -> [[SyntaxRun]] {
        var decoder = SyntaxDecoder(Array(source.utf8))
        decoder.feed(painted)
        return decoder.lines
    }

    @Test func coloursAreKindsOfWords() { #expect(lines(Array(Self.painted.utf8)) == Self.expected) }

    @Test func everySplitIsTheSame() {
        let bytes = Array(Self.painted.utf8)
        for cut in 0...bytes.count {
            var decoder = SyntaxDecoder(Array(Self.source.utf8))
            decoder.feed(bytes[..<cut])
            decoder.feed(bytes[cut...])
            #expect(decoder.lines == Self.expected, "cut at \(cut)")
        }
        var decoder = SyntaxDecoder(Array(Self.source.utf8))
        for byte in bytes { decoder.feed([byte]) }
        #expect(decoder.lines == Self.expected)
    }

    @Test func anotherTextIsPlainFromThereOn() {
        let source = "a\nb\nc\n"
        let red = "\u{1B}[38;2;163;190;140m"
        #expect(lines(Array("\(red)a\nX\nc\n".utf8), source) == [[SyntaxRun(0..<1, .string)]])
        #expect(lines(Array("\(red)a\nb\nc\nd\n".utf8), source).count == 3, "more than was asked")
        #expect(lines(Array("\(red)a\n".utf8), source).count == 1, "less than was asked")
    }

    @Test func whatIsNoColourEndsIt() {
        for evil in ["\u{1B}]0;title\u{07}", "\u{1B}P", "\u{1B}c", "\u{1B}[" + String(repeating: "1;", count: 60) + "m", "\u{9B}31m"] {
            #expect(lines(Array((evil + "a\nb\n").utf8), "a\nb\n").joined().isEmpty, "\(evil.debugDescription)")
        }
        // Sequences of another kind, and colours of another kind, mean nothing.
        for quiet in [
            "\u{1B}[K", "\u{1B}[2J", "\u{1B}[31m", "\u{1B}[38;5;3m", "\u{1B}[38;2;1;2;3m", "\u{1B}[38;2;163;190m", "\u{1B}[38;2;163;190;140;7m", "\u{1B}[?25l",
        ] {
            #expect(lines(Array((quiet + "a\nb\n").utf8), "a\nb\n") == [[], []], "\(quiet.debugDescription)")
        }
    }

    @Test func noCharacterIsHalfColoured() {
        let bytes = Array("\u{1B}[38;2;163;190;140m".utf8) + [0xC3] + Array("\u{1B}[0m".utf8) + [0xB6, 0x0A]
        #expect(lines(bytes, "ö\n").isEmpty)
    }

    @Test(arguments: 0..<60) func anyBytesAreBorne(_ seed: Int) {
        var random = SyntaxChance(UInt64(seed) + 7)
        let source = Array(Self.source.utf8)
        var painted = Array(Self.painted.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0..<painted.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: painted[place] = UInt8.random(in: 0...255, using: &random)
            case 1: painted.remove(at: place)
            default: painted.insert(contentsOf: [0x1B, 0x5B, UInt8.random(in: 0x20...0x7E, using: &random)], at: place)
            }
        }
        let ends = Self.source.utf8.split(separator: 10, omittingEmptySubsequences: false).map(\.count)
        for (number, runs) in lines(painted).enumerated() {
            var last: UInt32 = 0
            for run in runs {
                #expect(run.start >= last && run.end > run.start && Int(run.end) <= ends[number])
                last = run.end
            }
        }
        _ = source
    }
}

private struct SyntaxChance: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
