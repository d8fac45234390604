package import Domain
package import Git

/// The kinds of places this drover can make. A new kind is one line here; the conformance tests run over all.
package struct Registry: Sendable {
    package struct Settings: Sendable {
        /// Absolute directory for worktrees; made when needed. On one file system with what it holds.
        package var worktrees: String
        /// Before a worktree's slug in the name of its branch: `drover/`.
        package var branchPrefix = "drover/"
        /// Names of ignored directories that are made anew rather than kept when a place is removed.
        package var rebuildable: Set<String> = [
            "node_modules", "target", ".venv", "venv", ".build", "__pycache__", ".gradle", ".next", ".nuxt", ".tox", ".mypy_cache", ".pytest_cache",
            ".ruff_cache",
            ".cache", ".turbo", "DerivedData",
        ]
        package init(worktrees: String) { self.worktrees = worktrees }
    }

    package let all: [any Backend]

    package init(git: GitTool, settings: Settings) {
        all = [FolderBackend(git: git), WorktreeBackend(git: git, settings: settings)]
    }

    package func backend(_ kind: Place.Kind) throws(PlaceError) -> any Backend {
        guard let found = all.first(where: { $0.kind == kind }) else { throw .unknownKind(kind) }
        return found
    }
}
