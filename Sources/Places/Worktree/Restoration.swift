package import Domain
import Git
import Sys

extension WorktreeBackend {
    /// The worktree at its old path, on its old branch if that is still where it was (else on a new one beside it), with
    /// its files, index and what was put aside.
    package func restore(_ removed: RemovedPlace) async throws(PlaceError) -> Place {
        let facts = try await placing { () throws(GitError) in try await git.inspect(removed.projectPath) }
        let intent = layout.intent(removed.place.id, of: facts.project(added: removed.removed))
        if let back = WorktreeAdmin.of(directory: removed.place.directory, commonDirectory: facts.commonDirectory), Files.isDirectory(removed.place.directory) {
            // Done already, but for the last steps.
            guard back.record?.place == removed.place.id else { throw .git(.pathTaken(removed.place.directory)) }
            if let record = back.record, record.state == .ready { return try await settle(record, removed, intent, facts) }
        }
        guard removed.workTree != nil || removed.head != nil else { throw .nothingKept(removed.place.directory) }
        if let commit = removed.workTree ?? removed.head {
            let isThere = try await placing { () throws(GitError) in try await git.commit(commit, in: facts.path) != nil }
            guard isThere else { throw .nothingKept(removed.place.directory) }
        }
        try await putBackKept(removed)
        try await takeBack(WorktreeRecord.read(intent), facts)
        let choice = try await placing { () throws(GitError) in try await branch(for: removed, facts) }
        var record = WorktreeRecord(
            place: removed.place.id, project: removed.place.project, directory: removed.place.directory, branch: choice.name, base: removed.place.base,
            madeBranchAt: choice.isNew ? removed.head : nil, state: .making)
        try onDisk { () throws(SysError) in
            try Files.makeDirectories(Files.parentDirectory(intent))
            try record.write(to: intent)
        }
        try await placing { () throws(GitError) in
            try await git.addWorktree(at: record.directory, choice.choice, of: facts.path, checksOut: removed.workTree == nil)
            if let workTree = removed.workTree { try await git.restore(workTree: workTree, index: removed.index, into: record.directory) }
        }
        guard let admin = WorktreeAdmin.of(directory: record.directory, commonDirectory: facts.commonDirectory) else {
            throw .git(.directoryGone(record.directory))
        }
        try await bringKept(removed)
        record.state = .ready
        if removed.place.isOurs { try onDisk { () throws(SysError) in try record.write(to: admin.recordPath) } }
        return try await settle(record, removed, intent, facts)
    }

    package func forget(_ removed: RemovedPlace) async throws(PlaceError) {
        let directory = directory(of: removed)
        try await offThread { () throws(PlaceError) in try onDisk { () throws(SysError) in try Files.removeTree(directory) } }
        guard let ref = Self.ref(removed), Files.isDirectory(removed.projectPath) else { return }
        try await placing { () throws(GitError) in try await git.forget(ref: ref, of: removed.projectPath) }
    }

    private func settle(_ record: WorktreeRecord, _ removed: RemovedPlace, _ intent: String, _ facts: ProjectFacts) async throws(PlaceError) -> Place {
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

    private func bringKept(_ removed: RemovedPlace) async throws(PlaceError) {
        let directory = directory(of: removed)
        guard let note = RemovalNote.read(in: directory) else { return }
        try await offThread { () throws(PlaceError) in
            try onDisk { () throws(SysError) in for path in note.kept { try Move.path(path, from: directory + "/kept", to: removed.place.directory) } }
        }
    }

    /// A restoration that a crash interrupted may have brought some of them already; they are not made anew by git.
    private func putBackKept(_ removed: RemovedPlace) async throws(PlaceError) {
        let directory = directory(of: removed)
        guard let note = RemovalNote.read(in: directory), Files.exists(removed.place.directory + "/.git") else { return }
        try await offThread { () throws(PlaceError) in
            try onDisk { () throws(SysError) in
                for path in note.kept where !Move.exists(path, in: directory + "/kept") {
                    try Move.path(path, from: removed.place.directory, to: directory + "/kept")
                }
            }
        }
    }
}
