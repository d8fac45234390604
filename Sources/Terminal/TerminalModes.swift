import CTerm
import Screen

/// The byte strings that switch a terminal between its own state and ours.
struct TerminalModes {
    /// It understands xterm's private modes and answers its questions.
    let modern: Bool
    private let enterScreen, leaveScreen, showCursor, hideCursor: [UInt8]

    init(_ facts: cterm_facts) {
        modern = facts.modern
        enterScreen = bytes(of: facts.enter_screen)
        leaveScreen = bytes(of: facts.leave_screen)
        showCursor = bytes(of: facts.show_cursor)
        hideCursor = bytes(of: facts.hide_cursor)
    }

    /// The alternate screen, no cursor, the title kept for later, focus reported.
    func enter(kittyKeys: Bool) -> [UInt8] {
        var out = enterScreen + hideCursor
        if modern { out += Array("\u{1B}[22;2t\u{1B}[?1004h".utf8) }
        // The stack of keyboard modes belongs to the screen, so this comes after entering.
        if kittyKeys { out += Array("\u{1B}[>1u".utf8) }
        return out
    }

    /// Everything back, whatever was on: also what a crash sends.
    func leave(kittyKeys: Bool) -> [UInt8] {
        var out: [UInt8] = []
        if modern { out += Array("\u{1B}[?2026l".utf8) }
        if kittyKeys { out += Array("\u{1B}[<u".utf8) }
        if modern { out += Array("\u{1B}[?1002l\u{1B}[?1006l\u{1B}[?2004l\u{1B}[?1004l\u{1B}[0 q\u{1B}[23;2t".utf8) }
        out += Array("\u{1B}[m".utf8)
        // Without an alternate screen the shell goes on where nothing is left of us.
        if leaveScreen.isEmpty { out += Array("\u{1B}[H\u{1B}[J".utf8) }
        return out + leaveScreen + showCursor
    }

    func mouse(_ on: Bool) -> [UInt8] {
        modern ? Array((on ? "\u{1B}[?1002h\u{1B}[?1006h" : "\u{1B}[?1002l\u{1B}[?1006l").utf8) : []
    }

    func bracketedPaste(_ on: Bool) -> [UInt8] {
        modern ? Array((on ? "\u{1B}[?2004h" : "\u{1B}[?2004l").utf8) : []
    }

    /// From no cursor or another to this one.
    func cursor(from old: Cursor?, to new: Cursor?) -> [UInt8] {
        guard let new else { return old == nil ? [] : hideCursor }
        var out: [UInt8] = []
        if modern, old?.shape != new.shape { out += Array("\u{1B}[\(new.shape.code) q".utf8) }
        if old == nil { out += showCursor }
        return out
    }

    func title(_ text: String) -> [UInt8] {
        modern ? Array("\u{1B}]2;\(sanitised(text, limit: 200))\u{1B}\\".utf8) : []
    }

    /// Its background (for light and dark), synchronized output, kitty's keys; the last question is one that everything answers.
    var questions: [UInt8] { Array("\u{1B}]11;?\u{1B}\\\u{1B}[?2026$p\u{1B}[?u\u{1B}[c".utf8) }
}

extension Cursor.Shape {
    /// DECSCUSR, the steady ones: nothing blinks.
    fileprivate var code: Int {
        switch self {
        case .block: 2
        case .underline: 4
        case .bar: 6
        }
    }
}

/// Text that may stand inside an escape sequence: one line of printable characters.
package func sanitised(_ text: String, limit: Int) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(limit) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: result.append(" ")
        default: result.append(scalar)
        }
    }
    return String(result)
}

/// A C array of characters up to its NUL.
private func bytes<Tuple>(of tuple: Tuple) -> [UInt8] {
    withUnsafeBytes(of: tuple) { Array($0.prefix { $0 != 0 }) }
}
