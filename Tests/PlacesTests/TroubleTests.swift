import Domain
import Git
import Glibc
import Sys
import Testing

@testable import Places

/// Disks that are full or read-only. Needs root, for mounting a small one.
@Suite(.enabled(if: geteuid() == 0, "SKIPPED: needs root for mounting a small disk")) struct TroubleTests {
    private func mount(_ path: String, _ options: String) async throws {
        try Files.makeDirectories(path)
        let result = try await CommandRunner().run(Command("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]))
        try #require(result.status.isSuccess, "\(result.errorText)")
    }

    private func unmount(_ path: String) { umount2(path, Int32(MNT_DETACH)) }

    @Test func aFullDiskIsSaidAndNothingHalfMadeStays() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.write("big", String(repeating: "0123456789abcdef\n", count: 200_000))
        try repository.commit("big")
        let project = try await sandbox.project(repository)
        let disk = sandbox.root + "/disk"
        try await mount(disk, "size=1m")
        defer { unmount(disk) }
        let backend = WorktreeBackend(git: sandbox.git, settings: .init(worktrees: disk + "/worktrees"))
        do {
            _ = try await backend.provision(sandbox.wish(project), project: project)
            Issue.record("the disk was not full")
        } catch {
            guard case .git(.diskFull) = error else { throw error }
            #expect(error.refusal.remedy == "free some space and try again")
        }
        #expect(try repository.line("worktree", "list", "--porcelain").components("worktree ") == 1)
        #expect(try repository.line("branch", "--list", "drover/*") == "")
        #expect(try Files.names(disk + "/worktrees/api-\(project.id)") == [".making"])
        // With room it works, in the same place.
        let result = try await CommandRunner().run(Command("/bin/mount", ["-o", "remount,size=64m", disk]))
        #expect(result.status.isSuccess)
        #expect(try await backend.provision(sandbox.wish(project), project: project).branch == "drover/fix-login")
    }

    @Test func removingOnAFullDiskLeavesThePlaceAsItWas() async throws {
        let sandbox = try Sandbox()
        let disk = sandbox.root + "/disk"
        try await mount(disk, "size=4m")
        defer { unmount(disk) }
        let repository = try sandbox.repository("disk/api")
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        // Random, so that it does not become small.
        try Files.writeAtomically(place.directory + "/random", Random.bytes(5 << 20))
        let before = try tree.picture()
        do {
            _ = try await sandbox.worktrees.remove(place, of: project, force: false)
            Issue.record("the disk was not full")
        } catch {
            guard case .git(.diskFull) = error else { throw error }
        }
        #expect(try tree.picture() == before)
        #expect(try await sandbox.worktrees.list(project) == [place])
    }

    @Test func readOnlyDirectoriesAreSaid() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let disk = sandbox.root + "/disk"
        try await mount(disk, "size=1m,ro")
        defer { unmount(disk) }
        let backend = WorktreeBackend(git: sandbox.git, settings: .init(worktrees: disk + "/worktrees"))
        do {
            _ = try await backend.provision(sandbox.wish(project), project: project)
            Issue.record("the disk was writable")
        } catch {
            guard case .git(.notWritable(let path)) = error else { throw error }
            #expect(path.hasPrefix(disk))
        }
        let folder = Project(path: disk, isRepository: false, added: Timestamp(milliseconds: 0))
        await expect(.notWritable(disk)) { try await FolderBackend(git: sandbox.git).provision(sandbox.wish(folder, kind: .folder), project: folder) }
    }

    @Test func aRepositoryOfAnotherUserIsSaid() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        #expect(chown(repository.path, 65534, 65534) == 0 && chown(repository.path + "/.git", 65534, 65534) == 0)
        await #expect(throws: GitError.dubiousOwnership(repository.path)) { try await sandbox.git.inspect(repository.path) }
    }
}

@Suite struct GitTroubleTests {
    @Test func aLockedRefIsSaid() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let lock = repository.path + "/.git/refs/heads/drover/fix-login.lock"
        try Files.makeDirectories(Files.parentDirectory(lock))
        try Files.writeAtomically(lock, [])
        await expect(.locked(lock)) { try await sandbox.worktrees.provision(sandbox.wish(project), project: project) }
        #expect(try await sandbox.worktrees.list(project).isEmpty)
    }

    @Test func everyErrorSaysWhatAndWhatNext() {
        let errors: [GitError] = [
            .missing(executable: "/x/git"), .tooOld(found: "git version 2.1"), .notARepository("/x"), .bareRepository("/x"), .insideGitDirectory("/x"),
            .dubiousOwnership("/x y"), .noCommits(repository: "/x"), .invalidBranchName("x"), .branchExists("x"), .branchCheckedOut(branch: "x", at: "/x"),
            .branchInTheWay(branch: "x/y", other: "x"), .branchMoved("x"), .unknownBranch("x"), .unknownBase(base: "x", repository: "/x"), .pathTaken("/x"),
            .pathNotText("/x"), .directoryGone("/x"), .notWritable("/x"), .diskFull("/x"), .locked("/x"), .dirtySubmodules(directory: "/x", paths: ["x"]),
            .unfinishedOperation(directory: "/x", operation: "merge"), .notOurs("/x"), .timedOut(what: "x", directory: "/x"), .cancelled(what: "x"),
        ]
        for error in errors {
            #expect(error.message.contains("x") || error.message.contains("git version 2.1"))
            #expect(!error.remedy.isEmpty)
            #expect(error.refusal.message == error.message)
        }
        #expect(GitError.dubiousOwnership("/x y").remedy.hasSuffix("'/x y'"))
        #expect(ShellWord.quoted("it's") == "'it'\\''s'")
    }

    @Test func cancellingEndsGit() async throws {
        let sandbox = try Sandbox()
        let slow = sandbox.root + "/slow-git"
        try await writeProgram(slow, "#!/bin/sh\n[ \"$1\" = --version ] && exec /usr/bin/git \"$@\"\nexec sleep 100\n")
        let git = GitTool(runner: CommandRunner(), executable: slow, environment: sandbox.environment)
        let task = Task { () throws(GitError) in try await git.inspect("/tmp") }
        task.cancel()
        let result = await task.result
        do {
            _ = try result.get()
            Issue.record("it was not cancelled")
        } catch {
            guard case .cancelled? = error as? GitError else { throw error }
        }
    }
    /// Another git writes a worktree down while ours reads what it knows of all (seen with git 2.39 when several agents start at once).
    @Test func aWorktreeThatAnotherGitIsMakingIsWaitedFor() async throws {
        let files = try Sandbox()
        let git = files.root + "/git"
        let script = """
            #!/bin/sh
            for step in list add; do
                case "$*" in *" worktree $step "*)
                    if [ ! -e "\(files.root)/$step" ]; then
                        touch "\(files.root)/$step"
                        echo "fatal: failed to read .git/worktrees/other/commondir: Success" >&2
                        exit 128
                    fi ;;
                esac
            done
            exec /usr/bin/git "$@"

            """
        try await writeProgram(git, script)
        let sandbox = try Sandbox(git: git)
        let project = try await sandbox.project(try sandbox.repository())
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        #expect(place.branch == "drover/fix-login")
        #expect(try await sandbox.worktrees.list(project) == [place])
        #expect(Files.exists(files.root + "/list") && Files.exists(files.root + "/add"))
    }

}
