import Domain
import Foundation
import Git
import Places
import Sys
import Testing

/// Work that an agent left in its worktree, and that `undo` must bring back.
enum Mess: String, CaseIterable, Sendable {
    case clean, staged, unstaged, stagedThenChanged, untracked, deleted, deletedFromIndex, executable, link, strangeNames, intentToAdd, fileBecomesDirectory,
        directoryBecomesFile, directoryBecomesLink, lineEnds, filters, conflict, rebase, detached, commits, assumeUnchanged, skipWorktree, sparse, ignored,
        nestedRepository, orphanBranch, everythingUnstaged, splitIndex, emptyFiles

    func make(in tree: Repository) async throws {
        switch self {
        case .clean: break
        case .staged:
            try tree.write("staged.txt", "staged\n")
            try tree.write("README.md", "changed\n")
            try tree.git("add", "-A")
        case .unstaged: try tree.write("README.md", "changed\n")
        case .stagedThenChanged:
            try tree.write("README.md", "one\n")
            try tree.git("add", "-A")
            try tree.write("README.md", "two\n")
        case .untracked: try tree.write("new/deep/file.txt", "new\n")
        case .deleted: try Files.remove(tree.path + "/README.md")
        case .deletedFromIndex: try tree.git("rm", "-q", "--cached", "README.md")
        case .executable: try Files.setMode(tree.path + "/src/main.c", 0o755)
        case .link:
            try tree.shell("ln -s ../README.md src/link; ln -s /nowhere dangling; git add src/link")
        case .strangeNames:
            try tree.shell(
                "printf a > 'two\nlines'; printf b > ' space '; printf c > \"$(printf 'n\\377n')\"; printf d > '-dash'; printf e > ':(top)x'; git add -A -- . ; printf f > \"$(printf 'm\\376')\""
            )
        case .intentToAdd:
            try tree.write("soon.txt", "soon\n")
            try tree.git("add", "-N", "soon.txt")
        case .fileBecomesDirectory: try tree.shell("rm README.md; mkdir README.md; echo x > README.md/x")
        case .directoryBecomesFile: try tree.shell("rm -r src; echo x > src")
        case .directoryBecomesLink: try tree.shell("rm -r src; ln -s /tmp src")
        case .lineEnds:
            try tree.write(".gitattributes", "* text=auto\n*.bin -text\n")
            try tree.write("dos.txt", "a\r\nb\n")
            try tree.write("x.bin", "a\r\nb\n")
            try tree.git("add", "-A")
            try tree.git("commit", "-q", "-m", "line ends")
            try tree.write("other.txt", "c\r\n")
        case .filters:
            try tree.git("config", "filter.rot.clean", "tr a-z A-Z")
            try tree.git("config", "filter.rot.smudge", "tr A-Z a-z")
            try tree.write(".gitattributes", "*.rot filter=rot\n")
            try tree.write("x.rot", "abc\n")
            try tree.git("add", "-A")
            try tree.git("commit", "-q", "-m", "filter")
            try tree.write("x.rot", "MiXed\n")
        case .conflict:
            try tree.shell(
                "git checkout -q -b other; echo theirs > README.md; git commit -qam theirs; git checkout -q -; echo ours > README.md; git commit -qam ours")
            try tree.git("merge", "other", fails: true)
        case .rebase:
            try tree.shell(
                "git checkout -q -b onto; echo theirs > README.md; git commit -qam theirs; git checkout -q -; echo ours > README.md; git commit -qam ours")
            try tree.git("rebase", "onto", fails: true)
        case .detached:
            try tree.git("checkout", "-q", "--detach")
            try tree.write("loose.txt", "loose\n")
            try tree.commit("loose")
        case .commits:
            try tree.write("kept.txt", "kept\n")
            try tree.commit("kept")
        case .assumeUnchanged:
            try tree.git("update-index", "--assume-unchanged", "README.md")
            try tree.write("README.md", "hidden change\n")
        case .skipWorktree:
            try tree.git("update-index", "--skip-worktree", "README.md")
            try tree.write("README.md", "local only\n")
        case .sparse:
            try tree.git("sparse-checkout", "init", "--cone")
            try tree.git("sparse-checkout", "set", "docs")
        case .ignored:
            try tree.write(".gitignore", "*.log\n.env\n/secrets/\nnode_modules/\n")
            try tree.write(".env", "TOKEN=1\n", mode: 0o600)
            try tree.write("deep/a.log", "log\n")
            try tree.write("secrets/key", "key\n", mode: 0o400)
        case .nestedRepository:
            try tree.shell("git init -q inner; cd inner; echo x > y; git add y; git -c commit.gpgSign=false commit -qm inner; echo z > z")
        case .orphanBranch: try tree.shell("git checkout -q --orphan fresh; git rm -rfq .; echo a > a; git add a; echo b > b")
        case .everythingUnstaged: try tree.git("rm", "-r", "-q", "--cached", ".")
        case .splitIndex:
            try tree.git("update-index", "--split-index")
            try tree.write("staged.txt", "staged\n")
            try tree.git("add", "-A")
        case .emptyFiles: try tree.shell(": > empty; git add empty; : > empty2")
        }
    }
}

@Suite struct RemovalTests {
    @Test(arguments: Mess.allCases) func undoBringsEverythingBack(_ mess: Mess) async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try await mess.make(in: tree)
        let before = try tree.picture()
        let head = try? tree.line("rev-parse", "--verify", "-q", "HEAD")
        let symbolic = try? tree.line("symbolic-ref", "-q", "HEAD")
        let mainBefore = try repository.picture()

        let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
        #expect(!Files.exists(place.directory))
        #expect(try await sandbox.worktrees.list(project).isEmpty)
        #expect(try Files.list(Files.parentDirectory(place.directory)).map(\.text) == [".making"])
        #expect(try repository.line("worktree", "list", "--porcelain").components("worktree ") == 1)
        #expect(removed.head == head)
        // Nothing names the objects but our ref, and nothing may be collected.
        try repository.git("reflog", "expire", "--expire=now", "--all")
        try repository.git("gc", "-q", "--prune=now")

        let restored = try await sandbox.worktrees.restore(removed)
        #expect(restored.directory == place.directory && restored.id == place.id && restored.base == place.base)
        #expect(try tree.picture() == before)
        #expect((try? tree.line("rev-parse", "--verify", "-q", "HEAD")) == head)
        #expect((try? tree.line("symbolic-ref", "-q", "HEAD")) == symbolic)
        #expect(try repository.picture() == mainBefore)
        #expect(try repository.line("for-each-ref", "refs/drover") == "")
        #expect(!Files.exists(sandbox.hookTrace))
        #expect(sandbox.temporaryFiles.isEmpty)
        #expect(try await sandbox.worktrees.list(project).map(\.isOurs) == [true])
        #expect(try repository.line("fsck", "--no-dangling").contains("error") == false)
    }

    @Test func branchesGoOnlyWhenNothingIsLost() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let empty = try await sandbox.worktrees.provision(sandbox.wish(project, "empty"), project: project)
        let full = try await sandbox.worktrees.provision(sandbox.wish(project, "full"), project: project)
        try await Mess.commits.make(in: Repository(path: full.directory, sandbox: sandbox))
        var wish = sandbox.wish(project, "named")
        try repository.git("branch", "mine")
        wish.branch = "mine"
        let named = try await sandbox.worktrees.provision(wish, project: project)
        for place in [empty, full, named] { _ = try await sandbox.worktrees.remove(place, of: project, force: false) }
        #expect(try repository.line("branch", "--format=%(refname:short)") == "drover/full\nmain\nmine")
    }

    @Test func aBranchThatMovedIsLeftAlone() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try await Mess.commits.make(in: tree)
        let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
        try repository.git("checkout", "-q", "drover/fix-login")
        let restored = try await sandbox.worktrees.restore(removed)
        #expect(restored.branch == "drover/fix-login-restored")
        #expect(try tree.line("rev-parse", "HEAD") == removed.head)
        #expect(try repository.line("symbolic-ref", "--short", "HEAD") == "drover/fix-login")
    }

    @Test func twoRemovalsOfOneNameAreBothKept() async throws {
        let sandbox = try Sandbox()
        let project = try await sandbox.project(try sandbox.repository())
        var removed: [RemovedPlace] = []
        for text in ["one", "two"] {
            let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
            let tree = Repository(path: place.directory, sandbox: sandbox)
            try tree.write("note.txt", text)
            removed.append(try await sandbox.worktrees.remove(place, of: project, force: false))
        }
        let first = try await sandbox.worktrees.restore(removed[0])
        #expect(try Files.readText(first.directory + "/note.txt") == "one")
        await expect(.pathTaken(first.directory)) { [removed] in
            var other = removed[1]
            other.place = Place(id: PlaceID("other"), project: project.id, kind: .worktree, directory: first.directory)
            return try await sandbox.worktrees.restore(other)
        }
        _ = try await sandbox.worktrees.remove(first, of: project, force: false)
        #expect(try Files.readText(try await sandbox.worktrees.restore(removed[1]).directory + "/note.txt") == "two")
    }

    @Test func rebuildableDirectoriesGoAndForgettingIsComplete() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try await Mess.ignored.make(in: tree)
        try tree.write("node_modules/x/index.js", "x")
        let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
        #expect(try repository.line("for-each-ref", "--format=%(objectname)", "refs/drover") == removed.workTree)
        #expect(try repository.line("ls-tree", "-r", "--name-only", removed.workTree ?? "").contains(".env") == false)
        try await sandbox.worktrees.forget(removed)
        #expect(try repository.line("for-each-ref", "refs/drover") == "")
        #expect(try Files.names(sandbox.root + "/data/worktrees/.removed").isEmpty)
        try repository.git("gc", "-q", "--prune=now")
        await #expect(throws: PlaceError.nothingKept(place.directory)) { try await sandbox.worktrees.restore(removed) }
    }

    @Test func whatWasRemovedLongAgoIsFound() async throws {
        let sandbox = try Sandbox()
        let project = try await sandbox.project(try sandbox.repository())
        let worktrees = sandbox.worktrees
        let now = Timestamp(milliseconds: Clock.wallMilliseconds() + 60_000)
        #expect(try await worktrees.expired(before: now) == [])
        var removed: [RemovedPlace] = []
        for slug in ["one", "two"] {
            let place = try await worktrees.provision(sandbox.wish(project, slug), project: project)
            removed.append(try await worktrees.remove(place, of: project, force: false))
        }
        #expect(try await worktrees.expired(before: now).sorted { $0.removed < $1.removed } == removed)
        #expect(try await worktrees.expired(before: removed[0].removed) == [])
        // What cannot be read is nobody's to drop.
        try Files.makeDirectories(sandbox.root + "/data/worktrees/.removed/strange/abc")
        try Files.writeAtomically(sandbox.root + "/data/worktrees/.removed/strange/abc/note.json", Array("{".utf8))
        for place in try await worktrees.expired(before: now) { try await worktrees.forget(place) }
        #expect(try await worktrees.expired(before: now) == [])
        #expect(try Files.names(sandbox.root + "/data/worktrees/.removed") == ["strange"])
    }

    @Test func othersWorktreesNeedForce() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.git("worktree", "add", "-q", "-b", "side", sandbox.root + "/side")
        let project = try await sandbox.project(repository)
        let place = try #require(try await sandbox.worktrees.list(project).first)
        #expect(!place.isOurs && place.branch == "side" && place.directory == sandbox.root + "/side")
        await expect(.notOurs(place.directory)) { try await sandbox.worktrees.remove(place, of: project, force: false) }
        try Repository(path: place.directory, sandbox: sandbox).write("x", "x")
        let removed = try await sandbox.worktrees.remove(place, of: project, force: true)
        #expect(try repository.line("branch", "--format=%(refname:short)") == "main\nside")
        let back = try await sandbox.worktrees.restore(removed)
        #expect(!back.isOurs)
        #expect(try Files.readText(place.directory + "/x") == "x")
        #expect(try await sandbox.worktrees.list(project).map(\.isOurs) == [false])
    }

    @Test func aLockedIndexAndDirtySubmodulesAreRefused() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let library = try sandbox.repository("library")
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        let lock = repository.path + "/.git/worktrees/fix-login/index.lock"
        try Files.writeAtomically(lock, [])
        await expect(.locked(lock)) { try await sandbox.worktrees.remove(place, of: project, force: false) }
        try Files.remove(lock)
        try tree.git("submodule", "--quiet", "add", library.path, "vendor/library")
        try tree.git("commit", "-q", "-m", "library")
        try tree.write("vendor/library/README.md", "changed\n")
        func refused() async {
            await expect(.dirtySubmodules(directory: place.directory, paths: ["vendor/library"])) {
                try await sandbox.worktrees.remove(place, of: project, force: false)
            }
            #expect(Files.exists(place.directory + "/vendor/library/README.md"))
            #expect((try? tree.line("status", "--porcelain")) != nil)
        }
        await refused()
        // A commit that only the submodule's directory has is work as well.
        let inner = Repository(path: place.directory + "/vendor/library", sandbox: sandbox)
        try inner.commit("own")
        await refused()
        let removed = try await sandbox.worktrees.remove(place, of: project, force: true)
        #expect(try await sandbox.worktrees.restore(removed).directory == place.directory)
    }

    @Test func aDirectoryThatIsGone() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try await Mess.detached.make(in: tree)
        let head = try tree.line("rev-parse", "HEAD")
        try Files.removeTree(place.directory)
        #expect(try await sandbox.worktrees.inspect(place) == .gone)
        #expect(try await sandbox.worktrees.list(project).first?.trouble == "the directory is gone")
        await expect(.directoryGone(place.directory)) { try await sandbox.worktrees.provision(sandbox.wish(project), project: project) }
        let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
        #expect(removed.head == head && removed.workTree == nil)
        #expect(try await sandbox.worktrees.list(project).isEmpty)
        try repository.git("gc", "-q", "--prune=now")
        let restored = try await sandbox.worktrees.restore(removed)
        #expect(try Files.readText(restored.directory + "/loose.txt") == "loose\n")
        _ = try await sandbox.worktrees.remove(restored, of: project, force: false)
        await expect(.directoryGone(place.directory)) {
            let other = Place(id: PlaceID("x"), project: project.id, kind: .worktree, directory: place.directory)
            return try await sandbox.worktrees.remove(other, of: project, force: false)
        }
    }

    @Test(arguments: ["rebase", "conflict"]) func whatWasInProgressGoesOn(_ name: String) async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try await (name == "rebase" ? Mess.rebase : .conflict).make(in: tree)
        #expect(try await sandbox.worktrees.inspect(place).operation == (name == "rebase" ? "rebase" : "merge"))
        let removed = try await sandbox.worktrees.remove(place, of: project, force: false)
        _ = try await sandbox.worktrees.restore(removed)
        try tree.write("README.md", "both\n")
        try tree.git("add", "-A")
        if name == "rebase" {
            try tree.git("-c", "core.editor=true", "rebase", "--continue")
        } else {
            try tree.git("-c", "core.editor=true", "merge", "--continue")
        }
        #expect(try tree.line("status", "--porcelain") == "")
        #expect(try tree.line("symbolic-ref", "HEAD") == "refs/heads/drover/fix-login")
    }
}

extension Repository {
    func shell(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-ec", script]
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        let settings = ["core.hooksPath": "/dev/null", "commit.gpgSign": "false"].sorted { $0.key < $1.key }
        var environment = ["HOME": sandbox.root + "/home", "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", "GIT_CONFIG_COUNT": "2"]
        for (index, setting) in settings.enumerated() {
            environment["GIT_CONFIG_KEY_\(index)"] = setting.key
            environment["GIT_CONFIG_VALUE_\(index)"] = setting.value
        }
        process.environment = environment
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw Complaint(text: script) }
    }
}

extension String {
    func components(_ separator: String) -> Int { components(separatedBy: separator).count - 1 }
}
