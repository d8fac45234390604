/// Collects a bracketed paste. Everything up to `ESC [ 2 0 1 ~` is data, ESC included; each byte is looked at once, so a paste may be long.
struct PasteCollector {
    private static let end: [UInt8] = [0x1B, 0x5B, 0x32, 0x30, 0x31, 0x7E]
    private var bytes: [UInt8] = []
    /// How much of the end mark has been seen.
    private var matched = 0

    /// Takes bytes off the front; the text once it is whole.
    mutating func take(_ rest: inout ArraySlice<UInt8>) -> String? {
        bytes.reserveCapacity(bytes.count + rest.count)
        var index = rest.startIndex
        while index < rest.endIndex {
            let byte = rest[index]
            index += 1
            bytes.append(byte)
            // ESC stands only at the mark's start: after a mismatch it can only begin again.
            matched = byte == Self.end[matched] ? matched + 1 : byte == 0x1B ? 1 : 0
            if matched == Self.end.count {
                rest = rest[index...]
                bytes.removeLast(Self.end.count)
                return text
            }
        }
        rest = []
        return nil
    }

    /// Terminals send line ends as CR, as if typed.
    private var text: String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var last: UInt8 = 0
        for byte in bytes {
            if byte == 0x0A, last == 0x0D {} else { result.append(byte == 0x0D ? 0x0A : byte) }
            last = byte
        }
        return String(decoding: result, as: UTF8.self)
    }
}
