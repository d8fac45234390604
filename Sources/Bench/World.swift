import Glibc
import HTTP
import JSON
import Sys

/// A person's machine in a temporary directory: 20 projects, their stand-in servers, 200 agents, and a daemon.
final class World {
    static let projects = 20, agents = 200

    let root: String
    let program: String
    let environment: [String]
    let running = Running()
    let http = HTTPClient()
    private(set) var servers: [ServerAccess] = []

    struct ServerAccess: Sendable {
        var pid: Int32
        var port: Int
        var password: String
        var directory: String
    }

    /// - Parameters:
    ///   - program: drover itself.
    ///   - standIn: how the stand-in for opencode is started.
    init(program: String, standIn: [String]) throws(BenchError) {
        self.program = program
        // Absolute, and short: a socket's path has room for 107 bytes.
        let temporary = Environment.get("TMPDIR").flatMap { $0.hasPrefix("/") && $0.utf8.count < 40 ? $0 : nil } ?? "/tmp"
        do throws(SysError) {
            root = try Files.makeTemporaryDirectory(temporary + "/drover-bench-")
            for name in ["home", "config/drover", "data", "state", "cache", "run"] { try Files.makeDirectories(root + "/" + name) }
            for index in 0..<Self.projects { try Files.makeDirectories(root + "/" + Self.project(index)) }
            var writer = JSONWriter()
            writer.object { $0.object("opencode") { $0.array("command") { for word in standIn { $0.value(word) } } } }
            try Files.writeAtomically(root + "/config/drover/config.jsonc", writer.bytes)
        } catch {
            throw .system(error)
        }
        environment = [
            "HOME=\(root)/home", "XDG_CONFIG_HOME=\(root)/config", "XDG_DATA_HOME=\(root)/data", "XDG_STATE_HOME=\(root)/state",
            "XDG_CACHE_HOME=\(root)/cache", "XDG_RUNTIME_DIR=\(root)/run", "PATH=\(Environment.get("PATH") ?? "/usr/bin:/bin")", "TERM=xterm-256color",
            "LANG=C.UTF-8",
        ]
    }

    static func project(_ index: Int) -> String { "work/project-" + String(100 + index).dropFirst() }

    /// Starts the daemon and waits until every agent of every server is known.
    func fill() throws(BenchError) {
        try drover("daemon", "start")
        for index in 0..<Self.projects { try drover("project", "add", root + "/" + Self.project(index)) }
        let end = Clock.monotonicMilliseconds() + 60_000
        func wait(for what: String, _ isThere: () throws(BenchError) -> Bool) throws(BenchError) {
            while try !isThere() {
                guard Clock.monotonicMilliseconds() < end else { throw .late(what) }
                pass(ms: 100)
            }
        }
        try wait(for: "the last server") { () throws(BenchError) in try access().count == Self.projects }
        servers = try access()
        for server in servers {
            for index in 0..<Self.agents / Self.projects {
                try call(server, "POST", "/session?directory=\(server.directory)", body: "{\"title\":\"Agent \(index) of \(server.directory.suffix(10))\"}")
            }
        }
        try wait(for: "the \(Self.agents)th agent") { () throws(BenchError) in try count() >= Self.agents }
    }

    func count() throws(BenchError) -> Int {
        let output = try drover("ls", "--json").output
        guard let value = try? JSONParser().parse(output) else { return 0 }
        return value.isArray ? value.count : value["agents"]?.count ?? 0
    }

    @discardableResult
    func drover(_ words: String...) throws(BenchError) -> (ms: Double, output: [UInt8]) {
        try running.run(program, words, environment: environment, directory: root)
    }

    var daemonPid: Int32? {
        guard let text = try? drover("daemon", "status", "--json").output, let value = try? JSONParser().parse(text) else { return nil }
        return value["pid"]?.int.map { Int32($0) }
    }

    /// From the records of the daemon: only this user can read them.
    private func access() throws(BenchError) -> [ServerAccess] {
        let folder = root + "/state/drover/servers"
        let parser = JSONParser()
        return ((try? Files.names(folder)) ?? []).filter { $0.hasSuffix(".json") }.sorted().compactMap { name in
            guard let bytes = try? Files.read(folder + "/" + name), let value = try? parser.parse(bytes), let pid = value["pid"]?.int,
                let port = value["port"]?.int,
                let password = value["password"]?.string, let path = value["projectPath"]?.string, value["version"]?.string != ""
            else { return nil }
            return ServerAccess(pid: Int32(pid), port: port, password: password, directory: path)
        }
    }

    /// One call to a stand-in server.
    @discardableResult
    func call(_ server: ServerAccess, _ method: String, _ path: String, body: String? = nil) throws(BenchError) -> [UInt8] {
        let box = Mailbox<Result<HTTPResponse, HTTPError>>()
        let ticket = http.send(
            HTTPRequest(
                method, "http://127.0.0.1:\(server.port)\(path)",
                headers: [
                    Self.authorization(server.password), HTTPHeader("Content-Type", "application/json"), HTTPHeader("x-opencode-directory", server.directory),
                ],
                body: body.map { Array($0.utf8) }, timeoutMs: 10_000)
        ) { box.post($0) }
        defer { withExtendedLifetime(ticket) {} }
        switch box.wait(ms: 11_000) {
        case .success(let response)? where response.status < 300: return response.body
        case .success(let response)?: throw .failed("\(method) \(path) gave \(response.status)")
        case .failure(let error)?: throw .failed(error.message)
        case nil: throw .late("the answer to \(method) \(path)")
        }
    }

    static func authorization(_ password: String) -> HTTPHeader {
        HTTPHeader("Authorization", "Basic " + base64(Array("opencode:\(password)".utf8)))
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 { text.append(index <= group.count ? alphabet[word >> (18 - 6 * index) & 63] : UInt8(ascii: "=")) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Ends the daemon and every server, and removes all files. What does not end by itself is killed: it is all ours.
    func end() {
        _ = try? drover("daemon", "stop")
        for process in ProcessFacts.processes(withEnvironment: "XDG_STATE_HOME=\(root)/state") where process.pid != getpid() { kill(process.pid, SIGKILL) }
        try? Files.removeTree(root)
    }
}
