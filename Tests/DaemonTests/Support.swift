import Config
import Domain
import Engine
import Git
import Places
import Sys
import Testing

@testable import Daemon

/// A directory that goes with the test, a repository in it, and a worker of places whose events are awaited.
final class PlaceBench: Sendable {
    let root: String
    let project: Project
    let worker: PlaceWorker
    let scripts: ScriptRunner
    let settings: ProjectSettings
    private let mailbox = CoreMailbox()

    init() async throws {
        root = try Files.realPath(Files.makeTemporaryDirectory("/tmp/drover-daemon-"))
        let environment = ["HOME=\(root)", "PATH=/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM=1", "DROVER_SERVER=secret"]
        let runner = CommandRunner()
        let path = root + "/api"
        try Files.makeDirectories(path)
        for arguments in [
            ["init", "-q", "-b", "main"], ["-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-q", "--allow-empty", "-m", "First"],
        ] {
            let result = try await runner.run(Command("/usr/bin/git", arguments, environment: environment, directory: path))
            try #require(result.status.isSuccess, "\(result.errorText)")
        }
        project = Project(path: path, isRepository: true, added: Timestamp(milliseconds: 0))
        let git = GitTool(runner: runner, executable: "/usr/bin/git", environment: environment)
        scripts = ScriptRunner(state: root + "/state", environment: environment, runner: runner)
        try Files.makeDirectories(root + "/state")
        settings = ProjectSettings(Settings(), core: mailbox)
        worker = PlaceWorker(
            registry: Registry(git: git, settings: .init(worktrees: root + "/worktrees")), git: git, scripts: scripts, settings: settings, core: mailbox)
    }

    deinit { try? Files.removeTree(root) }

    func trust() throws -> String { try scripts.trust(project, settings.of(project)) }

    func configure(_ text: String) throws {
        try Files.makeDirectories(project.path + "/.drover")
        try Files.writeAtomically(project.path + "/.drover/config.jsonc", Array(text.utf8))
    }

    func script(_ name: String, _ text: String) throws {
        try Files.makeDirectories(project.path + "/.drover")
        try Files.writeAtomically(project.path + "/.drover/" + name, Array("#!/bin/sh\n\(text)\n".utf8), mode: 0o755)
    }

    /// Events until the one that ends it, which is the last.
    func events(until isLast: @escaping @Sendable (Event) -> Bool) async -> [Event] {
        await withCheckedContinuation { continuation in
            let mailbox = mailbox
            startThread(named: "wait") {
                let poller = Poller()
                guard (try? poller.add(mailbox.descriptor, token: 0)) != nil else { preconditionFailure("the mailbox cannot be watched") }
                var found: [Event] = []
                while !(found.last.map(isLast) ?? false) {
                    _ = poller.wait(untilMonotonicMs: nil)
                    for message in mailbox.drain() { if case .event(let event) = message { found.append(event) } }
                }
                continuation.resume(returning: found)
            }
        }
    }

    func provision(_ slug: String = "fix") async throws -> (place: Place, notices: [String]) {
        let wish = PlaceWish(id: PlaceID("\(project.id.raw).\(slug)"), project: project.id, projectPath: project.path, kind: .worktree, slug: slug)
        worker.provision(AgentID("a"), wish, project)
        let events = await events { if case .provisioned = $0 { true } else { false } }
        guard case .provisioned(_, let result)? = events.last else { preconditionFailure("it ended with another event") }
        return (try result.get(), events.notices)
    }

    func remove(_ place: Place, isFresh: Bool = false) async throws -> (removed: RemovedPlace, notices: [String]) {
        worker.remove(.own(1), place, projectPath: project.path, isFresh: isFresh)
        let events = await events { if case .placeRemoved = $0 { true } else { false } }
        guard case .placeRemoved(_, let result)? = events.last else { preconditionFailure("it ended with another event") }
        return (try result.get(), events.notices)
    }
}

extension [Event] {
    var notices: [String] { compactMap { if case .noticed(let text, _) = $0 { text } else { nil } } }
}
