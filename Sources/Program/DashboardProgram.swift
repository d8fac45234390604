import CommandLine
import Config
import Dashboard
import Domain
import Glibc
import Screen
import Store
package import Sys
import Terminal
import Wire

/// The dashboard as a program: one thread, one poller. Keys and news of the daemon in, frames out.
///
/// A frame is drawn at once after a key; after news at most every 16 ms, and only when a cell differs.
package final class DashboardProgram {
    static let ttyToken: UInt64 = 1, signalToken: UInt64 = 2, lineToken: UInt64 = 3, connectToken: UInt64 = 4, configToken: UInt64 = 5,
        failureToken: UInt64 = 6, syntaxToken: UInt64 = 7
    private static let frameInterval: Int64 = 16

    let terminal: TerminalSession
    let signals: Signals
    let poller = Poller()
    let shells: ShellKeeper
    private var atlas = Atlas()
    let directories: Directories
    private let version: String
    private let directory: String
    var settings: Settings
    let config: ConfigWatch?
    private let configProblems: [ConfigProblem]
    /// When a configuration that changed is read.
    private var configDue: Int64?
    var hasDarkBackground = true
    private var recorder: Recorder?
    /// Runs what notifies; made when it is first needed.
    lazy var runner = CommandRunner()
    /// Reads code; made when somebody looks at some.
    lazy var syntax = SyntaxReader(runner)
    /// What went wrong elsewhere than on this thread, in words.
    let failures = Mailbox<String>()
    private let look: Look
    private var dashboard: Dashboard
    var line: DaemonLine?
    /// Sockets that a helper thread has connected; the daemon may have to be started first.
    private let connections = Mailbox<Result<ConnectedSocket, Refusal>>()
    private var retryAt: Int64?
    /// The last one that was drawn.
    private var scene: Scene?
    private var drawnAt: Int64 = 0
    var mustDraw = true
    /// The terminal has not taken all of the last frame, and the poller waits for room.
    private var isStuck = false
    private var inputDeadline: Int64?
    var attaching: [Int: AgentID] = [:]
    var isOver = false
    private var zone = (minutes: 0, until: Int64(0))

    /// - Parameter recording: a file that gets all that is drawn; it must not be there yet.
    package init(directory: String, version: String, directories: Directories, recording: String? = nil) throws(DashboardFailure) {
        shells = ShellKeeper(poller)
        self.directory = directory
        self.version = version
        var problems: [ConfigProblem] = []
        config = try? ConfigWatch(directories.configuration, problems: &problems)
        if let config {
            (settings, configProblems) = (config.settings, problems)
        } else {
            // Where it cannot be watched it is read once.
            let loaded = Config.load(person: directories.configuration)
            (settings, configProblems) = (loaded.settings, loaded.problems)
        }
        self.directories = directories
        do throws(SysError) {
            signals = try Signals([SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])
            Signals.ignorePipes()
        } catch {
            throw .system(error)
        }
        do throws(TerminalError) {
            // The theme comes with the rest of the settings, before the first frame.
            terminal = try TerminalSession(TerminalSession.Options(ascii: settings.ascii ? true : nil))
        } catch {
            throw .terminal(error)
        }
        if let recording {
            do throws(SysError) {
                recorder = try Recorder(recording, size: terminal.size)
            } catch {
                terminal.leave()
                throw .system(error)
            }
        }
        look = Look(ascii: terminal.ascii, shades: terminal.depth >= .indexed256)
        dashboard = Dashboard(size: terminal.size)
        if let recorder { terminal.witness = { recorder.drew($0) } }
    }

    package func run() throws(DashboardFailure) {
        do throws(SysError) {
            try poller.add(terminal.descriptor, token: Self.ttyToken)
            try poller.add(signals.descriptor, token: Self.signalToken)
            try poller.add(connections.descriptor, token: Self.connectToken)
            try poller.add(failures.descriptor, token: Self.failureToken)
            if let config { try poller.add(config.descriptor, token: Self.configToken) }
            apply(settings, problems: configProblems)
            firstFrame()
            while !isOver { try turn() }
        } catch {
            terminal.leave()
            shells.endAll()
            throw .system(error)
        }
        terminal.leave()
        shells.endAll()
        if let failure = recorder?.failure { throw .system(failure) }
    }

    /// A daemon that answers at once is asked; otherwise the store's last snapshot is shown while the daemon starts.
    private func firstFrame() {
        if let socket = try? UnixSocket.connect(to: directories.socket, timeoutMs: 200), let line = try? DaemonLine(socket, version: version) {
            take(line)
            _ = try? poller.add(line.socket.number, token: Self.lineToken)
            var ready = pollfd(fd: line.socket.number, events: Int16(POLLIN), revents: 0)
            if Glibc.poll(&ready, 1, 20) > 0 { readNews() }
        } else {
            connect()
        }
        if !dashboard.model.hasHerd, let bytes = StoredSnapshot.read(directories.database), case .snapshot(let herd)? = try? WireDecoder().daemonMessage(bytes)
        {
            handle(.snapshot(herd, live: false))
        }
        draw()
    }

    private func turn() throws(SysError) {
        try listenForRoom()
        let due = dashboard.nextDeadline?.milliseconds
        var deadline = [inputDeadline, retryAt, configDue, due, shells.deadline].compactMap { $0 }.min()
        if mustDraw, !isStuck { deadline = min(deadline ?? .max, max(Clock.monotonicMilliseconds(), drawnAt + Self.frameInterval)) }
        for ready in poller.wait(untilMonotonicMs: deadline) { try take(ready) }
        let after = Clock.monotonicMilliseconds()
        if let due = inputDeadline, after >= due {
            inputDeadline = nil
            type(terminal.inputTimedOut())
        }
        if let due = retryAt, after >= due {
            retryAt = nil
            connect()
        }
        if let due = configDue, after >= due {
            configDue = nil
            readConfiguration()
        }
        if let due, after >= due { handle(.tick) }
        shells.expire(after)
        try line?.flush()
        if mustDraw, after >= drawnAt + Self.frameInterval { draw() }
    }

    /// A terminal that does not read (stopped with Ctrl-S, a line that hangs) is asked for room, not tried again and again.
    private func listenForRoom() throws(SysError) {
        guard terminal.hasUnsentOutput != isStuck else { return }
        isStuck.toggle()
        try poller.modify(terminal.descriptor, token: Self.ttyToken, isStuck ? [.read, .write] : .read)
    }

    private func take(_ ready: Poller.Ready) throws(SysError) {
        switch ready.token {
        case Self.ttyToken:
            if ready.writable { terminal.flushOutput() }
            guard ready.readable else { return }
            guard let inputs = try? terminal.read() else { return isOver = true }
            inputDeadline = terminal.inputWait.map { Clock.monotonicMilliseconds() + Int64($0) }
            type(inputs)
        case Self.signalToken: for signal in signals.read() { take(signal: signal) }
        case Self.lineToken: readNews()
        case Self.configToken: if config?.stirred() == true { configDue = Clock.monotonicMilliseconds() + ConfigWatch.settling }
        case Self.syntaxToken: for (text, lines) in syntax.answers.drain() { handle(.syntax(text, lines)) }
        case Self.failureToken: for words in failures.drain() { handle(.failed(words)) }
        case Self.connectToken: for result in connections.drain() { connected(result) }
        case ShellKeeper.firstToken...:
            if let (id, news) = shells.take(ready) { handle(.shell(id, news)) }
            if shells.isDirty { mustDraw = true }
        default: break
        }
    }

    private func type(_ inputs: [Input]) {
        guard !inputs.isEmpty else { return }
        // What is typed into a shell shows by its answer, which is drawn as soon as it comes: nothing is painted for the key itself.
        var changesNothing = !mustDraw
        for input in inputs {
            let before = dashboard.ui.shells.typing == nil ? nil : dashboard.ui
            if case .reply(.background(let colour)) = input { learn(background: colour) }
            handle(.terminal(input))
            changesNothing = changesNothing && before?.looksLike(dashboard.ui) == true
        }
        if changesNothing { return mustDraw = false }
        if !isOver { draw() }
    }

    private func take(signal: Int32) {
        switch signal {
        case SIGWINCH:
            if let size = terminal.sizeChanged() {
                resized(size)
                draw()
            }
        case SIGTSTP: terminal.suspend()
        case SIGCONT:
            terminal.resume()
            draw()
        case SIGINT, SIGQUIT: break  // typed while another program had the terminal
        default: isOver = true
        }
    }

    func resized(_ size: Size) {
        recorder?.resized(size)
        handle(.resized(size))
    }

    // MARK: Drawing

    func draw() {
        mustDraw = true
        guard !terminal.hasUnsentOutput else { return }
        mustDraw = false
        drawnAt = Clock.monotonicMilliseconds()
        if let (id, screen) = shells.takeScreen() { _ = dashboard.handle(.shell(id, .screen(screen)), now: now()) }
        // A program in a shell may have shown more colours than one can hold.
        if atlas.isCrowded { atlas = Atlas() }
        let next = dashboard.view(look: look, atlas: atlas, now: now(), after: scene)
        terminal.present(next.frame)
        scene = next
        // Colours that come are drawn; that they are asked for is nothing to draw.
        if let text = next.uncoloured, !dashboard.isReadingSyntax { for effect in dashboard.handle(.uncoloured(text), now: now()) { perform(effect) } }
    }

    func handle(_ input: DashboardInput) {
        let effects = dashboard.handle(input, now: now())
        mustDraw = true
        for effect in effects { perform(effect) }
    }

    private func now() -> Now {
        let wall = Clock.wallMilliseconds()
        if wall >= zone.until { zone = (Clock.localTime(wall).offsetMinutes, wall + 60_000) }
        return Now(instant: Instant(milliseconds: Clock.monotonicMilliseconds()), wall: Timestamp(milliseconds: wall), zoneMinutes: zone.minutes)
    }

    // MARK: The daemon

    private func connect() {
        handle(.starting)
        let (connections, version) = (connections, version)
        let directories = directories
        startThread(named: "connect") {
            connections.post(Self.connect(directories, version))
        }
    }

    /// Starts the daemon when nobody listens; waits, so it runs on a thread of its own.
    private static func connect(_ directories: Directories, _ version: String) -> Result<ConnectedSocket, Refusal> {
        do throws(Refusal) {
            _ = try DaemonStart(directories: directories, hello: Hello(version: version, client: .dashboard)).connect(starting: true)
        } catch {
            return .failure(error)
        }
        do throws(SysError) {
            return .success(ConnectedSocket(number: try UnixSocket.connect(to: directories.socket).release()))
        } catch {
            return .failure(Refusal(.unreachable, "the daemon cannot be reached: \(error.message)", remedy: "drover doctor"))
        }
    }

    private func connected(_ result: Result<ConnectedSocket, Refusal>) {
        switch result {
        case .success(let socket):
            guard let line = try? DaemonLine(Descriptor(owning: socket.number), version: version) else { return lost("the daemon's socket cannot be used") }
            take(line)
            _ = try? poller.add(line.socket.number, token: Self.lineToken)
        case .failure(let refusal): lost(refusal.message)
        }
    }

    private func take(_ line: DaemonLine) {
        self.line = line
        // The project that the person stands in; its server is started, so that sessions of plain opencode show.
        if let project = ProjectHint.directory(around: directory) { line.aside(.addProject(path: project)) }
        try? line.flush()
    }

    private func lost(_ why: String) {
        if let line { poller.remove(line.socket.number) }
        line = nil
        retryAt = Clock.monotonicMilliseconds() + 1000
        handle(.lost(why: why))
    }

    private func readNews() {
        guard let line else { return }
        for item in line.read() {
            switch item {
            case .snapshot(let herd): handle(.snapshot(herd, live: true))
            case .changed(let change): handle(.changed(change))
            case .transcript(let agent, let changes): for change in changes { handle(.transcript(agent, change)) }
            case .replied(let tag, let result):
                if let agent = attaching.removeValue(forKey: tag) { attach(agent, result) } else { handle(.replied(tag: tag, result)) }
            case .refused(let refusal): lost(refusal.message + (refusal.remedy.isEmpty ? "" : "; " + refusal.remedy))
            case .ended: lost("the daemon went away")
            }
        }
    }
}
