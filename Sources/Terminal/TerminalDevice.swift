import CTerm
import Glibc
import Screen

/// Finds the terminal and what may be expected of it.
struct TerminalDevice {
    let descriptor: Int32

    /// The terminal of standard output, opened anew: our own file description may be non-blocking without surprising the shell, which
    /// shares the one of standard input.
    static func open() throws(TerminalError) -> TerminalDevice {
        guard isatty(0) == 1, isatty(1) == 1 else { throw .noTerminal }
        let flags = O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK
        var path = [CChar](repeating: 0, count: 256)
        var descriptor: Int32 = ttyname_r(1, &path, path.count) == 0 ? Glibc.open(path, flags) : -1
        if descriptor < 0 { descriptor = Glibc.open("/dev/tty", flags) }
        guard descriptor >= 0 else { throw .system("opening the terminal", errno) }
        return TerminalDevice(descriptor: descriptor)
    }

    func close() { Glibc.close(descriptor) }

    func size() throws(TerminalError) -> Size {
        var columns: Int32 = 0
        var rows: Int32 = 0
        let code = cterm_size(descriptor, &columns, &rows)
        guard code == 0 else { throw .system("asking for the terminal's size", code) }
        // A serial line knows no size.
        return Size(columns: columns > 0 ? Int(columns) : 80, rows: rows > 0 ? Int(rows) : 24)
    }

    /// Starts curses for TERM, or for the xterm that a terminal without an installed description resembles.
    static func openCurses(_ size: Size, _ facts: inout cterm_facts) throws(TerminalError) {
        let term = TerminalEnvironment.value("TERM") ?? ""
        guard !term.isEmpty, term != "dumb" else { throw .dumbTerminal(term) }
        var result = cterm_open(term, Int32(size.columns), Int32(size.rows), &facts)
        let resembles = ["xterm", "alacritty", "contour", "foot", "ghostty", "kitty", "rio", "st-", "vte", "wezterm", "iterm", "konsole", "gnome"]
        if Int(result) == CTERM_UNKNOWN_TERMINAL, resembles.contains(where: { term.hasPrefix($0) }) {
            result = cterm_open("xterm-256color", Int32(size.columns), Int32(size.rows), &facts)
        }
        switch Int(result) {
        case CTERM_OK: return
        case CTERM_UNKNOWN_TERMINAL: throw .unknownTerminal(term)
        case CTERM_UNFIT_TERMINAL: throw .unfitTerminal(term)
        case CTERM_NO_LOCALE: throw .noUTF8
        default: throw .system("starting curses", ENOMEM)
        }
    }
}

/// What the environment says about colours and characters.
struct TerminalEnvironment {
    let depth: ColourDepth
    let ascii: Bool

    init(colours: Int, direct: Bool) {
        let colourTerm = Self.value("COLORTERM") ?? ""
        if !(Self.value("NO_COLOR") ?? "").isEmpty || colours < 8 {
            depth = .mono
        } else if direct || colourTerm == "truecolor" || colourTerm == "24bit" {
            depth = .direct
        } else {
            depth = colours >= 256 ? .indexed256 : .ansi16
        }
        let term = Self.value("TERM") ?? ""
        ascii = Self.isASCII(locale: Self.locale, console: term.hasPrefix("linux") || term.hasPrefix("vt"))
    }

    /// A locale that names another character set means ASCII. One that names none (C, or not set: containers) is believed only on consoles;
    /// windows have all been UTF-8 for long.
    static func isASCII(locale: String, console: Bool) -> Bool {
        let lower = locale.lowercased()
        if lower.contains("utf-8") || lower.contains("utf8") { return false }
        if locale.isEmpty || locale == "C" || locale == "POSIX" { return console }
        return lower.contains(".") ? true : console
    }

    /// Terminals that make a link of OSC 8, by what they say of themselves. tmux takes it from 3.4 on and gives it to terminals that it knows to have it;
    /// the variables of the terminal around it may be of another one.
    static func bearsLinks(_ variable: (String) -> String?) -> Bool {
        let term = variable("TERM") ?? "", program = variable("TERM_PROGRAM") ?? ""
        if variable("TMUX") != nil || program == "tmux" { return program == "tmux" && isVersion(variable("TERM_PROGRAM_VERSION"), from: (3, 4)) }
        if variable("STY") != nil || ["screen", "linux", "vt", "tmux"].contains(where: { term.hasPrefix($0) }) { return false }
        if ["xterm-kitty", "foot", "wezterm", "xterm-ghostty"].contains(where: { term.hasPrefix($0) }) { return true }
        if ["WezTerm", "iTerm.app", "ghostty"].contains(program) || variable("LC_TERMINAL") == "iTerm2" { return true }
        // "5002": 0.50.2.
        if let vte = variable("VTE_VERSION").flatMap({ Int($0) }) { return vte >= 5_000 }
        return ["KONSOLE_VERSION", "KITTY_WINDOW_ID", "WT_SESSION"].contains { variable($0)?.isEmpty == false }
    }

    /// "3.4", "3.4a", "next-3.5".
    private static func isVersion(_ text: String?, from least: (Int, Int)) -> Bool {
        let numbers = (text ?? "").split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }
        return numbers.count >= 2 && (numbers[0], numbers[1]) >= least
    }

    private static var locale: String {
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            if let value = value(name), !value.isEmpty { return value }
        }
        return ""
    }

    static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
