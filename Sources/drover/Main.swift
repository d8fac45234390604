import Bench
import CommandLine
import Config
import Daemon
import Domain
import Glibc
import Program
import StandIn
import Sys

/// The composition root: which room does what for the command line.
@main enum Main {
    static let version = "0.1.0"

    static func main() {
        let arguments = Array(Swift.CommandLine.arguments.dropFirst())
        // The demo's servers are this program as well: nothing has to be installed beside it.
        if arguments.first == DemoProgram.serverWord { exit(FakeProgram.main(arguments)) }
        let parts = CommandLineParts(
            version: version, dashboard: dashboard, daemonRun: daemon,
            demo: { _ in DemoProgram.run(version: version, dashboard: dashboard, complain: complain) }, bench: { BenchMain.run($0) },
            endLeftovers: endLeftovers, doctorExtra: leftovers, themes: { ThemeLibrary(Directories()).names },
            checkSettings: DashboardProgram.complaints, record: { dashboard($0, recording: $1) }, replay: replay)
        exit(CommandLineMain.run(arguments: arguments, environment: Surroundings.variables, parts: parts))
    }

    static func dashboard(_ directory: String) -> Int32 { dashboard(directory, recording: nil) }

    static func replay(_ wish: Replay) -> Int32 {
        do throws(DashboardFailure) {
            let replay = try ReplayProgram(wish)
            if wish.picture == nil { try replay.run() } else { print(replay.picture(), terminator: "") }
            return 0
        } catch {
            return complain(error.message)
        }
    }

    static func dashboard(_ directory: String, recording: String?) -> Int32 {
        let directories = Directories()
        do throws(DashboardFailure) {
            try DashboardProgram(directory: directory, version: version, directories: directories, recording: recording).run()
            return 0
        } catch {
            return complain(error.message)
        }
    }

    static func daemon(_ arguments: [String]) -> Int32 {
        switch DaemonProgram(version: version).run() {
        case .stopped: return 0
        case .other(let pid):
            // No failure: two clients that start a daemon at once get one.
            _ = complain("another daemon\(pid.map { " (pid \($0))" } ?? "") runs already; it may listen elsewhere, by another XDG_RUNTIME_DIR")
            return 0
        case .failed(let why): return complain(why)
        }
    }

    static func endLeftovers() -> Result<String?, Refusal> {
        let directories = Directories()
        switch Aftermath.end(directories) {
        case .nothing: return .success(nil)
        case .ended(let servers, let others):
            let counts = [(servers, "server"), (others, "other process")].filter { $0.0 > 0 }.map { count, name in
                "\(count) \(name)\(count == 1 ? "" : name.hasSuffix("s") ? "es" : "s")"
            }
            return .success("no daemon was running; what one had left has ended: " + counts.joined(separator: ", "))
        case .daemonRuns(let pid):
            let name = pid.map { "a daemon (pid \($0))" } ?? "a daemon"
            return .failure(
                Refusal(
                    .unreachable, "\(name) runs, but nobody listens at \(directories.socket)",
                    remedy: "try again; if it was started with another XDG_RUNTIME_DIR, set that, or end it with kill and then run this again"))
        case .failed(let why): return .failure(Refusal(.failed, "what a daemon left cannot be ended: \(why)"))
        }
    }

    /// What `drover doctor` finds of a crash.
    static func leftovers() -> [DoctorCheck] {
        let directories = Directories()
        let daemonRuns = (try? UnixSocket.connect(to: directories.socket, timeoutMs: 300)) != nil
        let found = Leftovers.find(directories, daemonRuns: daemonRuns)
        var checks = found.unreadable.map { DoctorCheck("server record", .warn, "\($0) cannot be read", remedy: "look at it, then remove it") }
        checks += found.servers.map {
            DoctorCheck(
                "leftover", .warn, "opencode (pid \($0.pid)) of \($0.projectPath) runs without a daemon",
                remedy: "any drover command takes it over; drover daemon stop ends it")
        }
        checks += found.tools.map { DoctorCheck("leftover", .fail, "\($0.name) (pid \($0.pid)) was left by a server that is gone", remedy: "kill \($0.pid)") }
        return checks.isEmpty ? [DoctorCheck("leftovers", .ok, "none: every server and tool has its owner")] : checks
    }

    static func complain(_ words: String) -> Int32 {
        try? Descriptor.writeAll(2, Array("drover: \(words)\n".utf8))
        return 1
    }
}
