import Screen

/// What a terminal draws with: numbers of colours (`Pens`) and attributes.
struct Rendition: Equatable {
    var foreground = 0
    var background = 0
    var attributes: Attributes = []

    /// Attributes that show on a space.
    static let onBlanks: Attributes = [.underline, .strike, .reverse]
}

/// Makes what curses writes short. curses switches every attribute off and every colour on again at each change; this remembers what the terminal
/// has, and sends only what differs, and only once a character needs it. A space needs no foreground, an erasure only a background.
struct Tidier {
    /// Numbers of colours, as in `CSI n {`.
    var colours: [Colour] = [.default]
    /// False for terminals that may only know `0` for switching attributes off.
    var knowsOffCodes = true
    /// It has CHA.
    var addressesColumns = true
    /// The row the cursor is in, from 1, when it is known: nothing but a move leaves it. curses addresses row and column wherever it goes further than
    /// eight cells; in the same row the column is enough.
    private var row: Int?
    /// What the terminal has; nil when we cannot know.
    private var real: Rendition?
    private var wanted = Rendition()
    /// True while `real` is all that `wanted` asks.
    private var settled = false

    /// Somebody else may have written to the terminal.
    mutating func forget() {
        real = nil
        row = nil
        settled = false
    }

    mutating func tidy(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x1B, index + 1 < bytes.count {
                index = sequence(bytes, from: index, &out)
                continue
            }
            if byte == 0x20 {
                if !settled { settleBlank(&out) }
            } else if byte > 0x20 {
                if !settled { settle(&out) }
            } else if byte != 0x0D, byte != 0x08 {
                row = nil
            }
            out.append(byte)
            index += 1
        }
    }

    /// Takes one escape sequence; returns the index behind it.
    private mutating func sequence(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ out: inout [UInt8]) -> Int {
        guard bytes[start + 1] == UInt8(ascii: "[") else {
            // ESC M goes up a row (cuu1 of tmux and screen).
            row = bytes[start + 1] == UInt8(ascii: "M") ? row.map { $0 - 1 } : nil
            out.append(contentsOf: bytes[start..<start + 2])
            return start + 2
        }
        var end = start + 2
        var number = 0
        var first: Int?
        while end < bytes.count, bytes[end] < 0x40 {
            if bytes[end] >= 0x30, bytes[end] <= 0x39 { number = number * 10 + Int(bytes[end] - 0x30) }
            if bytes[end] == UInt8(ascii: ";") { (first, number) = (number, 0) }
            end += 1
        }
        guard end < bytes.count else { return end }
        switch bytes[end] {
        case UInt8(ascii: "{"): want { $0.foreground = number }
        case UInt8(ascii: "|"): want { $0.background = number }
        case UInt8(ascii: "}"): want { ($0.foreground, $0.background) = (0, 0) }
        case UInt8(ascii: "m"): want { $0.take(sgr: number) }
        case UInt8(ascii: "H") where first != nil && first == row && addressesColumns:
            out += [0x1B, UInt8(ascii: "[")]
            append(number, &out)
            out[out.count - 1] = UInt8(ascii: "G")
        case let final:
            if Self.erasures.contains(final) { settleBackground(&out) }
            follow(final, first, number)
            out.append(contentsOf: bytes[start...end])
        }
        return end + 1
    }

    /// ED, EL, ECH, ICH, DCH, IL, DL: what they empty takes the background.
    private static let erasures = Array("JKX@PLM".utf8)

    /// Moves change the row.
    private mutating func follow(_ final: UInt8, _ first: Int?, _ number: Int) {
        switch final {
        case UInt8(ascii: "H"): row = first ?? max(1, number)
        case UInt8(ascii: "d"): row = max(1, number)
        case UInt8(ascii: "A"): row = row.map { $0 - max(1, number) }
        case UInt8(ascii: "B"): row = row.map { $0 + max(1, number) }
        case UInt8(ascii: "C"), UInt8(ascii: "D"), UInt8(ascii: "G"), UInt8(ascii: "J"), UInt8(ascii: "K"), UInt8(ascii: "X"), UInt8(ascii: "@"), UInt8(ascii: "P"): break
        default: row = nil
        }
    }

    private mutating func want(_ change: (inout Rendition) -> Void) {
        change(&wanted)
        settled = false
    }

    private mutating func settle(_ out: inout [UInt8]) {
        become(wanted, &out)
        settled = true
    }

    private mutating func settleBlank(_ out: inout [UInt8]) {
        guard let now = real, !now.attributes.contains(.reverse), !wanted.attributes.contains(.reverse) else { return settle(&out) }
        let lines = wanted.attributes.intersection(Rendition.onBlanks)
        let rest = now.attributes.subtracting(Rendition.onBlanks)
        become(Rendition(foreground: now.foreground, background: wanted.background, attributes: rest.union(lines)), &out)
    }

    private mutating func settleBackground(_ out: inout [UInt8]) {
        guard var now = real else { return settle(&out) }
        now.background = wanted.background
        become(now, &out)
    }

    /// Writes the shortest SGR from what is to `target`.
    private mutating func become(_ target: Rendition, _ out: inout [UInt8]) {
        guard real != target else { return }
        var parameters: [UInt8] = []
        var now = real ?? Rendition()
        let gone = now.attributes.subtracting(target.attributes)
        if real == nil || target == Rendition() || (!gone.isEmpty && !knowsOffCodes) {
            now = Rendition()
            parameters += [UInt8(ascii: "0"), UInt8(ascii: ";")]
        } else {
            for (attribute, off) in Self.offCodes where !gone.isDisjoint(with: attribute) {
                append(off, &parameters)
                now.attributes.subtract(attribute)
            }
        }
        for (attribute, on) in Self.onCodes where target.attributes.contains(attribute) && !now.attributes.contains(attribute) {
            append(on, &parameters)
        }
        if now.foreground != target.foreground { appendColour(target.foreground, 30, &parameters) }
        if now.background != target.background { appendColour(target.background, 40, &parameters) }
        real = target
        out += [0x1B, UInt8(ascii: "[")]
        if parameters.count > 2 || parameters.first != UInt8(ascii: "0") { out += parameters.dropLast() }
        out.append(UInt8(ascii: "m"))
    }

    /// Bold and dim share a code.
    private static let offCodes: [(Attributes, Int)] = [
        ([.bold, .dim], 22), (.italic, 23), (.underline, 24), (.reverse, 27), (.strike, 29),
    ]
    private static let onCodes: [(Attributes, Int)] = [
        (.bold, 1), (.dim, 2), (.italic, 3), (.underline, 4), (.reverse, 7), (.strike, 9),
    ]

    private func appendColour(_ number: Int, _ base: Int, _ parameters: inout [UInt8]) {
        switch colours[number] {
        case .default, .token: append(base + 9, &parameters)
        case .ansi(let value) where value < 8: append(base + Int(value), &parameters)
        case .ansi(let value) where value < 16: append(base + 52 + Int(value), &parameters)
        case .ansi(let value):
            append(base + 8, &parameters)
            append(5, &parameters)
            append(Int(value), &parameters)
        case .rgb(let value):
            append(base + 8, &parameters)
            append(2, &parameters)
            append(Int(value >> 16 & 255), &parameters)
            append(Int(value >> 8 & 255), &parameters)
            append(Int(value & 255), &parameters)
        }
    }

    private func append(_ number: Int, _ parameters: inout [UInt8]) {
        if number >= 1_000 { parameters.append(UInt8(0x30 + number / 1_000 % 10)) }
        if number >= 100 { parameters.append(UInt8(0x30 + number / 100 % 10)) }
        if number >= 10 { parameters.append(UInt8(0x30 + number / 10 % 10)) }
        parameters.append(UInt8(0x30 + number % 10))
        parameters.append(UInt8(ascii: ";"))
    }
}

extension Rendition {
    /// What curses' description of the terminal has (CTerm/terminfo.c).
    fileprivate mutating func take(sgr number: Int) {
        switch number {
        case 0: self = Rendition()
        case 1: attributes.insert(.bold)
        case 2: attributes.insert(.dim)
        case 3: attributes.insert(.italic)
        case 4: attributes.insert(.underline)
        case 7: attributes.insert(.reverse)
        case 9: attributes.insert(.strike)
        case 23: attributes.remove(.italic)
        case 24: attributes.remove(.underline)
        default: preconditionFailure("curses wrote an attribute that its description does not have: \(number)")
        }
    }
}
