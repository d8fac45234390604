/// Where a growing Markdown text can be cut so that each piece means the same alone as in the whole: a text of a megabyte is laid out by the
/// pieces that are looked at, and while it streams only its last piece is laid out again.
///
/// A cut is where no block can go on: a line that is not indented, behind an empty line, a closed fence, or at a heading; never inside a fence or between
/// the items of a list. What is longer than any screen is cut all the same, and the next piece carries what it needs from before (`prefix`).
/// Cuts follow from the bytes before them alone: however a text arrives, it ends with the same ones.
package struct Sections: Equatable, Sendable {
    package struct Section: Equatable, Sendable {
        /// Its first byte (UTF-8).
        package var start: Int
        /// Lines to be read before it: the fence that is open, the head of the table.
        package var prefix = ""
        /// It goes on in the middle of a block.
        package var isContinuation = false
        /// A heading stands right before it.
        package var followsHeading = false

        package init(start: Int, prefix: String = "", isContinuation: Bool = false, followsHeading: Bool = false) {
            (self.start, self.prefix, self.isContinuation, self.followsHeading) = (start, prefix, isContinuation, followsHeading)
        }
    }

    package private(set) var all: [Section] = []
    /// Definitions of link targets (`[name]: target`), for all sections.
    package private(set) var definitions: [String] = []
    /// Bytes that were read: whole lines.
    private var length = 0
    private var state = State()

    /// Sections longer than this are cut at a line's end, lines longer than twice this anywhere.
    static let room = 8192

    package init() {}

    /// Reads on. `text` is what it was the last time and perhaps more.
    package mutating func read(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var line = Line(bytes: bytes, start: length, end: length)
            while line.end < bytes.count {
                if bytes[line.end] != 0x0A {
                    line.end += 1
                    guard line.end - line.start > Self.room * 2 else { continue }
                    let cut = Self.cut(bytes, line.start + Self.room)
                    take(Line(bytes: bytes, start: line.start, end: cut))
                    if state.split == nil { state.split = state.fence?.opening ?? "" }
                    line.start = cut
                } else {
                    take(line)
                    line = Line(bytes: bytes, start: line.end + 1, end: line.end + 1)
                }
            }
            length = line.start
        }
    }

    /// All sections, as if the text ended here.
    package func upToEnd(of text: String) -> (count: Int, last: Section?) {
        guard text.utf8.count > length else { return (all.count, all.last) }
        var text = text
        return text.withUTF8 { bytes in
            var ahead = state
            let line = Line(bytes: bytes, start: length, end: bytes.count)
            if let section = ahead.take(line, isFirst: all.isEmpty) { return (all.count + 1, section) }
            return (all.count, all.last)
        }
    }

    /// Before a space or at least before a whole scalar.
    private static func cut(_ bytes: UnsafeBufferPointer<UInt8>, _ wanted: Int) -> Int {
        for index in stride(from: wanted, to: wanted - 256, by: -1) where bytes[index] == 0x20 { return index + 1 }
        var cut = wanted
        while bytes[cut] & 0xC0 == 0x80 { cut -= 1 }
        return cut
    }

    private mutating func take(_ line: Line) {
        if let section = state.take(line, isFirst: all.isEmpty) { all.append(section) }
        if state.fence == nil, definitions.count < 64, let definition = line.definition { definitions.append(definition) }
    }
}

/// One line's bytes.
private struct Line {
    let bytes: UnsafeBufferPointer<UInt8>
    var start: Int
    var end: Int

    init(bytes: UnsafeBufferPointer<UInt8>, start: Int, end: Int) {
        self.bytes = bytes
        self.start = start
        self.end = end
    }

    /// Cells before the first sign; nil for an empty line.
    var indent: Int? {
        var indent = 0
        for index in start..<end {
            switch bytes[index] {
            case 0x20: indent += 1
            case 0x09: indent += 4 - indent % 4
            case 0x0D: break
            default: return indent
            }
        }
        return nil
    }

    var text: String { String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self) }

    func skipSpaces(_ from: Int) -> Int {
        var index = from
        while index < end, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        return index
    }

    func count(of byte: UInt8, at from: Int) -> Int {
        var index = from
        while index < end, bytes[index] == byte { index += 1 }
        return index - from
    }

    private func isSpace(_ index: Int) -> Bool { index >= end || bytes[index] == 0x20 || bytes[index] == 0x09 || bytes[index] == 0x0D }

    func isHeading(at first: Int) -> Bool {
        let level = count(of: 0x23, at: first)
        return level >= 1 && level <= 6 && isSpace(first + level)
    }

    /// Where the text of a list's item begins.
    func item(at first: Int) -> Int? {
        guard first < end else { return nil }
        switch bytes[first] {
        case 0x2D, 0x2A, 0x2B: return isSpace(first + 1) ? skipSpaces(first + 1) : nil
        case 0x30...0x39:
            var index = first
            while index < end, index - first < 10, bytes[index] >= 0x30, bytes[index] <= 0x39 { index += 1 }
            guard index < end, bytes[index] == 0x2E || bytes[index] == 0x29, isSpace(index + 1) else { return nil }
            return skipSpaces(index + 1)
        default: return nil
        }
    }

    /// The sign and length of a fence.
    func fence(at first: Int) -> (sign: UInt8, count: Int)? {
        guard first < end, bytes[first] == 0x60 || bytes[first] == 0x7E else { return nil }
        let count = count(of: bytes[first], at: first)
        guard count >= 3 else { return nil }
        if bytes[first] == 0x60, bytes[first + count..<end].contains(0x60) { return nil }
        return (bytes[first], count)
    }

    func closes(_ fence: State.Fence, at first: Int) -> Bool {
        let count = count(of: fence.sign, at: first)
        return count >= fence.count && (first + count..<end).allSatisfy { isSpace($0) }
    }

    /// `|---|:--:|`: what makes a table of the line before it.
    func isTableRule(at first: Int) -> Bool {
        var dashes = 0, bars = 0
        for index in first..<end {
            switch bytes[index] {
            case 0x2D: dashes += 1
            case 0x7C: bars += 1
            case 0x3A, 0x20, 0x0D: break
            default: return false
            }
        }
        return dashes > 0 && bars > 0
    }

    /// `[name]: target`.
    var definition: String? {
        guard let indent, indent <= 3, end - start <= 500 else { return nil }
        let first = skipSpaces(start)
        guard bytes[first] == 0x5B, let close = bytes[first..<end].firstIndex(of: 0x5D), close > first + 1, close + 1 < end, bytes[close + 1] == 0x3A else {
            return nil
        }
        return text
    }
}

/// What the lines before say about the next.
private struct State: Equatable, Sendable {
    struct Fence: Equatable, Sendable {
        var sign: UInt8
        var count: Int
        var isInList: Bool
        /// Its line.
        var opening: String
    }
    var fence: Fence?
    /// The next line begins a section because the one before is long; with what stands before it.
    var split: String?
    private var sectionStart = 0
    private var afterEmpty = true
    private var afterFence = false
    private var afterHeading = false
    /// A list began in this section.
    private var isList = false
    /// The table that is going on: its two first lines.
    private var tableHead = ""
    /// The line before, while it may be the head of a table.
    private var before = ""

    /// The section that begins with this line, if one does.
    mutating func take(_ line: Line, isFirst: Bool) -> Sections.Section? {
        guard let indent = line.indent else {
            (afterEmpty, tableHead, before) = (true, "", "")
            return nil
        }
        let first = line.skipSpaces(line.start)
        if let fence {
            if fence.isInList, indent == 0, !line.closes(fence, at: first) {
                self.fence = nil
                afterEmpty = true
            } else {
                return takeCode(line, first, fence)
            }
        }
        let isItem = line.item(at: first) != nil
        let opening = line.fence(at: first)
        var section: Sections.Section?
        if let split {
            section = Sections.Section(start: line.start, prefix: split, isContinuation: !afterEmpty)
        } else if isFirst || (indent == 0 && (afterEmpty && !(isList && isItem) || afterFence || opening != nil || line.isHeading(at: first))) {
            section = Sections.Section(start: line.start, followsHeading: afterHeading)
        }
        if section != nil { (sectionStart, isList, split) = (line.start, false, nil) }
        isList = isList || (isItem && indent <= 3)
        (afterEmpty, afterFence, afterHeading) = (false, false, indent <= 3 && !isList && line.isHeading(at: first))
        open(line, indent, first)
        table(line, first)
        splitIfLong(line)
        return section
    }

    private mutating func takeCode(_ line: Line, _ first: Int, _ fence: Fence) -> Sections.Section? {
        var section: Sections.Section?
        if let split {
            section = Sections.Section(start: line.start, prefix: split, isContinuation: true)
            (sectionStart, self.split) = (line.start, nil)
        }
        if line.closes(fence, at: first) {
            self.fence = nil
            afterFence = !fence.isInList
        } else if !fence.isInList, line.end - sectionStart > Sections.room {
            split = fence.opening
        }
        (afterEmpty, afterHeading) = (false, false)
        return section
    }

    private mutating func open(_ line: Line, _ indent: Int, _ first: Int) {
        // A fence may stand right behind the mark of an item.
        var inner = first
        while let item = line.item(at: inner), item > inner { inner = item }
        guard indent <= 3 || isList, let opened = line.fence(at: inner) else { return }
        fence = Fence(sign: opened.sign, count: opened.count, isInList: isList, opening: line.end - line.start < 200 ? line.text + "\n" : "```\n")
    }

    private mutating func table(_ line: Line, _ first: Int) {
        if tableHead.isEmpty, !before.isEmpty, line.isTableRule(at: first) { tableHead = before + "\n" + line.text + "\n" }
        let mayBeHead = tableHead.isEmpty && line.end - line.start < 1000 && line.bytes[line.start..<line.end].contains(0x7C)
        before = mayBeHead ? line.text : ""
    }

    private mutating func splitIfLong(_ line: Line) {
        guard fence == nil else { return }
        let length = line.end - sectionStart
        // A list is cut between two of its items if it can.
        if length > Sections.room * 2 || (length > Sections.room && !isList) { split = tableHead }
    }
}
