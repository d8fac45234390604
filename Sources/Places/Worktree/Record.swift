import Domain
import Git
import Glibc
import JSON
import Sys

/// What drover writes down about a worktree: before it makes one (beside it), and then inside the worktree's git
/// directory, where it moves and goes with it.
struct WorktreeRecord: Equatable {
    enum State: String { case making, ready }
    var place: PlaceID
    var project: ProjectID
    var directory: String
    /// nil when detached.
    var branch: String?
    /// The commit that changes are counted against.
    var base: String?
    /// Where the branch was when drover made it; nil when it was there before. Only such a branch is ever deleted.
    var madeBranchAt: String?
    /// False for a worktree of somebody else that drover removed by order and brought back.
    var isOurs = true
    var state: State

    static let fileName = "drover.json"

    func made() -> Place {
        Place(id: place, project: project, kind: .worktree, directory: directory, branch: branch, base: base, isOurs: isOurs)
    }

    func write(to path: String) throws(SysError) {
        var members: [JSONObject.Member] = [
            .init(key: "place", value: .string(place.raw)), .init(key: "project", value: .string(project.raw)),
            .init(key: "directory", value: .string(directory)), .init(key: "state", value: .string(state.rawValue)),
            .init(key: "isOurs", value: .bool(isOurs)),
        ]
        for (key, value) in [("branch", branch), ("base", base), ("madeBranchAt", madeBranchAt)] {
            if let value { members.append(.init(key: key, value: .string(value))) }
        }
        try Files.writeAtomically(path, JSONTree.object(JSONObject(members)).serialized(pretty: true))
    }

    /// nil when there is none, or none that can be read: then the worktree is not ours to touch.
    static func read(_ path: String) -> WorktreeRecord? {
        guard let bytes = try? Files.read(path, limit: 1 << 20), let tree = try? JSONTree(parsing: bytes),
            let place = tree["place"]?.string, let project = tree["project"]?.string, let directory = tree["directory"]?.string,
            let state = tree["state"]?.string.flatMap(State.init(rawValue:))
        else { return nil }
        return WorktreeRecord(
            place: PlaceID(place), project: ProjectID(project), directory: directory, branch: tree["branch"]?.string, base: tree["base"]?.string,
            madeBranchAt: tree["madeBranchAt"]?.string,
            isOurs: tree["isOurs"]?.bool ?? true, state: state)
    }
}

/// The part of a repository's git directory that belongs to one linked worktree (`.git/worktrees/<name>`), read as git
/// documents it (gitrepository-layout(5)) without asking git.
struct WorktreeAdmin: Equatable {
    /// `…/.git/worktrees/<name>`
    var gitDirectory: String
    /// The worktree it belongs to; it may be gone.
    var directory: String
    var record: WorktreeRecord?

    static func all(commonDirectory: String) -> [WorktreeAdmin] {
        let parent = commonDirectory + "/worktrees"
        return ((try? Files.names(parent)) ?? []).compactMap { one(parent + "/" + $0) }
    }

    static func of(directory: String, commonDirectory: String) -> WorktreeAdmin? {
        all(commonDirectory: commonDirectory).first { $0.directory == directory }
    }

    /// True when the directory is a linked worktree of that repository: its `.git` is a file that says so.
    static func isWorktree(_ directory: String, commonDirectory: String) -> Bool {
        guard let bytes = try? Files.read(directory + "/.git", limit: 1 << 16) else { return false }
        return String(decoding: bytes, as: UTF8.self).hasPrefix("gitdir: " + commonDirectory + "/worktrees/")
    }

    private static func one(_ gitDirectory: String) -> WorktreeAdmin? {
        guard let bytes = try? Files.read(gitDirectory + "/gitdir", limit: 1 << 16) else { return nil }
        var link = String(decoding: bytes, as: UTF8.self)
        if link.hasSuffix("\n") { link.removeLast() }
        guard link.hasSuffix("/.git") else { return nil }
        return WorktreeAdmin(
            gitDirectory: gitDirectory, directory: String(link.dropLast("/.git".count)),
            record: WorktreeRecord.read(gitDirectory + "/" + WorktreeRecord.fileName))
    }

    var recordPath: String { gitDirectory + "/" + WorktreeRecord.fileName }
    /// A git is at work in it, or died there.
    var indexLock: String? { Files.exists(gitDirectory + "/index.lock") ? gitDirectory + "/index.lock" : nil }
}
