import CVTerm
import Screen

/// What a key sends whatever the modes are, as xterm does; nil: the modes decide.
///
/// libvterm would send `CSI … u` for some of these, which shells do not know.
func plainBytes(of key: Key) -> [UInt8]? {
    let prefix: [UInt8] = key.modifiers.contains(.alt) ? [0x1B] : []
    switch key.code {
    case .char(let scalar):
        if key.modifiers.contains(.ctrl) { return prefix + (controlByte(scalar).map { [$0] } ?? utf8(scalar)) }
        return prefix + utf8(scalar)
    case .enter where !key.modifiers.isEmpty: return prefix + [0x0D]
    case .escape: return prefix + [0x1B]
    case .backspace: return prefix + [key.modifiers.contains(.ctrl) ? 0x08 : 0x7F]
    case .tab where !key.modifiers.contains(.shift): return prefix + [0x09]
    default: return nil
    }
}

private func utf8(_ scalar: Unicode.Scalar) -> [UInt8] { Array(String(scalar).utf8) }

/// Ctrl with a letter or sign, as terminals have always sent it; nil where there is none.
private func controlByte(_ scalar: Unicode.Scalar) -> UInt8? {
    switch scalar {
    case " ", "@", "2": 0x00
    case "a"..."z", "A"..."Z", "[", "\\", "]", "^", "_": UInt8(scalar.value) & 0x1F
    case "3"..."7": UInt8(scalar.value - 0x33) + 0x1B
    case "8", "?": 0x7F
    case "/", "-": 0x1F
    case "~", "`": 0x1E
    default: nil
    }
}

extension Key {
    /// Its number in the shim; nil when no terminal of that kind has it.
    var vtermCode: Int32? {
        let code: Int =
            switch code {
            case .enter: CVTERM_ENTER
            case .tab: CVTERM_TAB
            case .up: CVTERM_UP
            case .down: CVTERM_DOWN
            case .left: CVTERM_LEFT
            case .right: CVTERM_RIGHT
            case .insert: CVTERM_INSERT
            case .delete: CVTERM_DELETE
            case .home: CVTERM_HOME
            case .end: CVTERM_END
            case .pageUp: CVTERM_PAGE_UP
            case .pageDown: CVTERM_PAGE_DOWN
            case .function(let number) where (1...12).contains(number): CVTERM_FUNCTION + number
            case .function, .char, .escape, .backspace, .menu, .pause, .printScreen: 0
            }
        return code == 0 ? nil : Int32(code)
    }
}

extension Key.Modifiers {
    var vterm: Int32 {
        Int32((contains(.shift) ? CVTERM_SHIFT : 0) | (contains(.alt) ? CVTERM_ALT : 0) | (contains(.ctrl) ? CVTERM_CTRL : 0))
    }
}
