/// The escape by which a terminal shows a notification on the desktop it stands on; it travels over SSH.
enum NoticeDialect: Equatable {
    /// iTerm2, kitty, WezTerm, Ghostty, foot, Windows Terminal; what does not know it says nothing.
    case osc9
    /// rxvt and VTE, which do not know the other.
    case osc777
    /// kitty's own, which does not take "4;50" for a bar of progress.
    case osc99

    init(_ variable: (String) -> String?) {
        let term = variable("TERM") ?? ""
        if variable("TMUX") == nil, term.hasPrefix("rxvt") || variable("VTE_VERSION") != nil {
            self = .osc777
        } else {
            self = variable("TMUX") == nil && term == "xterm-kitty" ? .osc99 : .osc9
        }
    }

    /// - Parameter inTmux: handed through (tmux's `allow-passthrough` has to be on); ESC is doubled in there.
    func bytes(title: String, body: String, inTmux: Bool) -> [UInt8] {
        let title = sanitised(title, limit: 100), body = sanitised(body, limit: 300)
        let text =
            switch self {
            case .osc9: "\u{1B}]9;\(body.isEmpty ? title : title + ": " + body)\u{1B}\\"
            // A semicolon would end the title.
            case .osc777: "\u{1B}]777;notify;\(title.map { $0 == ";" ? "," : String($0) }.joined());\(body)\u{1B}\\"
            case .osc99: "\u{1B}]99;i=drover:d=0;\(title)\u{1B}\\\u{1B}]99;i=drover:d=1:p=body;\(body)\u{1B}\\"
            }
        guard inTmux else { return Array(text.utf8) }
        return Array("\u{1B}Ptmux;".utf8) + text.utf8.flatMap { $0 == 0x1B ? [0x1B, 0x1B] : [$0] } + Array("\u{1B}\\".utf8)
    }
}

extension TerminalSession {
    /// Shows a notification, where the terminal can.
    package func notify(title: String, body: String) {
        checkThread()
        guard isActive, modes.modern else { return }
        output.write(NoticeDialect(TerminalEnvironment.value).bytes(title: title, body: body, inTmux: TerminalEnvironment.value("TMUX") != nil))
    }

    /// Rings the bell, which tmux passes on as the window's alert.
    package func ring() {
        checkThread()
        if isActive { output.write([7]) }
    }

    /// Puts text on the clipboard of the machine the terminal runs on (OSC 52), over SSH too. At most 64 kB, which terminals accept.
    package func copy(_ text: String) -> Bool {
        checkThread()
        guard isActive, modes.modern, text.utf8.count <= 65_536 else { return false }
        output.write(Array("\u{1B}]52;c;".utf8) + base64(Array(text.utf8)) + Array("\u{1B}\\".utf8))
        return true
    }
}

private func base64(_ bytes: [UInt8]) -> [UInt8] {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for index in 0..<4 { out.append(index <= group.count ? letters[value >> (18 - 6 * index) & 63] : UInt8(ascii: "=")) }
    }
    return out
}
