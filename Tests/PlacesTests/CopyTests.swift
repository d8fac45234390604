import Domain
import Foundation
import Git
import Sys
import Testing

@testable import Places

@Suite struct CopyTests {
    /// What can be in a project's folder when a person says "take my changes along".
    @Test(arguments: [
        Mess.clean, .staged, .unstaged, .stagedThenChanged, .untracked, .deleted, .deletedFromIndex, .executable, .link, .strangeNames, .intentToAdd,
        .fileBecomesDirectory, .directoryBecomesFile, .directoryBecomesLink, .lineEnds, .filters, .commits, .detached, .assumeUnchanged, .everythingUnstaged,
        .splitIndex, .emptyFiles,
    ]) func uncommittedWorkComesAlong(_ mess: Mess) async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try await mess.make(in: repository)
        let before = try repository.picture()
        let refs = try repository.line("for-each-ref")
        let project = try await sandbox.project(repository)
        var wish = sandbox.wish(project)
        wish.copiesUncommitted = true
        let place = try await sandbox.worktrees.provision(wish, project: project)
        #expect(try Repository(path: place.directory, sandbox: sandbox).picture() == before)
        #expect(try repository.picture() == before)
        let line = (place.base ?? "") + " commit\trefs/heads/drover/fix-login"
        #expect(try repository.line("for-each-ref").split(separator: "\n").filter { $0 != line } == refs.split(separator: "\n"))
        #expect(try repository.line("stash", "list") == "")
        #expect(!Files.exists(sandbox.hookTrace))
        #expect(sandbox.temporaryFiles.isEmpty)
    }

    @Test(arguments: [Mess.conflict, .rebase]) func inTheMiddleOfAMergeIsRefused(_ mess: Mess) async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try await mess.make(in: repository)
        let project = try await sandbox.project(repository)
        var wish = sandbox.wish(project)
        wish.copiesUncommitted = true
        let operation = mess == .rebase ? "rebase" : "merge"
        await expect(.unfinishedOperation(directory: repository.path, operation: operation)) { [wish] in
            try await sandbox.worktrees.provision(wish, project: project)
        }
        #expect(try await sandbox.worktrees.list(project).isEmpty)
        #expect(try repository.line("branch", "--list", "drover/*") == "")
    }

    @Test func anotherBaseIsRefused() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let first = try repository.line("rev-parse", "HEAD")
        try await Mess.commits.make(in: repository)
        let head = try repository.line("rev-parse", "HEAD")
        try repository.write("dirt", "dirt")
        let project = try await sandbox.project(repository)
        var wish = sandbox.wish(project)
        wish.copiesUncommitted = true
        wish.base = first
        await expect(place: .baseDiffers(head: head, base: first)) { [wish] in try await sandbox.worktrees.provision(wish, project: project) }
        try Files.remove(repository.path + "/dirt")
        _ = try await sandbox.worktrees.provision(wish, project: project)
    }

    @Test func chosenIgnoredFilesComeAlong() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try await Mess.ignored.make(in: repository)
        try repository.write("node_modules/pkg/.env", "not this one")
        try repository.write("secrets/deep/key2", "key2")
        try repository.write("untracked.txt", "stays")
        try repository.git("add", ".gitignore")
        try repository.git("commit", "-q", "-m", "ignore")
        let project = try await sandbox.project(repository)
        var wish = sandbox.wish(project)
        wish.copiesIgnored = [".env", "secrets/", "# a comment", "!nonsense"]
        let place = try await sandbox.worktrees.provision(wish, project: project)
        #expect(try Files.readText(place.directory + "/.env") == "TOKEN=1\n")
        #expect(try Files.facts(place.directory + "/.env").mode == 0o600)
        #expect(try Files.readText(place.directory + "/secrets/deep/key2") == "key2")
        #expect(try Files.facts(place.directory + "/secrets/key").mode == 0o400)
        for absent in ["deep/a.log", "node_modules", "untracked.txt"] { #expect(!Files.exists(place.directory + "/" + absent)) }
    }

    @Test(arguments: [
        (".env", ".env", true), (".env", "a/b/.env", true), ("/.env", "a/.env", false), ("*.local", "config/x.local", true),
        ("config/*.local", "config/x.local", true),
        ("config/*.local", "config/a/x.local", false), ("config/**/x", "config/a/b/x", true), ("config/**/x", "config/x", true), ("**/x", "a/x", true),
        ("a/**", "a/b/c", true), ("a/**", "a", false), ("secrets/", "secrets", false), ("[a-c].txt", "b.txt", true), ("[!a-c].txt", "b.txt", false),
        ("?.txt", "b.txt", true), ("?.txt", "bb.txt", false), ("\\*.txt", "*.txt", true), ("\\*.txt", "a.txt", false), ("[", "[", false),
        ("*a*b*c", "xaxbxc", true),
    ]) func patternsAreThoseOfGitignore(_ pattern: String, _ path: String, _ isMatch: Bool) throws {
        #expect(try #require(IgnorePattern(pattern)).matches(path, isDirectory: false) == isMatch)
    }
}
