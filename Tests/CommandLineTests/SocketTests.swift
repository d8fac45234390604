import Domain
import Foundation
import Sys
import Testing
import Wire

@testable import CommandLine

/// A daemon of a few lines at the end of a real socket.
private final class StubDaemon {
    let path: String
    private let task: Thread

    /// `answer` gets each request and gives the lines to send; an empty list and nil ends the connection.
    init(at path: String, answer: @escaping @Sendable (Int, ClientRequest) -> [DaemonMessage]?) throws {
        self.path = path
        let listener = try UnixSocket.listen(at: path).release()
        task = Thread {
            let listener = Descriptor(owning: listener)
            while !Thread.current.isCancelled {
                var ready = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
                guard poll(&ready, 1, 50) > 0, let client = try? UnixSocket.accept(listener) else { continue }
                // One that is kept open must not keep the next one waiting.
                let number = client.release()
                Thread.detachNewThread { Self.serve(Descriptor(owning: number), answer) }
            }
        }
        task.start()
    }

    deinit { task.cancel() }

    private static func serve(_ client: consuming Descriptor, _ answer: (Int, ClientRequest) -> [DaemonMessage]?) {
        var splitter = LineSplitter()
        let decoder = WireDecoder()
        while !Thread.current.isCancelled {
            var ready = pollfd(fd: client.number, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 50) > 0 else { continue }
            var bytes: [UInt8] = []
            guard case .bytes? = try? client.read(appendingTo: &bytes) else { return }
            for case .line(let line) in splitter.feed(bytes) {
                guard case .request(let id, let request)? = try? decoder.clientMessage(line), let said = answer(id, request) else { return }
                for message in said { try? Descriptor.writeAll(client.number, message.encoded()) }
            }
        }
    }
}

@Suite struct Sockets {
    private let directory: String
    private let directories: Directories

    init() throws {
        directory = try Files.makeTemporaryDirectory("/tmp/drover-cli-")
        directories = Directories(
            config: directory + "/config", data: directory + "/data", state: directory + "/state", cache: directory + "/cache", runtime: directory + "/run")
        try directories.prepare()
        Signals.ignorePipes()
    }

    private func start(_ command: [String] = ["/bin/false"], version: Int = WireProtocol.version) -> DaemonStart {
        DaemonStart(directories: directories, hello: Hello(version: "0.1.0", protocolVersion: version, client: .cli), command: command)
    }

    @Sendable private static func plain(_ id: Int, _ request: ClientRequest) -> [DaemonMessage]? {
        switch request {
        case .hello(let hello):
            if let refusal = hello.refusal(daemon: "9.9.9") { return [.reply(id: id, .failure(refusal))] }
            return [.reply(id: id, .success(.welcome(Welcome(pid: 1, version: "9.9.9"))))]
        case .snapshot: return [.herd(HerdChange()), .reply(id: id, .success(.herd(Herd())))]
        case .status: return []
        case .why: return nil
        default: return [.reply(id: id, .success(.client(.done)))]
        }
    }

    @Test func requestsAreAnsweredAndNotificationsKept() throws {
        let daemon = try StubDaemon(at: directories.socket, answer: Self.plain)
        let connection = try start().connect(starting: false)
        #expect(try connection.herd() == Herd())
        #expect(connection.daemonVersion == "9.9.9")
        #expect(try connection.next(untilMs: 0) == .herd(HerdChange()))
        #expect(try connection.next(untilMs: 0) == nil)
        #expect(try connection.order(.undo) == .done)
        withExtendedLifetime(daemon) {}
    }

    @Test func aPromptOfAMegabyteGoesThrough() throws {
        let text = String(repeating: "ü", count: 1 << 19)
        let daemon = try StubDaemon(at: directories.socket) { id, request in
            if case .order(.send(_, let sent, _, _)) = request { return [.reply(id: id, .success(.client(.words("\(sent.utf8.count)"))))] }
            return Self.plain(id, request)
        }
        let connection = try start().connect(starting: false)
        #expect(try connection.order(.send(AgentID("a"), text: text, model: nil, mode: nil)) == .words("1048576"))
        withExtendedLifetime(daemon) {}
    }

    @Test func silenceAndTheEndAreTold() throws {
        let daemon = try StubDaemon(at: directories.socket, answer: Self.plain)
        let silent = try start().connect(starting: false)
        #expect(throws: Refusal.self) { try silent.call(.status, timeoutMs: 30) }
        let ended = try start().connect(starting: false)
        #expect { try ended.call(.why(AgentID("a")), timeoutMs: 5000) } throws: { ($0 as? Refusal)?.reason == .unreachable }
        withExtendedLifetime(daemon) {}
    }

    @Test func theDaemonsLastWordIsKept() throws {
        let daemon = try StubDaemon(at: directories.socket) { id, request in
            if case .why = request { return nil }
            return request == .status ? [.bye(.stopped)] : Self.plain(id, request)
        }
        let connection = try start().connect(starting: false)
        #expect(throws: Refusal.self) { try connection.call(.status, timeoutMs: 30) }
        #expect(connection.farewell == .stopped && !connection.isLost)
        #expect { try connection.call(.why(AgentID("a")), timeoutMs: 5000) } throws: { ($0 as? Refusal)?.message == "the daemon was stopped" }
        #expect(connection.isLost && connection.wasTold)
        withExtendedLifetime(daemon) {}
    }

    @Test func anOldDaemonThatIsAboutToEndIsFollowedByANewOne() throws {
        // Ends well three times, as a daemon does that finds the lock taken; then somebody listens.
        let script = "n=$(cat \(directory)/n 2>/dev/null || echo 0); echo $((n + 1)) > \(directory)/n; exit 0"
        let count = directory + "/n"
        let path = directories.socket
        let late = Thread {
            while (try? String(contentsOfFile: count, encoding: .utf8)) != "3\n" { poll(nil, 0, 5) }
            guard let daemon = try? StubDaemon(at: path, answer: Self.plain) else { return }
            while !Thread.current.isCancelled { poll(nil, 0, 20) }
            withExtendedLifetime(daemon) {}
        }
        late.start()
        defer { late.cancel() }
        #expect(try start(["/bin/sh", "-c", script]).connect(starting: true).herd() == Herd())
    }

    @Test func aDaemonOfAnotherProtocolIsToldAndCanBeStopped() throws {
        let daemon = try StubDaemon(at: directories.socket, answer: Self.plain)
        let connection = try start(version: 99).connect(starting: false)
        #expect { try connection.herd() } throws: { error in
            guard let refusal = error as? Refusal else { return false }
            return refusal.reason == .refused && refusal.message.contains("9.9.9") && refusal.remedy.contains("drover daemon stop")
        }
        #expect(try start(version: 99).connect(starting: false).order(.shutdown) == .done)
        withExtendedLifetime(daemon) {}
    }

    @Test func noDaemonAndADaemonThatDoesNotStart() throws {
        #expect(throws: Refusal(.unreachable, "no daemon is running", remedy: "`drover daemon start` starts it, and so does every command that needs it")) {
            try start().connect(starting: false)
        }
        #expect { try start(["/bin/sh", "-c", "echo the database is a teapot; exit 3"]).connect(starting: true) } throws: { error in
            (error as? Refusal)?.message == "the daemon does not start: it ended at once (exit code 3): the database is a teapot"
        }
        #expect { try start(["/none/drover"]).connect(starting: true) } throws: { ($0 as? Refusal)?.message.contains("/none/drover") == true }
    }

    @Test func theDaemonIsStartedAndWaitedFor() throws {
        // Stands for a daemon that is slow to listen: the stub appears when the child has run.
        let mark = directory + "/started"
        let path = directories.socket
        let late = Thread {
            while !Files.exists(mark) { poll(nil, 0, 5) }
            guard let daemon = try? StubDaemon(at: path, answer: Self.plain) else { return }
            while !Thread.current.isCancelled { poll(nil, 0, 20) }
            withExtendedLifetime(daemon) {}
        }
        late.start()
        defer { late.cancel() }
        let connection = try start(["/bin/sh", "-c", "touch \(mark)"]).connect(starting: true)
        #expect(try connection.herd() == Herd())
    }

    @Test func aPathThatIsTooLongIsTold() {
        var far = directories
        far.runtime = directory + String(repeating: "/long", count: 30)
        #expect { try DaemonStart(directories: far, hello: Hello(version: "1", client: .cli)).connect(starting: true) } throws: { error in
            (error as? Refusal)?.message.contains("too long") == true && (error as? Refusal)?.remedy.contains("XDG_RUNTIME_DIR") == true
        }
    }
}
