package import Domain
package import Git
import Sys

/// A `git worktree` below drover's data directory, on a branch of its own.
package struct WorktreeBackend: Restoring {
    package let kind = Place.Kind.worktree
    let git: GitTool
    let settings: Registry.Settings
    let layout: WorktreeLayout
    let reservations = Reservations()

    package init(git: GitTool, settings: Registry.Settings) {
        self.git = git
        self.settings = settings
        layout = WorktreeLayout(base: settings.worktrees)
    }

    package func inspect(_ place: Place) async throws(PlaceError) -> PlaceFacts {
        try await placing { () throws(GitError) in try await git.facts(of: place) }
    }

    package func list(_ project: Project) async throws(PlaceError) -> [Place] {
        guard project.isRepository else { return [] }
        return try await placing { () throws(GitError) in
            let admins = WorktreeAdmin.all(commonDirectory: try await git.commonDirectory(of: project.path))
            let found = try await git.worktrees(of: project.path)
            // The first is the main one: the folder, or a bare repository. What is half made is not shown.
            return found.dropFirst().filter { $0.isPathText && $0.path != project.path }.compactMap { worktree in
                let record = admins.first { $0.directory == worktree.path }?.record
                return record?.state == .making ? nil : place(worktree, record, project)
            }
        }
    }

    private func place(_ worktree: Worktree, _ record: WorktreeRecord?, _ project: Project) -> Place {
        let id = record?.place ?? PlaceID(project.id.raw + "." + Derived.name(of: worktree.path, count: 6))
        let isGone = !Files.isDirectory(worktree.path)
        return Place(
            id: id, project: project.id, kind: .worktree, directory: worktree.path, branch: worktree.branch, base: record?.base,
            isOurs: record?.isOurs ?? false,
            trouble: isGone ? PlaceFacts.gone.trouble : nil)
    }
}
