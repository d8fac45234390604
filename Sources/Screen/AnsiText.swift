/// What a program printed for a terminal, as lines of painted text: its colours and weights stay, every other escape sequence is dropped, and what a
/// carriage return overwrites is gone, so that a progress bar is its last state. Output is fed as it comes: the same bytes give the same lines however
/// they are split. Controls that are left are made visible by whoever draws the lines.
package struct AnsiText: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        package var spans: [Span] = []
        package var text: String { spans.reduce(into: "") { $0 += $1.text } }
    }

    /// Lines that have ended.
    private var done: [Line] = []
    private var line = Line()
    /// A carriage return came: the next text begins the line anew.
    private var isReturned = false
    private var style = AnsiStyle()
    /// Bytes of a sequence or a scalar that is not complete yet.
    private var held: [UInt8] = []
    /// Text that was not put into a span yet.
    private var run: [UInt8] = []

    package init() {}

    package init(_ text: String) {
        self.init()
        feed(text.utf8)
    }

    /// All lines; the last one may be empty or go on.
    package var lines: [Line] {
        var copy = self
        copy.flush()
        return copy.done + [copy.line]
    }

    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { take(byte) }
    }

    private mutating func take(_ byte: UInt8) {
        if !held.isEmpty { return takeHeld(byte) }
        switch byte {
        case 0x1B: held = [byte]
        // C1 controls in UTF-8 are C2 80…C2 9F.
        case 0xC2: held = [byte]
        case 0x0A:
            flush()
            done.append(line)
            line = Line()
            isReturned = false
        case 0x0D:
            flush()
            isReturned = true
        case 0x08: backspace()
        default: put(byte)
        }
    }

    private mutating func put(_ byte: UInt8) {
        if isReturned {
            line = Line()
            isReturned = false
        }
        run.append(byte)
    }

    private mutating func takeHeld(_ byte: UInt8) {
        if held[0] == 0xC2 {
            if held.count == 1 {
                held = []
                switch byte {
                case 0x9B: held = [0x1B, 0x5B]
                case 0x90, 0x98, 0x9D, 0x9E, 0x9F: held = [0x1B, 0x5D]
                case 0x80..<0xA0: break
                default:
                    put(0xC2)
                    put(byte)
                }
            }
            return
        }
        // A line's end, a new sequence or a return in the middle: what was begun is dropped.
        if byte == 0x0A || byte == 0x0D || (byte == 0x1B && !isString) {
            held = []
            return take(byte)
        }
        held.append(byte)
        if held.count == 2 { return takeSecond(byte) }
        if held[1] == 0x5B { return takeControl(byte) }
        if isString {
            let isEnd = byte == 0x07 || (byte == 0x5C && held[held.count - 2] == 0x1B) || (byte == 0x9C && held[held.count - 2] == 0xC2)
            if isEnd { held = [] }
            // Only its end counts: a title of a megabyte is not kept.
            if held.count > 64 { held.removeSubrange(2..<held.count - 1) }
            return
        }
        // ESC ( B and the like: intermediate bytes, then one more.
        if byte >= 0x30 { held = [] }
    }

    /// OSC, DCS, SOS, PM, APC: everything up to their end.
    private var isString: Bool {
        guard held.count >= 2 else { return false }
        return held[1] == 0x5D || held[1] == 0x50 || held[1] == 0x58 || held[1] == 0x5E || held[1] == 0x5F
    }

    private mutating func takeSecond(_ byte: UInt8) {
        switch byte {
        case 0x5B, 0x5D, 0x50, 0x58, 0x5E, 0x5F, 0x20...0x2F: break
        // Two bytes are all of it; anything that is no part of a sequence stands for itself.
        case 0x30...0x7E: held = []
        default:
            held = []
            take(byte)
        }
    }

    private mutating func takeControl(_ byte: UInt8) {
        switch byte {
        case 0x20...0x3F: if held.count > 256 { held = [] }
        case 0x40...0x7E:
            let parameters = held[2..<held.count - 1]
            held = []
            if byte == UInt8(ascii: "m") { setStyle(parameters) } else if byte == UInt8(ascii: "K") { erase(parameters) }
        default:
            held = []
            take(byte)
        }
    }

    private mutating func setStyle(_ parameters: ArraySlice<UInt8>) {
        // `> … m` and `? … m` set the keyboard, no colours.
        if let first = parameters.first, first >= 0x3C { return }
        flush()
        style.apply(parameters)
    }

    /// To the end of the line or all of it: after a return both leave nothing.
    private mutating func erase(_ parameters: ArraySlice<UInt8>) {
        flush()
        let isAll = parameters.elementsEqual([0x32])
        let isRest = parameters.isEmpty || parameters.elementsEqual([0x30])
        if isAll || (isRest && isReturned) { line = Line() }
    }

    private mutating func backspace() {
        flush()
        guard !isReturned, let last = line.spans.indices.last else { return }
        line.spans[last].text.unicodeScalars.removeLast()
        if line.spans[last].text.isEmpty { line.spans.removeLast() }
    }

    private mutating func flush() {
        guard !run.isEmpty else { return }
        // A scalar may be cut in the middle: its bytes wait.
        let whole = Self.wholeScalars(run)
        guard whole > 0 else { return }
        let text = String(decoding: run[..<whole], as: UTF8.self)
        run.removeFirst(whole)
        let paint = style.paint
        if let last = line.spans.indices.last, line.spans[last].paint == paint { line.spans[last].text += text } else { line.spans.append(Span(text, paint)) }
    }

    /// How many of the bytes are complete.
    private static func wholeScalars(_ bytes: [UInt8]) -> Int {
        var start = bytes.count - 1
        while start > 0, bytes.count - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        let first = bytes[start]
        let length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        return bytes.count - start < length ? start : bytes.count
    }
}

/// Colours and weights as SGR sequences leave them.
private struct AnsiStyle: Equatable, Sendable {
    private var foreground: Colour?
    private var background: Colour?
    private var attributes: Attributes = []

    /// The first sixteen colours are those of the theme, which fit its background; the others are themselves.
    var paint: Paint {
        var text = foreground.map { Self.themed($0, isBackground: false) } ?? .token(.text)
        let surface = background.map { Self.themed($0, isBackground: true) }
        if case .token(let token)? = surface, token != .bg, token != .raised { if foreground.map(Self.isGrey) ?? true { text = .token(.on) } }
        return Paint(foreground: text, background: surface, attributes: attributes)
    }

    private static func isGrey(_ colour: Colour) -> Bool {
        if case .ansi(let number) = colour { number == 0 || number == 7 || number == 15 || number == 8 } else { false }
    }

    private static func themed(_ colour: Colour, isBackground: Bool) -> Colour {
        guard case .ansi(let number) = colour, number < 16 else { return colour }
        switch number & 7 {
        case 0: return .token(isBackground ? (number == 0 ? .bg : .raised) : .faint)
        case 1: return .token(.fail)
        case 2: return .token(.run)
        case 3: return .token(.wait)
        case 4: return .token(.accent)
        case 5: return .token(.move)
        case 6: return .token(.done)
        default: return .token(isBackground ? .raised : .text)
        }
    }

    mutating func apply(_ parameters: ArraySlice<UInt8>) {
        // Colons part the pieces of one colour, semicolons colours: both are read alike, except that `4:0` is no underline.
        var numbers: [Int] = [0]
        var isEmpty = true
        var isPart: [Bool] = [false]
        for byte in parameters {
            switch byte {
            case 0x30...0x39:
                numbers[numbers.count - 1] = min(numbers[numbers.count - 1] * 10 + Int(byte - 0x30), 9999)
                isEmpty = false
            case 0x3A, 0x3B:
                if byte == 0x3A, isEmpty, numbers.count > 2 { numbers.removeLast(); isPart.removeLast() }
                numbers.append(0)
                isPart.append(byte == 0x3A)
                isEmpty = true
            default: return
            }
        }
        var index = 0
        while index < numbers.count { index += apply(numbers[index...], isPart[index...]) }
    }

    /// Takes one; returns how many numbers it was made of.
    private mutating func apply(_ numbers: ArraySlice<Int>, _ isPart: ArraySlice<Bool>) -> Int {
        let first = numbers.startIndex
        var count = 1
        while first + count < numbers.endIndex, isPart[first + count] { count += 1 }
        switch numbers[first] {
        case 0: self = AnsiStyle()
        case 1: attributes.insert(.bold)
        case 2: attributes.insert(.dim)
        case 3: attributes.insert(.italic)
        case 4: if count > 1, numbers[first + 1] == 0 { attributes.remove(.underline) } else { attributes.insert(.underline) }
        case 7: attributes.insert(.reverse)
        case 9: attributes.insert(.strike)
        case 21: attributes.insert(.underline)
        case 22: attributes.subtract([.bold, .dim])
        case 23: attributes.remove(.italic)
        case 24: attributes.remove(.underline)
        case 27: attributes.remove(.reverse)
        case 29: attributes.remove(.strike)
        case 30...37: foreground = .ansi(UInt8(numbers[first] - 30))
        case 39: foreground = nil
        case 40...47: background = .ansi(UInt8(numbers[first] - 40))
        case 49: background = nil
        case 90...97: foreground = .ansi(UInt8(numbers[first] - 82))
        case 100...107: background = .ansi(UInt8(numbers[first] - 92))
        case 38, 48, 58:
            let (colour, used) = Self.colour(numbers.dropFirst())
            if let colour, numbers[first] == 38 { foreground = colour }
            if let colour, numbers[first] == 48 { background = colour }
            return max(count, 1 + used)
        default: break
        }
        return count
    }

    /// `5;n` or `2;r;g;b`.
    private static func colour(_ numbers: ArraySlice<Int>) -> (Colour?, used: Int) {
        let first = numbers.startIndex
        switch numbers.first {
        case 5 where numbers.count >= 2: return (numbers[first + 1] < 256 ? .ansi(UInt8(numbers[first + 1])) : nil, 2)
        case 2 where numbers.count >= 4:
            let parts = numbers[first + 1...first + 3]
            guard parts.allSatisfy({ $0 < 256 }) else { return (nil, 4) }
            return (.rgb(parts.reduce(0) { $0 << 8 | UInt32($1) }), 4)
        default: return (nil, numbers.count)
        }
    }
}
