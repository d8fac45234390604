package import Domain
package import Screen

/// A terminal of the person's in an agent's place, for as long as the dashboard is open; a number is never used again.
package struct ShellID: Hashable, Comparable, Sendable {
    package let raw: Int
    package init(_ raw: Int) { self.raw = raw }
    package static func < (a: ShellID, b: ShellID) -> Bool { a.raw < b.raw }
}

package struct Shell: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        case starting, running
        case ended(ShellEnd)
        /// It could not be started, in words.
        case failed(String)
    }

    package let id: ShellID
    package let agent: AgentID
    package var state = State.starting
    /// Of the program that was started: `zsh`.
    package var name = "shell"
    /// As it was told last; old while it is not shown.
    package var screen: ShellScreen?

    package init(_ id: ShellID, of agent: AgentID) {
        self.id = id
        self.agent = agent
    }

    package var isRunning: Bool { state == .running || state == .starting }
    /// What the program calls itself, or its name.
    package var title: String { screen.flatMap { $0.title.isEmpty ? nil : $0.title } ?? name }
}

package enum ShellEnd: Equatable, Sendable {
    case exited(Int)
    case signalled(Int)

    /// "ended with exit code 1".
    var words: String {
        switch self {
        case .exited(let code): "ended with exit code \(code)"
        case .signalled(let number): "was ended by signal \(number)"
        }
    }
}

/// What is to be seen of a shell now.
package struct ShellScreen: Equatable, Sendable {
    package var grid: Grid
    package var title = ""
    /// A program has the whole screen: there is nothing above it.
    package var isAlternate = false
    package var wantsMouse = false
    /// Lines that the view is above the end, and how many there are.
    package var scrolled = 0
    package var above = 0

    package init(_ grid: Grid) { self.grid = grid }
}

/// Which shell is before the person's eyes, and how.
package struct ShellView: Equatable, Sendable {
    package var id: ShellID
    package var size: Size
    /// Lines above the end.
    package var scrolled: Int
    package init(_ id: ShellID, _ size: Size, scrolled: Int = 0) {
        self.id = id
        self.size = size
        self.scrolled = scrolled
    }
}

/// What the program says of a shell.
package enum ShellNews: Equatable, Sendable {
    case started(name: String)
    case screen(ShellScreen)
    case ended(ShellEnd)
    case failed(String)
    /// It was to be closed, and something runs in it.
    case busy
    case closed
}

/// What the program is to do with a shell.
package enum ShellAct: Equatable, Sendable {
    case start(agent: AgentID, directory: String, size: Size)
    case key(Key)
    case paste(String)
    /// At a cell of its screen.
    case mouse(Mouse)
    /// End it; where something runs in it, say `.busy` instead.
    case close
    /// End it, whatever runs in it.
    case end
}
