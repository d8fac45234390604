package import Config
package import Domain
import Wire

/// A line of `drover doctor`.
package struct DoctorCheck: Equatable, Sendable {
    package enum Verdict: String, Sendable { case ok, warn, fail }
    package var name: String
    package var verdict: Verdict
    /// What was found, in words.
    package var detail: String
    /// What to do about it; empty when nothing is wrong.
    package var remedy: String
    package init(_ name: String, _ verdict: Verdict, _ detail: String, remedy: String = "") {
        self.name = name
        self.verdict = verdict
        self.detail = detail
        self.remedy = remedy
    }
}

/// What other rooms do for the command line. All closures get the arguments behind the verb and give an exit code.
package struct CommandLineParts {
    package var version: String
    /// Opens the dashboard for the project that holds this directory.
    package var dashboard: (_ directory: String) -> Int32
    /// The same, with all that is drawn put into a file.
    package var record: (_ directory: String, _ file: String) -> Int32
    package var replay: (Replay) -> Int32
    /// Is the daemon until it is stopped.
    package var daemonRun: ([String]) -> Int32
    package var demo: ([String]) -> Int32
    package var bench: ([String]) -> Int32
    /// Ends what a daemon that crashed left; in words what that was, nil when there was nothing.
    package var endLeftovers: () -> Result<String?, Refusal>
    /// What only others can look at: the database, leftovers of a crash.
    package var doctorExtra: () -> [DoctorCheck]
    /// Names of the themes there are.
    package var themes: () -> [String]
    /// What is wrong with settings that only the dashboard understands, in sentences: keys and the theme.
    package var checkSettings: (Settings) -> [String]

    package init(
        version: String, dashboard: @escaping (String) -> Int32, daemonRun: @escaping ([String]) -> Int32, demo: @escaping ([String]) -> Int32,
        bench: @escaping ([String]) -> Int32, endLeftovers: @escaping () -> Result<String?, Refusal> = { .success(nil) },
        doctorExtra: @escaping () -> [DoctorCheck] = { [] }, themes: @escaping () -> [String] = { [] },
        checkSettings: @escaping (Settings) -> [String] = { _ in [] }, record: @escaping (String, String) -> Int32 = { _, _ in 2 },
        replay: @escaping (Replay) -> Int32 = { _ in 2 }
    ) {
        self.version = version
        self.dashboard = dashboard
        self.daemonRun = daemonRun
        self.demo = demo
        self.bench = bench
        self.endLeftovers = endLeftovers
        self.doctorExtra = doctorExtra
        self.themes = themes
        self.checkSettings = checkSettings
        self.record = record
        self.replay = replay
    }
}

/// How a recorded session is to be shown.
package struct Replay: Equatable, Sendable {
    package var file: String
    package var speed: Double
    /// Longer pauses are cut to so many milliseconds.
    package var longestPause: Int64
    /// The frame at this millisecond, as a picture, instead of the whole session; negative: the last.
    package var picture: Int64?
}

package enum CommandLineMain {
    /// Runs one command line (without the program's name) and gives the exit code.
    package static func run(arguments: [String], environment: [String: String], parts: CommandLineParts) -> Int32 {
        run(arguments: arguments, world: .real(environment: environment, version: parts.version), parts: parts)
    }

    package static func run(arguments: [String], world: World, parts: CommandLineParts) -> Int32 {
        var active: Run?
        do throws(Refusal) {
            let (verb, found) = try VerbTable.command(arguments == ["--plain"] ? ["plain"] : arguments)
            let run = Run(verb: verb, arguments: found, world: world, parts: parts)
            active = run
            let code = try verb.run(run)
            try run.flush()
            return code
        } catch {
            if error == Run.nobodyReads { return ExitCode.fine }
            // What was printed before it went wrong is still right.
            try? active?.flush()
            complain(error, world)
            return error.exitCode
        }
    }

    private static func complain(_ refusal: Refusal, _ world: World) {
        var text = "drover: " + Visible.block(refusal.message) + "\n"
        if !refusal.remedy.isEmpty { text += "hint: " + Visible.block(refusal.remedy) + "\n" }
        world.writeError(Array(text.utf8))
    }
}
