/// What an agent is doing, in product.md's words. `Status.allCases` is in the order of attention.
package enum Status: String, CaseIterable, Sendable {
    case waiting, failed, limited, quiet, running, moving, starting, provisioning, unknown, paused, done, stopped

    /// The sign in front of a row; the letter for terminals without it.
    package var glyph: (unicode: String, ascii: String) {
        switch self {
        case .provisioning, .starting: ("◌", "o")
        case .running: ("●", "*")
        case .waiting: ("!", "!")
        case .limited: ("◔", "~")
        case .quiet: ("◍", "%")
        case .paused: ("‖", "=")
        case .done: ("✓", "v")
        case .failed: ("✕", "x")
        case .moving: ("↗", ">")
        case .stopped: ("○", ".")
        case .unknown: ("?", "?")
        }
    }

    /// A turn is going on or is being prepared: what `drover wait` waits out.
    package var isWorking: Bool {
        switch self {
        case .provisioning, .starting, .running, .limited, .quiet, .moving: true
        case .waiting, .paused, .done, .failed, .stopped, .unknown: false
        }
    }

    /// It does not go on without a person.
    package var needsPerson: Bool { self == .waiting || self == .failed }

    /// Lower needs a person sooner.
    package var attention: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}

/// Why drover says what it says.
package struct Evidence: Equatable, Sendable {
    package enum Source: String, Sendable {
        /// An event of the server's stream.
        case event
        /// An answer of the server to a question of ours.
        case read
        /// Something drover or a person did.
        case action
        /// A process ended, or nothing was heard for too long.
        case link
    }
    package var source: Source
    /// In words, with the names that the server used: "session.status busy".
    package var what: String
    package var at: Timestamp
    /// "opencode 1.18.33, pid 4711, 127.0.0.1:41233"; empty for an action.
    package var server: String

    package init(_ source: Source, _ what: String, at: Timestamp, server: String = "") {
        self.source = source
        self.what = what
        self.at = at
        self.server = server
    }
}
