import Synchronization
import Sys

/// Finds git repositories below a directory, by looking and not by asking git.
package struct ProjectScanner: Sendable {
    /// Levels below the directory that are looked at.
    package var depth = 4
    /// It stops when it has found so many.
    package var limit = 1_000
    /// Directories that are full of others' repositories and files.
    package var passed: Set<String> = ["node_modules", "target", "vendor", "venv", "__pycache__", "Library", "go", "snap"]

    package init() {}

    /// Absolute paths, sorted. Does not look inside repositories, hidden directories or behind links; what cannot be read is
    /// passed. Linked worktrees are left out: they belong to a repository that is, or is not, found by itself.
    package func repositories(below directory: String) async throws(PlaceError) -> [String] {
        let stop = Flag()
        let found = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                startThread(named: "scan") { continuation.resume(returning: scan(directory, stop)) }
            }
        } onCancel: {
            stop.raise()
        }
        if stop.isRaised { throw .cancelled }
        return found
    }

    private func scan(_ root: String, _ stop: Flag) -> [String] {
        var found: [String] = []
        var level = [root == "/" ? "" : root]
        for remaining in stride(from: depth, through: 0, by: -1) {
            var next: [String] = []
            for directory in level {
                if stop.isRaised || found.count >= limit { return found.sorted() }
                guard let entries = try? Files.list(directory.isEmpty ? "/" : directory) else { continue }
                if let git = entries.first(where: { $0.name.elementsEqual(".git".utf8) }) {
                    if git.isDirectory || isOwnRepository(directory + "/.git") { found.append(directory) }
                } else if remaining > 0 {
                    next += entries.compactMap { entry in below(entry).map { directory + "/" + $0 } }
                }
            }
            level = next
        }
        return found.sorted()
    }

    /// The names worth looking into; a name that is no text cannot be a project's path.
    private func below(_ entry: Files.Entry) -> String? {
        guard entry.isDirectory, entry.name.first != UInt8(ascii: "."), let name = String(validating: entry.name, as: UTF8.self) else { return nil }
        return passed.contains(name) ? nil : name
    }

    /// A `.git` file: of a repository whose git directory is elsewhere, or of a linked worktree.
    private func isOwnRepository(_ file: String) -> Bool {
        guard let text = try? Files.readText(file, limit: 1 << 16), text.hasPrefix("gitdir: ") else { return false }
        return !text.split(separator: "/").contains("worktrees")
    }
}

private final class Flag: Sendable {
    private let raised = Atomic<Bool>(false)
    var isRaised: Bool { raised.load(ordering: .relaxed) }
    func raise() { raised.store(true, ordering: .relaxed) }
}
