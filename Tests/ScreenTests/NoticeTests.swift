import Testing

@testable import Terminal

@Suite struct NoticeTests {
    private func text(_ variables: [String: String], _ title: String, _ body: String) -> String {
        let dialect = NoticeDialect { variables[$0] }
        return String(decoding: dialect.bytes(title: title, body: body, inTmux: variables["TMUX"] != nil), as: UTF8.self)
    }

    @Test(arguments: [
        (["TERM": "xterm-256color"], "\u{1B}]9;One: two;\u{1B}\\"),
        (["TERM": "xterm-kitty"], "\u{1B}]99;i=drover:d=0;One\u{1B}\\\u{1B}]99;i=drover:d=1:p=body;two;\u{1B}\\"),
        (["TERM": "xterm-256color", "VTE_VERSION": "7200"], "\u{1B}]777;notify;One;two;\u{1B}\\"),
        (["TERM": "rxvt-unicode-256color"], "\u{1B}]777;notify;One;two;\u{1B}\\"),
        (["TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "VTE_VERSION": "7200"], "\u{1B}Ptmux;\u{1B}\u{1B}]9;One: two;\u{1B}\u{1B}\\\u{1B}\\"),
    ])
    func eachTerminalIsSpokenToInItsOwnWay(_ variables: [String: String], _ wanted: String) {
        #expect(text(variables, "One", "two;") == wanted)
    }

    /// Titles are words of strangers: no sequence of theirs gets through.
    @Test func nothingOfAStrangersIsObeyed() {
        for term in ["xterm", "xterm-kitty", "rxvt"] {
            let said = text(["TERM": term], "a\u{1B}]0;evil\u{07}\n;b", "c\u{9C}\u{1B}\\d")
            let own = text(["TERM": term], "a ]0,evil  ,b", "c   d")
            #expect(
                said.utf8.count { $0 == 0x1B } == own.utf8.count { $0 == 0x1B } && !said.contains("\u{07}") && !said.contains("\u{9C}") && !said.contains("\n"))
        }
    }
}
