import Domain
import Foundation
import Git
import Places
import Sys
import Testing

@Suite struct ProvisionTests {
    @Test func aWorktreeOnItsOwnBranch() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        #expect(place.directory == "\(sandbox.root)/data/worktrees/api-\(project.id)/fix-login")
        #expect(place.branch == "drover/fix-login")
        #expect(place.base == (try repository.line("rev-parse", "HEAD")))
        #expect(place.isOurs && place.kind == .worktree)
        #expect(try Files.readText(place.directory + "/README.md") == "hello\n")
        #expect(try repository.line("status", "--porcelain") == "")
        #expect(try Repository(path: place.directory, sandbox: sandbox).line("status", "--porcelain") == "")
        #expect(!Files.exists(sandbox.hookTrace))
        #expect(sandbox.temporaryFiles.isEmpty)
        #expect(try repository.line("config", "--local", "--list").contains("branch.") == false)
    }

    @Test func takenNamesGetANumber() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        try repository.git("branch", "drover/fix-login")
        var wish = sandbox.wish(project)
        let second = try await sandbox.worktrees.provision(wish, project: project)
        #expect(second.branch == "drover/fix-login-2")
        wish.id = PlaceID("other")
        let third = try await sandbox.worktrees.provision(wish, project: project)
        #expect(third.branch == "drover/fix-login-3")
        #expect(Set([second.directory, third.directory]).count == 2)
    }

    @Test func manyAtOnceGetDifferentPlaces() async throws {
        let sandbox = try Sandbox()
        let project = try await sandbox.project(try sandbox.repository())
        let places = try await withThrowingTaskGroup(of: Place.self) { group in
            for number in 0..<6 {
                var wish = sandbox.wish(project, "same")
                wish.id = PlaceID("\(project.id).same\(number)")
                let made = wish
                group.addTask { try await sandbox.worktrees.provision(made, project: project) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(places.map(\.directory)).count == 6)
        #expect(Set(places.compactMap(\.branch)).count == 6)
    }

    @Test func anExistingBranchIsCheckedOut() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        let start = try repository.line("rev-parse", "HEAD")
        try repository.git("checkout", "-q", "-b", "feature")
        try repository.write("feature.txt", "x\n")
        try repository.commit("feature")
        try repository.git("checkout", "-q", "main")
        var wish = sandbox.wish(project)
        wish.branch = "feature"
        let place = try await sandbox.worktrees.provision(wish, project: project)
        #expect(place.branch == "feature" && place.base == start)
        let facts = try await sandbox.worktrees.inspect(place)
        #expect(facts.changes == Changes(files: 1, additions: 1, deletions: 0) && !facts.isDirty && facts.branch == "feature")
        // Elsewhere already, and with a base that it cannot have.
        wish.id = PlaceID("other")
        await expect(.branchCheckedOut(branch: "feature", at: place.directory)) { [wish] in try await sandbox.worktrees.provision(wish, project: project) }
        wish.base = "main"
        await expect(.branchExists("feature")) { [wish] in try await sandbox.worktrees.provision(wish, project: project) }
    }

    @Test func aBranchOfTheOnlyRemoteIsFollowed() async throws {
        let sandbox = try Sandbox()
        let upstream = try sandbox.repository("upstream")
        try upstream.git("branch", "review")
        let repository = Repository(path: sandbox.root + "/clone", sandbox: sandbox)
        try upstream.git("clone", "-q", upstream.path, repository.path)
        let project = try await sandbox.project(repository)
        var wish = sandbox.wish(project)
        wish.branch = "review"
        let place = try await sandbox.worktrees.provision(wish, project: project)
        #expect(place.branch == "review")
        #expect(try Repository(path: place.directory, sandbox: sandbox).line("rev-parse", "--abbrev-ref", "@{upstream}") == "origin/review")
    }

    @Test func baseAndBranchAreTakenAtTheirWord() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let first = try repository.line("rev-parse", "HEAD")
        try repository.write("two.txt", "2\n")
        try repository.commit("second")
        let project = try await sandbox.project(repository)
        var wish = sandbox.wish(project)
        wish.base = "HEAD~1"
        wish.branch = "tess/idea"
        let place = try await sandbox.worktrees.provision(wish, project: project)
        #expect(place.branch == "tess/idea" && place.base == first)
        #expect(!Files.exists(place.directory + "/two.txt"))
    }

    @Test func refusalsSayWhatAndWhere() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        let project = try await sandbox.project(repository)
        func refused(_ expected: GitError, _ change: (inout PlaceWish) -> Void) async {
            var wish = sandbox.wish(project)
            change(&wish)
            await expect(expected) { [wish] in try await sandbox.worktrees.provision(wish, project: project) }
            #expect(!expected.message.isEmpty && !expected.remedy.isEmpty)
        }
        await refused(.unknownBase(base: "nonsense", repository: repository.path)) { $0.base = "nonsense" }
        await refused(.unknownBase(base: "--help", repository: repository.path)) { $0.base = "--help" }
        await refused(.invalidBranchName("a..b")) { $0.branch = "a..b" }
        await refused(.invalidBranchName("-x")) { $0.branch = "-x" }
        await refused(.invalidBranchName("@{-1}")) { $0.branch = "@{-1}" }
        await refused(.branchInTheWay(branch: "main/x", other: "main")) { $0.branch = "main/x" }
        await refused(.branchCheckedOut(branch: "main", at: repository.path)) { $0.branch = "main" }
        try repository.git("branch", "drover")
        await refused(.branchInTheWay(branch: "drover/fix-login", other: "drover")) { _ in }
        #expect(try repository.line("branch", "--format=%(refname:short)") == "drover\nmain")
    }

    @Test func noRepositoryNoCommitsNoDirectory() async throws {
        let sandbox = try Sandbox()
        let unborn = try await sandbox.project(try sandbox.repository("new", commits: false))
        await expect(.noCommits(repository: unborn.path)) { try await sandbox.worktrees.provision(sandbox.wish(unborn), project: unborn) }
        try Files.makeDirectories(sandbox.root + "/plain")
        let plain = try await sandbox.git.inspect(sandbox.root + "/plain").project(added: Timestamp(milliseconds: 0))
        await expect(.notARepository(plain.path)) { try await sandbox.worktrees.provision(sandbox.wish(plain), project: plain) }
        let gone = Project(path: sandbox.root + "/gone", isRepository: true, added: Timestamp(milliseconds: 0))
        await expect(.directoryGone(gone.path)) { try await sandbox.worktrees.provision(sandbox.wish(gone), project: gone) }
    }

    @Test func foreignContentIsNotTouched() async throws {
        let sandbox = try Sandbox()
        let project = try await sandbox.project(try sandbox.repository())
        let directory = "\(sandbox.root)/data/worktrees/api-\(project.id)/fix-login"
        try Files.makeDirectories(directory)
        try Files.writeAtomically(directory + "/mine.txt", Array("precious".utf8))
        await expect(.pathTaken(directory)) { try await sandbox.worktrees.provision(sandbox.wish(project), project: project) }
        #expect(try Files.readText(directory + "/mine.txt") == "precious")
        try Files.remove(directory + "/mine.txt")
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        #expect(place.directory == directory)
    }

    @Test func pathsWithSpacesAndLineEnds() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository("my project\nof two lines")
        let project = try await sandbox.project(repository)
        let place = try await sandbox.worktrees.provision(sandbox.wish(project), project: project)
        #expect(place.directory.hasPrefix(sandbox.root + "/data/worktrees/my-project-of-two-lines-"))
        #expect(try await sandbox.worktrees.list(project).map(\.id) == [place.id])
    }
}

/// Expects a place error made of this git error.
func expect(_ expected: GitError, sourceLocation: SourceLocation = #_sourceLocation, _ body: @Sendable () async throws -> some Any) async {
    await expect(place: .git(expected), sourceLocation: sourceLocation, body)
}

func expect(place expected: PlaceError, sourceLocation: SourceLocation = #_sourceLocation, _ body: @Sendable () async throws -> some Any) async {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as PlaceError {
        #expect(error == expected, sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}
