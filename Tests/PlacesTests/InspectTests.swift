import Domain
import Git
import Sys
import Testing

@Suite struct InspectTests {
    @Test func aRepositoryIsKnownFromAnyDirectoryInIt() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.git("remote", "add", "origin", "https://tess:s3cret@example.org/api.git?token=x")
        let facts = try await sandbox.git.inspect(repository.path + "/src")
        #expect(facts.isRepository)
        #expect(facts.path == repository.path)
        #expect(facts.branch == "main")
        #expect(facts.head == (try repository.line("rev-parse", "HEAD")))
        #expect(facts.remote == "https://example.org/api.git")
        #expect(!facts.isLinkedWorktree && !facts.isSubmodule)
        let project = facts.project(added: Timestamp(milliseconds: 1))
        #expect(project.name == "api" && project.branch == "main" && project.isRepository)
    }

    @Test func aLinkedWorktreeBelongsToTheMainOne() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.git("worktree", "add", "-q", "-b", "side", sandbox.root + "/side")
        let facts = try await sandbox.git.inspect(sandbox.root + "/side/src")
        #expect(facts.isLinkedWorktree)
        #expect(facts.path == repository.path)
        #expect(facts.workTree == sandbox.root + "/side")
        #expect(facts.branch == "main")
    }

    @Test func aWorktreeOfABareRepositoryIsItsOwnProject() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.git("clone", "-q", "--bare", repository.path, sandbox.root + "/bare.git")
        try repository.git("--git-dir=\(sandbox.root)/bare.git", "worktree", "add", "-q", sandbox.root + "/tree", "main")
        let facts = try await sandbox.git.inspect(sandbox.root + "/tree")
        #expect(facts.path == sandbox.root + "/tree")
        await #expect(throws: GitError.bareRepository(sandbox.root + "/bare.git")) { try await sandbox.git.inspect(sandbox.root + "/bare.git") }
    }

    @Test func noRepositoryIsAnAnswer() async throws {
        let sandbox = try Sandbox()
        let facts = try await sandbox.git.inspect(sandbox.root + "/home")
        #expect(!facts.isRepository)
        #expect(facts.path == sandbox.root + "/home")
        #expect(facts.project(added: Timestamp(milliseconds: 0)).branch == nil)
    }

    @Test func detachedAndUnborn() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.git("checkout", "-q", "--detach")
        let detached = try await sandbox.git.inspect(repository.path)
        #expect(detached.branch == nil && detached.head != nil)
        let unborn = try await sandbox.git.inspect(try sandbox.repository("new", commits: false).path)
        #expect(unborn.branch == "main" && unborn.head == nil && !unborn.hasCommits)
    }

    @Test func submodulesAndGitDirectories() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let library = try sandbox.repository("library")
        try repository.git("submodule", "--quiet", "add", library.path, "vendor/library")
        let facts = try await sandbox.git.inspect(repository.path + "/vendor/library")
        #expect(facts.isSubmodule && facts.path == repository.path + "/vendor/library")
        await #expect(throws: GitError.insideGitDirectory(repository.path + "/.git/refs")) { try await sandbox.git.inspect(repository.path + "/.git/refs") }
        await #expect(throws: GitError.directoryGone("/nowhere")) { try await sandbox.git.inspect("/nowhere") }
    }

    @Test func pathsWithSpacesAndLineEnds() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository("my project\nof two lines")
        let facts = try await sandbox.git.inspect(repository.path + "/src")
        #expect(facts.path == repository.path)
    }

    @Test func aPathThatIsNoTextIsRefused() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.git("worktree", "add", "-q", "-b", "side", sandbox.root + "/side")
        let script = "mv \(sandbox.root)/side \"$(printf '\(sandbox.root)/n\\377n')\" && ln -s \"$(printf '\(sandbox.root)/n\\377n')\" \(sandbox.root)/link"
        let result = try await CommandRunner().run(Command("/bin/sh", ["-c", script]))
        #expect(result.status.isSuccess)
        await #expect { try await sandbox.git.inspect(sandbox.root + "/link") } throws: { error in
            if case .pathNotText = error as? GitError { true } else { false }
        }
    }

    @Test(arguments: [
        ("https://user:token@host/x.git", "https://host/x.git"), ("https://ghp_abc@github.com/a/b", "https://github.com/a/b"),
        ("ssh://git:pw@host:22/x", "ssh://git@host:22/x"), ("git@github.com:a/b.git", "git@github.com:a/b.git"), ("/srv/git/x", "/srv/git/x"),
        ("https://host/x?private_token=1#f", "https://host/x"), ("http://a@b@host/x", "http://host/x"), ("file:///srv/x", "file:///srv/x"), ("", ""),
    ]) func credentialsLeaveRemotes(_ url: String, _ shown: String) {
        #expect(RemoteURL.withoutCredentials(url) == shown)
    }

    @Test func anOldOrMissingGitIsSaid() async throws {
        let old = "/tmp/drover-old-git-\(Random.hex(bytes: 4))"
        try await writeProgram(old, "#!/bin/sh\necho git version 2.20.1\n")
        defer { try? Files.remove(old) }
        await #expect(throws: GitError.tooOld(found: "git version 2.20.1")) { try await Sandbox(git: old).git.inspect("/tmp") }
        await #expect(throws: GitError.missing(executable: "/nowhere/git")) { try await Sandbox(git: "/nowhere/git").git.inspect("/tmp") }
    }
}
