import JSON
import Sys

/// What OpenCode tells about projects and their repositories, read from `.git` without running git.
final class FakeProjects {
    private var known: [String: (id: String, root: String)] = [:]

    /// Sessions of a repository and of its worktrees share it; outside of git it is "global".
    func id(_ directory: String) -> String { facts(directory).id }

    /// The top of the repository or worktree, or the directory itself.
    func root(_ directory: String) -> String { facts(directory).root }

    func json(_ directory: String, nowMs: Int64) -> JSONTree {
        let facts = facts(directory)
        let time: JSONTree = ["created": .int(Int(nowMs)), "updated": .int(Int(nowMs))]
        if facts.id == "global" { return ["id": "global", "worktree": "/", "time": time, "sandboxes": []] }
        return ["id": .string(facts.id), "worktree": .string(facts.root), "vcs": "git", "time": time, "sandboxes": []]
    }

    /// nil: no repository, or no branch.
    func branch(_ directory: String) -> String? {
        guard let git = Self.gitDirectory(directory), let head = try? Files.readText(git.directory + "/HEAD") else { return nil }
        return head.split(separator: "\n").first.flatMap { $0.hasPrefix("ref: refs/heads/") ? String($0.dropFirst(16)) : nil }
    }

    private func facts(_ directory: String) -> (id: String, root: String) {
        if let facts = known[directory] { return facts }
        var facts = (id: "global", root: directory)
        if let git = Self.gitDirectory(directory) {
            // `…/.git/worktrees/name` belongs to `…/.git`.
            let common = git.directory.firstRange(of: "/worktrees/").map { String(git.directory[..<$0.lowerBound]) } ?? git.directory
            facts = (String(SHA256.hex(Array(common.utf8)).prefix(40)), git.root)
        }
        known[directory] = facts
        return facts
    }

    private static func gitDirectory(_ directory: String) -> (directory: String, root: String)? {
        var root = directory
        while true {
            let path = root + "/.git"
            if Files.isDirectory(path) { return (path, root) }
            if let text = try? Files.readText(path, limit: 4096), text.hasPrefix("gitdir: ") {
                return (FakeRule.trimmed(String(text.dropFirst(8))), root)
            }
            let parent = Files.parentDirectory(root)
            if parent == root || root.isEmpty { return nil }
            root = parent
        }
    }
}

/// Moments as JavaScript writes them.
enum ISOTime {
    static func text(_ ms: Int64) -> String {
        let days = Int(ms / 86_400_000), left = Int(ms % 86_400_000)
        // Days since 1970 as a date (Howard Hinnant, "chrono-compatible low-level date algorithms").
        let z = days + 719_468, era = z / 146_097, dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1, month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(padded(year, 4))-\(padded(month))-\(padded(day))T\(padded(left / 3_600_000)):\(padded(left / 60_000 % 60)):"
            + "\(padded(left / 1000 % 60)).\(padded(left % 1000, 3))Z"
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
