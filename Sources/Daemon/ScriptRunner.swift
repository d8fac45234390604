import Domain
import Places
import Sys

/// Set-up scripts of projects: strangers' programs, run only while they have exactly the content that the person trusted.
final class ScriptRunner: Sendable {
    private let name: String
    private let ledger: String
    private let logs: String
    private let environment: [String]
    private let runner: CommandRunner

    /// - Parameters:
    ///   - name: relative to the project.
    ///   - state: drover's state directory; what was trusted is one line a digest in its file `trusted`.
    init(name: String?, state: String, environment: [String], runner: CommandRunner) {
        self.name = name ?? SetupScript.usualPath
        self.ledger = state + "/trusted"
        self.logs = state + "/logs"
        self.environment = environment
        self.runner = runner
    }

    private func line(_ script: SetupScript, _ project: Project) -> String { "\(project.id.raw) \(script.digest)" }

    private func isTrusted(_ script: SetupScript, of project: Project) -> Bool {
        guard let text = try? Files.readText(ledger, limit: 1 << 20) else { return false }
        return text.split(separator: "\n").contains { $0 == line(script, project) }
    }

    /// Remembers the script's present content. Gives what to tell the person.
    func trust(_ project: Project) throws(PlaceError) -> String {
        guard let script = try SetupScript.find(name, in: project) else { return "\(project.name) has no script \(name)" }
        do throws(SysError) {
            if !isTrusted(script, of: project) { try Files.appendLine(ledger, line(script, project)) }
        } catch {
            throw .system(error)
        }
        return "\(script.path) will be run in new worktrees as long as its content stays as it is (sha256 \(script.digest.prefix(12)))"
    }

    /// Runs the project's script in a new place. A place without its set-up is still a place: what went wrong is told, not thrown.
    func setUp(_ place: Place, of project: Project) async -> (text: String, remedy: String)? {
        do throws(PlaceError) {
            guard let script = try SetupScript.find(name, in: project) else { return nil }
            guard isTrusted(script, of: project) else {
                return ("\(script.path) was not run: nobody has trusted its content", "read it, then: drover project trust \(project.path)")
            }
            let log = logs + "/setup-\(place.id.raw).log"
            let base = PortRange.base(for: place.id, taken: [])
            try await script.run(in: ScriptSurroundings(place: place, project: project, portBase: base), environment: environment, log: log, runner: runner)
            return nil
        } catch {
            return (error.refusal.message, error.refusal.remedy)
        }
    }
}
