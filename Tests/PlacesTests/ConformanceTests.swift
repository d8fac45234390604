import Domain
import Git
import Places
import Sys
import Testing

/// What every backend of the registry must do. Runs over all kinds: a new one is tested by being registered.
@Suite struct ConformanceTests {
    private static let kinds: [Place.Kind] = [.folder, .worktree]

    private func arranged(_ kind: Place.Kind) async throws -> (Sandbox, Repository, Project, any Backend) {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        return (sandbox, repository, try await sandbox.project(repository), try sandbox.registry.backend(kind))
    }

    @Test func theKindsAreThoseOfTheRegistry() throws {
        #expect(try Sandbox().registry.all.map(\.kind) == Self.kinds)
        #expect(throws: PlaceError.unknownKind(.docker)) { try Sandbox().registry.backend(.docker) }
    }

    @Test(arguments: kinds) func provisioningAgainChangesNothing(_ kind: Place.Kind) async throws {
        let (sandbox, repository, project, backend) = try await arranged(kind)
        let once = try await backend.provision(sandbox.wish(project, kind: kind), project: project)
        let after = try repository.line("for-each-ref")
        let twice = try await backend.provision(sandbox.wish(project, kind: kind), project: project)
        #expect(once == twice)
        #expect(once.kind == kind && once.project == project.id)
        #expect(try repository.line("for-each-ref") == after)
    }

    @Test(arguments: kinds) func aPlaceIsListedAndInspected(_ kind: Place.Kind) async throws {
        let (sandbox, _, project, backend) = try await arranged(kind)
        let place = try await backend.provision(sandbox.wish(project, kind: kind), project: project)
        #expect(try await backend.list(project) == [place])
        let clean = try await backend.inspect(place)
        #expect(clean.exists && !clean.isDirty && clean.changes.isEmpty && clean.branch == place.branch && clean.trouble == nil)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try tree.write("new file.txt", "one\ntwo")
        try tree.write("README.md", "hello\nagain\n")
        try tree.write("blob", "a\0b\n")
        let dirty = try await backend.inspect(place)
        #expect(dirty.isDirty && dirty.changes == Changes(files: 3, additions: 3, deletions: 0))
        #expect(dirty.head == clean.head)
    }

    @Test(arguments: kinds) func removedAndRestoredItIsTheSame(_ kind: Place.Kind) async throws {
        let (sandbox, _, project, backend) = try await arranged(kind)
        let place = try await backend.provision(sandbox.wish(project, kind: kind), project: project)
        let tree = Repository(path: place.directory, sandbox: sandbox)
        try tree.write("work.txt", "work\n")
        let before = try tree.picture()
        let removed = try await backend.remove(place, of: project, force: false)
        #expect(removed.place.id == place.id && removed.projectPath == project.path)
        let restoring = try #require(backend as? any Restoring)
        let restored = try await restoring.restore(removed)
        #expect(restored == place)
        #expect(try await restoring.restore(removed) == place)
        #expect(try tree.picture() == before)
        #expect(try await backend.list(project).map(\.id) == [place.id])
    }

    @Test(arguments: kinds) func nothingOfThePersonsIsTouched(_ kind: Place.Kind) async throws {
        let (sandbox, repository, project, backend) = try await arranged(kind)
        try repository.write("mine.txt", "mine\n")
        try repository.write("staged.txt", "staged\n")
        try repository.git("add", "staged.txt")
        try repository.git("stash", "push", "-q", "--", "staged.txt")
        let (before, stash) = (try repository.picture(), try repository.line("stash", "list"))
        let configuration = try Files.readText(repository.path + "/.git/config")
        let place = try await backend.provision(sandbox.wish(project, kind: kind), project: project)
        _ = try await backend.inspect(place)
        _ = try await backend.remove(place, of: project, force: true)
        #expect(try repository.picture() == before)
        #expect(try repository.line("stash", "list") == stash)
        #expect(try Files.readText(repository.path + "/.git/config") == configuration)
        #expect(try repository.line("branch", "--format=%(refname:short)") == "main")
        #expect(!Files.exists(sandbox.hookTrace))
    }

    @Test(arguments: kinds) func aDirectoryThatIsGoneIsAFact(_ kind: Place.Kind) async throws {
        let (sandbox, _, project, backend) = try await arranged(kind)
        let place = try await backend.provision(sandbox.wish(project, kind: kind), project: project)
        try Files.removeTree(place.directory)
        #expect(try await backend.inspect(place) == .gone)
        if kind != .folder { #expect(try await backend.list(project).map(\.trouble) == ["the directory is gone"]) }
    }

    @Test func foldersNeedNoRepository() async throws {
        let sandbox = try Sandbox()
        try Files.makeDirectories(sandbox.root + "/plain")
        let project = try await sandbox.git.inspect(sandbox.root + "/plain").project(added: Timestamp(milliseconds: 0))
        let backend = try sandbox.registry.backend(.folder)
        let place = try await backend.provision(sandbox.wish(project, kind: .folder), project: project)
        #expect(place == .folder(of: project))
        let facts = try await backend.inspect(place)
        #expect(facts.exists && facts.branch == nil && !facts.isDirty)
        #expect(try await sandbox.registry.backend(.worktree).list(project).isEmpty)
    }

    @Test func anUnbornFolderShowsItsFiles() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository("new", commits: false)
        try repository.write("a.txt", "a\n")
        try repository.write("b.txt", "b\nb\n")
        try repository.git("add", "b.txt")
        let project = try await sandbox.project(repository)
        let backend = try sandbox.registry.backend(.folder)
        let place = try await backend.provision(sandbox.wish(project, kind: .folder), project: project)
        #expect(try await backend.inspect(place).changes == Changes(files: 2, additions: 3, deletions: 0))
    }
}
