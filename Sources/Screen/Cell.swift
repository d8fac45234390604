/// One cell in 8 bytes: what it shows, how, and how wide that is. Numbers are explained by the frame's `Atlas`.
package struct Cell: BitwiseCopyable, Equatable, Sendable {
    /// A Unicode scalar, or (from `Atlas.firstGrapheme`) the number of a base character with its marks.
    package var glyph: UInt32
    /// The number of a style.
    package var style: UInt16
    /// 1 or 2; 0 is the right half of a wide one.
    package var width: UInt8
    /// The number of a link; 0: none.
    package internal(set) var link: UInt8 = 0

    package init(glyph: UInt32, style: UInt16, width: UInt8) {
        self.glyph = glyph
        self.style = style
        self.width = width
    }

    package static let blank = Cell(glyph: 0x20, style: 0, width: 1)

    package static func space(_ style: UInt16) -> Cell { Cell(glyph: 0x20, style: style, width: 1) }
    package static func rightHalf(_ style: UInt16) -> Cell { Cell(glyph: 0, style: style, width: 0) }
}

/// What the numbers in cells mean: styles, and characters that need more than one scalar. Frames that follow each other share one,
/// so that they can be compared; a frame with another atlas is drawn from scratch.
package final class Atlas {
    /// Glyph numbers from here on are graphemes of the atlas. (Scalars end at 0x10FFFF.)
    package static let firstGrapheme: UInt32 = 0x11_0000
    /// The style of an untouched cell, number 0.
    package static let plain = Style()

    package private(set) var styles = [Atlas.plain]
    package private(set) var graphemes: [[Unicode.Scalar]] = []
    /// Numbers by packed style.
    private var styleNumbers = [Atlas.plain.packed: UInt16(0)]
    /// Where links lead, as terminals want it; number 0 is none.
    package private(set) var links = [""]
    private var linkNumbers: [String: UInt8] = [:]
    private var graphemeNumbers: [[Unicode.Scalar]: UInt32] = [:]
    /// A screen is made of a few dozen paints on a few surfaces, asked for hundreds of times a frame: each has its place here.
    private let recent: UnsafeMutablePointer<Recent>
    private static let recentBits: UInt64 = 8

    private struct Recent: BitwiseCopyable {
        var paint: UInt64
        var surface: UInt16
        var number: UInt16
    }

    package init() {
        recent = .allocate(capacity: 1 << Self.recentBits)
        recent.initialize(repeating: Recent(paint: .max, surface: 0, number: 0), count: 1 << Self.recentBits)
    }

    deinit { recent.deallocate() }

    /// True when so much was drawn (a program with ever new colours) that it is time for a fresh atlas. Beyond its room styles become plain, graphemes
    /// lose their marks and links lead nowhere.
    package var isCrowded: Bool { styles.count > 8_000 || graphemes.count > 30_000 || links.count > 240 }

    /// The number of a link to that place; 0 where it is none that a terminal should open.
    package func number(ofLink target: String) -> UInt8 {
        if let known = linkNumbers[target] { return known }
        guard links.count < 256, let address = linkAddress(target) else { return 0 }
        let number = UInt8(links.count)
        links.append(address)
        linkNumbers[target] = number
        return number
    }

    package func number(of style: Style) -> UInt16 {
        styleNumbers[style.packed] ?? add(style)
    }

    /// The style a paint makes on a surface that has style `surface`.
    package func number(of paint: Paint, over surface: UInt16) -> UInt16 {
        let packed = paint.packed
        let place = Int(truncatingIfNeeded: ((packed ^ UInt64(surface) << 44) &* 0x9E37_79B9_7F4A_7C15) >> (64 - Self.recentBits))
        let known = recent[place]
        if known.paint == packed, known.surface == surface { return known.number }
        let number = number(of: paint.style(over: styles[Int(surface)]))
        recent[place] = Recent(paint: packed, surface: surface, number: number)
        return number
    }

    private func add(_ style: Style) -> UInt16 {
        guard styles.count < Int(UInt16.max) else { return 0 }
        let number = UInt16(styles.count)
        styles.append(style)
        styleNumbers[style.packed] = number
        return number
    }

    package func style(_ number: UInt16) -> Style { styles[Int(number)] }

    /// The glyph number of a base with its marks.
    package func glyph(of scalars: [Unicode.Scalar]) -> UInt32 {
        if scalars.count == 1 { return scalars[0].value }
        if let number = graphemeNumbers[scalars] { return number }
        guard graphemes.count < 60_000 else { return scalars[0].value }
        let number = Self.firstGrapheme + UInt32(graphemes.count)
        graphemes.append(scalars)
        graphemeNumbers[scalars] = number
        return number
    }

    /// The scalars of a glyph: one, or a base with its marks.
    package func scalars(of glyph: UInt32) -> [Unicode.Scalar] {
        if glyph >= Self.firstGrapheme { return graphemes[Int(glyph - Self.firstGrapheme)] }
        return [Unicode.Scalar(glyph) ?? " "]
    }
}
