package import Domain
package import Git
import Glibc
import Sys

/// The project directory itself. Nothing is made, and nothing is removed.
package struct FolderBackend: Restoring {
    package let kind = Place.Kind.folder
    private let git: GitTool

    package init(git: GitTool) { self.git = git }

    package func provision(_ wish: PlaceWish, project: Project) async throws(PlaceError) -> Place {
        try onDisk { () throws(SysError) in
            guard Files.isDirectory(project.path) else { throw SysError("use", project.path, code: ENOTDIR) }
            // Asked of the kernel, since root may write nearly everywhere and still not to a read-only file system.
            if access(project.path, W_OK) != 0 { throw SysError("write to", project.path, code: errno) }
        }
        var place = Place.folder(of: project)
        if project.isRepository { place.branch = try await placing { () throws(GitError) in try await git.headOf(project.path).branch } }
        return place
    }

    package func inspect(_ place: Place) async throws(PlaceError) -> PlaceFacts {
        try await placing { () throws(GitError) in try await git.facts(of: place) }
    }

    package func list(_ project: Project) async throws(PlaceError) -> [Place] {
        var place = Place.folder(of: project)
        if !Files.isDirectory(project.path) { place.trouble = PlaceFacts.gone.trouble }
        return [place]
    }

    package func remove(_ place: Place, of project: Project, force: Bool) async throws(PlaceError) -> RemovedPlace {
        RemovedPlace(place: place, projectPath: project.path, workTree: nil, index: nil, head: nil, removed: Timestamp(milliseconds: Clock.wallMilliseconds()))
    }

    package func restore(_ removed: RemovedPlace) async throws(PlaceError) -> Place {
        guard Files.isDirectory(removed.place.directory) else { throw .git(.directoryGone(removed.place.directory)) }
        return removed.place
    }

    package func expired(before limit: Timestamp) async throws(PlaceError) -> [RemovedPlace] { [] }

    package func forget(_ removed: RemovedPlace) async throws(PlaceError) {}
}

extension GitTool {
    /// Two git processes for a repository, none for a plain directory.
    func facts(of place: Place) async throws(GitError) -> PlaceFacts {
        guard Files.isDirectory(place.directory) else { return .gone }
        let state: WorkTreeState?
        do throws(GitError) {
            state = try await workTreeState(of: place.directory, since: place.base)
        } catch .directoryGone {
            return .gone
        }
        guard let state else { return PlaceFacts(exists: true, branch: nil, head: nil, changes: Changes(), isDirty: false, operation: nil, trouble: nil) }
        return PlaceFacts(
            exists: true, branch: state.status.branch, head: state.status.head, changes: state.changes, isDirty: !state.status.isClean,
            operation: state.operation,
            trouble: nil)
    }
}
