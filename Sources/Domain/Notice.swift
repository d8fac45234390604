/// A sentence for a person: what happened, to what, which key or command helps.
package struct Notice: Equatable, Sendable {
    package enum Level: String, Sendable { case info, warning, error }
    package var id: Int
    package var level: Level
    package var text: String
    /// "drover doctor", "press r to retry"; empty when nothing needs doing.
    package var remedy: String
    package var agent: AgentID?
    package var at: Timestamp
    package init(id: Int, level: Level, text: String, remedy: String = "", agent: AgentID? = nil, at: Timestamp) {
        self.id = id
        self.level = level
        self.text = text
        self.remedy = remedy
        self.agent = agent
        self.at = at
    }
}

/// Why something could not be done; becomes an exit code of the command line (product.md §8) and a notice on the screen.
package struct Refusal: Error, Equatable, Sendable {
    package enum Reason: String, Sendable { case failed, usage, notFound, needsPerson, refused, unreachable, timedOut }
    package var reason: Reason
    /// What happened, to what.
    package var message: String
    /// What to do next; may be empty.
    package var remedy: String
    package init(_ reason: Reason, _ message: String, remedy: String = "") {
        self.reason = reason
        self.message = message
        self.remedy = remedy
    }
    package var exitCode: Int32 {
        switch reason {
        case .failed: 1
        case .usage: 2
        case .notFound: 3
        case .needsPerson: 4
        case .refused: 5
        case .unreachable: 6
        case .timedOut: 7
        }
    }
}

extension Refusal {
    /// Of a daemon that was told to stop: the first while it does, the second as its last word.
    package static let daemonStops = Refusal(.refused, "the daemon is stopping", remedy: "try again in a moment")
    package static let daemonStopped = Refusal(.refused, "the daemon was stopped", remedy: "what was begun goes on when it runs again")
}
