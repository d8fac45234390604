/// A directory a person works in, known by its real path.
package struct Project: Equatable, Sendable {
    package let id: ProjectID
    /// Real path: no symbolic links, no trailing slash. A repository's top level.
    package let path: String
    package var name: String
    /// The branch that is checked out; nil when detached, without commits or no repository.
    package var branch: String?
    /// The URL of `origin` without credentials.
    package var remote: String?
    package var isRepository: Bool
    package var added: Timestamp
    /// What is wrong with the directory now ("the directory is gone"), nil when nothing is.
    package var trouble: String?

    package init(path: String, name: String? = nil, branch: String? = nil, remote: String? = nil, isRepository: Bool, added: Timestamp, trouble: String? = nil)
    {
        self.id = Self.identifier(of: path)
        self.path = path
        self.name = name ?? path.split(separator: "/").last.map(String.init) ?? path
        self.branch = branch
        self.remote = remote
        self.isRepository = isRepository
        self.added = added
        self.trouble = trouble
    }

    package static func identifier(of path: String) -> ProjectID { ProjectID(Derived.name(of: path, count: 8)) }

    /// The server that runs everything in this project's folder and worktrees.
    package var server: ServerID { ServerID(id.raw) }
    package var folder: PlaceID { PlaceID(id.raw + ".folder") }
}
