/// Takes a program's output apart before libvterm sees it: whole characters and whole sequences go through, wherever the bytes were cut, and only
/// those that it can bear. Strings (OSC, DCS, APC, PM, SOS) stop here: the title is kept, a question for settings is let through, and everything
/// else (clipboards, links, notifications, whatever comes next year) goes nowhere. Each byte is looked at once.
struct Sieve {
    private enum State { case text, character, escape, intermediate, control, string, stringEscape }

    /// The last title, one line of printable text.
    private(set) var title = ""
    private var state = State.text
    /// The character or sequence so far; of a string, from the byte that says its kind on.
    private var held: [UInt8] = []
    private var missing = 0
    private static let longestString = 1024, longestSequence = 128
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    mutating func sift(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.underestimatedCount + 16)
        for byte in bytes { take(byte, &out) }
        return out
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8, _ out: inout [UInt8]) {
        if state == .text, byte < 0x7F, byte != 0x1B { out.append(byte) } else { takeOther(byte, &out) }
    }

    private mutating func takeOther(_ byte: UInt8, _ out: inout [UInt8]) {
        switch state {
        case .text: text(byte, &out)
        case .character: character(byte, &out)
        case .escape, .intermediate: escape(byte, &out)
        case .control: control(byte, &out)
        case .string: string(byte)
        case .stringEscape:
            if byte == UInt8(ascii: "\\") { finish(&out) } else { restart(byte, &out) }
        }
    }

    // MARK: Characters

    private mutating func text(_ byte: UInt8, _ out: inout [UInt8]) {
        state = .text
        switch byte {
        case 0x1B: begin(.escape, byte)
        case 0x7F: break
        case ..<0x80: out.append(byte)
        case 0xC2...0xDF: begin(.character, byte, missing: 1)
        case 0xE0...0xEF: begin(.character, byte, missing: 2)
        case 0xF0...0xF4: begin(.character, byte, missing: 3)
        default: out += Self.replacement
        }
    }

    private mutating func begin(_ next: State, _ byte: UInt8, missing: Int = 0) {
        state = next
        held.removeAll(keepingCapacity: true)
        held.append(byte)
        self.missing = missing
    }

    private mutating func character(_ byte: UInt8, _ out: inout [UInt8]) {
        guard byte & 0xC0 == 0x80 else {
            out += Self.replacement
            return text(byte, &out)
        }
        held.append(byte)
        missing -= 1
        guard missing == 0 else { return }
        state = .text
        switch (held[0], held[1]) {
        // C1 controls have no width to libvterm, less than none: its column would go below 0.
        case (0xC2, 0x80...0x9F): break
        // Longer than need be, surrogates, and what is beyond the last.
        case (0xE0, 0x80...0x9F), (0xED, 0xA0...0xBF), (0xF0, 0x80...0x8F), (0xF4, 0x90...0xBF): out += Self.replacement
        default: out += held
        }
    }

    // MARK: Sequences

    /// Anew from the byte behind an ESC.
    private mutating func restart(_ byte: UInt8, _ out: inout [UInt8]) {
        begin(.escape, 0x1B)
        escape(byte, &out)
    }

    private mutating func escape(_ byte: UInt8, _ out: inout [UInt8]) {
        if state == .escape {
            switch byte {
            case UInt8(ascii: "["):
                held.append(byte)
                state = .control
                return
            case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"): return begin(.string, byte)
            default: break
            }
        }
        switch byte {
        case 0x20...0x2F:
            held.append(byte)
            state = held.count < 5 ? .intermediate : .text
        case 0x30...0x7E:
            state = .text
            // Lines of double width are more than it can bear.
            if held.count > 1, held[1] == UInt8(ascii: "#"), byte != UInt8(ascii: "8") { return }
            out += held
            out.append(byte)
            // It puts the cursor where it was, even if that is outside by now; after any control sequence it looks where the cursor is.
            if byte == UInt8(ascii: "8") { out += "\u{1B}[?9999l".utf8 }
        default: other(byte, &out)
        }
    }

    private mutating func control(_ byte: UInt8, _ out: inout [UInt8]) {
        switch byte {
        case 0x20...0x3F: if held.count <= Self.longestSequence { held.append(byte) }
        case 0x40...0x7E:
            state = .text
            guard isBearable else { return }
            out += held
            out.append(byte)
        default: other(byte, &out)
        }
    }

    /// Few parameters, small numbers, no margins at the sides.
    private var isBearable: Bool {
        guard held.count <= Self.longestSequence else { return false }
        var parameters = 1, digits = 0
        for byte in held {
            switch byte {
            case 0x30...0x39:
                digits += 1
                if digits > 5 { return false }
            case UInt8(ascii: ";"), UInt8(ascii: ":"):
                parameters += 1
                digits = 0
            default: digits = 0
            }
        }
        return parameters <= 16 && !held.starts(with: "\u{1B}[?69".utf8)
    }

    /// A byte that belongs in no sequence: controls take effect at once, the rest ends it.
    private mutating func other(_ byte: UInt8, _ out: inout [UInt8]) {
        switch byte {
        case 0x1B: begin(.escape, byte)
        case 0x18, 0x1A: state = .text
        case ..<0x20: out.append(byte)
        case 0x7F: break
        default: text(byte, &out)
        }
    }

    // MARK: Strings

    private mutating func string(_ byte: UInt8) {
        switch byte {
        case 0x1B: state = .stringEscape
        case 0x07 where held.first == UInt8(ascii: "]"):
            keepTitle()
            state = .text
        // CAN and SUB end it without effect.
        case 0x18, 0x1A: state = .text
        default: if held.count < Self.longestString { held.append(byte) }
        }
    }

    private mutating func finish(_ out: inout [UInt8]) {
        state = .text
        keepTitle()
        // A question about a setting (DECRQSS): libvterm answers it.
        if held.starts(with: "P$q".utf8), held.count < 8 { out += [0x1B] + held + [0x1B, UInt8(ascii: "\\")] }
    }

    private mutating func keepTitle() {
        guard held.starts(with: "]0;".utf8) || held.starts(with: "]2;".utf8) else { return }
        var result = String.UnicodeScalarView()
        for scalar in String(decoding: held.dropFirst(3), as: UTF8.self).unicodeScalars.prefix(200) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: break
            default: result.append(scalar)
            }
        }
        title = String(result)
    }
}
