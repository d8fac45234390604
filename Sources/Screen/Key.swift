/// A key as a person names it.
package struct Key: Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// What typing it writes: `a`, `A`, `ß`, ` `.
        case char(Unicode.Scalar)
        case enter, tab, escape, backspace, delete, insert
        case up, down, left, right, home, end, pageUp, pageDown
        /// F1 to F35.
        case function(Int)
        case menu, pause, printScreen
    }

    package struct Modifiers: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The bits of `CSI 1 ; 1+bits A`.
        package static let shift = Modifiers(rawValue: 1)
        package static let alt = Modifiers(rawValue: 2)
        package static let ctrl = Modifiers(rawValue: 4)
        package static let superKey = Modifiers(rawValue: 8)
    }

    package var code: Code
    package var modifiers: Modifiers

    package init(_ code: Code, _ modifiers: Modifiers = []) {
        self.code = code
        self.modifiers = modifiers
    }

    package static func char(_ scalar: Unicode.Scalar) -> Key { Key(.char(scalar)) }
    package static func ctrl(_ scalar: Unicode.Scalar) -> Key { Key(.char(scalar), .ctrl) }
    package static func alt(_ scalar: Unicode.Scalar) -> Key { Key(.char(scalar), .alt) }
    package static func function(_ number: Int) -> Key { Key(.function(number)) }
    package static let space = Key(.char(" "))
    package static let enter = Key(.enter)
    package static let tab = Key(.tab)
    package static let backTab = Key(.tab, .shift)
    package static let escape = Key(.escape)
    package static let backspace = Key(.backspace)
    package static let delete = Key(.delete)
    package static let insert = Key(.insert)
    package static let up = Key(.up)
    package static let down = Key(.down)
    package static let left = Key(.left)
    package static let right = Key(.right)
    package static let home = Key(.home)
    package static let end = Key(.end)
    package static let pageUp = Key(.pageUp)
    package static let pageDown = Key(.pageDown)

    /// The character it types, if it types one.
    package var typed: Unicode.Scalar? {
        if case .char(let scalar) = code, modifiers.isSubset(of: .shift) { scalar } else { nil }
    }
}
