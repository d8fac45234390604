import Domain
import Screen

/// A text whose kinds of words are wanted, and what tells its language.
package struct SyntaxText: Hashable, Sendable {
    package enum Language: Hashable, Sendable {
        /// A file's name without its directory.
        case file(String)
        /// As somebody calls it: "ts".
        case named(String)
    }
    package var language: Language
    /// Lines of printable characters and tabs, each ended.
    package private(set) var text = ""
    private(set) var lineCount = 0

    static let mostBytes = 400_000, mostLines = 10_000, longestLine = 4_000

    init(_ language: Language) { self.language = language }

    var isEmpty: Bool { lineCount == 0 }

    /// Where the line stands in it; nil: it is full. What is too long to be code is left out, what could be read as an order is replaced by as many
    /// bytes, so that places stay.
    mutating func add(_ line: String) -> Int? {
        guard lineCount < Self.mostLines, text.utf8.count + line.utf8.count < Self.mostBytes else { return nil }
        if line.utf8.count <= Self.longestLine {
            if line.utf8.contains(where: { ($0 < 0x20 && $0 != 9) || $0 == 0x7F || $0 == 0xC2 }) { text += Self.printable(line) } else { text += line }
        }
        text += "\n"
        lineCount += 1
        return lineCount - 1
    }

    private static func printable(_ line: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in line.unicodeScalars {
            switch scalar.value {
            case 9: result.append(scalar)
            case 0..<0x20, 0x7F: result.append("?")
            case 0x80..<0xA0: result.append(contentsOf: ["?", "?"])
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}

/// The kinds of words in texts that were looked at, by what the texts say: who comes back to one sees its colours at once.
struct SyntaxStore: Equatable {
    private var known: [SyntaxText: [[SyntaxRun]]] = [:]
    /// The oldest first.
    private var order: [SyntaxText] = []
    private var weight = 0
    /// Changes when something came.
    private(set) var version = 0
    /// The one that is being read; never more at a time.
    var asked: SyntaxText?

    private static let most = 4_000_000

    subscript(_ text: SyntaxText) -> [[SyntaxRun]]? { known[text] }

    mutating func take(_ lines: [[SyntaxRun]], of text: SyntaxText) {
        if asked == text { asked = nil }
        guard known[text] == nil else { return }
        known[text] = lines
        order.append(text)
        weight += Self.weight(text, lines)
        version += 1
        // The newest stays: it is before somebody's eyes.
        while weight > Self.most, order.count > 1 {
            let oldest = order.removeFirst()
            if let gone = known.removeValue(forKey: oldest) { weight -= Self.weight(oldest, gone) }
        }
    }

    private static func weight(_ text: SyntaxText, _ lines: [[SyntaxRun]]) -> Int {
        text.text.utf8.count + lines.reduce(0) { $0 + 32 + $1.count * MemoryLayout<SyntaxRun>.size }
    }
}

/// The kinds of words in a file of the diff: the old side's lines are one text and the new side's another.
final class DiffSyntax {
    private var old: SyntaxText
    private var new: SyntaxText
    /// For each line of the file its line in the text of its side; -1: none.
    private var places: [Int32] = []
    private var oldRuns: [[SyntaxRun]]?
    private var newRuns: [[SyntaxRun]]?
    private var seen = -1

    convenience init(_ file: DiffDocument.File) { self.init(path: file.path, file.lines) }

    init(path: String, _ lines: some Collection<DiffLine>) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        old = SyntaxText(.file(name))
        new = SyntaxText(.file(name))
        places.reserveCapacity(lines.count)
        var hasDeleted = false
        for line in lines {
            switch line.kind {
            case .context:
                _ = old.add(line.text)
                places.append(Int32(new.add(line.text) ?? -1))
            case .deleted:
                places.append(Int32(old.add(line.text) ?? -1))
                hasDeleted = true
            case .added: places.append(Int32(new.add(line.text) ?? -1))
            case .gap, .note: places.append(-1)
            }
        }
        // What did not change is read on its new side.
        if !hasDeleted || old.isEmpty { oldRuns = [] }
        if new.isEmpty { newRuns = [] }
    }

    /// What is still to be read.
    func missing(_ store: SyntaxStore) -> SyntaxText? {
        fill(store)
        return newRuns == nil ? new : oldRuns == nil ? old : nil
    }

    func runs(_ number: Int, _ line: DiffLine, _ store: SyntaxStore) -> [SyntaxRun] {
        fill(store)
        let lines = (line.kind == .deleted ? oldRuns : newRuns) ?? []
        let place = Int(places[number])
        return lines.indices.contains(place) ? lines[place] : []
    }

    /// Texts are long: they are looked up only when something came.
    private func fill(_ store: SyntaxStore) {
        guard seen != store.version, newRuns == nil || oldRuns == nil else { return }
        seen = store.version
        if newRuns == nil { newRuns = store[new] }
        if oldRuns == nil { oldRuns = store[old] }
    }
}

extension Dashboard {
    /// The kinds of words in a file; made when somebody looks at it.
    func syntax(_ file: Int, _ document: DiffDocument) -> DiffSyntax {
        shelf.syntax.value(document) { DiffShelf.Pages() }.page(file) { DiffSyntax(document.files[file]) }
    }

    /// Asks for the colours of what was drawn without them, one text after the other.
    mutating func read(_ text: SyntaxText) -> [DashboardEffect] {
        guard !isReadingSyntax, preferences.syntax, syntax[text] == nil else { return [] }
        syntax.asked = text
        return [.readSyntax(text)]
    }

    /// Colours are on their way: what else is without them waits.
    package var isReadingSyntax: Bool { syntax.asked != nil }
}

/// In a line that was drawn without its colours: the text that has them.
final class Uncoloured: Sendable {
    let text: SyntaxText
    init(_ text: SyntaxText) { self.text = text }
}

/// A line of code in the colours of its kinds of words.
func coloured(_ text: String, _ runs: [SyntaxRun]) -> [Span] {
    guard !runs.isEmpty else { return [Span(text, .text)] }
    var spans: [Span] = []
    let count = text.utf8.count
    var at = 0
    func piece(_ upTo: UInt32, _ token: Token) {
        let end = min(Int(upTo), count)
        guard end > at else { return }
        let lower = text.utf8.index(text.startIndex, offsetBy: at), upper = text.utf8.index(text.startIndex, offsetBy: end)
        spans.append(Span(String(text[lower..<upper]), token))
        at = end
    }
    for run in runs {
        piece(run.start, .text)
        piece(run.end, run.token)
    }
    piece(UInt32(clamping: count), .text)
    return spans
}
