package import Domain
import Git
import Glibc
import Sys

extension WorktreeBackend {
    /// The worktree at its old path, on its old branch if that is still where it was (else on a new one beside it), with
    /// its files, index and what was put aside.
    package func restore(_ removed: RemovedPlace) async throws(PlaceError) -> Place {
        let facts = try await placing { () throws(GitError) in try await git.inspect(removed.projectPath) }
        let intent = layout.intent(removed.place.id, of: facts.project(added: removed.removed))
        let begun = WorktreeRecord.read(intent)
        if let back = WorktreeAdmin.of(directory: removed.place.directory, commonDirectory: facts.commonDirectory), Files.isDirectory(removed.place.directory) {
            guard let record = back.record ?? begun, record.place == removed.place.id else { throw .git(.pathTaken(removed.place.directory)) }
            if record.state == .ready { return try await settle(record, removed, intent) }
        }
        try await refuseUnkept(removed, facts)
        try await takeBack(begun, removed, facts)
        let choice = try await placing { () throws(GitError) in try await branch(for: removed, facts) }
        let record = WorktreeRecord(
            place: removed.place.id, project: removed.place.project, directory: removed.place.directory, branch: choice.name, base: removed.place.base,
            madeBranchAt: choice.isNew ? removed.head : nil, isOurs: removed.place.isOurs, state: .making)
        do throws(PlaceError) {
            return try await bringBack(removed, record, choice.choice, intent, facts)
        } catch {
            try? await takeBack(record, removed, facts)
            throw error
        }
    }

    private func bringBack(
        _ removed: RemovedPlace, _ making: WorktreeRecord, _ choice: BranchChoice, _ intent: String, _ facts: ProjectFacts
    ) async throws(PlaceError) -> Place {
        var record = making
        try onDisk { () throws(SysError) in
            try Files.makeDirectories(Files.parentDirectory(intent))
            try record.write(to: intent)
        }
        try await placing { () throws(GitError) in
            try await git.addWorktree(at: record.directory, choice, of: facts.path, checksOut: removed.workTree == nil)
        }
        guard let admin = WorktreeAdmin.of(directory: record.directory, commonDirectory: facts.commonDirectory) else {
            throw .git(.directoryGone(record.directory))
        }
        try onDisk { () throws(SysError) in try record.write(to: admin.recordPath) }
        if let workTree = removed.workTree {
            try await placing { () throws(GitError) in try await git.restore(workTree: workTree, index: removed.index, into: record.directory) }
        }
        try await moveKept(of: removed, back: true)
        record.state = .ready
        try onDisk { () throws(SysError) in try record.write(to: admin.recordPath) }
        return try await settle(record, removed, intent)
    }

    private func refuseUnkept(_ removed: RemovedPlace, _ facts: ProjectFacts) async throws(PlaceError) {
        guard let commit = removed.workTree ?? removed.head else { throw .nothingKept(removed.place.directory) }
        let isThere = try await placing { () throws(GitError) in try await git.commit(commit, in: facts.path) != nil }
        guard isThere else { throw .nothingKept(removed.place.directory) }
    }

    /// A restoration that came to nothing may have brought some of what was put aside; git cannot make that again.
    private func takeBack(_ record: WorktreeRecord?, _ removed: RemovedPlace, _ facts: ProjectFacts) async throws(PlaceError) {
        guard let record else { return }
        if WorktreeAdmin.isWorktree(record.directory, commonDirectory: facts.commonDirectory) { try await moveKept(of: removed, back: false) }
        try await takeBack(record, facts)
    }

    package func forget(_ removed: RemovedPlace) async throws(PlaceError) {
        let directory = directory(of: removed)
        try await offThread { () throws(PlaceError) in
            try onDisk { () throws(SysError) in try Files.removeTree(directory) }
            _ = rmdir(Files.parentDirectory(directory))  // unless another removal of the same place is kept there
        }
        guard let ref = Self.ref(removed), Files.isDirectory(removed.projectPath) else { return }
        try await placing { () throws(GitError) in try await git.forget(ref: ref, of: removed.projectPath) }
    }

    private func settle(_ record: WorktreeRecord, _ removed: RemovedPlace, _ intent: String) async throws(PlaceError) -> Place {
        try onDisk { () throws(SysError) in try Files.remove(intent) }
        try await forget(removed)
        var place = removed.place
        place.branch = record.branch
        place.trouble = nil
        return place
    }

    private func branch(for removed: RemovedPlace, _ facts: ProjectFacts) async throws(GitError) -> (choice: BranchChoice, name: String?, isNew: Bool) {
        guard let name = removed.place.branch else {
            guard let head = removed.head ?? facts.head else { throw .noCommits(repository: facts.path) }
            return (.detached(at: head), nil, false)
        }
        let tips = try await git.branchTips(in: facts.path)
        let isElsewhere = try await git.worktrees(of: facts.path).contains { $0.branch == name && $0.path != removed.place.directory }
        if let tip = tips.first(where: { $0.name == name })?.commit, tip == removed.head, !isElsewhere { return (.existing(name), name, false) }
        let candidates = (0...tips.count).lazy.map { $0 == 0 ? name : $0 == 1 ? name + "-restored" : "\(name)-restored-\($0)" }
        guard let free = candidates.first(where: { candidate in !tips.contains { $0.name == candidate } }) else { throw .branchExists(name) }
        if let head = removed.head { return (.new(free, at: head), free, true) }
        guard let some = removed.place.base ?? facts.head else { throw .noCommits(repository: facts.path) }
        return (.unborn(free, besides: some), free, false)
    }

    /// Moves what was put aside into the worktree, or out of it again.
    private func moveKept(of removed: RemovedPlace, back: Bool) async throws(PlaceError) {
        let directory = directory(of: removed)
        guard Files.isDirectory(directory) else { return }
        guard let note = RemovalNote.read(in: directory) else { throw .unreadable(directory) }
        let (kept, place) = (directory + "/kept", removed.place.directory)
        try await offThread { () throws(PlaceError) in
            try onDisk { () throws(SysError) in
                for path in note.kept where Move.exists(path, in: kept) == back { try Move.path(path, from: back ? kept : place, to: back ? place : kept) }
            }
        }
    }
}
