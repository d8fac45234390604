import Domain
import Foundation
import Git
import Places
import Sys
import Testing

/// The whole process dies by SIGKILL before, or right after, each git command of an operation. Then the operation is asked
/// for again, as after a restart, and everything must be as if nothing had happened.
@Suite struct CrashTests {
    /// A git that kills its parent at the given call. Calls of `--version` do not count: they change nothing.
    private static func dyingGit(_ root: String, at call: Int, after: Bool) async throws -> String {
        let path = root + "/dying-git"
        let script = """
            #!/bin/sh
            [ "$1" = --version ] && exec /usr/bin/git "$@"
            n=$(($(cat "\(root)/calls" 2>/dev/null || echo 0) + 1))
            echo $n > "\(root)/calls"
            if [ $n = \(call) ]; then
                \(after ? "/usr/bin/git \"$@\"" : ":")
                kill -9 $PPID
                exit 1
            fi
            exec /usr/bin/git "$@"
            """
        try Files.remove(root + "/calls")
        try await writeProgram(path, script)
        return path
    }

    private static func backend(_ root: String, git: String) -> WorktreeBackend {
        let environment = ["HOME=\(root)/home", "PATH=/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM=1", "TMPDIR=\(root)/tmp"]
        return WorktreeBackend(
            git: GitTool(runner: CommandRunner(), executable: git, environment: environment), settings: .init(worktrees: root + "/data/worktrees"))
    }

    enum Operation: String, CaseIterable, Sendable { case provision, remove, restore }

    /// Does one operation on what the sandbox at `root` holds, found again from the disk alone.
    private static func perform(_ operation: Operation, _ root: String, git: String) async throws {
        let backend = backend(root, git: git)
        let project = Project(path: root + "/api", branch: "main", isRepository: true, added: Timestamp(milliseconds: 0))
        switch operation {
        case .provision: _ = try await backend.provision(wish(project), project: project)
        case .remove: _ = try await backend.remove(try place(root, project), of: project, force: false)
        case .restore: _ = try await backend.restore(try removed(root, project))
        }
    }

    private static func wish(_ project: Project) -> PlaceWish {
        PlaceWish(
            id: PlaceID("api.fix"), project: project.id, projectPath: project.path, kind: .worktree, slug: "fix", copiesUncommitted: true,
            copiesIgnored: [".env"])
    }

    private static func place(_ root: String, _ project: Project) throws -> Place {
        Place(
            id: PlaceID("api.fix"), project: project.id, kind: .worktree, directory: "\(root)/data/worktrees/api-\(project.id)/fix", branch: "drover/fix",
            base: try Files.readText(root + "/base"), isOurs: true)
    }

    /// What a caller stores; here in three lines of a file.
    private static func removed(_ root: String, _ project: Project) throws -> RemovedPlace {
        let lines = try Files.readText(root + "/removed").split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? nil : String($0) }
        return RemovedPlace(
            place: try place(root, project), projectPath: project.path, workTree: lines[0], index: lines[1], head: lines[2], removed: Timestamp(milliseconds: 0)
        )
    }

    /// A project with uncommitted work and, for the later operations, a place full of it.
    private func arrange(_ operation: Operation) async throws -> (Sandbox, Repository, Project, before: [String]) {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.write(".gitignore", ".env\n")
        try repository.commit("ignore")
        try repository.write("untracked.txt", "untracked\n")
        try repository.write("README.md", "changed\n")
        try repository.git("add", "README.md")
        try repository.write(".env", "TOKEN\n")
        let project = Project(path: repository.path, branch: "main", isRepository: true, added: Timestamp(milliseconds: 0))
        try Files.writeAtomically(sandbox.root + "/base", Array(try repository.line("rev-parse", "HEAD").utf8))
        let before = try repository.picture()
        if operation == .provision { return (sandbox, repository, project, before) }
        let place = try await sandbox.worktrees.provision(Self.wish(project), project: project)
        if operation == .remove { return (sandbox, repository, project, before) }
        let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
        let lines = [removed.workTree, removed.index, removed.head].map { $0 ?? "" }.joined(separator: "\n")
        try Files.writeAtomically(sandbox.root + "/removed", Array(lines.utf8))
        return (sandbox, repository, project, before)
    }

    @Test(arguments: Operation.allCases) func dyingAnywhereAndAgainIsTheSame(_ operation: Operation) async throws {
        let (sandbox, repository, project, before) = try await arrange(operation)
        let start = sandbox.root + ".start"
        try await copy(sandbox.root, to: start)
        defer { try? Files.removeTree(start) }
        try await Self.perform(operation, sandbox.root, git: try await Self.dyingGit(sandbox.root, at: 0, after: false))
        let calls = try #require(Int(try Files.readText(sandbox.root + "/calls").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(calls > 5)
        for call in 1...calls {
            try Files.removeTree(sandbox.root)
            try await copy(start, to: sandbox.root)
            try await dieAndRepeat(operation, at: call, after: call.isMultiple(of: 2), sandbox, repository, project, before)
        }
    }

    private func copy(_ source: String, to target: String) async throws {
        let result = try await CommandRunner().run(Command("/bin/cp", ["-a", source, target]))
        try #require(result.status.isSuccess)
    }

    private func dieAndRepeat(
        _ operation: Operation, at call: Int, after: Bool, _ sandbox: Sandbox, _ repository: Repository, _ project: Project, _ before: [String]
    ) async throws {
        let git = try await Self.dyingGit(sandbox.root, at: call, after: after)
        await #expect(processExitsWith: .signal(SIGKILL)) { [root = sandbox.root as String, git = git as String, name = operation.rawValue as String] in
            try await CrashTests.perform(Operation(rawValue: name) ?? .provision, root, git: git)
        }
        let comment = Comment(rawValue: "\(operation) died \(after ? "after" : "before") call \(call)")
        let place = try Self.place(sandbox.root, project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        switch operation {
        case .provision:
            #expect(try await sandbox.worktrees.provision(Self.wish(project), project: project) == place, comment)
        case .remove:
            let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
            #expect(!Files.exists(place.directory), comment)
            #expect(try repository.line("worktree", "list", "--porcelain").components("worktree ") == 1, comment)
            _ = try await sandbox.worktrees.restore(removed)
        case .restore:
            #expect(try await sandbox.worktrees.restore(try Self.removed(sandbox.root, project)) == place, comment)
        }
        #expect(try tree.picture() == before, comment)
        #expect(try Files.readText(place.directory + "/.env") == "TOKEN\n", comment)
        #expect(try await sandbox.worktrees.list(project) == [place], comment)
        #expect(try repository.picture() == before, comment)
        #expect(try repository.line("branch", "--format=%(refname:short)") == "drover/fix\nmain", comment)
        let folder = Files.parentDirectory(place.directory)
        #expect(try Files.names(folder) == [".making", "fix"] && Files.names(folder + "/.making").isEmpty, comment)
    }
}
