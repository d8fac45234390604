/// Bytes of a terminal in, keys and the rest out. Pure: it may be fed in any pieces and gives the same.
///
/// A lone ESC is a key or the start of a sequence; only time tells. While `wait` is not nil, call `flush` if nothing came for that long.
package struct InputDecoder {
    private var pending: [UInt8] = []
    private var paste: PasteCollector?

    package init() {}

    /// Milliseconds after which `flush` should be called if no byte comes; nil when nothing is pending. 25 for what a person may have
    /// typed (ESC, Alt-[), 1000 for a sequence that was cut in the middle by a slow line.
    package var wait: Int? {
        if paste != nil || pending.isEmpty { return nil }
        return pending.count <= 2 && pending[0] == 0x1B ? 25 : 1000
    }

    package mutating func feed(_ bytes: some Collection<UInt8>) -> [Input] {
        var inputs: [Input] = []
        var rest = [UInt8](bytes)[...]
        while true {
            if paste != nil {
                guard let text = paste?.take(&rest) else { return inputs }
                paste = nil
                inputs.append(.paste(text))
            }
            if !pending.isEmpty {
                rest = (pending + rest)[...]
                pending = []
            }
            decode(&rest, &inputs)
            if paste == nil {
                pending = Array(rest)
                return inputs
            }
        }
    }

    /// What is pending is all there will be: ESC becomes the key, half a sequence `unknown`.
    package mutating func flush() -> [Input] {
        guard paste == nil, let first = pending.first else { return [] }
        let bytes = pending
        pending = []
        if first != 0x1B { return [.unknown(bytes)] }
        if bytes.count == 1 { return [.key(.escape)] }
        if bytes.count == 2, bytes[1] >= 0x20, bytes[1] < 0x7F { return [.key(.alt(Unicode.Scalar(bytes[1])))] }
        return [.unknown(bytes)]
    }

    /// Takes whole inputs off the front until bytes are missing or a paste begins.
    private mutating func decode(_ bytes: inout ArraySlice<UInt8>, _ inputs: inout [Input]) {
        while !bytes.isEmpty {
            switch nextToken(bytes) {
            case .incomplete: return
            case .token(let count, let input):
                bytes = bytes.dropFirst(count)
                if let input { inputs.append(input) }
            case .pasteBegins(let count):
                bytes = bytes.dropFirst(count)
                paste = PasteCollector()
                return
            }
        }
    }
}

/// One step of the decoder.
enum InputToken {
    /// The bytes are the start of something.
    case incomplete
    /// So many bytes are this, or nothing that matters.
    case token(Int, Input?)
    case pasteBegins(Int)
}

/// Longer sequences than this are no sequences.
private let longestSequence = 4096

private func nextToken(_ bytes: ArraySlice<UInt8>) -> InputToken {
    let start = bytes.startIndex
    let first = bytes[start]
    if first != 0x1B {
        if first < 0x80 { return .token(1, .key(controlOrASCII(first))) }
        return utf8Token(bytes, modifiers: [], prefix: 0)
    }
    guard bytes.count > 1 else { return .incomplete }
    switch bytes[start + 1] {
    case UInt8(ascii: "["): return csiToken(bytes)
    case UInt8(ascii: "O"): return ss3Token(bytes)
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"): return stringToken(bytes)
    case 0x1B: return .token(1, .key(.escape))
    case let byte where byte < 0x80:
        var key = controlOrASCII(byte)
        key.modifiers.insert(.alt)
        return .token(2, .key(key))
    default: return utf8Token(bytes.dropFirst(), modifiers: .alt, prefix: 1)
    }
}

private func controlOrASCII(_ byte: UInt8) -> Key {
    switch byte {
    case 0x0D: .enter
    case 0x09: .tab
    case 0x7F, 0x08: .backspace
    case 0x1B: .escape
    case 0x00: .ctrl(" ")
    case 0x01...0x1A: .ctrl(Unicode.Scalar(byte + 0x60))
    case 0x1C...0x1F: .ctrl(Unicode.Scalar(byte + 0x40))
    default: .char(Unicode.Scalar(byte))
    }
}

private func utf8Token(_ bytes: ArraySlice<UInt8>, modifiers: Key.Modifiers, prefix: Int) -> InputToken {
    let first = bytes[bytes.startIndex]
    let count = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard first >= 0xC2, first < 0xF5 else { return .token(prefix + 1, .unknown([first])) }
    let given = bytes.prefix(count)
    for (offset, byte) in given.enumerated().dropFirst() where byte & 0xC0 != 0x80 {
        return .token(prefix + offset, .unknown(Array(given.prefix(offset))))
    }
    guard given.count == count else { return .incomplete }
    guard let text = String(validating: given, as: UTF8.self), let scalar = text.unicodeScalars.first else {
        return .token(prefix + count, .unknown(Array(given)))
    }
    return .token(prefix + count, .key(Key(.char(scalar), modifiers)))
}

private func ss3Token(_ bytes: ArraySlice<UInt8>) -> InputToken {
    guard bytes.count > 2 else { return .incomplete }
    let final = bytes[bytes.startIndex + 2]
    if let code = letterKeys[final] { return .token(3, .key(Key(code))) }
    switch final {
    case UInt8(ascii: "M"): return .token(3, .key(.enter))  // keypad
    case UInt8(ascii: "j")...UInt8(ascii: "y"): return .token(3, .key(.char(Unicode.Scalar(final - 0x40))))  // keypad: * + , - . / 0…9
    case 0x1B: return .token(2, .key(.alt("O")))
    default: return .token(3, .unknown(Array(bytes.prefix(3))))
    }
}

/// OSC, DCS, APC, PM, SOS: all up to BEL (OSC) or ST.
private func stringToken(_ bytes: ArraySlice<UInt8>) -> InputToken {
    var index = bytes.startIndex + 2
    while index < bytes.endIndex, index - bytes.startIndex < longestSequence {
        let byte = bytes[index]
        let count = index + 1 - bytes.startIndex
        if byte == 0x07 { return .token(count, stringInput(bytes, end: index)) }
        if byte == 0x1B {
            guard index + 1 < bytes.endIndex else { return .incomplete }
            if bytes[index + 1] == UInt8(ascii: "\\") { return .token(count + 1, stringInput(bytes, end: index)) }
            return .token(count - 1, .unknown(Array(bytes[..<index])))  // cut off by another sequence
        }
        if byte == 0x18 || byte == 0x1A { return .token(count, .unknown(Array(bytes.prefix(count)))) }
        index += 1
    }
    return index - bytes.startIndex < longestSequence ? .incomplete : .token(longestSequence, .unknown(Array(bytes.prefix(longestSequence))))
}

private func stringInput(_ bytes: ArraySlice<UInt8>, end: Int) -> Input {
    let kind = bytes[bytes.startIndex + 1]
    let body = String(decoding: bytes[(bytes.startIndex + 2)..<end], as: UTF8.self)
    if kind == UInt8(ascii: "P"), body.hasPrefix(">|") { return .reply(.version(String(body.dropFirst(2)))) }
    if kind == UInt8(ascii: "]"), let semicolon = body.firstIndex(of: ";") {
        let value = colourReport(body[body.index(after: semicolon)...])
        if let value, body[..<semicolon] == "10" { return .reply(.foreground(value)) }
        if let value, body[..<semicolon] == "11" { return .reply(.background(value)) }
    }
    return .unknown(Array(bytes[..<end]))
}

/// `rgb:RRRR/GGGG/BBBB`, each of 1 to 4 digits (XParseColor), with or without alpha.
private func colourReport(_ text: Substring) -> UInt32? {
    guard let colon = text.firstIndex(of: ":"), text.hasPrefix("rgb") else { return nil }
    let parts = text[text.index(after: colon)...].split(separator: "/")
    guard parts.count >= 3 else { return nil }
    var value: UInt32 = 0
    for part in parts.prefix(3) {
        guard let number = UInt32(part, radix: 16), (1...4).contains(part.count) else { return nil }
        let most = UInt32(1) << (4 * UInt32(part.count)) - 1
        value = value << 8 | number * 255 / most
    }
    return value
}
