import Domain
import Foundation
import Git
import Places
import Sys
import Testing

/// Repositories and configurations that few people have, and that break programs that read git's answers.
@Suite struct UnusualTests {
    private static let configuration = """
        [core]
        \tsplitIndex = true
        \tuntrackedCache = true
        \tfsmonitor = /bin/false
        \thooksPath = /nowhere
        \tpager = /bin/false
        \teditor = /bin/false
        \tautocrlf = %crlf%
        \tquotePath = true
        [feature]
        \tmanyFiles = true
        [color]
        \tui = always
        [status]
        \tshowUntrackedFiles = no
        \trelativePaths = false
        \tbranch = true
        \tshortstatus = true
        [diff]
        \texternal = /bin/false
        \trenames = copies
        \tnoprefix = true
        \tignoreSubmodules = all
        [branch]
        \tautoSetupMerge = always
        [worktree]
        \tguessRemote = true
        [log]
        \tshowSignature = true
        [checkout]
        \tguess = false
        [tag]
        \tgpgSign = true

        """

    @Test(arguments: ["true", "input"], [Mess.clean, .stagedThenChanged, .lineEnds, .strangeNames, .conflict, .splitIndex, .intentToAdd, .deleted])
    func roundTripsUnderAnUnusualConfiguration(_ crlf: String, _ mess: Mess) async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let home = sandbox.root + "/home/.gitconfig"
        let unusual = Self.configuration.replacingOccurrences(of: "%crlf%", with: crlf)
        try Files.writeAtomically(home, Array((try Files.readText(home) + unusual).utf8))
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try await mess.make(in: tree)
        let before = try tree.picture()
        let facts = try await sandbox.worktrees.inspect(place)
        #expect(facts.isDirty == ![.clean].contains(mess))
        let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
        #expect(try await sandbox.worktrees.restore(removed) == place)
        #expect(try tree.picture() == before)
        #expect(try await sandbox.worktrees.inspect(place) == facts)
        #expect(!Files.exists(sandbox.hookTrace))
    }

    @Test(arguments: [Mess.clean, .stagedThenChanged, .intentToAdd, .emptyFiles, .rebase, .conflict, .orphanBranch])
    func roundTripsWithSHA256(_ mess: Mess) async throws {
        let sandbox = try Sandbox()
        let repository = Repository(path: sandbox.root + "/api", sandbox: sandbox)
        try Files.makeDirectories(repository.path)
        try repository.git("init", "-q", "--object-format=sha256")
        try repository.write("README.md", "hello\n")
        try repository.write("src/main.c", "x\n")
        try repository.commit("first")
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        #expect(place.base?.count == 64)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try await mess.make(in: tree)
        let before = try tree.picture()
        let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
        let restored = try await sandbox.worktrees.restore(removed)
        #expect(restored.id == place.id && restored.directory == place.directory)
        #expect(try tree.picture() == before)
    }

    @Test func renamesAreCountedOnce() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.write("long.txt", String(repeating: "line\n", count: 50))
        try repository.commit("long")
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try tree.git("mv", "long.txt", "moved\nfile.txt")
        try tree.write("moved\nfile.txt", String(repeating: "line\n", count: 50) + "more\n")
        #expect(try await sandbox.git.changes(in: place.directory, since: try #require(place.base)) == Changes(files: 1, additions: 1, deletions: 0))
        let status = try await sandbox.git.status(of: place.directory)
        #expect(status.entries.map(\.kind) == [.renamed])
        #expect(status.entries.first?.origin.map { visible($0) } == "long.txt")
        #expect(status.entries.first.map { visible($0.path) } == "moved\\10file.txt")
    }

    @Test func aShallowCloneAndASeparateGitDirectory() async throws {
        let sandbox = try Sandbox()
        let upstream = try sandbox.repository("upstream")
        try await Mess.commits.make(in: upstream)
        let repository = Repository(path: sandbox.root + "/shallow", sandbox: sandbox)
        try upstream.git("clone", "-q", "--depth=1", "--separate-git-dir=\(sandbox.root)/elsewhere.git", "file://" + upstream.path, repository.path)
        let project = try await sandbox.project(repository)
        #expect(project.path == repository.path)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try await Mess.stagedThenChanged.make(in: tree)
        let before = try tree.picture()
        let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
        #expect(try await sandbox.worktrees.restore(removed) == place)
        #expect(try tree.picture() == before)
    }
}
