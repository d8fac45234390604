import Domain
import Screen

/// A word to look for: small letters find capitals, too.
struct Needle: Equatable {
    private let bytes: [UInt8]

    init(_ text: String) { bytes = text.utf8.map(Self.small) }

    var isEmpty: Bool { bytes.isEmpty }

    /// Where it stands, in bytes.
    func ranges(in text: String) -> [Range<Int>] {
        var text = text, found: [Range<Int>] = []
        text.withUTF8 { hay in
            var index = 0
            while let start = first(in: hay, from: index) {
                index = start + bytes.count
                found.append(start..<index)
            }
        }
        return found
    }

    func isIn(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { first(in: $0, from: 0) != nil }
    }
    func isIn(_ line: Line) -> Bool { isIn(line.spans.joined) }

    /// A diff may have a hundred thousand lines, and each letter that is typed looks through all of them.
    private func first(in hay: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard let head = bytes.first, hay.count >= start + bytes.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            for index in start...hay.count - bytes.count where Self.small(hay[index]) == head {
                var length = 1
                while length < bytes.count, Self.small(hay[index + length]) == bytes[length] { length += 1 }
                if length == bytes.count { return index }
            }
            return nil
        }
    }

    private static func small(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
}

extension [Span] {
    var joined: String { reduce(into: "") { $0 += $1.text } }

    /// With what was searched for on a bright background.
    func marking(_ needle: Needle, isFound: Bool) -> [Span] {
        let ranges = needle.ranges(in: joined)
        guard !ranges.isEmpty else { return self }
        var marked: [Span] = []
        var start = 0
        for span in self {
            var at = 0
            let count = span.text.utf8.count
            func piece(_ upTo: Int, _ paint: Paint) {
                guard upTo > at else { return }
                let lower = span.text.utf8.index(span.text.startIndex, offsetBy: at), upper = span.text.utf8.index(span.text.startIndex, offsetBy: upTo)
                marked.append(Span(String(span.text[lower..<upper]), paint, link: span.link))
                at = upTo
            }
            for range in ranges where range.upperBound > start && range.lowerBound < start + count {
                piece(Swift.max(0, range.lowerBound - start), span.paint)
                piece(Swift.min(count, range.upperBound - start), isFound ? Paint(.on, on: .wait, .bold) : Paint(.text, on: .sel, .underline))
            }
            piece(count, span.paint)
            start += count
        }
        return marked
    }
}

extension Line {
    func marking(_ needle: Needle, isFound: Bool) -> Line {
        var line = self
        line.spans = spans.marking(needle, isFound: isFound)
        return line
    }
}

// MARK: Searching, in the activity and in the diff

extension Dashboard {
    mutating func performFind(_ intent: Intent) {
        switch intent {
        case .find:
            if ui.find == nil { ui.find = UI.Find(tab: ui.tab, origin: ui.activity.anchor, diffOrigin: ui.diff) }
            ui.find?.isEditing = true
            ui.find?.editor.moveToEnd()
        case .findNext(let step): if ui.find?.tab == .diff { findNextInDiff(step) } else { findNext(step) }
        case .findKeep:
            ui.find?.isEditing = false
            if ui.find?.editor.isEmpty == true { ui.find = nil }
        case .findClear:
            leaveFound()
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
        leaveFound()
        if ui.find?.tab == .diff { return findInDiff() }
        guard ui.find != nil, let (flow, height) = flow, let top = flow.window(ui.activity.anchor, height: height).rows.first?.place else { return }
        seek(from: top, 1, isInclusive: true)
    }

    /// Back to where the search began.
    private mutating func leaveFound() {
        guard let find = ui.find else { return }
        ui.find?.match = nil
        ui.find?.place = nil
        switch find.tab {
        case .diff:
            ui.diff.top = find.diffOrigin.top
            ui.diff.left = find.diffOrigin.left
            ui.diff.file = find.diffOrigin.file
            ui.diff.folded = find.diffOrigin.folded
        case .activity, .requests, .term, .info: ui.activity.anchor = find.origin
        }
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
