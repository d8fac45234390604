package import Domain

/// What both ends must agree on. Described for other programs in docs/protocol.md.
package enum WireProtocol {
    /// Rises when an old client could no longer understand a new daemon, or the other way round.
    package static let version = 1
    /// Bytes of one line, its end included: a transcript of a long day fits many times over.
    package static let longestLine = 64 << 20
}

/// The methods of the protocol, in the order of docs/protocol.md.
package enum Method: String, CaseIterable, Sendable {
    case hello, snapshot, list, subscribe, status, why
    case new, send, unqueue, answer, stop, resume, retry, archive, remove, undo, rename, seen, attach, transcript, diff, feed
    case addProject = "project.add"
    case removeProject = "project.remove"
    case scanProjects = "project.scan"
    case removePlace = "place.remove"
    case choices, files, facts, offers, trust, look, wake
    case stopServer = "server.stop"
    case shutdown
}

/// What the daemon says without being asked.
package enum Notification: String, CaseIterable, Sendable {
    case herd, snapshot, transcript, status, bye
}

/// The daemon's last word to everyone who is connected. Without it, it crashed.
package enum Farewell: String, Sendable {
    /// By order, with every process that it started.
    case stopped
    /// Alone: the servers go on, and the next daemon takes them over.
    case left
}

/// The first request of every connection.
package struct Hello: Equatable, Sendable {
    package enum Client: String, Sendable { case dashboard, cli, watch, other }
    /// The client's own version, for people.
    package var version: String
    package var protocolVersion: Int
    package var client: Client
    package init(version: String, protocolVersion: Int = WireProtocol.version, client: Client) {
        self.version = version
        self.protocolVersion = protocolVersion
        self.client = client
    }

    /// Nil when a daemon of version `daemon` can serve this client; otherwise what to tell it.
    package func refusal(daemon: String) -> Refusal? {
        guard protocolVersion != WireProtocol.version else { return nil }
        return Refusal(
            .refused,
            "this client is drover \(version) (protocol \(protocolVersion)), the daemon is drover \(daemon) (protocol \(WireProtocol.version))",
            remedy: "run `drover daemon stop` and try again: the agents' servers go on and the new daemon takes them over")
    }
}

/// The answer to `hello`.
package struct Welcome: Equatable, Sendable {
    package var pid: Int
    package var version: String
    package var protocolVersion: Int
    package init(pid: Int, version: String, protocolVersion: Int = WireProtocol.version) {
        self.pid = pid
        self.version = version
        self.protocolVersion = protocolVersion
    }
}

/// How often a subscriber wants changes: at most 60 or 5 times a second.
package enum Rate: String, Sendable { case fast, slow }

/// Why an agent has the status it has.
package struct Explanation: Equatable, Sendable {
    package var agent: Agent
    package var place: Place?
    package var server: Server?
    /// What else bears on it, in sentences, the newest first: earlier evidence, what was lost, what drover will do next.
    package var notes: [String]
    package init(agent: Agent, place: Place? = nil, server: Server? = nil, notes: [String] = []) {
        self.agent = agent
        self.place = place
        self.server = server
        self.notes = notes
    }
}
