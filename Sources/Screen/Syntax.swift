/// A piece of a line of code that is of a kind which themes have a colour for.
package struct SyntaxRun: Hashable, Sendable {
    /// In bytes (UTF-8) from the start of the line.
    package var start: UInt32
    package var end: UInt32
    package var token: Token

    package init(_ bytes: Range<Int>, _ token: Token) {
        start = UInt32(clamping: bytes.lowerBound)
        end = UInt32(clamping: bytes.upperBound)
        self.token = token
    }
}

/// Reads which words of a text are of which kind from what `bat` made of it, piece by piece as it comes.
///
/// bat paints with Nord, in 24 bits. Of the themes that it brings along this one tells the most kinds of words apart in the most languages; its
/// colours never reach the screen and are only names for us, as are the sixteen of its theme `ansi`, which has three kinds for Swift and no functions.
/// A theme of our own would need `bat cache --build`: a second of work and a megabyte of files that the next version of bat refuses.
///
/// Nothing of bat's output is ever shown: it has to repeat the text, and from the first byte that differs on all is plain.
package struct SyntaxDecoder: Sendable {
    private let source: [UInt8]
    /// The byte of the source that comes next.
    private var next = 0
    private var lineStart = 0
    private var runStart = 0
    private var token: Token?
    private var runs: [SyntaxRun] = []
    /// Lines that have ended.
    package private(set) var lines: [[SyntaxRun]] = []
    private var isLost = false
    /// Bytes of a sequence that is not complete yet.
    private var held: [UInt8] = []

    /// - Parameter source: what bat was given.
    package init(_ source: [UInt8]) { self.source = source }

    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes where !isLost { take(byte) }
    }

    private mutating func take(_ byte: UInt8) {
        if held.isEmpty, byte != 0x1B { return repeated(byte) }
        held.append(byte)
        switch held.count {
        case 1: break
        case 2: isLost = byte != UInt8(ascii: "[")
        case 3...64:
            guard byte >= 0x40 else { return }
            if byte == UInt8(ascii: "m") { become(held[2..<held.count - 1]) }
            held = []
        default: isLost = true
        }
    }

    private mutating func repeated(_ byte: UInt8) {
        guard next < source.count, source[next] == byte else { return isLost = true }
        next += 1
        guard byte == 0x0A else { return }
        endRun(next - 1)
        lines.append(runs)
        runs = []
        (lineStart, runStart) = (next, next)
    }

    private mutating func become(_ parameters: ArraySlice<UInt8>) {
        // No character is half in one colour.
        if next < source.count, source[next] & 0xC0 == 0x80 { return isLost = true }
        let before = token
        let new = Self.token(parameters)
        guard new != before else { return }
        endRun(next)
        runStart = next
        token = new
    }

    private mutating func endRun(_ end: Int) {
        guard let token, end > runStart else { return }
        let bytes = source[runStart..<end]
        guard bytes.contains(where: { $0 > 0x20 }) else { return }
        let kind = token == .keyword && !bytes.contains(where: Self.isLetter) ? .operation : token
        // What bat paints in pieces is one piece for us.
        if let last = runs.indices.last, runs[last].token == kind, Int(runs[last].end) == runStart - lineStart {
            runs[last].end = UInt32(clamping: end - lineStart)
        } else {
            runs.append(SyntaxRun(runStart - lineStart..<end - lineStart, kind))
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x80 || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) }

    /// `38;2;r;g;b`, perhaps with weights before it; anything else is plain.
    private static func token(_ parameters: ArraySlice<UInt8>) -> Token? {
        var numbers: [Int] = [0]
        for byte in parameters {
            switch byte {
            case 0x30...0x39: numbers[numbers.count - 1] = min(numbers[numbers.count - 1] * 10 + Int(byte - 0x30), 9999)
            case 0x3B: numbers.append(0)
            default: return nil
            }
        }
        guard let start = numbers.firstIndex(of: 38), numbers.count == start + 5, numbers[start + 1] == 2, numbers.allSatisfy({ $0 < 256 }) else { return nil }
        switch numbers[start + 2] << 16 | numbers[start + 3] << 8 | numbers[start + 4] {
        case 0x616E88: return .comment
        // Keywords and operators, directives, decorators.
        case 0x81A1C1, 0x5E81AC, 0xD08770: return .keyword
        case 0x88C0D0: return .function
        case 0x8FBCBB: return .type
        case 0xA3BE8C: return .string
        // Numbers, and escapes in strings.
        case 0xB48EAD, 0xEBCB8B: return .number
        default: return nil
        }
    }
}
