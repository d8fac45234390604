import Domain
import Screen

/// In these files a span is a piece of painted text, and a length of time says so.
typealias Span = Screen.Span
typealias TimeSpan = Domain.Span

/// Whole seconds from one moment to a later one; 0 when it is not later. Records may hold any number: nothing here traps.
func seconds(from start: Timestamp, to end: Timestamp) -> Int {
    let (span, overflow) = end.milliseconds.subtractingReportingOverflow(start.milliseconds)
    return overflow || span < 0 ? 0 : Int(span / 1000)
}

/// Dollars as `Screen.dollars` wants them, whatever a server sent.
func micros(_ dollars: Double) -> Int { dollars.isFinite ? Int(max(-1e12, min(1e12, dollars)) * 1_000_000) : 0 }

extension Now {
    /// Ages are counted to the last full minute, those under a minute to the last full five seconds: all of them change at the same moment, so a quiet
    /// screen wakes up once a minute at most, and every five seconds only while something on it is that young.
    var minute: Timestamp { Timestamp(milliseconds: wall.milliseconds - wall.milliseconds % 60_000) }
    var beat: Timestamp { Timestamp(milliseconds: wall.milliseconds - wall.milliseconds % 5_000) }

    /// "now", "8s", "4m", "2h", "3d".
    func age(of moment: Timestamp) -> String {
        let young = seconds(from: moment, to: beat)
        if young < 60 { return young == 0 ? "now" : Screen.age(seconds: young) }
        let count = max(60, seconds(from: moment, to: minute))
        return count > 600_000_000 ? "long" : Screen.age(seconds: count)
    }

    /// When `age(of:)` will read differently.
    func nextAge(of moment: Timestamp) -> Timestamp {
        let young = seconds(from: moment, to: beat)
        if young < 60 {
            // Never the present beat, or the deadline would not move.
            let soon = beat.milliseconds + 5_000
            guard young == 0 else { return Timestamp(milliseconds: soon) }
            let (first, overflow) = moment.milliseconds.addingReportingOverflow(1_000 + 4_999)
            return Timestamp(milliseconds: overflow ? .max : max(soon, first / 5_000 * 5_000))
        }
        let count = max(60, seconds(from: moment, to: minute))
        let unit = count < 3600 ? 60 : count < 86_400 ? 3600 : 86_400
        let next = moment.milliseconds &+ Int64((count / unit + 1) * unit) &* 1000
        // The first full minute at which it is so.
        let rounded = (next &+ 59_999) / 60_000 &* 60_000
        return Timestamp(milliseconds: max(rounded, minute.milliseconds + 60_000))
    }

    /// `12:34:02` or `12:34` in the person's time zone.
    func clock(_ moment: Timestamp, withSeconds: Bool = true) -> String {
        let shifted = moment.milliseconds / 1000 &+ Int64(zoneMinutes) * 60
        let second = Int((shifted % 86_400 + 86_400) % 86_400)
        var bytes: [UInt8] = []
        func put(_ value: Int) { bytes += [UInt8(0x30 + value / 10), UInt8(0x30 + value % 10)] }
        put(second / 3600)
        bytes.append(0x3A)
        put(second / 60 % 60)
        if withSeconds {
            bytes.append(0x3A)
            put(second % 60)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// The first line of what an agent said, without the marks of Markdown: one line has no headings and no lists.
    var unmarkedLine: String {
        var line = firstLine[...]
        func drop(_ byte: UInt8) -> Bool {
            guard line.utf8.first == byte else { return false }
            line = Substring(line.utf8.drop { $0 == byte }.drop { $0 == 0x20 })
            return true
        }
        while drop(0x23) || drop(0x3E) {}
        if line.utf8.dropFirst().first == 0x20, let first = line.utf8.first, first == 0x2D || first == 0x2A || first == 0x2B { line = line.dropFirst(2) }
        guard line.utf8.contains(where: { $0 == 0x2A || $0 == 0x60 || $0 == 0x7E }) else { return String(line) }
        // Stars and backticks that come in pairs; a lone one is a sign like any other.
        var text = String(line)
        for mark in ["**", "`", "~~"] {
            let parts = text.split(separator: mark, omittingEmptySubsequences: false)
            if parts.count >= 3, parts.count % 2 == 1 { text = parts.joined() }
        }
        return text
    }
    /// Without spaces and line ends around it.
    var trimmed: String {
        if let first = utf8.first, let last = utf8.last, first > 0x20, first < 0x7F, last > 0x20, last < 0x7F { return self }
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
    var lineCount: Int { isEmpty ? 0 : utf8.reduce(1) { $0 + ($1 == 10 ? 1 : 0) } }
    func padded(to width: Int) -> String {
        let missing = width - displayWidth(self)
        return missing > 0 ? self + String(repeating: " ", count: missing) : self
    }
}

/// What a model is called where room is short: `anthropic/claude-sonnet-4-5-20250929` is `sonnet-4.5`: no provider, no date, versions with a dot.
func shortModel(_ id: String) -> String {
    let start = id.utf8.lastIndex(of: UInt8(ascii: "/")).map { id.utf8.index(after: $0) } ?? id.startIndex
    var name = Array(start < id.endIndex ? id.utf8[start...] : id.utf8[...])
    if name.starts(with: "claude-".utf8) { name.removeFirst(7) }
    func isDigit(_ index: Int) -> Bool { name[index] >= 0x30 && name[index] <= 0x39 }
    if name.count > 9, name[name.count - 9] == dash, (name.count - 8..<name.count).allSatisfy(isDigit) { name.removeLast(9) }
    let end = name.count
    // A single digit behind a single digit behind a name.
    if end > 4, isDigit(end - 1), name[end - 2] == dash, isDigit(end - 3), name[end - 4] == dash { name[end - 2] = UInt8(ascii: ".") }
    return String(decoding: name, as: UTF8.self)
}

private let dash = UInt8(ascii: "-")

/// "+24 -3"; what is nothing is left out.
func changeSpans(additions: Int, deletions: Int) -> [Span] {
    var spans: [Span] = []
    if additions > 0 || deletions == 0 { spans.append(Span("+\(additions)", .add)) }
    if deletions > 0 { spans.append(Span((spans.isEmpty ? "" : " ") + "-\(deletions)", .dele)) }
    return spans
}

/// A base as people read it: a commit by its first letters.
func shortBase(_ base: String) -> String {
    base.utf8.count >= 40 && base.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) } ? String(base.prefix(8)) : base
}

/// What its colour says.
extension Status {
    var token: Token {
        switch self {
        case .waiting: .wait
        case .failed: .fail
        case .limited, .quiet: .limit
        case .running: .run
        case .moving: .move
        case .starting, .provisioning: .run
        case .done: .done
        case .unknown, .paused, .stopped: .off
        }
    }
}
