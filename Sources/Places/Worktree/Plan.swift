import Domain
import Git
import Synchronization
import Sys

/// Directories that are chosen and not made yet, with their branches, so that two wishes at once do not choose the same.
final class Reservations: Sendable {
    private let branches = Mutex<[String: String]>([:])

    /// Runs `choose` with what is reserved; its result is reserved from then on.
    func choose<E: Error>(_ choose: ([String: String]) throws(E) -> (directory: String, branch: String)) throws(E) -> (directory: String, branch: String) {
        try branches.withLock { (branches: inout sending [String: String]) throws(E) in
            let chosen = try choose(branches)
            branches[chosen.directory] = chosen.branch
            return chosen
        }
    }

    func release(_ plan: WorktreePlan) { branches.withLock { $0[plan.record.directory] = nil } }
}

/// A wish with everything decided: directory, branch, start.
struct WorktreePlan {
    var record: WorktreeRecord
    var choice: BranchChoice
    /// The commit that will be checked out.
    var start: String
}

/// A branch that the person named, as it is found.
private struct NamedBranch {
    var choice: BranchChoice
    var base: String
    var start: String
    var isNew: Bool
}

extension WorktreeBackend {
    func plan(_ wish: PlaceWish, _ project: Project, _ facts: ProjectFacts, head: String) async throws(PlaceError) -> WorktreePlan {
        let start = try await startCommit(wish.base, facts, head: head)
        var record = WorktreeRecord(place: wish.id, project: project.id, directory: "", branch: wish.branch, base: start, madeBranchAt: start, state: .making)
        guard let branch = wish.branch else {
            let taken = try await placing { () throws(GitError) in try await git.branchNames(in: facts.path) }
            let (directory, name) = try free(wish, project, facts, branches: Set(taken))
            record.directory = directory
            record.branch = name
            return WorktreePlan(record: record, choice: .new(name, at: start), start: start)
        }
        let found = try await placing { () throws(GitError) in try await named(branch, wish, facts, head: head, start: start) }
        record.base = found.base
        record.madeBranchAt = found.isNew ? found.start : nil
        record.directory = try free(wish, project, facts, branches: []).directory
        return WorktreePlan(record: record, choice: found.choice, start: found.start)
    }

    /// A branch that is here, one that only a remote has, or a new one.
    private func named(_ branch: String, _ wish: PlaceWish, _ facts: ProjectFacts, head: String, start: String) async throws(GitError) -> NamedBranch {
        guard try await git.isValidBranchName(branch, in: facts.path) else { throw .invalidBranchName(branch) }
        if let tip = try await git.commit("refs/heads/" + branch, in: facts.path) {
            guard wish.base == nil else { throw .branchExists(branch) }
            let base = try await git.mergeBase(head, tip, in: facts.path) ?? tip
            return NamedBranch(choice: .existing(branch), base: base, start: tip, isNew: false)
        }
        if wish.base == nil, let remote = try await onlyRemote(branch, facts), let tip = try await git.commit("refs/remotes/" + remote, in: facts.path) {
            let base = try await git.mergeBase(head, tip, in: facts.path) ?? tip
            return NamedBranch(choice: .new(branch, at: tip, tracking: remote), base: base, start: tip, isNew: true)
        }
        return NamedBranch(choice: .new(branch, at: start), base: start, start: start, isNew: true)
    }

    private func onlyRemote(_ branch: String, _ facts: ProjectFacts) async throws(GitError) -> String? {
        let found = try await git.remoteBranches(named: branch, in: facts.path)
        return found.count == 1 ? found[0] : nil
    }

    private func startCommit(_ base: String?, _ facts: ProjectFacts, head: String) async throws(PlaceError) -> String {
        guard let base else { return head }
        return try await placing { () throws(GitError) in
            guard let commit = try await git.commit(base, in: facts.path) else { throw .unknownBase(base: base, repository: facts.path) }
            return commit
        }
    }

    private func free(
        _ wish: PlaceWish, _ project: Project, _ facts: ProjectFacts, branches: Set<String>
    ) throws(PlaceError) -> (directory: String, branch: String) {
        try reservations.choose { reserved throws(PlaceError) in
            let made = WorktreeAdmin.all(commonDirectory: facts.commonDirectory).map(\.directory)
            return try firstFree(wish, project, used: Set(made).union(reserved.keys), branches: branches.union(reserved.values))
        }
    }

    /// The slug, or the slug with -2, -3 …: the first for which neither a place of ours nor a branch is there. Anything
    /// else in the way is somebody's, and said.
    private func firstFree(
        _ wish: PlaceWish, _ project: Project, used: Set<String>, branches: Set<String>
    ) throws(PlaceError) -> (directory: String, branch: String) {
        let slug = WorktreeLayout.word(wish.slug)
        let prefix = wish.branchPrefix ?? settings.branchPrefix
        if let other = branches.first(where: { (prefix + slug).hasPrefix($0 + "/") }) {
            throw .git(.branchInTheWay(branch: prefix + slug, other: other))
        }
        for number in 1...999 {
            let name = number == 1 ? slug : "\(slug)-\(number)"
            let (directory, branch) = (layout.directory(name, of: project), prefix + name)
            if used.contains(directory) || branches.contains(branch) || branches.contains(where: { $0.hasPrefix(branch + "/") }) { continue }
            if Files.exists(directory), ((try? Files.list(directory))?.isEmpty != true) { throw .git(.pathTaken(directory)) }
            return (directory, branch)
        }
        throw .git(.branchExists(prefix + slug))
    }
}
