/// Why there is no terminal to draw on.
package enum TerminalError: Error, Equatable {
    /// Input or output is not a terminal.
    case noTerminal
    /// TERM is empty or `dumb`.
    case dumbTerminal(String)
    /// No description of this terminal is installed.
    case unknownTerminal(String)
    /// It cannot move its cursor the ANSI way.
    case unfitTerminal(String)
    /// Neither C.UTF-8 nor the person's own locale is UTF-8.
    case noUTF8
    /// A call of the system failed; its errno.
    case system(String, Int32)
    /// The other end closed: the window is gone, the connection was cut.
    case hungUp

    package var message: String {
        switch self {
        case .noTerminal:
            "drover's dashboard needs a terminal, and input or output is none. The command line works without one: try `drover ls`."
        case .dumbTerminal(let name):
            "The terminal \(name.isEmpty ? "has no name (TERM is not set)" : "calls itself “\(name)”") and cannot show a dashboard. "
                + "Set TERM to what it is, for example xterm-256color, or use the command line: `drover ls`."
        case .unknownTerminal(let name):
            "No description of the terminal “\(name)” is installed. Install it (Debian: ncurses-term) or set TERM to one it resembles, for example xterm-256color."
        case .unfitTerminal(let name):
            "The terminal “\(name)” does not understand ANSI sequences. Set TERM to what it is, for example xterm-256color."
        case .noUTF8:
            "No UTF-8 locale is installed. Install C.UTF-8 (it is part of glibc) and try again."
        case .system(let call, let code):
            "The terminal could not be used: \(call) failed with error \(code)."
        case .hungUp:
            "The terminal is gone."
        }
    }
}
