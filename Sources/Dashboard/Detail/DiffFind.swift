import Screen

/// A line of the diff: what a search finds.
package struct DiffPlace: Equatable, Sendable {
    package var file: Int
    /// -1: the file's name.
    package var line: Int

    /// With its row among all rows, none of them folded.
    struct Found: Equatable {
        var place: DiffPlace
        var row: Int
    }
}

extension DiffRow {
    /// The lines in a row, in the order in which they are read.
    var places: [DiffPlace] {
        switch self {
        case .file(let file): [DiffPlace(file: file, line: -1)]
        case .line(let file, let line): [DiffPlace(file: file, line: line)]
        case .pair(let file, let left, let right):
            (left < 0 || left == right ? [right] : right < 0 ? [left] : [left, right]).map { DiffPlace(file: file, line: $0) }
        case .space, .empty: []
        }
    }
}

extension DiffDocument {
    /// What a search reads: what is on the screen.
    func words(_ place: DiffPlace) -> String {
        guard place.line >= 0 else { return files[place.file].path }
        let line = files[place.file].lines[place.line]
        if case .gap(_, let heading) = line.kind { return heading }
        return line.text
    }
}

extension Dashboard {
    /// Every line with what is searched for, from the first to the last, in folded files, too.
    private func places(_ document: DiffDocument, _ needle: Needle) -> [DiffPlace.Found] {
        let hasSides = hasSides
        return shelf.places.value(DiffShelf.PlacesRecipe(document: document, hasSides: hasSides, needle: needle)) {
            var places: [DiffPlace.Found] = []
            guard !needle.isEmpty else { return places }
            for (number, row) in diffRows(document, sides: hasSides, folded: []).enumerated() {
                for place in row.places where needle.isIn(document.words(place)) { places.append(DiffPlace.Found(place: place, row: number)) }
            }
            return places
        }
    }

    /// Which of how many places was found.
    var found: (number: Int, count: Int)? {
        guard let find = ui.find, find.tab == .diff, let place = find.place, let document = diffDocument else { return nil }
        let places = places(document, find.needle)
        return places.firstIndex { $0.place == place }.map { ($0 + 1, places.count) }
    }

    /// The first place in the window or below it, else the first of all.
    mutating func findInDiff() {
        guard let find = ui.find, let document = diffDocument else { return }
        ui.find?.place = nil
        let places = places(document, find.needle), rows = shownDiffRows(document)
        guard !places.isEmpty, rows.indices.contains(ui.diff.top) else { return }
        let top = rows[ui.diff.top]
        let start = diffRows(document, sides: hasSides, folded: []).firstIndex(of: top) ?? 0
        show((places.first { $0.row >= start } ?? places[0]).place, document)
    }

    /// Round and round. When the diff has changed meanwhile, from what is before the person's eyes.
    mutating func findNextInDiff(_ step: Int) {
        guard let find = ui.find, let document = diffDocument else { return }
        let places = places(document, find.needle)
        guard let here = places.firstIndex(where: { $0.place == find.place }) else { return findInDiff() }
        show(places[(here + step + places.count) % places.count].place, document)
    }

    /// The word is in sight, too, with some cells around it; lines that have room stand at their beginning.
    private mutating func showColumn(of place: DiffPlace, _ document: DiffDocument) {
        let text = document.words(place)
        guard place.line >= 0, let range = ui.find?.needle.ranges(in: text).first else { return }
        let start = displayWidth(expandTabs(String(decoding: text.utf8.prefix(range.lowerBound), as: UTF8.self)))
        let end = displayWidth(expandTabs(String(decoding: text.utf8.prefix(range.upperBound), as: UTF8.self))), room = diffCodeRoom(document)
        if end <= room {
            ui.diff.left = 0
        } else if start < ui.diff.left || end > ui.diff.left + room {
            ui.diff.left = max(0, min(start, end + room / 4 - room))
        }
    }

    /// Opens its file; the window moves only when the line is not in it, and then has some lines above it.
    private mutating func show(_ place: DiffPlace, _ document: DiffDocument) {
        ui.find?.place = place
        ui.diff.file = place.file
        if place.line >= 0 { ui.diff.folded.remove(document.files[place.file].path) }
        showColumn(of: place, document)
        let room = diffRoom(document)
        guard let row = shownDiffRows(document).firstIndex(where: { $0.places.contains(place) }), !(ui.diff.top..<ui.diff.top + room).contains(row) else {
            return
        }
        ui.diff.top = max(0, min(diffLastTop, row - room / 3))
    }
}
