import Domain
import Screen

/// A word to look for: small letters find capitals, too.
struct Needle {
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = text.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    }

    var isEmpty: Bool { bytes.isEmpty }

    /// Where it stands, in bytes.
    func ranges(in text: String, first: Bool = false) -> [Range<Int>] {
        guard let start = bytes.first else { return [] }
        var text = text, found: [Range<Int>] = []
        text.withUTF8 { hay in
            var index = 0
            while index + bytes.count <= hay.count {
                if Self.small(hay[index]) == start, bytes.indices.allSatisfy({ Self.small(hay[index + $0]) == bytes[$0] }) {
                    found.append(index..<index + bytes.count)
                    if first { return }
                    index += bytes.count
                } else {
                    index += 1
                }
            }
        }
        return found
    }

    func isIn(_ text: String) -> Bool { !ranges(in: text, first: true).isEmpty }
    func isIn(_ line: Line) -> Bool { isIn(line.spans.reduce(into: "") { $0 += $1.text }) }

    private static func small(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
}

extension Line {
    /// The line with what was searched for on a bright background.
    func marking(_ needle: Needle, isFound: Bool) -> Line {
        let ranges = needle.ranges(in: spans.reduce(into: "") { $0 += $1.text })
        guard !ranges.isEmpty else { return self }
        var line = self
        line.spans = []
        var start = 0
        for span in spans {
            var at = 0
            let count = span.text.utf8.count
            func piece(_ upTo: Int, _ paint: Paint) {
                guard upTo > at else { return }
                let lower = span.text.utf8.index(span.text.startIndex, offsetBy: at), upper = span.text.utf8.index(span.text.startIndex, offsetBy: upTo)
                line.spans.append(Span(String(span.text[lower..<upper]), paint))
                at = upTo
            }
            for range in ranges where range.upperBound > start && range.lowerBound < start + count {
                piece(max(0, range.lowerBound - start), span.paint)
                piece(min(count, range.upperBound - start), isFound ? Paint(.on, on: .wait, .bold) : Paint(.text, on: .sel, .underline))
            }
            piece(count, span.paint)
            start += count
        }
        return line
    }
}

// MARK: Searching in the activity

extension Dashboard {
    mutating func performFind(_ intent: Intent) {
        switch intent {
        case .find:
            if ui.find == nil { ui.find = UI.Find(origin: ui.activity.anchor) }
            ui.find?.isEditing = true
            ui.find?.editor.moveToEnd()
        case .findNext(let step): findNext(step)
        case .findKeep:
            ui.find?.isEditing = false
            if ui.find?.editor.isEmpty == true { ui.find = nil }
        case .findClear:
            ui.activity.anchor = ui.find?.origin
            ui.find = nil
        default: break
        }
    }

    /// True: taken. Every letter looks again.
    mutating func pressInFind(_ key: Key) -> Bool {
        guard key != .enter, key != .escape, key != .up, key != .down, ui.find?.editor.handle(key, width: 1000) == true else { return false }
        findAgain()
        return true
    }

    /// What was typed, from where the search began: in the window or below it, else above.
    mutating func findAgain() {
        guard let find = ui.find else { return }
        ui.activity.anchor = find.origin
        ui.find?.match = nil
        guard let (flow, height) = flow, let top = flow.window(ui.activity.anchor, height: height).rows.first?.place else { return }
        seek(from: top, 1, isInclusive: true)
    }

    private mutating func findNext(_ step: Int) {
        guard let (flow, _) = flow else { return }
        guard let match = ui.find?.match, let place = flow.place(of: match) else { return findAgain() }
        seek(from: place, step, isInclusive: false)
    }

    /// Goes round the whole conversation once.
    private mutating func seek(from start: Flow.Place, _ step: Int, isInclusive: Bool) {
        guard let find = ui.find, let (flow, height) = flow, flow.count > 0 else { return }
        let needle = Needle(find.editor.text)
        guard !needle.isEmpty else { return }
        for offset in 0...flow.count {
            let block = ((start.block + step * offset) % flow.count + flow.count) % flow.count
            // The block where it began is looked at twice: beyond the start, and at the end up to it.
            let limit = offset == 0 ? start : nil
            if let place = flow.place(of: needle, in: block, step, beyond: limit, isInclusive: isInclusive) { return found(place, flow, height) }
            if let hidden = flow.hidden(block), needle.isIn(hidden), !ui.activity.toggled.contains(flow.id(block)), open(block, flow, needle, step) { return }
        }
        ui.find?.match = nil
    }

    /// Opens a tool whose output has the word.
    private mutating func open(_ block: Int, _ before: Flow, _ needle: Needle, _ step: Int) -> Bool {
        let id = before.id(block)
        ui.activity.toggled.insert(id)
        guard let (flow, height) = flow, let place = flow.place(of: needle, in: block, step, beyond: nil, isInclusive: true) else {
            ui.activity.toggled.remove(id)
            return false
        }
        found(place, flow, height)
        return true
    }

    private mutating func found(_ place: Flow.Place, _ flow: Flow, _ height: Int) {
        ui.find?.match = flow.anchor(place)
        ui.activity.chosen = flow.id(place.block)
        ui.activity.anchor = flow.showing(place, ui.activity.anchor, height: height)
    }
}

extension Flow {
    /// The first line of a block with a word, in the direction of `step`, beyond a place in it.
    fileprivate func place(of needle: Needle, in block: Int, _ step: Int, beyond start: Place?, isInclusive: Bool) -> Place? {
        let parts = Array(0..<partCount(block))
        for part in step > 0 ? parts : parts.reversed() {
            if let source = source(block, part), !needle.isIn(source) { continue }
            let lines = Array(lines(block, part).enumerated())
            for (number, line) in step > 0 ? lines : lines.reversed() where needle.isIn(line) {
                let place = Place(block: block, part: part, line: number)
                if let start, step > 0 ? place < start : place > start { continue }
                if !isInclusive, place == start { continue }
                return place
            }
        }
        return nil
    }
}
