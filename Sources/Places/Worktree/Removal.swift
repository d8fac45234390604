package import Domain
import Git
import Glibc
import Sys

extension WorktreeBackend {
    /// In order: the directory moves aside (so that nothing is written into it any more), its content is stored in the
    /// repository, what git does not store (ignored files, nested repositories) is put beside, all that is noted; only then
    /// it goes. A crash before the note leads back, one after it forward.
    package func remove(_ place: Place, of project: Project, force: Bool) async throws(PlaceError) -> RemovedPlace {
        try await recover(place.id)
        let facts = try await placing { () throws(GitError) in try await git.inspect(project.path) }
        let admin = WorktreeAdmin.of(directory: place.directory, commonDirectory: facts.commonDirectory)
        if !Files.isDirectory(place.directory) { return try await removeMissing(place, admin, facts) }
        guard let admin else { throw .git(.notOurs(place.directory)) }
        guard force || admin.record?.isOurs == true else { throw .git(.notOurs(place.directory)) }
        if let lock = admin.indexLock, !force { throw .git(.locked(lock)) }
        if !force { try await refuseSubmoduleWork(place) }
        let taking = layout.removed(place.id) + "/taking"
        var note = RemovalNote(place: place, projectPath: facts.path, removed: nil, madeBranchAt: admin.record?.madeBranchAt, kept: [])
        note.place.branch = try await placing { () throws(GitError) in try await git.headOf(place.directory).branch }
        try onDisk { () throws(SysError) in
            if Files.exists(note.aside) { throw SysError("move aside to", note.aside, code: EEXIST) }
            try Files.makeDirectories(taking)
            try note.write(in: taking)
            try Files.rename(place.directory, to: note.aside)
        }
        do throws(PlaceError) {
            let removed = try await keep(&note, taking, force: force)
            return try await finish(removed, note, admin, facts)
        } catch {
            try await recover(place.id)
            throw error
        }
    }

    private func refuseSubmoduleWork(_ place: Place) async throws(PlaceError) {
        let dirty = try await placing { () throws(GitError) in try await git.submodulesWithOwnWork(of: place.directory) }
        if !dirty.isEmpty { throw .git(.dirtySubmodules(directory: place.directory, paths: dirty.map(\.text))) }
    }

    /// Stores and puts aside; when this returns, the removal is decided.
    private func keep(_ note: inout RemovalNote, _ taking: String, force: Bool) async throws(PlaceError) -> RemovedPlace {
        let tree = note.aside
        var options = CaptureOptions()
        options.losesSubmoduleWork = true
        let prefix = Self.refs(note.place.id)
        let captured = try await placing { () throws(GitError) in try await git.capture(tree, options, keptUnder: prefix) }
        let ignored = try await placing { () throws(GitError) in try await git.ignored(in: tree) }
        note.kept = captured.nested + ignored.map(\.withoutFinalSlash).filter { !settings.rebuildable.contains($0.lastName) }
        let removed = RemovedPlace(
            place: note.place, projectPath: note.projectPath, workTree: captured.workTree, index: captured.index, head: captured.head,
            removed: Timestamp(milliseconds: Clock.wallMilliseconds()))
        let target = directory(of: removed)
        let unfinished = note
        note.removed = removed
        let finished = note
        try await offThread { () throws(PlaceError) in
            try onDisk { () throws(SysError) in try unfinished.write(in: taking) }
            try Self.moveAll(unfinished, to: taking + "/kept", force: force)
            try onDisk { () throws(SysError) in
                try finished.write(in: taking)
                try Files.rename(taking, to: target)
                try Files.syncDirectory(Files.parentDirectory(target))
            }
        }
        return removed
    }

    /// Only between file systems can it fail for a reason that stays: a worktree that somebody made elsewhere.
    private static func moveAll(_ note: RemovalNote, to target: String, force: Bool) throws(PlaceError) {
        for path in note.kept {
            do throws(SysError) {
                try Move.path(path, from: note.aside, to: target)
            } catch {
                guard error.code == EXDEV else { throw .system(error) }
                if !force { throw .cannotKeep(directory: note.place.directory, paths: note.kept.map(\.text)) }
            }
        }
    }

    /// From here on only forward; each step may find its work done.
    private func finish(_ removed: RemovedPlace, _ note: RemovalNote, _ admin: WorktreeAdmin?, _ facts: ProjectFacts) async throws(PlaceError) -> RemovedPlace {
        try await offThread { () throws(PlaceError) in
            try onDisk { () throws(SysError) in
                if let admin { try Files.removeTree(admin.gitDirectory) }
                try Files.removeTree(note.aside)
            }
        }
        if note.madeBranchAt != nil, let branch = note.place.branch, let head = removed.head { try await deleteIfKeptElsewhere(branch, head, facts) }
        return removed
    }

    /// A branch with commits of its own stays: after the grace time it would be their only name.
    private func deleteIfKeptElsewhere(_ branch: String, _ head: String, _ facts: ProjectFacts) async throws(PlaceError) {
        do throws(GitError) {
            guard try await git.isKeptElsewhere(head, besides: branch, in: facts.path) else { return }
            try await git.deleteBranch(branch, at: head, in: facts.path)
        } catch .branchMoved {
            // Somebody works with it.
        } catch {
            throw .git(error)
        }
    }

    /// The directory is gone: removed by us just before a crash, or by somebody else.
    private func removeMissing(_ place: Place, _ admin: WorktreeAdmin?, _ facts: ProjectFacts) async throws(PlaceError) -> RemovedPlace {
        let notes = notes(of: place.id).filter { $0.place.directory == place.directory }
        if let note = notes.last, let removed = note.removed, Files.isDirectory(note.aside) || admin == nil {
            return try await finish(removed, note, admin, facts)
        }
        guard let admin else { throw .git(.directoryGone(place.directory)) }
        return try await placing { () throws(GitError) in
            let head = try await git.worktrees(of: facts.path).first { $0.path == place.directory }?.head
            if let head { try await git.keep(head, under: Self.refs(place.id), in: facts.path) }
            try? Files.removeTree(admin.gitDirectory)
            return RemovedPlace(
                place: place, projectPath: facts.path, workTree: nil, index: nil, head: head, removed: Timestamp(milliseconds: Clock.wallMilliseconds()))
        }
    }

    /// Leads a removal that was interrupted before its decision back: the directory is where it was, with all in it.
    package func recover(_ place: PlaceID) async throws(PlaceError) {
        let taking = layout.removed(place) + "/taking"
        guard Files.isDirectory(taking) else { return }
        let note = RemovalNote.read(in: taking)
        try await offThread { () throws(PlaceError) in
            try onDisk { () throws(SysError) in
                if let note, Files.isDirectory(note.aside), !Files.exists(note.place.directory) {
                    for path in note.kept { try Move.path(path, from: taking + "/kept", to: note.aside) }
                    try Files.rename(note.aside, to: note.place.directory)
                }
                // What has no way back is not deleted.
                if note?.kept.contains(where: { Move.exists($0, in: taking + "/kept") }) != true { try Files.removeTree(taking) }
            }
        }
    }

    /// Leads back every removal that was interrupted; for the start of the daemon.
    package func recoverAll() async throws(PlaceError) {
        for name in (try? Files.names(layout.base + "/.removed")) ?? [] { try await recover(PlaceID(name)) }
    }

    /// A note that cannot be read keeps what it is about: nothing of it is touched.
    package func expired(before limit: Timestamp) async throws(PlaceError) -> [RemovedPlace] {
        let kept = layout.base + "/.removed"
        return try await offThread { () throws(PlaceError) in
            guard Files.isDirectory(kept) else { return [] }
            let names = try onDisk { () throws(SysError) in try Files.names(kept) }
            return names.flatMap { notes(of: PlaceID($0)) }.compactMap(\.removed).filter { $0.removed < limit }
        }
    }

    static func refs(_ place: PlaceID) -> String { "refs/drover/removed/" + WorktreeLayout.word(place.raw) }
    static func ref(_ removed: RemovedPlace) -> String? { (removed.workTree ?? removed.head).map { refs(removed.place.id) + "/" + $0.prefix(12) } }

    func directory(of removed: RemovedPlace) -> String { layout.removed(removed.place.id) + "/" + (removed.workTree ?? removed.head ?? "").prefix(12) }

    private func notes(of place: PlaceID) -> [RemovalNote] {
        let parent = layout.removed(place)
        let all = ((try? Files.names(parent)) ?? []).filter { $0 != "taking" }.compactMap { RemovalNote.read(in: parent + "/" + $0) }
        return all.sorted { ($0.removed?.removed.milliseconds ?? 0) < ($1.removed?.removed.milliseconds ?? 0) }
    }
}

extension Path {
    var withoutFinalSlash: Path { last == UInt8(ascii: "/") ? Array(dropLast()) : self }
    var lastName: String { (split(separator: UInt8(ascii: "/")).last ?? []).text }
}
