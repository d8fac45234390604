import Screen
import Testing

@testable import Terminal

@Suite struct LinkTests {
    @Test(
        arguments: [
            ("https://example.org/a?b=c;d#e", "https://example.org/a?b=c;d#e"), ("HTTP://x", "HTTP://x"), ("mailto:a@b.org", "mailto:a@b.org"),
            ("https://ä.example/漢", "https://%C3%A4.example/%E6%BC%A2"), ("file:///etc/passwd", nil), ("javascript:alert(1)", nil), ("https:", nil), ("", nil),
            ("https://a b", nil), ("https://a\u{1B}]8;;", nil), ("https://a\u{07}", nil), ("https://a\u{9C}b", "https://a%C2%9Cb"), ("https://a\n", nil),
            ("data:text/html,x", nil), ("//x", nil), ("example.org", nil), ("https", nil),
        ] as [(String, String?)])
    func onlyPagesAndMailAreLinks(_ target: String, _ address: String?) { #expect(linkAddress(target) == address) }

    @Test func theyAreBounded() {
        #expect(linkAddress("https://" + String(repeating: "a", count: 1_992)) != nil && linkAddress("https://" + String(repeating: "a", count: 1_993)) == nil)
        #expect(linkAddress("https://" + String(repeating: "ö", count: 900)) == nil)
    }

    @Test func anAtlasHasRoomForSome() {
        let atlas = Atlas()
        let numbers = (0..<400).map { atlas.number(ofLink: "https://example.org/\($0)") }
        #expect(Set(numbers.prefix(255)).count == 255 && numbers[255...].allSatisfy { $0 == 0 } && atlas.isCrowded)
        #expect(atlas.number(ofLink: "https://example.org/7") == numbers[7])
    }

    @Test func theFrameKnowsWhereItsCellsLead() {
        var frame = Frame(columns: 12, rows: 1)
        frame.write([Span("a ", .text), Span("漢b", .text, link: "https://x.org"), Span(" c", .text)], at: Point(0, 0))
        #expect(frame.cells.map { Int($0.link) } == [0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
        let same = frame
        frame.write("z", at: Point(2, 0))
        #expect(frame.cells[2].link == 0 && difference(from: same, to: frame).count == 1)
        // The same words, leading elsewhere, are a difference.
        var other = same
        other.link(Rect(2, 0, 3, 1), "https://y.org")
        #expect(difference(from: same, to: other).map(\.columns) == [2..<5])
    }

    @Test(
        arguments: [
            (["TERM": "xterm-256color"], false), (["TERM": "xterm-kitty"], true), (["TERM": "foot"], true),
            (["TERM": "xterm-256color", "VTE_VERSION": "7200"], true),
            (["TERM": "xterm-256color", "VTE_VERSION": "4804"], false), (["TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"], true),
            (["TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"], true), (["TERM": "xterm-256color", "KONSOLE_VERSION": "220401"], true),
            (["TERM": "xterm-256color", "WT_SESSION": "1"], true), (["TERM": "linux", "WT_SESSION": "1"], false), (["TERM": "vt100"], false),
            (["TERM": "screen"], false),
            (["TERM": "screen-256color", "STY": "1.x", "WT_SESSION": "1"], false),
            (["TERM": "tmux-256color", "TMUX": "x", "VTE_VERSION": "7200"], false),
            (["TERM": "tmux-256color", "TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.3a"], false),
            (["TERM": "tmux-256color", "TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4"], true),
            (["TERM": "tmux-256color", "TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "next-3.6"], true),
            (["TERM": "xterm-256color", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4", "TMUX": "x", "WT_SESSION": "1"], true),
        ] as [([String: String], Bool)])
    func terminalsSayWhatTheyAre(_ variables: [String: String], _ bears: Bool) {
        #expect(TerminalEnvironment.bearsLinks { variables[$0] } == bears)
    }
}
