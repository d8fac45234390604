import Config
import Domain
import Engine
import Synchronization

/// The settings that hold for a project: the person's, and over them what the project's own file may say. That file is read each time, so
/// a change needs no notice of it.
final class ProjectSettings: Sendable {
    private struct State {
        var person: Settings
        /// What was told of a project's file: once is enough.
        var told: [String: [ConfigProblem]] = [:]
    }
    private let state: Mutex<State>
    private let core: CoreMailbox

    init(_ person: Settings, core: CoreMailbox) {
        state = Mutex(State(person: person))
        self.core = core
    }

    func use(_ person: Settings) { state.withLock { $0.person = person } }

    func of(_ project: Project) -> Settings {
        let path = project.path + "/" + Config.projectFile
        let loaded = Config.load(project: path, over: state.withLock { $0.person })
        let isNews = state.withLock { state in
            let before = state.told.updateValue(loaded.problems, forKey: path) ?? []
            return before != loaded.problems
        }
        if isNews { for problem in loaded.problems { core.post(.event(problem.event)) } }
        return loaded.settings
    }
}

extension ConfigProblem {
    var event: Event {
        .noticed(text, remedy: isFatal ? "mend the file; until then what was set before stays in force" : "mend the line; the rest of the file is in force")
    }
}
