// Control sequences that terminals send: keys in the forms of xterm, the Linux console, rxvt and kitty, the mouse, answers.
// xterm: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html; kitty: https://sw.kovidgoyal.net/kitty/keyboard-protocol

/// The parts of `CSI < 1 ; 2 : 3 M`.
private struct ControlSequence {
    /// `<`, `?`, `>`, `=` or 0.
    var marker: UInt8 = 0
    /// Parameters and their parts; an empty one is -1.
    var parameters: [[Int]] = []
    var intermediate: UInt8 = 0
    var final: UInt8 = 0

    /// The first part of a parameter.
    func value(_ index: Int, or missing: Int) -> Int {
        guard index < parameters.count, let value = parameters[index].first, value >= 0 else { return missing }
        return value
    }

    func part(_ index: Int, _ part: Int, or missing: Int) -> Int {
        guard index < parameters.count, part < parameters[index].count, parameters[index][part] >= 0 else { return missing }
        return parameters[index][part]
    }
}

func csiToken(_ bytes: ArraySlice<UInt8>) -> InputToken {
    let start = bytes.startIndex
    var index = start + 2
    // The Linux console's F1 to F5: ESC [ [ A.
    if index < bytes.endIndex, bytes[index] == UInt8(ascii: "[") {
        guard index + 1 < bytes.endIndex else { return .incomplete }
        let number = Int(bytes[index + 1]) - 0x40
        return .token(4, (1...5).contains(number) ? .key(.function(number)) : .unknown(Array(bytes.prefix(4))))
    }
    while index < bytes.endIndex {
        let byte = bytes[index]
        let count = index + 1 - start
        switch byte {
        case 0x20...0x3F:
            if count > 256 { return .token(count, .unknown(Array(bytes.prefix(count)))) }
            index += 1
        case 0x40...0x7E:
            let sequence = parse(bytes[(start + 2)..<index], final: byte)
            if byte == 0x7E, sequence.marker == 0, sequence.value(0, or: 0) == 200 { return .pasteBegins(count) }
            return .token(count, meaning(of: sequence) ?? .unknown(Array(bytes.prefix(count))))
        default:
            // A control or a byte of text: the sequence was cut off. (ESC begins the next.)
            return .token(count - 1, count == 3 ? .key(.alt("[")) : .unknown(Array(bytes.prefix(count - 1))))
        }
    }
    return .incomplete
}

private func parse(_ body: ArraySlice<UInt8>, final: UInt8) -> ControlSequence {
    var sequence = ControlSequence(final: final)
    var current = [-1]
    for byte in body {
        switch byte {
        case 0x30...0x39:
            let digit = Int(byte - 0x30)
            let last = current.count - 1
            current[last] = current[last] < 0 ? digit : min(current[last] * 10 + digit, 0x1F_FFFF)
        case UInt8(ascii: ":"): current.append(-1)
        case UInt8(ascii: ";"):
            sequence.parameters.append(current)
            current = [-1]
        case 0x3C...0x3F: sequence.marker = byte
        default: sequence.intermediate = byte
        }
    }
    sequence.parameters.append(current)
    return sequence
}

private func meaning(of sequence: ControlSequence) -> Input? {
    switch (sequence.marker, sequence.intermediate, sequence.final) {
    case (UInt8(ascii: "<"), 0, UInt8(ascii: "M")), (UInt8(ascii: "<"), 0, UInt8(ascii: "m")): mouse(sequence)
    case (UInt8(ascii: "?"), 0, UInt8(ascii: "c")): .reply(.attributes(sequence.parameters.map { max(0, $0[0]) }))
    case (UInt8(ascii: "?"), 0, UInt8(ascii: "u")): .reply(.kittyKeyboard(sequence.value(0, or: 0)))
    case (UInt8(ascii: "?"), UInt8(ascii: "$"), UInt8(ascii: "y")): .reply(.mode(sequence.value(0, or: 0), sequence.value(1, or: 0)))
    case (0, 0, _): plainMeaning(of: sequence)
    default: nil
    }
}

private func plainMeaning(of sequence: ControlSequence) -> Input? {
    switch sequence.final {
    case UInt8(ascii: "I") where sequence.parameters == [[-1]]: return .focus(true)
    case UInt8(ascii: "O") where sequence.parameters == [[-1]]: return .focus(false)
    case UInt8(ascii: "R") where sequence.value(0, or: 1) != 1 || sequence.value(1, or: 0) > 16:
        return .reply(.cursorPosition(Point(sequence.value(1, or: 1) - 1, sequence.value(0, or: 1) - 1)))
    case UInt8(ascii: "Z"): return .key(Key(.tab, modifiers(sequence).union(.shift)))
    case UInt8(ascii: "u"): return kittyKey(sequence)
    case UInt8(ascii: "~"): return tildeKey(sequence, modifiers(sequence))
    case UInt8(ascii: "^"): return tildeKey(sequence, .ctrl)  // rxvt
    case UInt8(ascii: "@"): return tildeKey(sequence, [.ctrl, .shift])
    case UInt8(ascii: "a")...UInt8(ascii: "d"):  // rxvt: shifted arrows
        return letterKeys[sequence.final - 0x20].map { .key(Key($0, .shift)) }
    default: return letterKeys[sequence.final].map { event(Key($0, modifiers(sequence)), sequence) }
    }
}

/// Finals of `CSI` and `SS3`.
let letterKeys: [UInt8: Key.Code] = [
    UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right, UInt8(ascii: "D"): .left,
    UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end,
    UInt8(ascii: "P"): .function(1), UInt8(ascii: "Q"): .function(2), UInt8(ascii: "R"): .function(3), UInt8(ascii: "S"): .function(4),
]

/// Numbers before `~`.
private let tildeKeys: [Int: Key.Code] = [
    1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5),
    17: .function(6), 18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10), 23: .function(11), 24: .function(12),
    25: .function(13), 26: .function(14), 28: .function(15), 29: .menu,
    31: .function(17), 32: .function(18), 33: .function(19), 34: .function(20),
]

private func tildeKey(_ sequence: ControlSequence, _ modifiers: Key.Modifiers) -> Input? {
    let number = sequence.value(0, or: 0)
    if number == 27 { return typedKey(sequence.value(2, or: 0), modifiers).map { .key($0) } }  // xterm's modifyOtherKeys
    return tildeKeys[number].map { event(Key($0, modifiers), sequence) }
}

/// The second parameter is 1 + bits; Meta counts as Alt, locks do not count.
private func modifiers(_ sequence: ControlSequence) -> Key.Modifiers {
    let bits = max(0, sequence.value(1, or: 1) - 1)
    var result = Key.Modifiers(rawValue: UInt8(bits & 15))
    if bits & 32 != 0 { result.insert(.alt) }
    return result
}

/// Kitty says `: 1` pressed, `: 2` repeated, `: 3` released.
private func event(_ key: Key, _ sequence: ControlSequence) -> Input {
    sequence.part(1, 1, or: 1) == 3 ? .released(key) : .key(key)
}

private func kittyKey(_ sequence: ControlSequence) -> Input? {
    typedKey(sequence.value(0, or: 0), modifiers(sequence)).map { event($0, sequence) }
}

/// Numbers of kitty's private area that are keys of ours.
private let kittyKeys: [Int: Key.Code] = {
    var keys: [Int: Key.Code] = [57361: .printScreen, 57362: .pause, 57363: .menu, 57414: .enter]
    for number in 13...35 { keys[57376 + number - 13] = .function(number) }
    for (offset, scalar) in "0123456789./*-+".unicodeScalars.enumerated() { keys[57399 + offset] = .char(scalar) }
    keys[57415] = .char("=")
    let moves: [Key.Code] = [.left, .right, .up, .down, .pageUp, .pageDown, .home, .end, .insert, .delete]
    for (offset, code) in moves.enumerated() { keys[57417 + offset] = code }
    return keys
}()

private func typedKey(_ number: Int, _ modifiers: Key.Modifiers) -> Key? {
    switch number {
    case 27: return Key(.escape, modifiers)
    case 13: return Key(.enter, modifiers)
    case 9: return Key(.tab, modifiers)
    case 8, 127: return Key(.backspace, modifiers)
    case 57344...63743: return kittyKeys[number].map { Key($0, modifiers) }
    default: break
    }
    guard number >= 32, let scalar = Unicode.Scalar(UInt32(number)) else { return nil }
    // Without Ctrl a shifted letter is the capital, as terminals without this protocol send it.
    if modifiers.contains(.shift), !modifiers.contains(.ctrl) {
        let upper = scalar.properties.uppercaseMapping.unicodeScalars
        if upper.count == 1, let capital = upper.first, capital != scalar { return Key(.char(capital), modifiers.subtracting(.shift)) }
    }
    return Key(.char(scalar), modifiers)
}

private func mouse(_ sequence: ControlSequence) -> Input? {
    guard sequence.parameters.count == 3 else { return nil }
    let bits = sequence.value(0, or: 0)
    let position = Point(max(0, sequence.value(1, or: 1) - 1), max(0, sequence.value(2, or: 1) - 1))
    var modifiers: Key.Modifiers = []
    if bits & 4 != 0 { modifiers.insert(.shift) }
    if bits & 8 != 0 { modifiers.insert(.alt) }
    if bits & 16 != 0 { modifiers.insert(.ctrl) }
    if bits & 128 != 0 { return nil }  // buttons beyond the wheel
    let buttons: [Mouse.Button] = [.left, .middle, .right, .none]
    let button = buttons[bits & 3]
    if bits & 64 != 0 {
        let wheel: [Mouse.Action] = [.wheelUp, .wheelDown, .wheelLeft, .wheelRight]
        return .mouse(Mouse(wheel[bits & 3], .none, at: position, modifiers))
    }
    if bits & 32 != 0 { return .mouse(Mouse(button == .none ? .move : .drag, button, at: position, modifiers)) }
    return .mouse(Mouse(sequence.final == UInt8(ascii: "M") ? .press : .release, button, at: position, modifiers))
}
