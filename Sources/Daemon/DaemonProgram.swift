import Config
import Domain
import Engine
import Git
import Glibc
import HTTP
import Places
package import Sys
import Wire

/// `drover daemon run`: claims the lock, takes over what an earlier daemon left, serves until it is told to stop.
package struct DaemonProgram {
    package enum Ending: Equatable, Sendable {
        case stopped
        /// Another one serves already.
        case other(pid: Int32?)
        case failed(String)
    }

    private let version: String
    private let directories: Directories
    private let environment: [String]

    package init(version: String, directories: Directories = Directories(), environment: [String] = Environment.all) {
        self.version = version
        self.directories = directories
        // An agent's tool may have started us: its server's mark and password are not ours.
        self.environment = environment.filter { entry in
            ![
                "\(ServerMark.variable)=", "\(ServerMark.stateVariable)=", "OPENCODE_SERVER_PASSWORD=", "OPENCODE_SERVER_USERNAME=", "OPENCODE_PID=",
                "OPENCODE=",
            ].contains { entry.hasPrefix($0) }
        }
    }

    package func run() -> Ending {
        do throws(SysError) {
            Signals.ignorePipes()
            let signals = try Signals([SIGTERM, SIGINT, SIGHUP])
            try directories.prepare()
            switch try FileLock.take(directories.lock) {
            case .held(let pid): return .other(pid: pid)
            case .taken(let lock):
                try serve(signals)
                withExtendedLifetime(lock) {}
                return .stopped
            }
        } catch {
            return .failed(error.message)
        }
    }

    private func serve(_ signals: Signals) throws(SysError) {
        let mailbox = CoreMailbox()
        let http = HTTPClient()
        let runner = CommandRunner()
        var problems: [ConfigProblem] = []
        let config = try ConfigWatch(directories.configuration, problems: &problems)
        let settings = config.settings
        let files = ServerFiles(directory: directories.state + "/servers")
        let store = StoreBridge(path: directories.database, core: mailbox)
        let git = GitTool(runner: runner, executable: findExecutable("git", path: value("PATH")) ?? "git", environment: environment)
        var places = Registry.Settings(worktrees: settings.worktreesDirectory ?? directories.data + "/worktrees")
        places.branchPrefix = settings.branchPrefix
        let keeper = ServerKeeper(files: files, environment: environment, settings: settings, http: http, core: mailbox)
        let lines = ServerLines(http: http, core: mailbox)
        let poller = Poller()
        let port = try ClientPort(listener: UnixSocket.listen(at: directories.socket), poller: poller, version: version)
        let marked = environment + [ServerMark.entry(state: directories.state)]
        let scripts = ScriptRunner(state: directories.state, environment: marked, runner: runner)
        let projects = ProjectSettings(settings, core: mailbox)
        let worker = PlaceWorker(registry: Registry(git: git, settings: places), git: git, scripts: scripts, settings: projects, core: mailbox)
        worker.recover()
        let finder = FileWorker(git: git, home: value("HOME") ?? "/", core: mailbox)
        let effects = EffectRunner(keeper: keeper, lines: lines, places: worker, files: finder, store: store, port: port)
        let about = Core.About(
            version: version, socket: directories.socket, state: directories.state, started: Timestamp(milliseconds: Clock.wallMilliseconds()))
        let core = Core(poller: poller, mailbox: mailbox, signals: signals, port: port, runner: effects, lines: lines, store: store, about: about)
        try core.watch(config) { settings in
            keeper.post(.settings(settings))
            projects.use(settings)
        }
        try core.watch(OpenCodeWatch.directory(value).flatMap { OpenCodeWatch(directory: $0) })
        let kept = store.restore(day: Self.today())
        try core.run(
            Restored(
                records: kept.records, servers: files.all(), today: kept.today, notices: kept.notices + problems.map(\.text), settings: settings.engine,
                seed: Random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }))
        try? Files.remove(directories.socket)
    }

    private func value(_ name: String) -> String? {
        environment.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
    }

    private static func today() -> String {
        let wall = Clock.wallMilliseconds()
        let now = Now(instant: Instant(milliseconds: 0), wall: Timestamp(milliseconds: wall), zoneMinutes: Clock.localTime(wall).offsetMinutes)
        return now.day(of: now.wall)
    }
}

extension Settings {
    /// What the engine has to know of the configuration.
    var engine: EngineSettings {
        EngineSettings(
            quietAfter: quietAfter, idleStop: idleStop, memoryLimit: memoryLimit ?? Int.max, history: .minutes(Int64(historyDays) * 24 * 60),
            copiesIgnored: copiedIgnored, keepRemoved: keepRemovedDays == 0 ? nil : .days(Int64(keepRemovedDays)))
    }
}
