import Domain
import Screen

/// What Enter does on the Term tab now, for the footer.
enum ShellFooter: Equatable {
    case nowhere, none, running, ended

    var label: String {
        switch self {
        case .nowhere: "no terminal"
        case .none: "start a terminal"
        case .running: "type in it"
        case .ended: "start anew"
        }
    }
}

extension Dashboard {
    var shellFooter: ShellFooter {
        guard ui.tab == .term else { return .none }
        guard let shell = shownShell else { return WhyNot.shellPlace(self) == nil ? .none : .nowhere }
        return shell.isRunning ? .running : .ended
    }

    /// One key always leaves, whatever else the person chose.
    var shellLeaveKey: Key { Command.named("shell.leave").flatMap { keyMap.keys(of: $0).first ?? $0.keys.first } ?? .escape }

    /// While keys are the terminal's own: how to get out stands at the end, where no narrow screen cuts it off.
    func shellHints(_ look: Look) -> [Hint] {
        let rows = (Command.footers[.shell] ?? []).map {
            Hint(
                key: $0.name == "shell.leave" ? keyName(shellLeaveKey, ascii: look.ascii) : look.key($0.name), label: $0.short, hit: .command($0.name),
                isEnabled: $0.whyNot(self) == nil)
        }
        let rest = Hint(key: "typing", label: "goes to the terminal")
        return [rest] + rows.dropFirst() + rows.prefix(1)
    }
}
