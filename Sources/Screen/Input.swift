/// What a person or the terminal sent.
package enum Input: Equatable, Sendable {
    /// Pressed, or repeated while held.
    case key(Key)
    /// Let go; only from terminals that were asked to report it.
    case released(Key)
    case mouse(Mouse)
    /// Pasted text, whole, its line ends as `\n`. It is data: whatever it contains is not a key.
    case paste(String)
    /// The terminal's window got (true) or lost the focus.
    case focus(Bool)
    /// An answer of the terminal to a question.
    case reply(Reply)
    /// A sequence nobody knows; swallowed whole, so that no part of it becomes keys.
    case unknown([UInt8])
}

package struct Mouse: Hashable, Sendable {
    package enum Button: Hashable, Sendable { case left, middle, right, none }
    package enum Action: Hashable, Sendable {
        case press, release
        /// Moved while a button is down.
        case drag
        case move
        case wheelUp, wheelDown, wheelLeft, wheelRight
    }

    package var action: Action
    package var button: Button
    /// The cell, from 0.
    package var position: Point
    package var modifiers: Key.Modifiers

    package init(_ action: Action, _ button: Button = .left, at position: Point, _ modifiers: Key.Modifiers = []) {
        self.action = action
        self.button = button
        self.position = position
        self.modifiers = modifiers
    }
}

/// What terminals answer.
package enum Reply: Hashable, Sendable {
    /// Primary device attributes (`CSI ? 62 ; 4 c`). Every terminal answers this one: when it has come, no earlier answer is missing.
    case attributes([Int])
    /// Name and version (XTVERSION).
    case version(String)
    /// OSC 10 and 11, as 0xRRGGBB.
    case foreground(UInt32)
    case background(UInt32)
    /// DECRPM: a mode's number and its state (0 unknown, 1 set, 2 reset, 3/4 for ever so).
    case mode(Int, Int)
    /// Kitty's keyboard protocol is there; its present flags.
    case kittyKeyboard(Int)
    case cursorPosition(Point)
}
