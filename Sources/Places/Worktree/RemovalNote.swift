import Domain
import Git
import Glibc
import JSON
import Sys

/// What is known of a removed worktree, written into the directory that keeps what git cannot hold.
struct RemovalNote: Equatable {
    var place: Place
    var projectPath: String
    /// nil while the removal is not finished.
    var removed: RemovedPlace?
    /// Where drover made the branch; see `WorktreeRecord`.
    var madeBranchAt: String?
    /// What was put aside rather than stored, relative to the worktree.
    var kept: [Path]

    private static let fileName = "note.json"

    /// Where the worktree is while it is taken away: beside its place, so that the relative paths in its submodules hold.
    var aside: String {
        let parent = Files.parentDirectory(place.directory)
        return parent + "/." + place.directory.dropFirst(parent.count).drop { $0 == "/" } + ".removing"
    }

    func write(in directory: String) throws(SysError) {
        var members: [JSONObject.Member] = [
            .init(key: "place", value: .string(place.id.raw)), .init(key: "project", value: .string(place.project.raw)),
            .init(key: "projectPath", value: .string(projectPath)), .init(key: "directory", value: .string(place.directory)),
            .init(key: "isOurs", value: .bool(place.isOurs)), .init(key: "kept", value: .array(kept.map { .string(Encoding.hex($0)) })),
        ]
        let texts = [
            ("branch", place.branch), ("base", place.base), ("madeBranchAt", madeBranchAt), ("workTree", removed?.workTree), ("index", removed?.index),
            ("head", removed?.head),
        ]
        for (key, value) in texts { if let value { members.append(.init(key: key, value: .string(value))) } }
        if let removed { members.append(.init(key: "removed", value: .int(Int(removed.removed.milliseconds)))) }
        try Files.writeAtomically(directory + "/" + Self.fileName, JSONTree.object(JSONObject(members)).serialized(pretty: true))
    }

    static func read(in directory: String) -> RemovalNote? {
        guard let bytes = try? Files.read(directory + "/" + fileName), let tree = try? JSONTree(parsing: bytes), let id = tree["place"]?.string,
            let project = tree["project"]?.string, let projectPath = tree["projectPath"]?.string, let path = tree["directory"]?.string
        else { return nil }
        let place = Place(
            id: PlaceID(id), project: ProjectID(project), kind: .worktree, directory: path, branch: tree["branch"]?.string, base: tree["base"]?.string,
            isOurs: tree["isOurs"]?.bool ?? false)
        let kept = (tree["kept"]?.array ?? []).compactMap { $0.string.flatMap(Encoding.bytes(hex:)) }
        let removed = tree["removed"]?.int.map { time in
            RemovedPlace(
                place: place, projectPath: projectPath, workTree: tree["workTree"]?.string, index: tree["index"]?.string, head: tree["head"]?.string,
                removed: Timestamp(milliseconds: Int64(time)))
        }
        return RemovalNote(place: place, projectPath: projectPath, removed: removed, madeBranchAt: tree["madeBranchAt"]?.string, kept: kept)
    }
}

/// Moves by name, within one file system; names are bytes.
enum Move {
    static func path(_ relative: Path, from source: String, to target: String) throws(SysError) {
        guard exists(relative, in: source) else { return }
        try parents(of: relative, below: target)
        let (from, to) = (absolute(relative, below: source), absolute(relative, below: target))
        // An empty directory may be in the way (a submodule's, say); anything else stays and is said.
        rmdir(to)
        if exists(relative, in: target) { throw SysError("move", relative.text, code: EEXIST) }
        if rename(from, to) != 0 { throw SysError("move", relative.text, code: errno) }
    }

    static func exists(_ relative: Path, in directory: String) -> Bool {
        var status = stat()
        return lstat(absolute(relative, below: directory), &status) == 0
    }

    private static func parents(of relative: Path, below target: String) throws(SysError) {
        try Files.makeDirectories(target)
        for (index, byte) in relative.enumerated() where byte == UInt8(ascii: "/") {
            if mkdir(absolute(Array(relative[..<index]), below: target), 0o755) != 0, errno != EEXIST {
                throw SysError("make directory", relative.text, code: errno)
            }
        }
    }

    private static func absolute(_ relative: Path, below directory: String) -> [CChar] {
        (Array(directory.utf8) + [UInt8(ascii: "/")] + relative + [0]).map { CChar(bitPattern: $0) }
    }
}
