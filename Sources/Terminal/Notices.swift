/// Ways a terminal can call for attention. They travel over SSH; which one a terminal knows is a setting.
package enum TerminalNotice: String, CaseIterable, Sendable {
    case bell
    /// iTerm2, kitty, WezTerm, Ghostty, Windows Terminal.
    case osc9
    /// rxvt, foot, VTE, Ghostty.
    case osc777
    /// kitty's own.
    case osc99
}

extension TerminalSession {
    package func notify(_ kind: TerminalNotice, title: String, body: String) {
        checkThread()
        guard isActive else { return }
        let title = sanitised(title, limit: 100)
        let body = sanitised(body, limit: 300)
        let text =
            switch kind {
            case .bell: "\u{07}"
            case .osc9: "\u{1B}]9;\(body.isEmpty ? title : title + ": " + body)\u{1B}\\"
            // A semicolon would end the title.
            case .osc777: "\u{1B}]777;notify;\(title.map { $0 == ";" ? "," : String($0) }.joined());\(body)\u{1B}\\"
            case .osc99: "\u{1B}]99;i=drover:d=0;\(title)\u{1B}\\\u{1B}]99;i=drover:d=1:p=body;\(body)\u{1B}\\"
            }
        output.write(Array(text.utf8))
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
