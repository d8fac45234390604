import Foundation
import TestKit
import Testing

@testable import Screen

@Test(arguments: [
    ("a", 1), ("é", 1), ("e\u{301}", 1), ("漢", 2), ("ｱ", 1), ("Ａ", 2), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2), ("…", 1), ("●◌◔✓✕↗▌│━▰", 10),
    ("😀", 2), ("👍🏽", 2), ("👩‍👩‍👧‍👦", 2), ("🏳️‍🌈", 1), ("🇩🇪", 2), ("🇩🇪🇫🇷", 4), ("❤️", 1), ("⚠️", 1), ("⌚", 2), ("1️⃣", 1), ("क्षि", 3), ("ไทย", 3), ("สวัสดี", 4),
    ("שלום", 4), ("\u{200B}", 1), ("\u{FEFF}", 1), ("\u{202E}", 1), ("\u{1B}", 1), ("\u{7F}", 1), ("\u{85}", 1), ("\u{301}", 1), ("\u{E000}", 1),
    ("\u{3000}", 2), ("a\u{200D}b", 2),
    ("x\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}", 1), ("🏴\u{E0067}\u{E0062}\u{E007F}", 2), ("", 0),
])
func widths(_ text: String, _ width: Int) {
    #expect(displayWidth(text) == width)
    var frame = Frame(columns: 12, rows: 1)
    #expect(frame.write(text, at: Point(0, 0)) == width)
}

/// Nothing in a frame may make a terminal do anything but draw a character of the width we think.
@Test(arguments: RandomFrames.texts + ["\u{1B}]0;owned\u{7}", "a\r\nb", "\u{9B}2J", "\u{2066}x\u{2069}", "\u{61C}", "\u{E0001}", "\u{FFF9}", "\u{2028}"])
func hostileTextIsShownNotObeyed(_ text: String) {
    var frame = Frame(columns: 60, rows: 1)
    frame.write(text, at: Point(0, 0))
    for cell in frame.cells where cell.width > 0 {
        for (index, scalar) in frame.atlas.scalars(of: cell.glyph).enumerated() {
            let kind = scalarKind(scalar)
            #expect(index == 0 ? [.narrow, .wide, .spacingMark].contains(kind) || scalar == "\u{FFFD}" : kind == .mark, "\(scalar.value)")
        }
        #expect(frame.atlas.scalars(of: cell.glyph).count <= 4)
    }
}

@Test func hostileTextLooksLikeThis() {
    var frame = Frame(columns: 30, rows: 3)
    frame.write("\u{1B}[31mred\u{7}\u{9B}", at: Point(0, 0))
    frame.write("a\u{202E}b\u{200B}c\u{E000}d", at: Point(0, 1))
    frame.write("\u{301}lone 🇩🇪 👩‍👩‍👧 👍🏽 ❤️", at: Point(0, 2))
    #expect((0..<3).map(frame.line) == ["␛[31mred␇·", "a·b·c\u{FFFD}d", "·lone DE 👩 👍 ❤"])
}

@Test func everyScalarHasAKind() {
    var counts: [ScalarKind: Int] = [:]
    for value in UInt32(0)...0x10FFFF {
        guard let scalar = Unicode.Scalar(value) else { continue }
        let kind = scalarKind(scalar)
        counts[kind, default: 0] += 1
        // Swift's own data is the second opinion.
        switch scalar.properties.generalCategory {
        case .control: #expect(kind == .control)
        case .privateUse, .unassigned: #expect(kind == .refused, "\(String(value, radix: 16))")
        case .nonspacingMark, .enclosingMark: #expect(kind == .mark || kind == .selector, "\(String(value, radix: 16))")
        default: #expect(kind != .control && kind != .refused, "\(String(value, radix: 16))")
        }
    }
    #expect(counts[.wide, default: 0] > 120_000)
}

@Test(
    arguments: RandomFrames.texts + [
        "the quick brown fox jumps over it", "  indented text wraps", "a\n\n b\r\nc", "word  word   word", "漢字かな漢字かな", "aaa 漢字漢字 bbb",
    ])
func wrappedLinesFitAndLoseNothing(_ text: String) {
    for width in 1...20 {
        let lines = wrap(text, width: width)
        for line in lines { #expect(displayWidth(String(line)) <= max(width, 2), "\(line)|\(width)") }
        let kept = lines.joined().filter { !$0.isWhitespace }
        #expect(kept == text.filter { !$0.isWhitespace })
    }
}

@Test func wrappingBreaksAtSpaces() {
    func lines(_ text: String, _ width: Int) -> [String] { wrap(text, width: width).map(String.init) }
    #expect(lines("the quick brown fox", 10) == ["the quick", "brown fox"])
    #expect(lines("the quick  brown", 9) == ["the quick", "brown"])
    #expect(lines("  indented unbreakablelongword x", 12) == ["  indented", "unbreakablel", "ongword x"])
    #expect(lines("", 4) == [""])
    #expect(lines("a\n\nb", 4) == ["a", "", "b"])
    #expect(lines("a\r\nb", 4) == ["a", "b"])
    #expect(lines("漢字漢", 5) == ["漢字", "漢"])
    #expect(lines("abc def", 3) == ["abc", "def"])
    #expect(lines("abc ", 3) == ["abc"])
    #expect(wrappedLineCount("a b c", width: 1) == 3)
}

@Test func textIsShortened() {
    #expect(ellipsize("Add OAuth login", width: 9) == "Add OAut…")
    #expect(ellipsize("short", width: 9) == "short")
    #expect(ellipsizePath("src/middleware/auth/session.ts", width: 18) == "…/auth/session.ts")
    #expect(ellipsizePath("session.ts", width: 18) == "session.ts")
    #expect(expandTabs("a\tb\t", stop: 4) == "a   b   ")
    #expect(expandTabs("\tx") == "    x")
}

@Test func numbersAreShort() {
    #expect(
        [0, 999, 1_000, 1_234, 45_200, 452_000, 999_949, 999_950, 1_900_000, 12_345_678].map(compact) == [
            "0", "999", "1.0k", "1.2k", "45.2k", "452k", "1000k", "1.0M", "1.9M", "12.3M",
        ])
    #expect([0, 1_000, 180_000, 4_120_000, 1_240_000_000].map { dollars(micros: $0) } == ["$0", "$0.001", "$0.18", "$4.12", "$1,240"])
    #expect([0, 59, 60, 3_600, 90_000, 6_000_000].map { age(seconds: $0) } == ["0s", "59s", "1m", "1h", "1d", "9w"])
    #expect([34, 754, 7_500, 270_000].map { duration(seconds: $0) } == ["34s", "12m34s", "2h05m", "3d3h"])
    #expect([812, 45_000, 612_000_000].map(byteSize) == ["812 B", "45.0 kB", "612 MB"])
    #expect(grouped(4812) == "4,812")
}

@Test func columnsShareTheWidth() {
    let wishes = [ColumnWish(minimum: 18, ideal: 22), ColumnWish(minimum: 40, ideal: 50, share: 1), ColumnWish(minimum: 30, ideal: 40, share: 2)]
    #expect(columnWidths(wishes, in: 120, gap: 1) == [22, 52, 44])
    #expect(columnWidths(wishes, in: 90, gap: 1) == [18, 40, 30])
    #expect(columnWidths(wishes, in: 80, gap: 1) == [22, 57, 0])
    #expect(columnWidths(wishes, in: 10) == [0, 0, 0])
    for width in 0..<200 { #expect(columnWidths(wishes, in: width, gap: 1).reduce(0, +) <= width) }
    #expect(Rect(0, 1, 120, 34).columns(wishes, gap: 1).map(\.column) == [0, 23, 76])
}
