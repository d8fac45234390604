/// A piece of a Markdown text.
package indirect enum Block: Equatable, Sendable {
    case paragraph([Run])
    case heading(level: Int, [Run])
    /// `info` is what stands behind the fence; empty for indented code.
    case code(info: String, text: String)
    case quote([Block])
    case list(List)
    case table(Table)
    case rule

    package struct List: Equatable, Sendable {
        /// The first number; nil: bullets.
        package var start: Int?
        /// No empty lines between its items.
        package var isTight: Bool
        package var items: [Item]
        package struct Item: Equatable, Sendable {
            /// A task, done or not; nil: none.
            package var isDone: Bool?
            package var blocks: [Block]
            package init(isDone: Bool? = nil, blocks: [Block]) { (self.isDone, self.blocks) = (isDone, blocks) }
        }
        package init(start: Int? = nil, isTight: Bool, items: [Item]) { (self.start, self.isTight, self.items) = (start, isTight, items) }
    }

    /// Rows of cells; the first is the heading. Each row has as many cells as there are alignments.
    package struct Table: Equatable, Sendable {
        package enum Alignment: UInt8, Sendable { case automatic, left, centre, right }
        package var alignments: [Alignment]
        package var rows: [[[Run]]]
        package init(alignments: [Alignment], rows: [[[Run]]]) { (self.alignments, self.rows) = (alignments, rows) }
    }
}

/// Text that looks alike.
package struct Run: Equatable, Sendable {
    package struct Marks: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let emphasis = Marks(rawValue: 1)
        package static let strong = Marks(rawValue: 2)
        package static let strike = Marks(rawValue: 4)
        package static let code = Marks(rawValue: 8)
        package static let link = Marks(rawValue: 16)
        /// Where a link leads, behind its words.
        package static let target = Marks(rawValue: 32)
    }
    /// "\n" in it ends a line.
    package var text: String
    package var marks: Marks
    /// Where it leads, as it was written: a stranger's words.
    package var link: String?

    package init(_ text: String, _ marks: Marks = [], link: String? = nil) {
        self.text = text
        self.marks = marks
        self.link = link
    }
}
