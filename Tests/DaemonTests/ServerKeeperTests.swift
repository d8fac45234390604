import Config
import Domain
import Engine
import HTTP
import Sys
import Testing

@testable import Daemon

@Suite struct ServerKeeperTests {
    /// A keeper whose servers are a script, and its events.
    private final class Bench: Sendable {
        let root: String
        let keeper: ServerKeeper
        private let mailbox = CoreMailbox()

        init(_ script: String, limit: Span = .seconds(60)) throws {
            root = try Files.realPath(Files.makeTemporaryDirectory("/tmp/drover-keeper-"))
            try Files.writeAtomically(root + "/opencode", Array("#!/bin/sh\n\(script)\n".utf8), mode: 0o755)
            var settings = Settings()
            settings.openCodeCommand = [root + "/opencode"]
            settings.startTimeout = limit
            keeper = ServerKeeper(
                files: ServerFiles(directory: root + "/servers"), environment: ["PATH=/usr/bin:/bin", "HOME=\(root)", "ROOT=\(root)"], settings: settings,
                http: HTTPClient(), core: mailbox)
        }

        deinit { try? Files.removeTree(root) }

        /// Why each of so many starts came to nothing.
        func failures(_ count: Int) async -> [(id: ServerID, why: String, isFinal: Bool)] {
            await withCheckedContinuation { continuation in
                let mailbox = mailbox
                startThread(named: "wait") {
                    let poller = Poller()
                    guard (try? poller.add(mailbox.descriptor, token: 0)) != nil else { preconditionFailure("the mailbox cannot be watched") }
                    var found: [(id: ServerID, why: String, isFinal: Bool)] = []
                    while found.count < count {
                        _ = poller.wait(untilMonotonicMs: nil)
                        for case .event(.serverFailed(let id, _, let why, _, let isFinal)) in mailbox.drain() { found.append((id, why, isFinal)) }
                    }
                    continuation.resume(returning: found)
                }
            }
        }

        func spawn(_ id: String, generation: Int = 1) { keeper.post(.spawn(ServerID(id), generation: generation, projectPath: root)) }
    }

    /// Several that bring a database up to date at once fail: the first is alone until it is ready or has failed.
    @Test func untilOneServerWasReadyTheyStartOneAfterTheOther() async throws {
        let bench = try Bench("echo begin >> $ROOT/order; sleep 0.2; echo end >> $ROOT/order; echo database is locked; exit 1")
        bench.keeper.post(["a", "b", "c"].map { .spawn(ServerID($0), generation: 1, projectPath: bench.root) })
        let failures = await bench.failures(3)
        #expect(failures.map(\.id.raw) == ["a", "b", "c"])
        #expect(failures.allSatisfy { $0.why.contains("database is locked") && !$0.isFinal })
        #expect(try Files.readText(bench.root + "/order") == String(repeating: "begin\nend\n", count: 3))
    }

    @Test func whoIsStoppedWhileItWaitsIsNotStarted() async throws {
        let bench = try Bench("echo $$ >> $ROOT/order; sleep 0.2; exit 1")
        bench.keeper.post([.spawn(ServerID("a"), generation: 1, projectPath: bench.root), .spawn(ServerID("b"), generation: 1, projectPath: bench.root)])
        bench.keeper.post(.stop(ServerID("b"), generation: 1))
        bench.spawn("c")
        #expect(await bench.failures(2).map(\.id.raw) == ["a", "c"])
        #expect(try Files.readText(bench.root + "/order").split(separator: "\n").count == 2)
    }

    /// It says nothing decisive for too long: it is ended, and what it said is told; the next order tries again, and who waits is started.
    @Test func aStartThatTakesTooLongIsEndedAndSaid() async throws {
        let bench = try Bench("echo $$ >> $ROOT/pids; echo migrating the database; exec sleep 100", limit: .milliseconds(300))
        bench.spawn("a")
        bench.spawn("b")
        for failure in await bench.failures(2) { #expect(failure.why.contains("migrating the database") && failure.isFinal) }
        let pids = try Files.readText(bench.root + "/pids").split(separator: "\n").compactMap { Int32($0) }
        #expect(pids.count == 2)
        for pid in pids { #expect(ProcessFacts.process(pid)?.isZombie ?? true) }
    }
}
