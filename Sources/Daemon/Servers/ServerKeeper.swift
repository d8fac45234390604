import Config
import Domain
import Engine
import Glibc
import HTTP
import OpenCode
import Sys

/// Starts, adopts, watches, measures and ends server processes, on one thread of its own that owns them all.
///
/// It decides nothing: the engine says what should be, this says what became of it.
final class ServerKeeper: Sendable {
    enum Order: Sendable {
        case spawn(ServerID, generation: Int, projectPath: String)
        case adopt(ServerRecord, generation: Int)
        case stop(ServerID, generation: Int)
        case measure(ServerID, generation: Int)
        case checked(ServerID, generation: Int, Result<String, Refusal>)
        case disposed(ServerID, generation: Int)
        case settings(Settings)
        case lookForOthers
    }

    private let orders = Mailbox<Order>()

    init(files: ServerFiles, environment: [String], settings: Settings, http: HTTPClient, core: CoreMailbox) {
        let orders = orders
        startThread(named: "servers") {
            KeeperLoop(files: files, environment: environment, settings: settings, http: http, core: core, orders: orders).run()
        }
    }

    func post(_ order: Order) { orders.post(order) }
    func post(_ all: [Order]) { orders.post(contentsOf: all) }
}

/// The state of the keeper; lives and dies on its thread.
final class KeeperLoop {
    private let files: ServerFiles
    private let environment: [String]
    private var settings: Settings
    private let http: HTTPClient
    private let core: CoreMailbox
    private let orders: Mailbox<ServerKeeper.Order>
    private let poller = Poller()
    private var processes: [ServerID: ServerProcess] = [:]
    private var tokens: [UInt64: ServerID] = [:]
    private var lastToken: UInt64 = 1
    /// Starts in a row that never became ready: after three it is not worth trying on.
    private var futileStarts: [ServerID: Int] = [:]
    /// The program of which a server became ready, as a file. Until then one is started after the other: several that bring a new or
    /// an older database up to date at once fail or hang (measured with four of 1.18.33 on an empty directory: "CREATE TABLE … failed",
    /// "database is locked").
    private var proven: String?
    private var scout: ServerID?
    private var queue: [(id: ServerID, generation: Int, projectPath: String)] = []
    /// Others' opencode processes by their token: when one ends it is looked again.
    private var others: [UInt64: ChildWatch] = [:]
    /// Servers that went away by themselves and whose tools are being ended.
    private var sweeps: [Sweep] = []

    private struct Sweep {
        let record: ServerRecord
        let until: Int64
    }

    init(files: ServerFiles, environment: [String], settings: Settings, http: HTTPClient, core: CoreMailbox, orders: Mailbox<ServerKeeper.Order>) {
        self.files = files
        self.environment = environment
        self.settings = settings
        self.http = http
        self.core = core
        self.orders = orders
    }

    func run() {
        do throws(SysError) {
            try poller.add(orders.descriptor, token: 0)
        } catch {
            preconditionFailure("the keeper of servers cannot wait for its orders: \(error.message)")
        }
        while true {
            let deadline = (processes.values.compactMap(\.deadline) + sweeps.map(\.until)).min()
            for ready in poller.wait(untilMonotonicMs: deadline) where ready.token != 0 { look(ready.token) }
            for order in orders.drain() { obey(order) }
            let now = Clock.monotonicMilliseconds()
            for process in Array(processes.values) where process.deadline.map({ now >= $0 }) ?? false { overdue(process) }
            for index in sweeps.indices.reversed() where now >= sweeps[index].until { sweepOn(at: index) }
            startWaiting()
        }
    }

    private func post(_ event: Event) { core.post(.event(event)) }

    // MARK: Orders

    private func obey(_ order: ServerKeeper.Order) {
        switch order {
        case .spawn(let id, let generation, let path): spawn(id, generation, path)
        case .adopt(let record, let generation): adopt(record, generation)
        case .stop(let id, let generation): stop(id, generation)
        case .measure(let id, let generation): measure(id, generation)
        case .checked(let id, let generation, let result): checked(id, generation, result)
        case .disposed(let id, let generation):
            guard let process = processes[id], process.generation == generation, case .stopping(.disposing, _) = process.phase else { return }
            terminate(process)
        case .settings(let settings): self.settings = settings
        case .lookForOthers: lookForOthers()
        }
    }

    private func spawn(_ id: ServerID, _ generation: Int, _ projectPath: String) {
        let chosen = OpenCodeProgram.choose(command: settings.openCodeCommand, environment: variables) { access($0, X_OK) == 0 && !Files.isDirectory($0) }
        guard case .found(let command, let source) = chosen, let program = command.first else {
            return fail(id, generation, chosen.complaint ?? "opencode was not found", remedy: "", isFinal: true)
        }
        let file = fileIdentity(program)
        guard file == proven || !isScouting else { return queue.append((id, generation, projectPath)) }
        if file != proven { scout = id }
        guard Files.isDirectory(projectPath) else {
            return fail(id, generation, "the directory \(projectPath) is gone", remedy: "drover project rm takes it from the list", isFinal: true)
        }
        do throws(SysError) {
            try Files.makeDirectories(files.directory)
            let port = Int(try Loopback.freePort())
            let launch = ServerLaunch(port: port, password: Random.token(), privateDirectory: settings.openCodeData == .private ? privateDirectory : nil)
            try seed(launch)
            let log = files.log(of: id)
            try Files.writeAtomically(log, [])
            let watch = try DetachedSpawn(
                program, Array(command.dropFirst()) + launch.arguments, environment: serverEnvironment(launch, id), directory: projectPath, output: .log(log)
            ).start()
            let record = ServerRecord(
                server: id, projectPath: projectPath, pid: Int(watch.pid), startTime: watch.startTime, bootID: ProcessFacts.bootID() ?? "",
                port: port, password: launch.password, version: "")
            hold(record, generation, watch, isAdopted: false, until: Clock.monotonicMilliseconds() + settings.startTimeout.milliseconds)
            processes[id]?.program = file
            try files.write(record)
            let follow = try FollowFile(log)
            processes[id]?.follow = follow
            try poller.add(follow.descriptor, token: (processes[id]?.token ?? 0) + 1)
            readLog(id)
        } catch {
            if let process = processes[id] { drop(process, killing: true) }
            let isFinal = error.code == ENOEXEC || error.isPermission || error.isMissing
            fail(
                id, generation, "opencode (\(program), from \(source.rawValue)) cannot be started: \(error.message)", remedy: "drover doctor checks it",
                isFinal: isFinal)
        }
    }

    /// The first start is still under way.
    private var isScouting: Bool {
        guard let process = scout.flatMap({ processes[$0] }) else { return false }
        switch process.phase {
        case .starting, .checking: return true
        case .up, .stopping: return false
        }
    }

    private func startWaiting() {
        while !isScouting, !queue.isEmpty {
            let next = queue.removeFirst()
            spawn(next.id, next.generation, next.projectPath)
        }
    }

    /// Another version of the program is another file.
    private func fileIdentity(_ program: String) -> String {
        guard let facts = try? Files.facts(program) else { return program }
        return "\(program) \(facts.size) \(facts.modifiedNs)"
    }

    private func seed(_ launch: ServerLaunch) throws(SysError) {
        guard let directory = launch.configurationDirectory else { return }
        try Files.makeDirectories(directory)
        let present = Set(try Files.names(directory))
        guard let version = ServerVersion("1.18.33") else { return }
        for seed in ServerLaunch.seeds(version: version, present: present) {
            if let content = seed.content {
                try Files.writeAtomically(directory + "/" + seed.path, Array(content.utf8))
            } else {
                try Files.makeDirectories(directory + "/" + seed.path)
            }
        }
    }

    private var privateDirectory: String { files.state + "/opencode" }

    private var variables: [String: String] {
        Dictionary(
            environment.map { entry in
                let cut = entry.firstIndex(of: "=") ?? entry.endIndex
                return (String(entry[..<cut]), cut == entry.endIndex ? "" : String(entry[entry.index(after: cut)...]))
            }, uniquingKeysWith: { _, last in last })
    }

    /// The environment of the client that started the daemon, what the configuration adds, and what makes it ours.
    private func serverEnvironment(_ launch: ServerLaunch, _ id: ServerID) -> [String] {
        var all = variables
        for (name, value) in settings.openCodeEnvironment { all[name] = value }
        for (name, value) in launch.environment { all[name] = value }
        all[ServerMark.variable] = ServerMark.value(id, port: launch.port)
        all[ServerMark.stateVariable] = files.state
        return all.map { $0.key + "=" + $0.value }.sorted()
    }

    private func hold(_ record: ServerRecord, _ generation: Int, _ watch: ChildWatch, isAdopted: Bool, until: Int64) {
        lastToken += 2
        let process = ServerProcess(
            id: record.server, generation: generation, token: lastToken, watch: watch, phase: isAdopted ? .checking : .starting(until: until),
            record: record, isAdopted: isAdopted)
        processes[record.server] = process
        tokens[lastToken] = record.server
        tokens[lastToken + 1] = record.server
        do throws(SysError) {
            try poller.add(watch.descriptor, token: process.token)
        } catch {
            core.post(.event(.serverFailed(record.server, generation: generation, why: error.message, remedy: "", isFinal: false)))
        }
    }

    private func adopt(_ record: ServerRecord, _ generation: Int) {
        let isSameBoot = record.bootID == ProcessFacts.bootID()
        guard isSameBoot, let watch = ChildWatch.adopt(pid: Int32(record.pid), startTime: record.startTime) else {
            files.remove(record.server)
            if isSameBoot { beginSweep(record) }
            return fail(record.server, generation, "its server (pid \(record.pid)) is gone", remedy: "", isFinal: false)
        }
        hold(record, generation, watch, isAdopted: true, until: 0)
        if generation == 0 { stop(record.server, 0) } else { check(record.server) }
    }

    // MARK: Readiness

    private func readLog(_ id: ServerID) {
        guard let process = processes[id], let follow = process.follow else { return }
        if let bytes = try? follow.read() { processes[id]?.said += bytes }
        guard case .starting = process.phase, let said = processes[id]?.said else { return }
        // The socket is bound before the server is ready, and what is asked then is never answered (v1-measured.md §1): only its line counts.
        switch ServerLaunch.progress(log: String(decoding: said, as: UTF8.self), hasExited: false) {
        case .listening:
            processes[id]?.phase = .checking
            poller.remove(follow.descriptor)
            processes[id]?.follow = nil
            check(id)
        case .starting, .portTaken, .failed: break
        }
        if said.count > 1 << 20 { processes[id]?.said.removeFirst(said.count - (1 << 16)) }
    }

    /// Which generation it is, and whether it is ours: it must ask for a password and take this one.
    private func check(_ id: ServerID) {
        guard let process = processes[id] else { return }
        let (url, password, generation) = (process.url, process.record.password, process.generation)
        let (http, orders) = (http, orders)
        /// One question; what its answer says decides whether another is asked.
        @Sendable func ask(_ request: HTTPRequest, _ read: @escaping @Sendable (HTTPResponse) throws(Refusal) -> Detection.Finding) {
            _ = http.send(request) { answer in
                do throws(Refusal) {
                    switch try read(try answer.orRefusal()) {
                    case .v1(let version, _): orders.post(.checked(id, generation: generation, .success(version)))
                    case .askInfo: ask(Detection.infoRequest(url: url, password: password), Detection.read(info:))
                    case .askHealth: ask(Detection.healthRequest(url: url, password: password), Detection.read(health:))
                    }
                } catch {
                    orders.post(.checked(id, generation: generation, .failure(error)))
                }
            }
        }
        ask(Detection.strangerRequest(url: url), Detection.read(stranger:))
    }

    private func checked(_ id: ServerID, _ generation: Int, _ result: Result<String, Refusal>) {
        guard let process = processes[id], process.generation == generation, case .checking = process.phase else { return }
        switch result {
        case .success(let version):
            processes[id]?.phase = .up
            processes[id]?.record.version = version
            futileStarts[id] = nil
            if id == scout, !process.isAdopted { proven = process.program }
            if let record = processes[id]?.record { try? files.write(record) }
            let link = ServerLink(
                adapter: V1(url: process.url, password: process.record.password, version: version), url: process.url, password: process.record.password)
            core.post(
                .serverUp(
                    id, generation: generation, ServerFacts(pid: process.record.pid, url: process.url, version: version, isAdopted: process.isAdopted), link))
        case .failure(let refusal) where refusal.reason == .unreachable && process.attempts < 8:
            processes[id]?.attempts += 1
            check(id)
        case .failure(let refusal):
            drop(process, killing: true)
            beginSweep(process.record)
            fail(id, generation, refusal.message, remedy: refusal.remedy, isFinal: !process.isAdopted && refusal.reason != .unreachable)
        }
    }

    // MARK: Others

    /// Its own data directory nobody else has.
    private func lookForOthers() {
        var found: [OtherProcesses.Found] = []
        if settings.openCodeData == .shared, let data = OpenCodeWatch.directory({ settings.openCodeEnvironment[$0] ?? variables[$0] }) {
            found = OtherProcesses.find(data: data, ours: Set(processes.values.map { Int32($0.record.pid) }))
        }
        for (token, watch) in others where !found.contains(where: { $0.other.pid == Int(watch.pid) && $0.startTime == watch.startTime }) {
            poller.remove(watch.descriptor)
            others[token] = nil
        }
        for one in found where !others.values.contains(where: { Int($0.pid) == one.other.pid }) {
            guard let watch = ChildWatch.adopt(pid: Int32(one.other.pid), startTime: one.startTime) else { continue }
            lastToken += 2
            guard (try? poller.add(watch.descriptor, token: lastToken)) != nil else { continue }
            others[lastToken] = watch
        }
        post(.othersFound(found.map(\.other).sorted { $0.pid < $1.pid }))
    }

    // MARK: Ends

    private func look(_ token: UInt64) {
        if others[token] != nil { return lookForOthers() }
        guard let id = tokens[token], let process = processes[id] else { return }
        if token == process.token + 1 { return readLog(id) }
        guard case .ended(let status) = process.watch?.poll() else { return }
        ended(process, status)
    }

    private func ended(_ process: ServerProcess, _ status: ExitStatus?) {
        if let watch = process.watch { poller.remove(watch.descriptor) }
        switch process.phase {
        case .stopping:
            processes[process.id]?.watch = nil
            sweep(process, hard: false)
        case .starting, .checking, .up:
            readLog(process.id)
            let said = processes[process.id]?.said ?? []
            drop(process, killing: false)
            beginSweep(process.record)
            if case .up = process.phase { return post(.serverExited(process.id, generation: process.generation, how: status.words)) }
            if process.isAdopted {
                return fail(process.id, process.generation, "its server (pid \(process.record.pid)) \(status.words)", remedy: "", isFinal: false)
            }
            startEnded(process, said: String(decoding: said, as: UTF8.self))
        }
    }

    private func startEnded(_ process: ServerProcess, said: String) {
        let tries = futileStarts[process.id, default: 0] + 1
        futileStarts[process.id] = tries
        switch ServerLaunch.progress(log: said, hasExited: true) {
        case .portTaken where tries < 5: spawn(process.id, process.generation, process.record.projectPath)
        case .failed(let words):
            fail(process.id, process.generation, "opencode ended while it started: \(words)", remedy: "drover doctor checks it", isFinal: tries >= 3)
        case .starting, .listening, .portTaken:
            fail(process.id, process.generation, "opencode ended while it started", remedy: "drover doctor checks it", isFinal: tries >= 3)
        }
    }

    private func fail(_ id: ServerID, _ generation: Int, _ why: String, remedy: String, isFinal: Bool) {
        if isFinal { futileStarts[id] = nil }
        post(.serverFailed(id, generation: generation, why: why, remedy: remedy, isFinal: isFinal))
    }

    private func overdue(_ process: ServerProcess) {
        switch process.phase {
        case .starting:
            let said = String(decoding: process.said.suffix(400), as: UTF8.self).split(whereSeparator: \.isNewline).suffix(3).joined(separator: " / ")
            drop(process, killing: true)
            beginSweep(process.record)
            // Whoever ordered it has waited long enough; the next order tries again.
            fail(
                process.id, process.generation,
                "opencode did not say within \(settings.startTimeout.milliseconds / 1000) s that it listens\(said.isEmpty ? "" : "; it said: \(said)")",
                remedy: "drover doctor checks it; opencode.startTimeout gives it longer", isFinal: true)
        case .stopping(.disposing, _): terminate(process)
        case .stopping(.terminating, _): signal(process, SIGTERM, next: .insisting, wait: 1500)
        case .stopping(.insisting, _): signal(process, SIGKILL, next: .killing, wait: 2000)
        case .stopping(.killing, _): sweep(process, hard: false)
        case .stopping(.sweeping, _): sweep(process, hard: true)
        case .stopping(.sweepingHard, _): finishStop(process)
        case .checking, .up: break
        }
    }

    /// Forgets a process; `killing` ends it at once.
    private func drop(_ process: ServerProcess, killing: Bool) {
        if killing { process.watch?.signal(SIGKILL) }
        if let follow = process.follow { poller.remove(follow.descriptor) }
        if let watch = process.watch {
            poller.remove(watch.descriptor)
            if killing { _ = watch.poll() }
        }
        files.remove(process.id)
        forget(process)
    }

    private func forget(_ process: ServerProcess) {
        processes[process.id] = nil
        tokens[process.token] = nil
        tokens[process.token + 1] = nil
    }

    // MARK: Stopping

    private func stop(_ id: ServerID, _ generation: Int) {
        queue.removeAll { $0.id == id }
        guard let process = processes[id], process.generation == generation else { return post(.serverStopped(id, generation: generation)) }
        if case .stopping = process.phase { return }
        if case .starting = process.phase { return terminate(process) }
        processes[id]?.phase = .stopping(.disposing, until: Clock.monotonicMilliseconds() + 3000)
        let orders = orders
        let adapter = V1(url: process.url, password: process.record.password, version: process.record.version)
        _ = http.send(adapter.request(for: .dispose)) { _ in orders.post(.disposed(id, generation: generation)) }
    }

    private func terminate(_ process: ServerProcess) {
        processes[process.id]?.tools = ProcessFacts.descendants(of: Int32(process.record.pid))
        signal(process, SIGTERM, next: .terminating, wait: 1000)
    }

    private func signal(_ process: ServerProcess, _ number: Int32, next: ServerProcess.StopStep, wait: Int64) {
        process.watch?.signal(number)
        processes[process.id]?.phase = .stopping(next, until: Clock.monotonicMilliseconds() + wait)
    }

    /// Tools that outlived their server: first asked, then ended, each with its whole group.
    private func sweep(_ process: ServerProcess, hard: Bool) {
        let left = survivors(of: process.record, known: processes[process.id]?.tools ?? [])
        guard !left.isEmpty else { return finishStop(process) }
        for tool in left { end(tool, hard ? SIGKILL : SIGTERM) }
        processes[process.id]?.phase = .stopping(hard ? .sweepingHard : .sweeping, until: Clock.monotonicMilliseconds() + (hard ? 300 : 500))
    }

    private func survivors(of record: ServerRecord, known: [ProcessFacts.Process]) -> [ProcessFacts.Process] {
        let marked = ProcessFacts.processes(withEnvironment: ServerMark.entry(record))
        let alive = known.filter { tool in ProcessFacts.isAlive(pid: tool.pid, startTime: tool.startTime) && !marked.contains { $0.pid == tool.pid } }
        // A tool may have started this very daemon (an agent that runs `drover ls`): it carries the mark as well.
        return (marked + alive).filter { $0.pid != getpid() && !$0.isZombie }
    }

    private func end(_ tool: ProcessFacts.Process, _ number: Int32) {
        if tool.group == tool.pid { _ = kill(-tool.group, number) } else { _ = kill(tool.pid, number) }
    }

    private func finishStop(_ process: ServerProcess) {
        drop(process, killing: true)
        post(.serverStopped(process.id, generation: process.generation))
    }

    /// After a server went away by itself.
    private func beginSweep(_ record: ServerRecord) {
        let left = survivors(of: record, known: [])
        guard !left.isEmpty else { return }
        for tool in left { end(tool, SIGTERM) }
        sweeps.append(Sweep(record: record, until: Clock.monotonicMilliseconds() + 500))
    }

    private func sweepOn(at index: Int) {
        let sweep = sweeps.remove(at: index)
        for tool in survivors(of: sweep.record, known: []) { end(tool, SIGKILL) }
    }

    // MARK: Weight

    private func measure(_ id: ServerID, _ generation: Int) {
        guard let process = processes[id], process.generation == generation, let facts = ProcessFacts.process(Int32(process.record.pid)) else { return }
        let now = Clock.monotonicMilliseconds()
        var share = 0.0
        if let last = process.lastCPU, now > last.at { share = Double(facts.cpuMs - last.milliseconds) / Double(now - last.at) }
        processes[id]?.lastCPU = (facts.cpuMs, now)
        let memory = (ProcessFacts.residentKB(Int32(process.record.pid)) ?? 0) << 10
        trimLog(id)
        // Nobody waits for it: one server after the other would wake the core as often.
        core.postQuietly(.event(.serverMeasured(id, generation: generation, memory: memory, cpu: share)))
    }

    /// The server appends: a log that grew beyond 8 MB is cut to nothing and goes on from there.
    private func trimLog(_ id: ServerID) {
        let path = files.log(of: id)
        if let facts = try? Files.facts(path), facts.size > 8 << 20 { _ = truncate(path, 0) }
    }
}

extension ExitStatus? {
    /// "was killed by signal 9", "ended with code 1".
    fileprivate var words: String {
        switch self {
        case .exited(let code)?: "ended with code \(code)"
        case .signalled(let number)?: "was ended by signal \(number)"
        case nil: "is gone"
        }
    }
}

extension Result<HTTPResponse, HTTPError> {
    fileprivate func orRefusal() throws(Refusal) -> HTTPResponse {
        switch self {
        case .success(let response): return response
        case .failure(let error): throw Refusal(.unreachable, error.message)
        }
    }
}
