/// One cell of a program's screen in 16 bytes: what it made of its own output, before any theme.
package struct GridCell: BitwiseCopyable, Equatable, Sendable {
    /// A base (0: nothing was written) and two marks, 21 bits each from the lowest.
    package var text: UInt64
    /// Foreground and background as `Colour.packed` (26 bits each; 0 is the program's "default"), attributes (8 bits), width (2 bits).
    package var look: UInt64

    package init(text: UInt64, look: UInt64) {
        self.text = text
        self.look = look
    }

    package static let blank = GridCell(text: 0, look: 1 << 60)

    /// 1 or 2; 0 is the right half of a wide one.
    package var width: Int { Int(look >> 60 & 3) }
    package var attributes: Attributes { Attributes(rawValue: UInt8(look >> 52 & 0xFF)) }
    package var foreground: Colour { Colour(unpacking: look & Self.colourBits) ?? .default }
    package var background: Colour { Colour(unpacking: look >> 26 & Self.colourBits) ?? .default }
    /// Its base and marks; empty where nothing was written.
    package var scalars: [Unicode.Scalar] { [text, text >> 21, text >> 42].map { UInt32($0 & 0x1F_FFFF) }.prefix { $0 != 0 }.compactMap(Unicode.Scalar.init) }

    static let colourBits: UInt64 = 0x3FF_FFFF
}

/// The screen of a program that runs in a tab, as a value.
package struct Grid: Equatable, Sendable {
    package private(set) var size: Size
    /// Row after row.
    package var cells: ContiguousArray<GridCell>
    /// Nil when the program hides it, or when it is outside of what is shown.
    package var cursor: Cursor?

    package init(_ size: Size, cursor: Cursor? = nil) {
        self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
        cells = ContiguousArray(repeating: .blank, count: self.size.columns * self.size.rows)
        self.cursor = cursor
    }

    /// The rows as text, without spaces at the ends of lines: for tests, and for copying.
    package var lines: [String] {
        (0..<size.rows).map { row in
            var text = String.UnicodeScalarView()
            for cell in cells[row * size.columns..<(row + 1) * size.columns] where cell.width > 0 {
                let scalars = cell.scalars
                text.append(contentsOf: scalars.isEmpty ? [" "] : scalars)
            }
            while text.last == " " { text.removeLast() }
            return String(text)
        }
    }
}

extension Colour {
    /// From 26 bits; nil for what is none.
    init?(unpacking packed: UInt64) {
        switch packed >> 24 {
        case 0: self = .default
        case 2: self = .rgb(UInt32(packed & 0xFF_FFFF))
        case 3: self = .ansi(UInt8(packed & 0xFF))
        default: return nil
        }
    }
}

extension Frame {
    /// Draws a program's screen with its top left cell at the one of `rect`; what does not fit is cut, what is missing is `surface`.
    ///
    /// Only glyphs that every terminal measures alike are let through, as everywhere (`GlyphReader`): nothing that a program writes can shift a row.
    package mutating func draw(_ grid: Grid, in rect: Rect, on surface: Token) {
        fill(rect, Style(background: .token(surface)))
        let area = rect.intersection(clip)
        guard !area.isEmpty else { return }
        var pens = GridPens(atlas: atlas, surface: surface)
        let columns = min(area.columns, grid.size.columns)
        grid.cells.withUnsafeBufferPointer { source in
            cells.withUnsafeMutableBufferPointer { target in
                for row in 0..<min(area.rows, grid.size.rows) {
                    let from = row * grid.size.columns, to = (area.row + row) * size.columns + area.column
                    var column = 0
                    while column < columns {
                        let cell = source[from + column]
                        let style = pens.number(cell.look)
                        guard cell.width == 2, column + 1 < columns else {
                            target[to + column] = Cell(glyph: cell.width == 1 ? pens.narrow(cell.text) : 0x20, style: style, width: 1)
                            column += 1
                            continue
                        }
                        if let wide = pens.wide(cell.text) {
                            target[to + column] = Cell(glyph: wide, style: style, width: 2)
                            target[to + column + 1] = .rightHalf(style)
                        } else {
                            // Others measure it as narrow.
                            target[to + column] = Cell(glyph: pens.narrow(cell.text), style: style, width: 1)
                            target[to + column + 1] = .space(style)
                        }
                        column += 2
                    }
                }
            }
        }
    }
}

/// Finds styles and glyphs for a grid's cells; runs of the same look cost one comparison a cell.
private struct GridPens {
    let atlas: Atlas
    let surface: Token
    private var known: (look: UInt64, number: UInt16)?
    private static let lookBits: UInt64 = (1 << 60) - 1

    init(atlas: Atlas, surface: Token) {
        self.atlas = atlas
        self.surface = surface
    }

    mutating func number(_ look: UInt64) -> UInt16 {
        let look = look & Self.lookBits
        if let known, known.look == look { return known.number }
        let cell = GridCell(text: 0, look: look)
        var style = Style(foreground: cell.foreground, background: cell.background, attributes: cell.attributes)
        // A picture in 24 bits may have a colour for each cell: before the atlas has no more room it is shown in fewer.
        if atlas.styles.count > Atlas.roomForGrids { style = style.coarse }
        if style.foreground == .default { style.foreground = .token(.text) }
        if style.background == .default { style.background = .token(surface) }
        let number = atlas.number(of: style)
        known = (look, number)
        return number
    }

    /// A glyph of one cell; what is none becomes one.
    func narrow(_ text: UInt64) -> UInt32 {
        if text >= 0x20, text < 0x7F { return UInt32(text) }
        if text == 0 { return 0x20 }
        guard let base = Unicode.Scalar(UInt32(text & 0x1F_FFFF)) else { return 0xFFFD }
        switch scalarKind(base) {
        case .narrow, .spacingMark: return glyph(base, text)
        // Private signs are what prompts are drawn with, in fonts that have them; every terminal gives them one cell.
        case .refused: return 0xE000...0xF8FF ~= base.value ? base.value : 0xFFFD
        case .wide, .mark, .invisible, .joiner, .selector, .control: return 0xB7
        case .regional: return base.value - 0x1F1E6 + 0x41
        }
    }

    func wide(_ text: UInt64) -> UInt32? {
        guard let base = Unicode.Scalar(UInt32(text & 0x1F_FFFF)), scalarKind(base) == .wide else { return nil }
        return glyph(base, text)
    }

    private func glyph(_ base: Unicode.Scalar, _ text: UInt64) -> UInt32 {
        guard text >> 21 != 0 else { return base.value }
        let marks = [text >> 21, text >> 42].compactMap { Unicode.Scalar(UInt32($0 & 0x1F_FFFF)) }.filter { scalarKind($0) == .mark }
        return marks.isEmpty ? base.value : atlas.glyph(of: [base] + marks)
    }
}

extension Style {
    /// With colours of the terminal's sixteen instead of 24 bits and the palette.
    fileprivate var coarse: Style { Style(foreground: nearest16(foreground), background: nearest16(background), attributes: attributes) }
}

extension Atlas {
    /// Beyond that many styles, programs in tabs are shown in sixteen colours until there is a fresh atlas.
    static let roomForGrids = 12_000
}
