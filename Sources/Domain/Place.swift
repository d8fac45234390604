/// Where an agent runs.
package struct Place: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable { case folder, worktree, docker, ssh, kubernetes, cloudflare }
    package let id: PlaceID
    package let project: ProjectID
    package let kind: Kind
    /// Real path of the directory that tools run in.
    package var directory: String
    package var branch: String?
    /// Commit or branch it was made from, for the diff; nil for a folder.
    package var base: String?
    /// False for worktrees that somebody else made: those are never removed by drover without being asked by name.
    package var isOurs: Bool
    /// What is wrong with it ("the directory is gone"), nil when nothing is.
    package var trouble: String?

    package init(
        id: PlaceID, project: ProjectID, kind: Kind, directory: String, branch: String? = nil, base: String? = nil, isOurs: Bool = false, trouble: String? = nil
    ) {
        self.id = id
        self.project = project
        self.kind = kind
        self.directory = directory
        self.branch = branch
        self.base = base
        self.isOurs = isOurs
        self.trouble = trouble
    }

    package static func folder(of project: Project) -> Place {
        Place(id: project.folder, project: project.id, kind: .folder, directory: project.path, branch: project.branch)
    }
}

/// What a new agent's place should be; the `Places` room makes it so, again and again with the same result.
package struct PlaceWish: Equatable, Sendable {
    package var id: PlaceID
    package var project: ProjectID
    package var projectPath: String
    package var kind: Place.Kind
    /// A slug from the title: letters, digits and dashes; the directory's and the new branch's last component.
    package var slug: String
    /// In front of the slug in the name of a new branch; nil: what the configuration says.
    package var branchPrefix: String?
    /// An existing branch to check out, or the name of a new one; nil: `drover/<slug>`.
    package var branch: String?
    /// Where a new branch starts; nil: the project's HEAD.
    package var base: String?
    /// Bring the project's uncommitted work along.
    package var copiesUncommitted: Bool
    /// Ignored files to copy, relative patterns as in `.gitignore` (`.env`, `config/*.local`).
    package var copiesIgnored: [String]

    package init(
        id: PlaceID, project: ProjectID, projectPath: String, kind: Place.Kind, slug: String, branch: String? = nil, base: String? = nil,
        copiesUncommitted: Bool = false, copiesIgnored: [String] = []
    ) {
        self.id = id
        self.project = project
        self.projectPath = projectPath
        self.kind = kind
        self.slug = slug
        self.branch = branch
        self.base = base
        self.copiesUncommitted = copiesUncommitted
        self.copiesIgnored = copiesIgnored
    }
}

/// What can be brought back after a place was removed: enough for `undo`.
package struct RemovedPlace: Equatable, Sendable {
    package var place: Place
    package var projectPath: String
    /// Commit that holds the whole work tree, tracked and untracked, kept alive by `refs/drover/removed/<id>`.
    package var workTree: String?
    /// Commit that holds the index, if it differed.
    package var index: String?
    /// Commit that HEAD pointed at.
    package var head: String?
    package var removed: Timestamp

    package init(place: Place, projectPath: String, workTree: String?, index: String?, head: String?, removed: Timestamp) {
        self.place = place
        self.projectPath = projectPath
        self.workTree = workTree
        self.index = index
        self.head = head
        self.removed = removed
    }
}
