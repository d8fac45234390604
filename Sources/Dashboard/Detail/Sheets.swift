import Domain
import Markdown
import Screen

/// What of the transcript was laid out already, kept from frame to frame: a long answer is laid out once, and while it streams only its last piece again.
/// Nothing follows from it but speed: a sheet that is not here is made anew and is the same.
final class Sheets {
    /// What all sheets were made for.
    struct Kitchen: Equatable {
        var agent: AgentID
        var width: Int
        var look: Look
        var zoneMinutes: Int
    }
    private var kitchen: Kitchen?
    private var sheets: [String: Sheet] = [:]
    private var lineCount = 0
    /// Which colours of code there were.
    private var syntaxVersion = 0
    /// Lines that are kept at most: some screens full.
    private static let most = 6000

    private struct Sheet {
        var revision: Transcript.Revision
        var isToggled: Bool
        /// The lines of an item that is laid out as one.
        var whole: [Line]?
        /// The pieces of an answer.
        var text = MarkdownSheet()

        mutating func forgetUncoloured() {
            if whole?.contains(where: { $0.uncoloured != nil }) == true { whole = nil }
            text.forgetUncoloured()
        }
    }

    /// The look of the last frame: keys move by the same lines.
    var look: Look { kitchen?.look ?? Look() }

    /// Forgets what was made for another agent, width or look.
    func open(_ kitchen: Kitchen) {
        guard kitchen != self.kitchen || lineCount > Self.most else { return }
        self.kitchen = kitchen
        sheets = [:]
        lineCount = 0
    }

    /// New colours of code came: what was laid out without is laid out again.
    func colour(_ version: Int) {
        guard version != syntaxVersion else { return }
        syntaxVersion = version
        for id in sheets.keys { sheets[id]?.forgetUncoloured() }
    }

    /// An item's lines, or those that were made of it at the same revision.
    func whole(_ item: TranscriptItem, _ revision: Transcript.Revision, isToggled: Bool, _ make: () -> [Line]) -> [Line] {
        if let sheet = sheets[item.id], sheet.revision == revision, sheet.isToggled == isToggled, let lines = sheet.whole { return lines }
        let lines = make()
        lineCount += lines.count
        sheets[item.id] = Sheet(revision: revision, isToggled: isToggled, whole: lines)
        return lines
    }

    /// How many pieces an answer has.
    func partCount(_ item: TranscriptItem, _ revision: Transcript.Revision) -> Int {
        bring(item, revision)
        return sheets[item.id]?.text.count ?? 1
    }

    func source(_ part: Int, of item: TranscriptItem, _ revision: Transcript.Revision) -> String {
        bring(item, revision)
        return sheets[item.id]?.text.source(part, of: item.text) ?? ""
    }

    /// The lines of a piece of an answer.
    func part(_ part: Int, of item: TranscriptItem, _ revision: Transcript.Revision, _ brush: MarkdownBrush) -> [Line] {
        bring(item, revision)
        // Taken out and put back: what is kept is not copied.
        guard var sheet = sheets.removeValue(forKey: item.id) else { return [] }
        let (lines, isNew) = sheet.text.lines(part, of: item, brush)
        if isNew { lineCount += lines.count }
        sheets[item.id] = sheet
        return lines
    }

    private func bring(_ item: TranscriptItem, _ revision: Transcript.Revision) {
        if let known = sheets[item.id], known.revision == revision { return }
        var sheet = sheets.removeValue(forKey: item.id) ?? Sheet(revision: revision, isToggled: false)
        if sheet.revision.text != revision.text { sheet.text = MarkdownSheet() }
        sheet.revision = revision
        sheet.whole = nil
        sheet.text.read(item.text)
        sheets[item.id] = sheet
    }
}

/// An answer in pieces, laid out as they are looked at.
struct MarkdownSheet {
    private var sections = Sections()
    private(set) var count = 1
    /// Where the last piece begins.
    private var last: Sections.Section?
    private var made: [Int: Made] = [:]

    private struct Made {
        /// Bytes it was made of.
        var length: Int
        var definitions: Int
        var isOpen: Bool
        var lines: [Line]
    }

    mutating func read(_ text: String) {
        sections.read(text)
        (count, last) = sections.upToEnd(of: text)
        count = max(1, count)
    }

    mutating func forgetUncoloured() {
        for (part, known) in made where known.lines.contains(where: { $0.uncoloured != nil }) { made[part] = nil }
    }

    private func section(_ part: Int) -> Sections.Section {
        (part == count - 1 ? last : part < sections.all.count ? sections.all[part] : nil) ?? Sections.Section(start: 0)
    }

    private func range(_ part: Int, in length: Int) -> Range<Int> {
        let start = min(section(part).start, length)
        return start..<max(start, part + 1 < count ? min(section(part + 1).start, length) : length)
    }

    func source(_ part: Int, of text: String) -> String {
        let range = range(part, in: text.utf8.count)
        let lower = text.utf8.index(text.startIndex, offsetBy: range.lowerBound), upper = text.utf8.index(text.startIndex, offsetBy: range.upperBound)
        return String(text[lower..<upper])
    }

    mutating func lines(_ part: Int, of item: TranscriptItem, _ brush: MarkdownBrush) -> (lines: [Line], isNew: Bool) {
        let length = range(part, in: item.text.utf8.count).count
        let isOpen = item.isOpen && part == count - 1
        if let known = made[part], known.length == length, known.isOpen == isOpen, known.definitions == sections.definitions.count {
            return (known.lines, false)
        }
        let text = source(part, of: item.text)
        let hasBrackets = text.utf8.contains(0x5B)
        if var known = made[part], known.length == length, known.isOpen == isOpen, !hasBrackets {
            known.definitions = sections.definitions.count
            made[part] = known
            return (known.lines, false)
        }
        let lines = make(text, section(part), isOpen: isOpen, hasBrackets: hasBrackets, isFirst: part == 0, brush)
        made[part] = Made(length: length, definitions: sections.definitions.count, isOpen: isOpen, lines: lines)
        return (lines, true)
    }

    private func make(_ text: String, _ section: Sections.Section, isOpen: Bool, hasBrackets: Bool, isFirst: Bool, _ brush: MarkdownBrush) -> [Line] {
        var source = section.prefix + (isOpen ? mendedEnd(of: text) : text)
        // A definition inside of a fence would be code.
        if hasBrackets, !sections.definitions.isEmpty, !source.contains("```"), !source.contains("~~~") {
            source += "\n\n" + sections.definitions.joined(separator: "\n")
        }
        var brush = brush
        // What is still being written is read once it is whole.
        if isOpen { brush.syntax = nil }
        let lines = brush.lines(of: source)
        // Words follow their heading at once; a table has a heading of its own.
        let isTitled = section.followsHeading && text.utf8.first != UInt8(ascii: "|")
        guard !isFirst, !isTitled, !section.isContinuation, !lines.isEmpty else { return lines }
        return [.blank] + lines
    }
}
