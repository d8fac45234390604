package import Domain
import Git
import Sys

extension WorktreeBackend {
    /// Writes down what it is about to make, makes it, marks it. Whatever a crash left half made is taken away first and
    /// made anew; nobody worked in it, since it was never handed out.
    package func provision(_ wish: PlaceWish, project: Project) async throws(PlaceError) -> Place {
        let facts = try await placing { () throws(GitError) in try await git.inspect(project.path) }
        guard facts.isRepository else { throw .git(.notARepository(project.path)) }
        guard let head = facts.head else { throw .git(.noCommits(repository: project.path)) }
        let intent = layout.intent(wish.id, of: project)
        if let made = WorktreeAdmin.all(commonDirectory: facts.commonDirectory).first(where: { $0.record?.place == wish.id }) {
            if let record = made.record, record.state == .ready { return try await finished(record, intent: intent) }
            try await takeBack(made.record, facts)
        }
        try await takeBack(WorktreeRecord.read(intent), facts)
        // Somebody may take the branch or the directory between looking and making; then look again.
        for _ in 0..<5 {
            let plan = try await self.plan(wish, project, facts, head: head)
            defer { reservations.release(plan) }
            do throws(PlaceError) {
                return try await make(plan, intent: intent, wish, facts)
            } catch .git(.branchExists) where wish.branch == nil {
                continue
            } catch .git(let error) where error.isOfAHalfMadeWorktree {
                try await takeBack(plan.record, facts)
                continue
            } catch {
                // What can be undone now need not wait for the next time.
                try? await takeBack(plan.record, facts)
                try? Files.remove(intent)
                throw error
            }
        }
        throw .git(.branchExists(wish.branch ?? settings.branchPrefix + wish.slug))
    }

    private func finished(_ record: WorktreeRecord, intent: String) async throws(PlaceError) -> Place {
        guard Files.isDirectory(record.directory) else { throw .git(.directoryGone(record.directory)) }
        try onDisk { () throws(SysError) in try Files.remove(intent) }
        var place = record.made()
        place.branch = try await placing { () throws(GitError) in try await git.headOf(record.directory).branch }
        return place
    }

    private func make(_ plan: WorktreePlan, intent: String, _ wish: PlaceWish, _ facts: ProjectFacts) async throws(PlaceError) -> Place {
        var record = plan.record
        try onDisk { () throws(SysError) in
            try Files.makeDirectories(Files.parentDirectory(intent))
            try record.write(to: intent)
        }
        let work = try await uncommitted(wish, facts, start: plan.start)
        try await placing { () throws(GitError) in
            try await git.addWorktree(at: record.directory, plan.choice, of: facts.path, checksOut: work == nil)
        }
        guard let admin = WorktreeAdmin.of(directory: record.directory, commonDirectory: facts.commonDirectory) else {
            throw .git(.directoryGone(record.directory))
        }
        try onDisk { () throws(SysError) in try record.write(to: admin.recordPath) }
        if let work {
            try await placing { () throws(GitError) in
                try await git.restore(workTree: work.workTree, index: work.index, withState: false, into: record.directory)
            }
        }
        try await copyIgnored(wish.copiesIgnored, from: facts.path, to: record.directory)
        record.state = .ready
        try onDisk { () throws(SysError) in
            try record.write(to: admin.recordPath)
            try Files.remove(intent)
        }
        return record.made()
    }

    /// The project's uncommitted work, if it was asked for and there is any.
    private func uncommitted(_ wish: PlaceWish, _ facts: ProjectFacts, start: String) async throws(PlaceError) -> Captured? {
        guard wish.copiesUncommitted else { return nil }
        var options = CaptureOptions()
        options.isDurable = false
        options.refusesOperations = true
        let work = try await placing { () throws(GitError) in try await git.capture(facts.path, options, keptUnder: nil) }
        guard work.isDirty else { return nil }
        guard work.head == start else { throw .baseDiffers(head: work.head ?? "", base: start) }
        return work
    }

    /// Takes away what a record says was being made: the directory, git's knowledge of it, and the branch, if it is where
    /// it started.
    func takeBack(_ record: WorktreeRecord?, _ facts: ProjectFacts) async throws(PlaceError) {
        guard let record, record.state == .making else { return }
        let admin = WorktreeAdmin.of(directory: record.directory, commonDirectory: facts.commonDirectory)
        // A worktree that is handed out, and a directory that is somebody else's, stay.
        if let other = admin?.record, other != record, other.state == .ready || other.place != record.place { return }
        let isOurs = WorktreeAdmin.isWorktree(record.directory, commonDirectory: facts.commonDirectory)
        try await offThread { () throws(PlaceError) in
            try onDisk { () throws(SysError) in
                if isOurs { try Files.removeTree(record.directory) }
                if let admin { try Files.removeTree(admin.gitDirectory) }
            }
        }
        guard let branch = record.branch, let start = record.madeBranchAt else { return }
        do throws(GitError) {
            try await git.deleteBranch(branch, at: start, in: facts.path)
        } catch .branchMoved {
            // Never made, or somebody's by now.
        } catch {
            throw .git(error)
        }
    }
}
