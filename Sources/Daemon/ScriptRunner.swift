import Config
import Domain
import Places
import Sys

/// Set-up and tear-down scripts of projects: strangers' programs, run only while they have exactly the content that the person trusted.
final class ScriptRunner: Sendable {
    /// When a script is run; also the name of its log.
    enum Occasion: String, CaseIterable { case setup, teardown }

    private let ledger: String
    private let logs: String
    private let environment: [String]
    private let runner: CommandRunner

    /// - Parameter state: drover's state directory; what was trusted is one line a digest in its file `trusted`.
    init(state: String, environment: [String], runner: CommandRunner) {
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
    func trust(_ project: Project, _ settings: Settings) throws(PlaceError) -> String {
        var words: [String] = []
        for occasion in Occasion.allCases {
            guard let script = try SetupScript.find(name(occasion, settings), in: project) else { continue }
            do throws(SysError) {
                if !isTrusted(script, of: project) { try Files.appendLine(ledger, line(script, project)) }
            } catch {
                throw .system(error)
            }
            words.append("\(script.path) will be run \(occasion.words) as long as its content stays as it is (sha256 \(script.digest.prefix(12)))")
        }
        if words.isEmpty { return "\(project.name) has no script \(Occasion.allCases.map { name($0, settings) }.joined(separator: " or "))" }
        return words.joined(separator: "\n")
    }

    /// Relative to the project.
    private func name(_ occasion: Occasion, _ settings: Settings) -> String {
        let named =
            switch occasion {
            case .setup: settings.setupScript
            case .teardown: settings.teardownScript
            }
        return named ?? SetupScript.usualPath(occasion.rawValue)
    }

    /// Runs the project's script in a place that is new, or about to go. A place without its set-up is still a place, and one that could not
    /// be torn down still goes: what went wrong is told, not thrown.
    func run(_ occasion: Occasion, in place: Place, of project: Project, _ settings: Settings) async -> (text: String, remedy: String)? {
        do throws(PlaceError) {
            guard let script = try SetupScript.find(name(occasion, settings), in: project) else { return nil }
            guard isTrusted(script, of: project) else {
                return ("\(script.path) was not run: nobody has trusted its content", "read it, then: drover project trust \(project.path)")
            }
            let log = logs + "/\(occasion.rawValue)-\(place.id.raw).log"
            let base = PortRange.base(for: place.id, taken: [])
            try await script.run(in: ScriptSurroundings(place: place, project: project, portBase: base), environment: environment, log: log, runner: runner)
            return nil
        } catch {
            return (error.refusal.message, error.refusal.remedy)
        }
    }
}

extension ScriptRunner.Occasion {
    fileprivate var words: String {
        switch self {
        case .setup: "in new worktrees"
        case .teardown: "in worktrees before they are removed"
        }
    }
}
