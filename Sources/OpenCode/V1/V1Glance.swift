/// The frames that come most, known by their bytes alone. OpenCode writes them always in the same way:
///
///     {"directory":"/d","project":"p","payload":{"id":"evt_…","type":"message.part.delta","properties":{"sessionID":"ses_…",
///     "messageID":"msg_…","partID":"prt_…","field":"text","delta":" word"}}}
///     {"directory":"/d","project":"p","payload":{"type":"sync",…
///
/// on `/global/event`, and without the outer object on `/event`. A frame that looks different in any byte is no loss: it
/// takes the long way through the JSON parser.
extension V1Events {
    func glance(_ frame: UnsafeRawBufferPointer) -> Glance {
        var cursor = Cursor(bytes: frame)
        let isWrapped = cursor.take("{\"directory\":\"")
        if isWrapped {
            guard cursor.string() != nil else { return .other }
            if cursor.take(",\"project\":\""), cursor.string() == nil { return .other }
            guard cursor.take(",\"payload\":{") else { return .other }
            if cursor.take("\"type\":\"sync\"") { return .skip }
        } else if !cursor.take("{") {
            return .other
        }
        guard cursor.take("\"id\":\""), cursor.string() != nil, cursor.take(",\"type\":\"message.part.delta\",\"properties\":{\"sessionID\":\""),
            let session = cursor.string(), cursor.take(",\"messageID\":\""),
            let message = cursor.string(), cursor.take(",\"partID\":\""),
            let part = cursor.string(), cursor.take(",\"field\":\"text\",\"delta\":\""),
            let (text, hasEscapes) = cursor.text(), cursor.take(isWrapped ? "}}}" : "}}"), cursor.isAtEnd
        else { return .other }
        guard session.count > 0, message.count > 0, part.count > 0 else { return .other }
        return .delta(DeltaFrame(session: session, message: message, part: part, text: text, hasEscapes: hasEscapes))
    }
}

/// A place in a frame.
private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    var at = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    /// Steps over `text` if it stands here.
    @inline(__always)
    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - at >= count else { return false }
        let wanted = UnsafeRawPointer(text.utf8Start)
        var done = 0
        while done + 8 <= count {
            if bytes.loadUnaligned(fromByteOffset: at + done, as: UInt64.self) != wanted.loadUnaligned(fromByteOffset: done, as: UInt64.self) { return false }
            done += 8
        }
        while done < count {
            if bytes[at + done] != wanted.load(fromByteOffset: done, as: UInt8.self) { return false }
            done += 1
        }
        at += count
        return true
    }

    /// The rest of a string without escapes; steps over its closing quote.
    @inline(__always)
    mutating func string() -> UnsafeRawBufferPointer? {
        let start = at, end = special(from: at)
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        at = end + 1
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// The rest of a string that may have escapes of two characters.
    mutating func text() -> (UnsafeRawBufferPointer, hasEscapes: Bool)? {
        let start = at
        var end = at, hasEscapes = false
        while true {
            end = special(from: end)
            guard end < bytes.count else { return nil }
            if bytes[end] == UInt8(ascii: "\"") { break }
            guard bytes[end] == UInt8(ascii: "\\"), end + 1 < bytes.count else { return nil }  // or a raw control character
            switch bytes[end + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "b"),
                UInt8(ascii: "f"):
                hasEscapes = true
                end += 2
            default: return nil
            }
        }
        at = end + 1
        return (UnsafeRawBufferPointer(rebasing: bytes[start..<end]), hasEscapes)
    }

    /// The first quote, backslash or control character from `start` on, or the end. Eight bytes at a time: each term has
    /// its top bit set in a byte that is one of them; the lowest such byte is exact (Hacker's Delight 6-1).
    @inline(__always)
    private func special(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101, tops: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quote = word ^ (ones &* 0x22), backslash = word ^ (ones &* 0x5C)
            let found = ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word) & tops
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count, bytes[index] != 0x22, bytes[index] != 0x5C, bytes[index] >= 0x20 { index += 1 }
        return index
    }
}
