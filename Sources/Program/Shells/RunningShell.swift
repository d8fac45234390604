import Dashboard
import Domain
import Screen
import Sys
import VT

/// A person's shell on a terminal of its own: what it writes becomes a screen, what is typed goes to it.
final class RunningShell {
    let id: ShellID
    let pty: PtyProcess
    let name: String
    private let terminal: VT
    private var size: Size
    /// Bytes that the terminal has not taken yet.
    private var unsent: [UInt8] = []
    private var sent = 0
    /// Its screen may differ from what was told.
    private(set) var isDirty = true
    /// Nobody has the terminal open any more, or it has ended.
    private(set) var isOver = false

    /// Bytes taken at once: a program that floods must not keep a key waiting.
    private static let readLimit = 16_384
    /// More than that is not kept for a program that does not read.
    private static let mostUnsent = 16 << 20

    init(_ id: ShellID, agent: AgentID, directory: String, size: Size) throws(SysError) {
        self.id = id
        self.size = size
        let program = ShellEnvironment.program
        name = program.split(separator: "/").last.map(String.init) ?? program
        terminal = VT(size)
        pty = try PtyProcess(
            program, environment: ShellEnvironment.variables(agent: agent), directory: directory, columns: max(VT.leastSize.columns, size.columns),
            rows: max(VT.leastSize.rows, size.rows))
    }

    var hasUnsent: Bool { sent < unsent.count }

    /// Takes some of what it wrote. True when there was something.
    @discardableResult
    func read() -> Bool {
        guard !isOver else { return false }
        var bytes: [UInt8] = []
        let transfer = try? pty.read(appendingTo: &bytes, limit: Self.readLimit)
        switch transfer {
        case .bytes?:
            terminal.feed(bytes)
            isDirty = true
            send(terminal.takeAnswers())
            return true
        case .wouldBlock?: return false
        case .end?, nil:
            isOver = true
            return false
        }
    }

    /// The shell has ended: what it still had written, but not for ever, since a child of it may go on writing.
    func readRest() {
        for _ in 0..<256 where read() {}
        isOver = true
        isDirty = true
    }

    func act(_ act: ShellAct) {
        guard !isOver else { return }
        let before = terminal.scrolled
        switch act {
        case .key(let key): send(terminal.press(key))
        case .paste(let text): send(terminal.paste(text))
        case .mouse(let mouse): send(terminal.point(mouse))
        case .start, .close, .end: break
        }
        if terminal.scrolled != before { isDirty = true }
    }

    private func send(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, unsent.count - sent + bytes.count <= Self.mostUnsent else { return }
        unsent += bytes
        flush()
    }

    /// As much as it takes.
    func flush() {
        while hasUnsent {
            guard case .bytes(let count)? = try? pty.write(unsent, from: sent) else { break }
            sent += count
        }
        if !hasUnsent { (unsent, sent) = ([], 0) }
    }

    /// How it is looked at.
    func show(_ view: ShellView) {
        if view.size != size, !view.size.isEmpty {
            size = view.size
            terminal.resize(size)
            if !isOver { pty.resize(columns: max(VT.leastSize.columns, size.columns), rows: max(VT.leastSize.rows, size.rows)) }
        }
        terminal.scroll(to: view.scrolled)
        isDirty = true
    }

    func takeScreen() -> ShellScreen {
        isDirty = false
        var screen = ShellScreen(terminal.grid())
        screen.title = terminal.title
        screen.isAlternate = terminal.isAlternate
        screen.wantsMouse = terminal.wantsMouse
        screen.scrolled = terminal.scrolled
        screen.above = terminal.isAlternate ? 0 : terminal.above
        return screen
    }
}

extension Size {
    fileprivate var isEmpty: Bool { columns <= 0 || rows <= 0 }
}

/// What a shell in a tab is started with.
enum ShellEnvironment {
    /// The person's own shell.
    static var program: String { Environment.get("SHELL").flatMap { $0.hasPrefix("/") ? findExecutable($0) : nil } ?? "/bin/sh" }

    /// The person's variables, but what describes the terminal outside, and drover's marks on servers and their tools: with those it would be ended as
    /// one of them. No secret is among them: the dashboard has none (`attach` gives the password to one program, in that program's environment).
    static func variables(agent: AgentID) -> [String] {
        Environment.all.filter { entry in !outside.contains { entry.hasPrefix($0 + "=") } && !entry.hasPrefix("OPENCODE_SERVER_") } + [
            "TERM=xterm-256color", "COLORTERM=truecolor", "TERM_PROGRAM=drover", "DROVER_AGENT=\(agent.raw)",
        ]
    }

    private static let outside = [
        "TERM", "COLORTERM", "TERMCAP", "TERMINFO", "COLUMNS", "LINES", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "VTE_VERSION", "KITTY_WINDOW_ID", "KITTY_PID",
        "KITTY_LISTEN_ON", "WEZTERM_PANE", "ITERM_SESSION_ID", "KONSOLE_VERSION", "WT_SESSION", "WINDOWID", "TMUX", "TMUX_PANE", "STY", "DROVER_AGENT",
        "DROVER_SERVER", "DROVER_STATE",
    ]
}
