/// What one byte completed.
enum VTAction: Equatable {
    case print(Unicode.Scalar)
    case control(UInt8)
    /// ESC with intermediates and a final byte.
    case escape([UInt8], UInt8)
    /// Marker (`?`, `>`, `<`, `=` or 0), parameters with their parts, intermediates, final byte.
    case csi(UInt8, [[Int?]], [UInt8], UInt8)
    case osc(String)
    case dcs(String)
    case broken([UInt8])
}

/// Splits a terminal's input into actions: Paul Williams' state machine, reduced (https://vt100.net/emu/dec_ansi_parser).
struct VTParser {
    private enum State { case ground, utf8, escape, csi, string }

    private var state = State.ground
    private var bytes: [UInt8] = []
    private var kind: UInt8 = 0
    private var expected = 0

    /// True between sequences.
    var isAtRest: Bool { state == .ground }

    mutating func take(_ byte: UInt8) -> VTAction? {
        switch state {
        case .ground: return ground(byte)
        case .utf8: return utf8(byte)
        case .escape: return escape(byte)
        case .csi: return csi(byte)
        case .string: return string(byte)
        }
    }

    private mutating func ground(_ byte: UInt8) -> VTAction? {
        bytes = []
        switch byte {
        case 0x1B: state = .escape
        case 0..<0x20, 0x7F: return .control(byte)
        case 0x20..<0x7F: return .print(Unicode.Scalar(byte))
        case 0xC2..<0xF5:
            state = .utf8
            bytes = [byte]
            expected = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
        default: return .broken([byte])
        }
        return nil
    }

    private mutating func utf8(_ byte: UInt8) -> VTAction? {
        bytes.append(byte)
        guard byte & 0xC0 == 0x80 else {
            state = .ground
            return .broken(bytes)
        }
        guard bytes.count == expected else { return nil }
        state = .ground
        let text = String(validating: bytes, as: UTF8.self)
        return text?.unicodeScalars.first.map { .print($0) } ?? .broken(bytes)
    }

    private mutating func escape(_ byte: UInt8) -> VTAction? {
        switch byte {
        case 0x20..<0x30:
            bytes.append(byte)
            return nil
        case UInt8(ascii: "[") where bytes.isEmpty:
            state = .csi
            return nil
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
            state = .string
            kind = byte
            return nil
        default:
            state = .ground
            return .escape(bytes, byte)
        }
    }

    private mutating func csi(_ byte: UInt8) -> VTAction? {
        switch byte {
        case 0x20..<0x40:
            bytes.append(byte)
            return nil
        case 0x40..<0x7F:
            state = .ground
            return parameters(final: byte)
        default:
            state = byte == 0x1B ? .escape : .ground
            return .broken(bytes)
        }
    }

    private func parameters(final: UInt8) -> VTAction {
        var marker: UInt8 = 0
        var intermediates: [UInt8] = []
        var values: [[Int?]] = [[nil]]
        for byte in bytes {
            switch byte {
            case 0x30..<0x3A:
                let digit = Int(byte - 0x30)
                let row = values.count - 1
                let part = values[row].count - 1
                values[row][part] = min((values[row][part] ?? 0) * 10 + digit, 9_999_999)
            case UInt8(ascii: ":"): values[values.count - 1].append(nil)
            case UInt8(ascii: ";"): values.append([nil])
            case 0x3C..<0x40: marker = byte
            default: intermediates.append(byte)
            }
        }
        return .csi(marker, values, intermediates, final)
    }

    private mutating func string(_ byte: UInt8) -> VTAction? {
        if byte == 0x07 || (byte == UInt8(ascii: "\\") && bytes.last == 0x1B) {
            state = .ground
            if byte != 0x07 { bytes.removeLast() }
            let text = String(decoding: bytes, as: UTF8.self)
            return kind == UInt8(ascii: "]") ? .osc(text) : .dcs(text)
        }
        bytes.append(byte)
        return nil
    }
}
