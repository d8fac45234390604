import Glibc

/// A work tree of a repository, as `git worktree list` tells it.
package struct Worktree: Equatable, Sendable {
    package var path: String
    package var head: String?
    /// nil when detached or bare.
    package var branch: String?
    package var isBare: Bool
    /// The reason; empty when locked without one, nil when not locked.
    package var locked: String?
    /// Its directory is gone.
    package var isPrunable: Bool
    /// Its path was no UTF-8 (and `path` is only for showing).
    package var isPathText: Bool
}

/// Which branch a new worktree gets.
package enum BranchChoice: Equatable, Sendable {
    /// A new branch that starts at a commit; `tracking` names the remote branch it follows.
    case new(String, at: String, tracking: String? = nil)
    case existing(String)
    case detached(at: String)
    /// A branch without commits; git needs some commit for making the work tree, which stays empty.
    case unborn(String, besides: String)
}

extension GitTool {
    /// All work trees, the main one first.
    package func worktrees(of repository: String) async throws(GitError) -> [Worktree] {
        // `-z` exists since 2.36; before that a path with a line end cannot be told from two lines.
        let zero = try await version() >= GitVersion(2, 36)
        let listing = try await run(GitCall(["worktree", "list", "--porcelain"] + (zero ? ["-z"] : []), in: repository, reads: true))
        return WorktreeListing.parse(listing, separator: zero ? 0 : UInt8(ascii: "\n"))
    }

    /// Makes a work tree. `checksOut` false leaves it empty, without an index; an unborn branch needs that.
    package func addWorktree(at path: String, _ choice: BranchChoice, of repository: String, checksOut: Bool = true) async throws(GitError) {
        try refuseTaken(path)
        if case .existing(let branch) = choice { try await refuseCheckedOut(branch, in: repository) }
        if case .new(let branch, _, _) = choice { try await refuseImpossible(branch, in: repository) }
        var arguments = ["worktree", "add", "--quiet"] + (checksOut ? [] : ["--no-checkout"])
        switch choice {
        case .new(let branch, let start, nil): arguments += ["--no-track", "-b", branch, path, start]
        case .new(let branch, _, let remote?): arguments += ["--track", "-b", branch, path, remote]
        case .existing(let branch): arguments += [path, branch]
        case .detached(let start), .unborn(_, let start): arguments += ["--detach", path, start]
        }
        try await run(GitCall(arguments, in: repository, reads: false).patient())
        if case .unborn(let branch, _) = choice { try await run(GitCall(["symbolic-ref", "HEAD", "refs/heads/" + branch], in: path, reads: false)) }
    }

    /// Forgets a work tree and deletes its directory. `force` is needed when it has work that is nowhere else.
    package func removeWorktree(at path: String, of repository: String, force: Bool) async throws(GitError) {
        // Twice: also when it is locked.
        let arguments = ["worktree", "remove"] + (force ? ["--force", "--force"] : []) + ["--", path]
        try await run(GitCall(arguments, in: repository, reads: false).patient())
    }

    /// Keeps others' `git worktree prune` and `remove` away.
    package func lockWorktree(at path: String, reason: String, of repository: String) async throws(GitError) {
        try await run(GitCall(["worktree", "lock", "--reason", reason, "--", path], in: repository, reads: false))
    }

    package func unlockWorktree(at path: String, of repository: String) async throws(GitError) {
        try await run(GitCall(["worktree", "unlock", "--", path], in: repository, reads: false))
    }

    /// An empty directory may be used (and is taken away, to see that it is empty); anything else is not ours to write into.
    private func refuseTaken(_ path: String) throws(GitError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        let isDirectory = (status.st_mode & S_IFMT) == S_IFDIR
        if !isDirectory || (rmdir(path) != 0 && (errno == ENOTEMPTY || errno == EEXIST)) { throw .pathTaken(path) }
    }

    private func refuseCheckedOut(_ branch: String, in repository: String) async throws(GitError) {
        if let other = try await worktrees(of: repository).first(where: { $0.branch == branch && !$0.isPrunable }) {
            throw .branchCheckedOut(branch: branch, at: other.path)
        }
    }

    /// Git answers these cases with messages that tell little; asked first, they can be told apart.
    private func refuseImpossible(_ branch: String, in repository: String) async throws(GitError) {
        guard try await isValidBranchName(branch, in: repository) else { throw .invalidBranchName(branch) }
        for other in try await branchNames(in: repository) {
            if other == branch { throw .branchExists(branch) }
            if branch.hasPrefix(other + "/") || other.hasPrefix(branch + "/") { throw .branchInTheWay(branch: branch, other: other) }
        }
    }
}

enum WorktreeListing {
    static func parse(_ bytes: [UInt8], separator: UInt8) -> [Worktree] {
        var found: [Worktree] = []
        for line in bytes.split(separator: separator, omittingEmptySubsequences: true) {
            if line.has(prefix: "worktree ") {
                let path = Array(line.dropFirst("worktree ".utf8.count))
                found.append(
                    Worktree(path: path.text, head: nil, branch: nil, isBare: false, locked: nil, isPrunable: false, isPathText: path.strictText != nil))
            } else if !found.isEmpty {
                read(line.text, into: &found[found.count - 1])
            }
        }
        return found
    }

    private static func read(_ line: String, into worktree: inout Worktree) {
        let words = line.split(separator: " ", maxSplits: 1)
        let rest = words.count > 1 ? String(words[1]) : ""
        switch words.first {
        case "HEAD": worktree.head = rest.allSatisfy { $0 == "0" } ? nil : rest
        case "branch": worktree.branch = rest.hasPrefix("refs/heads/") ? String(rest.dropFirst("refs/heads/".count)) : rest
        case "bare": worktree.isBare = true
        case "locked": worktree.locked = rest
        case "prunable": worktree.isPrunable = true
        default: break  // a later git says more
        }
    }
}
