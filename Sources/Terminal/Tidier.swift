import Screen

/// Makes what curses writes short. curses switches every attribute off and every colour on again at each change; this remembers what the terminal
/// has, and sends only what differs, and only once a character needs it. A space needs no foreground, an erasure only a background.
struct Tidier {
    var screen = ScreenState()
    private var wanted = Rendition()
    /// True while the terminal has all that `wanted` asks.
    private var settled = false

    /// Somebody else may have written to the terminal.
    mutating func forget() {
        screen.forget()
        settled = false
    }

    mutating func tidy(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
        // Rows are followed, columns are not; and the terminal may have been drawn on without curses.
        screen.column = nil
        settled = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x1B, index + 1 < bytes.count {
                index = sequence(bytes, from: index, &out)
                continue
            }
            if byte == 0x20 {
                if !settled { screen.becomeBlank(wanted, &out) }
            } else if byte > 0x20 {
                if !settled { settle(&out) }
            } else if byte != 0x0D, byte != 0x08 {
                screen.row = nil
            }
            out.append(byte)
            index += 1
        }
    }

    /// Takes one escape sequence; returns the index behind it.
    private mutating func sequence(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ out: inout [UInt8]) -> Int {
        guard bytes[start + 1] == UInt8(ascii: "[") else {
            // ESC M goes up a row (cuu1 of tmux and screen).
            screen.row = bytes[start + 1] == UInt8(ascii: "M") ? screen.row.map { $0 - 1 } : nil
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
        case UInt8(ascii: "H") where first != nil && first == screen.row.map { $0 + 1 } && screen.able.addressesColumns:
            // In the same row the column is enough.
            out += [0x1B, UInt8(ascii: "[")]
            screen.append(number, &out)
            out[out.count - 1] = UInt8(ascii: "G")
        case let final:
            if Self.erasures.contains(final) { screen.becomeBackground(of: wanted, &out) }
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
        case UInt8(ascii: "H"): screen.row = (first ?? max(1, number)) - 1
        case UInt8(ascii: "d"): screen.row = max(1, number) - 1
        case UInt8(ascii: "A"): screen.row = screen.row.map { $0 - max(1, number) }
        case UInt8(ascii: "B"): screen.row = screen.row.map { $0 + max(1, number) }
        case UInt8(ascii: "C"), UInt8(ascii: "D"), UInt8(ascii: "G"), UInt8(ascii: "J"), UInt8(ascii: "K"), UInt8(ascii: "X"), UInt8(ascii: "@"),
            UInt8(ascii: "P"):
            break
        default: screen.row = nil
        }
    }

    private mutating func want(_ change: (inout Rendition) -> Void) {
        change(&wanted)
        settled = false
    }

    private mutating func settle(_ out: inout [UInt8]) {
        screen.become(wanted, &out)
        settled = true
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
