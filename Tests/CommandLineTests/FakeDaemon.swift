import CommandLine
import Domain
import Query
import Sys
import Wire

/// A daemon in memory: answers from a herd, keeps what it was asked, says what a test lets it say.
final class FakeDaemon: DaemonConnection {
    var herdNow = Herd()
    var statusNow = DaemonStatus(pid: 77, version: "0.1.0", socket: "/run/x/daemon.sock", started: Timestamp(milliseconds: 0), clients: 1)
    var orders: [ClientOrder] = []
    var requests: [ClientRequest] = []
    /// Replies to orders, the first for the first; then `.done`.
    var replies: [Result<ClientReply, Refusal>] = []
    /// What it says by itself, in order; then the deadline comes.
    var says: [DaemonMessage] = []
    var daemonVersion: String? { "0.1.0" }
    var endsAfterShutdown = true
    /// How many of the next requests find it gone; and whether it had taken them.
    var losses = 0
    var losesOrders = 0
    var takesWhatItLoses = true
    var farewell: Farewell?
    private(set) var isLost = false
    var wasTold: Bool { takesWhatItLoses }

    func connect() {
        isLost = false
        connections += 1
    }
    private(set) var connections = 0
    /// How often it goes away when it has said all.
    var dropsWatchers = 0

    private func loseOne() throws(Refusal) {
        guard losses > 0 else { return }
        losses -= 1
        isLost = true
        throw Refusal(.unreachable, "the daemon has ended")
    }

    func call(_ request: ClientRequest, timeoutMs: Int64) throws(Refusal) -> DaemonReply {
        requests.append(request)
        try loseOne()
        if case .order(let order) = request, losesOrders > 0 {
            losesOrders -= 1
            losses = 1
            if takesWhatItLoses { orders.append(order) }
            try loseOne()
        }
        switch request {
        case .hello: return .welcome(Welcome(pid: 77, version: "0.1.0"))
        case .snapshot: return .herd(herdNow)
        case .list(let text):
            guard let query = try? Query(text) else { throw Refusal(.usage, "no query") }
            return .rows(AgentRows(query.agents(of: herdNow, now: Bench.now), in: herdNow))
        case .subscribe:
            says.insert(.snapshot(herdNow), at: 0)
            return .client(.done)
        case .status: return .status(statusNow)
        case .why(let id):
            guard let agent = herdNow.agents[id] else { throw Refusal(.notFound, "there is no agent \(id)") }
            return .why(Explanation(agent: agent, notes: ["it was asked before"]))
        case .order(let order):
            orders.append(order)
            if order == .shutdown { farewell = .stopped }
            guard !replies.isEmpty else { return .client(.done) }
            let reply = replies.removeFirst()
            if case .failure(let refusal) = reply, refusal.reason == .unreachable { isLost = true }
            return .client(try reply.get())
        }
    }

    func next(untilMs deadline: Int64?) throws(Refusal) -> DaemonMessage? {
        if !says.isEmpty { return says.removeFirst() }
        if dropsWatchers > 0 {
            dropsWatchers -= 1
            isLost = true
            throw Refusal(.unreachable, "the daemon has ended")
        }
        guard deadline != nil else { throw Refusal(.unreachable, "the daemon has ended") }
        return nil
    }

    func waitForEnd(untilMs deadline: Int64) -> Bool { endsAfterShutdown }
}

/// A command line run against a fake daemon.
final class Bench {
    let daemon = FakeDaemon()
    var environment = ["LANG": "C.UTF-8", "TERM": "xterm", "HOME": "/home/me", "PATH": "/bin"]
    var directory = "/src/api"
    var input = ""
    var isTerminal = false
    var columns = 0
    var isRunning = true
    var executed: (program: String, arguments: [String], environment: [String: String])?
    var opened: String?
    var demos = 0
    /// The next line that is typed.
    var typed: String?
    /// Lines that are typed one after the other, before `typed`.
    var typedLines: [String] = []
    /// Command lines that were to run beside.
    var besides: [[String]] = []
    var readerIsGone = false
    var programs: Set<String> = ["/bin/opencode"]
    var output = "", errors = ""

    static let now = Timestamp(milliseconds: 1_800_000_000_000)

    func world() -> World {
        var world = World(
            environment: environment, directory: directory,
            directories: Directories(
                config: "/nowhere/config", data: "/nowhere/data", state: "/nowhere/state", cache: "/nowhere/cache", runtime: "/nowhere/run"),
            outputIsTerminal: isTerminal, inputIsTerminal: isTerminal, columns: columns,
            write: { (bytes) throws(Refusal) in
                self.output += String(decoding: bytes, as: UTF8.self)
                return !self.readerIsGone
            }, writeError: { self.errors += String(decoding: $0, as: UTF8.self) },
            readInput: { (_) throws(Refusal) in Array(self.input.utf8) },
            readLine: { self.typedLines.isEmpty ? self.typed : self.typedLines.removeFirst() }, now: { Self.now }, monotonic: { 5000 }, random: { 77 },
            zoneMinutes: { _ in 60 },
            connect: { (_, starting) throws(Refusal) in
                if !self.isRunning && !starting { throw Refusal(.unreachable, "no daemon is running") }
                self.daemon.connect()
                return self.daemon
            },
            execute: { program, arguments, environment in
                self.executed = (program, arguments, environment)
                return Refusal(.failed, "executed")
            },
            realDirectory: { (path) throws(Refusal) in
                if path.contains("none") { throw Refusal(.notFound, "the directory \(path) cannot be used") }
                return path
            }, isExecutable: { self.programs.contains($0) })
        world.beside = { self.besides.append($0) }
        return world
    }

    /// Runs `drover arguments…`; output and errors are those of this run.
    @discardableResult
    func run(_ arguments: String...) -> Int32 { run(arguments) }

    @discardableResult
    func run(_ arguments: [String]) -> Int32 {
        output = ""
        errors = ""
        let parts = CommandLineParts(
            version: "0.1.0",
            dashboard: {
                self.opened = $0
                return 0
            }, daemonRun: { _ in 9 },
            demo: {
                self.demos += 1
                return Int32($0.count)
            }, bench: { _ in 0 }, doctorExtra: { [DoctorCheck("database", .ok, "readable")] })
        return CommandLineMain.run(arguments: arguments, world: world(), parts: parts)
    }
}

extension Herd {
    /// Two projects; agents of several statuses, one permission, one question.
    static func sample() -> Herd {
        var herd = Herd()
        let ago: (Int64) -> Timestamp = { Timestamp(milliseconds: Bench.now.milliseconds - $0 * 1000) }
        let api = Project(path: "/src/api", branch: "main", isRepository: true, added: ago(9999))
        let web = Project(path: "/src/web", branch: "main", isRepository: true, added: ago(9999))
        for project in [api, web] {
            herd.projects[project.id] = project
            herd.places[project.folder] = .folder(of: project)
        }
        let tree = Place(
            id: PlaceID("\(api.id).oauth"), project: api.id, kind: .worktree, directory: "/data/oauth", branch: "drover/oauth", base: "main", isOurs: true)
        herd.places[tree.id] = tree
        func add(
            _ id: String, _ title: String, _ project: Project, _ place: PlaceID, _ status: Status, _ seconds: Int64, _ edit: (inout Agent) -> Void = { _ in }
        ) {
            var agent = Agent(
                id: AgentID(id), project: project.id, place: place, session: SessionID("ses_\(id)"), title: title, status: status, at: ago(seconds),
                evidence: Evidence(.event, "session.status busy", at: ago(seconds), server: "opencode 1.18.33, pid 4711, 127.0.0.1:41233"))
            edit(&agent)
            herd.agents[agent.id] = agent
        }
        add("kaaaaa", "Add OAuth login", api, tree.id, .waiting, 240) {
            $0.activity = Activity(verb: "wants", target: "npm install passport")
            $0.requests = [RequestID("per_one")]
            $0.cost = 0.18
            $0.tokens = Tokens(input: 45_000, output: 200)
            $0.model = "anthropic/sonnet"
        }
        add("kbbbbb", "Fix flaky CI", web, web.folder, .waiting, 60) { $0.requests = [RequestID("que_two")] }
        add("mccccc", "Refactor \u{1B}[31mDB\u{7}", api, api.folder, .failed, 900) { $0.error = "out of memory" }
        add("ndddddd", "Update deps", web, web.folder, .running, 180) { $0.activity = Activity(verb: "bash", target: "npm test") }
        add("peeeee", "Fix typos", api, api.folder, .done, 90_000) { $0.unseen = true }
        add("qfffff", "Old one", api, api.folder, .done, 900_000) { $0.archived = true }
        herd.requests[RequestID("per_one")] = Request(
            id: RequestID("per_one"), session: SessionID("ses_kaaaaa"), agent: AgentID("kaaaaa"),
            kind: .permission(.init(name: "bash", patterns: ["npm install passport"], always: ["npm install *"], detail: "npm install passport")),
            asked: ago(240))
        herd.requests[RequestID("que_two")] = Request(
            id: RequestID("que_two"), session: SessionID("ses_kbbbbb"), agent: AgentID("kbbbbb"),
            kind: .question([
                .init(
                    header: "Database", text: "Which database?",
                    options: [.init(label: "SQLite", description: "small"), .init(label: "Postgres"), .init(label: "MySQL")], multiple: false, custom: true)
            ]), asked: ago(60))
        return herd
    }
}
