import Domain
import Screen

/// A row of the diff on the screen: numbers only, so that rows of a large diff are made at each frame.
enum DiffRow: Equatable {
    case file(Int)
    /// The air between two files.
    case space(Int)
    /// Nothing but words: deleted, binary.
    case empty(Int)
    case line(Int, Int)
    /// Old and new side by side; -1: nothing there.
    case pair(Int, left: Int, right: Int)

    var file: Int {
        switch self {
        case .file(let file), .space(let file), .empty(let file), .line(let file, _), .pair(let file, _, _): file
        }
    }
}

func diffRows(_ document: DiffDocument, sides: Bool, folded: Set<String>) -> [DiffRow] {
    var rows: [DiffRow] = []
    for (index, file) in document.files.enumerated() {
        if index > 0, !folded.contains(document.files[index - 1].path) { rows.append(.space(index - 1)) }
        rows.append(.file(index))
        if folded.contains(file.path) { continue }
        if file.lines.isEmpty { rows.append(.empty(index)) }
        if sides { rows += pairs(file.lines, index) } else { rows += file.lines.indices.map { .line(index, $0) } }
    }
    return rows
}

private func pairs(_ lines: [DiffLine], _ file: Int) -> [DiffRow] {
    var rows: [DiffRow] = []
    var done = 0
    func plain(_ upTo: Int) {
        for index in done..<upTo {
            let isContext = lines[index].kind == .context
            rows.append(isContext ? .pair(file, left: index, right: index) : .line(file, index))
        }
    }
    forEachChange(lines) { deleted, added in
        plain(deleted.lowerBound)
        for offset in 0..<max(deleted.count, added.count) {
            rows.append(
                .pair(
                    file, left: offset < deleted.count ? deleted.lowerBound + offset : -1, right: offset < added.count ? added.lowerBound + offset : -1))
        }
        done = added.upperBound
    }
    plain(lines.count)
    return rows
}

/// Rows at which a change begins.
func hunkStarts(_ rows: [DiffRow], _ document: DiffDocument) -> [Int] {
    func isChange(_ row: DiffRow) -> Bool {
        func changed(_ file: Int, _ line: Int) -> Bool {
            guard line >= 0 else { return true }
            let kind = document.files[file].lines[line].kind
            return kind == .added || kind == .deleted
        }
        switch row {
        case .line(let file, let line): return changed(file, line)
        case .pair(let file, let left, let right): return changed(file, left) || changed(file, right)
        case .file, .space, .empty: return false
        }
    }
    return rows.indices.filter { isChange(rows[$0]) && ($0 == 0 || !isChange(rows[$0 - 1])) }
}

/// The changes of the last turn, from its tools: file by file, edit after edit.
func turnDocument(_ items: [TranscriptItem]) -> DiffDocument {
    let start = items.lastIndex { $0.kind == .user && $0.depth == 0 } ?? 0
    var files: [DiffDocument.File] = []
    for item in items[min(start, items.count)...] {
        guard let tool = item.tool, let diff = tool.diff, !diff.isEmpty else { continue }
        let lines = diffLines(of: diff)
        let path = tool.target.firstLine
        let additions = lines.count { $0.kind == .added }, deletions = lines.count { $0.kind == .deleted }
        if let index = files.firstIndex(where: { $0.path == path }) {
            if lines.first.map({ if case .gap = $0.kind { false } else { true } }) ?? false {
                files[index].lines.append(DiffLine(kind: .gap(0, ""), number: 0, text: ""))
            }
            files[index].lines += lines
            files[index].additions += additions
            files[index].deletions += deletions
        } else {
            files.append(
                DiffDocument.File(
                    path: path, status: tool.name == "write" && deletions == 0 ? "added" : "modified", additions: additions, deletions: deletions, lines: lines)
            )
        }
    }
    return DiffDocument(files: files)
}

/// What was made of the diff last, so that no frame and no key makes it again. Nothing follows from it but speed.
final class DiffShelf {
    struct Recipe: Equatable {
        var document: DiffDocument?
        /// The newest change of the transcript that a turn's document was made of.
        var revision: Int
        var ignoresSpaces: Bool
    }
    struct RowsRecipe: Equatable {
        var document: DiffDocument
        var hasSides: Bool
        var folded: Set<String>
    }
    struct PlacesRecipe: Equatable {
        var document: DiffDocument
        var hasSides: Bool
        var needle: Needle
    }
    var document = Made<Recipe, DiffDocument?>()
    var rows = Made<RowsRecipe, [DiffRow]>()
    var places = Made<PlacesRecipe, [DiffPlace.Found]>()
    var syntax = Made<DiffDocument, Pages>()

    /// The files of a document that were looked at.
    final class Pages {
        private var pages: [Int: DiffSyntax] = [:]

        func page(_ file: Int, _ make: () -> DiffSyntax) -> DiffSyntax {
            if let page = pages[file] { return page }
            let page = make()
            // More than a screen has room for.
            if pages.count > 60 { pages = [:] }
            pages[file] = page
            return page
        }
    }

    /// The last value and what it was made of.
    struct Made<Recipe: Equatable, Value> {
        private var recipe: Recipe?
        private var value: Value?

        mutating func value(_ recipe: Recipe, _ make: () -> Value) -> Value {
            let isKnown = recipe == self.recipe
            // Arrays that share their storage are compared at no cost: the newest is kept.
            self.recipe = recipe
            if isKnown, let value { return value }
            let made = make()
            value = made
            return made
        }
    }
}

// MARK: Moving about in it

extension Dashboard {
    /// What is shown of the selected agent's changes, as the person wants it.
    var diffDocument: DiffDocument? {
        guard let id = ui.selected else { return nil }
        switch ui.diff.source {
        case .tree:
            guard case .ready(let document)? = model.diffs[id] else { return nil }
            guard ui.diff.ignoresSpaces else { return document }
            return shelf.document.value(DiffShelf.Recipe(document: document, revision: 0, ignoresSpaces: true)) { document.ignoringSpaces() }
        case .turn:
            guard model.transcript.agent == id else { return nil }
            let revision = model.transcript.lastRevision, ignoresSpaces = ui.diff.ignoresSpaces
            return shelf.document.value(DiffShelf.Recipe(document: nil, revision: revision, ignoresSpaces: ignoresSpaces)) {
                let document = turnDocument(model.transcript.items)
                return ignoresSpaces ? document.ignoringSpaces() : document
            }
        }
    }

    var hasSides: Bool { ui.diff.isSideBySide && DiffLayout.hasSides(detailLayout().content.columns) }

    /// The rows as they are on the screen.
    func shownDiffRows(_ document: DiffDocument) -> [DiffRow] {
        let hasSides = hasSides, folded = ui.diff.folded
        return shelf.rows.value(DiffShelf.RowsRecipe(document: document, hasSides: hasSides, folded: folded)) {
            diffRows(document, sides: hasSides, folded: folded)
        }
    }

    /// Rows that have room on the screen.
    func diffRoom(_ document: DiffDocument) -> Int { max(1, DiffLayout(detailLayout().content, files: document.files.count).lines.rows) }

    /// The largest useful first row.
    var diffLastTop: Int {
        guard let document = diffDocument else { return 0 }
        return max(0, shownDiffRows(document).count - diffRoom(document))
    }

    mutating func scrollDiff(to top: Int) {
        ui.diff.top = max(0, min(diffLastTop, top))
        guard let document = diffDocument else { return }
        let rows = shownDiffRows(document)
        if rows.indices.contains(ui.diff.top) { ui.diff.file = rows[ui.diff.top].file }
    }

    mutating func turnFile(_ step: Int) {
        guard let document = diffDocument, !document.files.isEmpty else { return }
        showFile(max(0, min(document.files.count - 1, ui.diff.file + step)))
    }

    mutating func showFile(_ file: Int) {
        guard let document = diffDocument, document.files.indices.contains(file) else { return }
        ui.diff.file = file
        ui.diff.top = max(0, min(diffLastTop, shownDiffRows(document).firstIndex(of: .file(file)) ?? 0))
    }

    mutating func foldFile(_ file: Int) {
        guard let document = diffDocument, document.files.indices.contains(file) else { return }
        ui.diff.folded.formSymmetricDifference([document.files[file].path])
        let rows = shownDiffRows(document)
        let start = rows.firstIndex(of: .file(file)) ?? 0
        // A file that was folded from its middle is still there.
        if start < ui.diff.top { ui.diff.top = start }
        ui.diff.file = file
        ui.diff.top = min(ui.diff.top, diffLastTop)
    }

    mutating func performDiff(_ intent: Intent) {
        if intent == .diffSource {
            ui.diff.source = ui.diff.source == .tree ? .turn : .tree
            (ui.diff.file, ui.diff.top, ui.diff.left, ui.diff.folded) = (0, 0, 0, [])
        }
        guard let document = diffDocument else { return }
        switch intent {
        case .turnHunk(let step): turnHunk(step, document)
        case .diffShift(let step): shiftDiff(by: step * max(4, diffCodeRoom(document) / 2))
        case .diffSides:
            let file = ui.diff.file
            ui.diff.isSideBySide.toggle()
            ui.diff.left = 0
            showFile(file)
        case .diffSpaces:
            ui.diff.ignoresSpaces.toggle()
            ui.diff.top = min(ui.diff.top, diffLastTop)
        case .diffFold:
            let all = Set(document.files.map(\.path))
            ui.diff.folded = ui.diff.folded == all ? [] : all
            showFile(ui.diff.file)
        default: break
        }
    }

    /// Cells for code in a row; on one side, where there are two.
    func diffCodeRoom(_ document: DiffDocument) -> Int {
        let columns = DiffLayout(detailLayout().content, files: document.files.count).lines.columns
        let numbers = document.numberWidth(columns)
        return max(4, (hasSides ? (columns - 1) / 2 : columns) - (numbers > 0 ? numbers + 1 : 0) - 4)
    }

    /// As far as the longest line in the window reaches.
    mutating func shiftDiff(by cells: Int) {
        guard let document = diffDocument else { return }
        let longest = shownDiffRows(document).dropFirst(ui.diff.top).prefix(diffRoom(document)).reduce(0) { longest, row in
            row.places.reduce(longest) { max($0, $1.line < 0 ? 0 : displayWidth(expandTabs(document.files[$1.file].lines[$1.line].text))) }
        }
        ui.diff.left = max(0, min(max(ui.diff.left, longest - diffCodeRoom(document)), ui.diff.left + cells))
    }

    /// The change comes to the third row, so that what stands before it is seen.
    private mutating func turnHunk(_ step: Int, _ document: DiffDocument) {
        let rows = shownDiffRows(document)
        let starts = hunkStarts(rows, document)
        let here = ui.diff.top + 2
        let next = step > 0 ? starts.first { $0 > here } : starts.last { $0 < here }
        guard let next else { return }
        ui.diff.top = max(0, min(diffLastTop, next - 2))
        ui.diff.file = rows[next].file
    }
}
