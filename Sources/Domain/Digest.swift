/// What agents did, counted from events: no model is asked.
package struct Deeds: Equatable, Sendable {
    /// Turns that ended, and those of them that failed.
    package var turns = 0, failedTurns = 0
    /// Commands that are no tests.
    package var commands = 0, failedCommands = 0
    package var tests = 0, failedTests = 0
    package var edits = 0
    package var requests = 0
    package init() {}

    package var isEmpty: Bool { self == Deeds() }

    package mutating func count(_ entry: FeedEntry) {
        let failed = entry.isFailure ? 1 : 0
        switch entry.kind {
        case .command: (commands, failedCommands) = (commands + 1, failedCommands + failed)
        case .test: (tests, failedTests) = (tests + 1, failedTests + failed)
        case .edit: edits += entry.isFailure ? 0 : 1
        case .request: requests += 1
        case .done, .failed, .paused: (turns, failedTurns) = (turns + 1, failedTurns + failed)
        case .new, .prompt, .answer, .archived, .removed, .restored: break
        }
    }

    package static func + (left: Deeds, right: Deeds) -> Deeds {
        var sum = left
        (sum.turns, sum.failedTurns) = (left.turns + right.turns, left.failedTurns + right.failedTurns)
        (sum.commands, sum.failedCommands) = (left.commands + right.commands, left.failedCommands + right.failedCommands)
        (sum.tests, sum.failedTests) = (left.tests + right.tests, left.failedTests + right.failedTests)
        (sum.edits, sum.requests) = (left.edits + right.edits, left.requests + right.requests)
        return sum
    }
}

/// What an agent and its sub-agents did since a person last looked at it.
package struct Digest: Equatable, Sendable {
    /// When a person left it, or when it was made.
    package var since: Timestamp
    package var deeds = Deeds()
    /// The files that were edited, in order, at most `mostFiles`.
    package var files: [String] = []
    /// US dollars that it had cost by then.
    package var costBefore: Double

    package static let mostFiles = 24
    package init(since: Timestamp, costBefore: Double = 0) {
        self.since = since
        self.costBefore = costBefore
    }

    /// There may be more files than are named.
    package var hasMoreFiles: Bool { files.count >= Self.mostFiles }

    package mutating func count(_ entry: FeedEntry) {
        deeds.count(entry)
        if entry.kind == .edit, !entry.isFailure, !hasMoreFiles, !files.contains(entry.text) { files.append(entry.text) }
    }
}

extension Agent {
    /// US dollars since a person last looked; never less than nothing.
    package var costSinceLooked: Double { max(0, cost - digest.costBefore) }
    /// It did something, or something was spent on it.
    package var hasNews: Bool { !digest.deeds.isEmpty || costSinceLooked > 0 }
}

/// The digests of several agents together.
package struct HerdDigest: Equatable, Sendable {
    /// Agents that have news, the one that was left first in front.
    package private(set) var agents: [AgentID] = []
    package private(set) var deeds = Deeds()
    package private(set) var files = 0
    package private(set) var hasMoreFiles = false
    package private(set) var cost = 0.0
    /// The earliest time that any of it can be from.
    package private(set) var since: Timestamp?

    package init(_ all: some Sequence<Agent>) {
        let news = all.filter(\.hasNews).sorted { ($0.digest.since, $0.id) < ($1.digest.since, $1.id) }
        for agent in news {
            agents.append(agent.id)
            deeds = deeds + agent.digest.deeds
            files += agent.digest.files.count
            hasMoreFiles = hasMoreFiles || agent.digest.hasMoreFiles
            cost += agent.costSinceLooked
        }
        since = news.first?.digest.since
    }
}

/// A few words of a digest: "3 test runs", and behind it what of them is bad news: ", 1 failed".
package struct DigestWords: Equatable, Sendable {
    package var text: String
    package var bad: String
    package var all: String { text + bad }
}

extension Deeds {
    /// "3 turns", "5 files", "12 commands, 2 failed" …; `files` were changed, perhaps more.
    package func words(files: Int, orMore: Bool) -> [DigestWords] {
        var words: [DigestWords] = []
        func say(_ count: Int, _ noun: String, failed: Int = 0) {
            guard count > 0 else { return }
            words.append(DigestWords(text: counted(count, noun), bad: failed == 0 ? "" : failed >= count ? " failed" : ", \(failed) failed"))
        }
        say(turns, "turn", failed: failedTurns)
        if files > 0 { words.append(DigestWords(text: orMore ? "\(files) files or more" : counted(files, "file"), bad: "")) }
        say(tests, "test run", failed: failedTests)
        say(commands, "command", failed: failedCommands)
        say(requests, "request")
        return words
    }
}

extension Digest {
    package var words: [DigestWords] { deeds.words(files: files.count, orMore: hasMoreFiles) }
}

extension HerdDigest {
    package var words: [DigestWords] { deeds.words(files: files, orMore: hasMoreFiles) }
}
