package import Domain
import Glibc
package import Sys

/// A script of a project, for new worktrees (`.drover/setup`) or before they go (`.drover/teardown`). It is a stranger's program until the
/// person trusted exactly this content, which the caller decides by the digest.
package struct SetupScript: Equatable, Sendable {
    package static let usualPath = usualPath("setup")
    package static func usualPath(_ name: String) -> String { ".drover/" + name }

    /// Relative to the project.
    package let name: String
    /// The project's own copy.
    package let path: String
    /// SHA-256 of the content, 64 digits.
    package let digest: String
    /// For showing to the person who is asked.
    package let content: [UInt8]

    private static let limit = 1 << 20

    /// nil when the project has none.
    package static func find(_ name: String = usualPath, in project: Project) throws(PlaceError) -> SetupScript? {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !name.hasPrefix("/"), !parts.contains("..") else { throw .scriptOutside(name) }
        let path = project.path + "/" + name
        guard Files.exists(path) else { return nil }
        guard access(path, X_OK) == 0, !Files.isDirectory(path) else { throw .scriptNotExecutable(path) }
        let content = try onDisk { () throws(SysError) in try Files.read(path, limit: limit) }
        return SetupScript(name: name, path: path, digest: SHA256.hex(content), content: content)
    }

    /// The place's own copy if it has the trusted content (scripts look beside themselves), else the project's.
    func trustedFile(in place: Place) throws(PlaceError) -> String {
        for file in [place.directory + "/" + name, path] where access(file, X_OK) == 0 {
            let content = try? Files.read(file, limit: Self.limit)
            if let content, SHA256.hex(content) == digest { return file }
        }
        throw .scriptChanged(path)
    }
}

/// What a script is told, in its environment.
package struct ScriptSurroundings: Equatable, Sendable {
    package var place: Place
    package var project: Project
    /// The first of the place's own ports; see `PortRange`.
    package var portBase: Int

    package init(place: Place, project: Project, portBase: Int) {
        self.place = place
        self.project = project
        self.portBase = portBase
    }

    var variables: [String] {
        [
            "DROVER_PLACE=\(place.directory)", "DROVER_PLACE_ID=\(place.id)", "DROVER_PROJECT=\(project.path)", "DROVER_BRANCH=\(place.branch ?? "")",
            "DROVER_PORT_BASE=\(portBase)", "DROVER_PORT_COUNT=\(PortRange.size)",
        ]
    }
}

extension SetupScript {
    /// Runs it in the place, in a session of its own without a terminal. Everything it says goes to `log` (0600, appended)
    /// as it comes. Throws when it is not the trusted content any more, ends with another status than 0, or takes too long;
    /// cancelling the task ends it.
    package func run(
        in surroundings: ScriptSurroundings, environment: [String], log: String, timeoutMs: Int64 = 10 * 60_000, runner: CommandRunner
    ) async throws(PlaceError) {
        guard Files.isDirectory(surroundings.place.directory) else { throw .git(.directoryGone(surroundings.place.directory)) }
        let file = try trustedFile(in: surroundings.place)
        let output = try onDisk { () throws(SysError) in
            try Files.makeDirectories(Files.parentDirectory(log))
            return try LogFile(log)
        }
        let inherited = environment.filter { !$0.hasPrefix("DROVER_") && !$0.hasPrefix("GIT_") }
        let command = Command(
            file, [], environment: inherited + surroundings.variables, directory: surroundings.place.directory, outputLimit: 0, newSession: true,
            timeoutMs: timeoutMs)
        let result: CommandResult
        do {
            result = try await runner.run(command, output: { bytes, _ in output.append(bytes) })
        } catch {
            if error.isCancelled { throw .cancelled }
            if error.isTimeout { throw .scriptTimedOut(path: path, log: log) }
            throw .system(error)
        }
        guard result.status.isSuccess else { throw .scriptFailed(path: path, status: result.status, log: log) }
    }
}

/// A log that takes what it can: a full disk must not end the script.
private final class LogFile: Sendable {
    private let file: Descriptor

    init(_ path: String) throws(SysError) { file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW) }

    func append(_ bytes: [UInt8]) { _ = try? Descriptor.writeAll(file.number, bytes) }
}
