import Domain
import Glibc
import Sys
import Wire

extension World {
    /// The one we are in.
    static func real(environment: [String: String], version: String) -> World {
        // A reader of ours that goes away is told by write, and the daemon's end by its socket.
        Signals.ignorePipes()
        let directories = Directories(environment: { environment[$0] })
        let outputIsTerminal = TerminalFacts.isTerminal(1)
        var world = World(
            environment: environment, directory: currentDirectory(), directories: directories, outputIsTerminal: outputIsTerminal,
            inputIsTerminal: TerminalFacts.isTerminal(0), columns: outputIsTerminal ? TerminalFacts.columns(1) : 0, write: writeOutput,
            writeError: { try? Descriptor.writeAll(2, $0) }, readInput: readInput,
            readLine: { Swift.readLine() },
            now: { Timestamp(milliseconds: Clock.wallMilliseconds()) }, monotonic: Clock.monotonicMilliseconds,
            random: { Random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) } },
            zoneMinutes: { Clock.localTime($0.milliseconds).offsetMinutes },
            connect: { (client, starting) throws(Refusal) in
                try DaemonStart(
                    directories: directories, hello: Hello(version: version, client: client),
                    onWelcome: { welcome in
                        tellOfOtherVersion(welcome, version: version)
                    }
                ).connect(starting: starting)
            }, execute: execute, realDirectory: realDirectory, isExecutable: { findExecutable($0) != nil })
        world.beside = { arguments in
            startThread(named: "beside") {
                let parts = CommandLineParts(version: version, dashboard: { _ in 2 }, daemonRun: { _ in 2 }, demo: { _ in 2 }, bench: { _ in 2 })
                _ = CommandLineMain.run(arguments: arguments, environment: environment, parts: parts)
            }
        }
        return world
    }

    /// Understood each other they have, or there would be no welcome; a person should know all the same.
    private static func tellOfOtherVersion(_ welcome: Welcome, version: String) {
        guard welcome.version != version, TerminalFacts.isTerminal(2) else { return }
        let text =
            "drover: the daemon is drover \(Visible.line(welcome.version)), this is \(version); `drover daemon stop` lets the next command start this one\n"
        try? Descriptor.writeAll(2, Array(text.utf8))
    }

    /// Empty when it is gone or cannot be said in UTF-8.
    private static func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(validatingCString: path) ?? ""
    }

    private static func writeOutput(_ bytes: [UInt8]) throws(Refusal) -> Bool {
        do throws(SysError) {
            try Descriptor.writeAll(1, bytes)
            return true
        } catch {
            if error.code == EPIPE { return false }
            throw Refusal(.failed, "the output cannot be written: \(error.message)")
        }
    }

    private static func readInput(_ limit: Int) throws(Refusal) -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(SysError) {
            while bytes.count <= limit {
                switch try Descriptor.read(0, appendingTo: &bytes) {
                case .end: return bytes
                case .bytes: continue
                case .wouldBlock:
                    // Somebody before us made the terminal non-blocking.
                    var ready = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
                    poll(&ready, 1, -1)
                }
            }
        } catch {
            throw Refusal(.failed, "standard input cannot be read: \(error.message)")
        }
        throw Refusal(.usage, "standard input is longer than \(limit >> 20) MB")
    }

    private static func realDirectory(_ path: String) throws(Refusal) -> String {
        let real: String
        do throws(SysError) {
            real = try Files.realPath(path)
        } catch {
            throw Refusal(error.isMissing ? .notFound : .failed, "the directory \(path) cannot be used: \(error.message)")
        }
        guard Files.isDirectory(real) else { throw Refusal(.usage, "\(path) is no directory") }
        guard !real.unicodeScalars.contains("\u{FFFD}") else {
            throw Refusal(.refused, "the path of \(path) is not UTF-8, so that no program can be told of it", remedy: "rename the directory")
        }
        return real
    }

    private static func execute(_ program: String, _ arguments: [String], _ environment: [String: String]) -> Refusal {
        // What is ignored stays so over exec.
        signal(SIGPIPE, SIG_DFL)
        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0.key + "=" + $0.value) } + [nil]
        execve(program, &argv, &envp)
        return Refusal(.failed, "\(program) cannot be run: \(String(cString: strerror(errno)))")
    }
}
