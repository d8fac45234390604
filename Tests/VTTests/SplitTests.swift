import Screen
import Testing
import VT

/// What it shows after some bytes, all of it.
struct Shown: Equatable {
    var grid: Grid
    var above: [String]
    var title: String
    var modes: [Bool]
    var answers: [UInt8]

    init(_ pieces: [ArraySlice<UInt8>], _ size: Size = Size(columns: 24, rows: 6)) {
        let terminal = VT(size, history: 50)
        for piece in pieces { terminal.feed(piece) }
        answers = terminal.takeAnswers()
        grid = terminal.grid()
        (title, modes) = (terminal.title, [terminal.isAlternate, terminal.wantsMouse])
        above = []
        while terminal.scrolled < terminal.above {
            terminal.scroll(to: terminal.scrolled + 1)
            above.append(terminal.grid().lines[0])
        }
    }

    init(_ text: String) { self.init([Array(text.utf8)[...]]) }
}

/// The same bytes in any two pieces, and one by one, give the same screen.
@Suite struct SplitTests {
    static let streams: [(name: String, bytes: String)] = [
        ("a prompt and a command", "\u{1B}]0;ana@host: ~/src\u{7}\u{1B}[01;32mana@host\u{1B}[00m:\u{1B}[01;34m~/src\u{1B}[00m$ ls\r\nREADME.md  src\r\n$ "),
        ("colours", "\u{1B}[31mred\u{1B}[1;42m bold on green\u{1B}[38;5;208m palette\u{1B}[48;2;10;20;30m true\u{1B}[0m\r\n\u{1B}[3;4;7;9mall\u{1B}[m"),
        ("colons", "\u{1B}[38:2::255:0:127mtrue\u{1B}[0m \u{1B}[4:3mcurly\u{1B}[0m"),
        ("a pager", "\u{1B}[?1049h\u{1B}[22;0;0t\u{1B}[?1h\u{1B}=one\r\ntwo\r\n\u{1B}[7m(END)\u{1B}[27m\u{1B}[K\r\u{1B}[K:q\u{1B}[?1l\u{1B}>\u{1B}[?1049l"),
        (
            "an editor",
            "\u{1B}[?1049h\u{1B}[?2004h\u{1B}[1;5r\u{1B}[H\u{1B}[2J~\r\n~\u{1B}[6;1H\u{1B}[1m-- INSERT --\u{1B}[m\u{1B}[2;3H\u{1B}M\u{1B}[3L\u{1B}[2Mtext"
        ),
        ("wide and marked", "漢字かな e\u{301}a\u{308}\u{304} 👩‍👩‍👧 ok\r\n\u{1B}[22Cか漢字\r\nשלום עולם\r\n"),
        ("line drawing", "\u{1B}(0lqqk\u{1B}(B\r\n\u{1B}(0x  x\u{1B}(B\r\n\u{E}lq\u{F}x"),
        ("scrolling", (1...30).map { "line \($0)\r\n" }.joined()),
        ("a progress bar", (0...9).map { "\r\u{1B}[K[" + String(repeating: "#", count: $0) + "] \($0 * 10)%" }.joined()),
        ("wrapping", String(repeating: "abcdefghij", count: 7) + "\r\n\u{1B}[?7l" + String(repeating: "x", count: 40)),
        ("questions", "\u{1B}[c\u{1B}[6n\u{1B}[5n\u{1B}P$qm\u{1B}\\\u{1B}[>c\u{1B}]11;?\u{7}\u{1B}[?2026$p"),
        ("modes", "\u{1B}[?1000h\u{1B}[?1006h\u{1B}[?25l\u{1B}[4 q\u{1B}[?5hx\u{1B}[?5l\u{1B}[?1049h\u{1B}7\u{1B}[3;3Hy\u{1B}8z"),
        (
            "strings",
            "a\u{1B}]52;c;aGVsbG8=\u{7}b\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\c\u{1B}_Gf=100;AAAA\u{1B}\\d\u{1B}P1$r\u{1B}\\e\u{1B}^pm\u{1B}\\f"
        ),
        ("cut off", "a\u{1B}]0;never\u{1B}[31mred\u{1B}[\u{1B}[32mgreen\u{1B}]0;gone\u{18}b\u{1B}]2;two\u{1B}\u{1B}]2;three\u{1B}\\c"),
        ("a long title", "\u{1B}]2;" + String(repeating: "long title ", count: 12) + "\u{1B}\\x"),
        ("controls in UTF-8", "a\u{9B}31mb\u{85}c\u{80}\u{9F}d\u{7F}e\u{AD}f\u{C2}g"),
    ]

    @Test(arguments: streams.map(\.name)) func atEverySplit(_ name: String) throws {
        let bytes = Array(try #require(Self.streams.first { $0.name == name }).bytes.utf8)
        let whole = Shown([bytes[...]])
        for cut in 1..<bytes.count {
            let cutInTwo = Shown([bytes[..<cut], bytes[cut...]])
            if cutInTwo != whole { Issue.record("\(name), cut at \(cut):\n\(cutInTwo)\nwhole:\n\(whole)") }
        }
        let single = Shown(bytes.indices.map { bytes[$0...$0] })
        #expect(single == whole)
    }
}
