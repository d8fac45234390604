import Glibc
import Store
import Sys
import Testing

/// A directory that goes with the test.
final class Scratch: Sendable {
    let path: String

    init() {
        do {
            path = try Files.makeTemporaryDirectory("/tmp/drover-test-")
        } catch {
            fatalError("no scratch directory: \(error.message)")
        }
    }

    deinit {
        // Detached, since a child that another test starts just now can hold a file of it.
        _ = umount2(path + "/disk", Int32(MNT_DETACH))
        try? Files.removeTree(path)
    }

    var database: String { path + "/state/drover.db" }

    /// The names beside the database.
    var names: [String] { (try? Files.names(path + "/state")) ?? [] }
}

extension StoreWorker {
    func ask(_ work: StoreWork) async -> StoreOutcome {
        await withCheckedContinuation { continuation in submit(work) { continuation.resume(returning: $0) } }
    }

    func close() async { await withCheckedContinuation { continuation in close { continuation.resume() } } }
}

func put(_ id: String, _ body: String, durable: Bool = false) -> StoreWork {
    .put(kind: "agent", id: id, body: Array(body.utf8), durable: durable)
}

extension [StoredRecord] {
    var texts: [String] { map { "\($0.id)=\(String(decoding: $0.body, as: UTF8.self))" } }
}

/// Runs a program to its end.
func run(_ program: String, _ arguments: String...) async throws -> CommandResult {
    try await CommandRunner().run(Command(program, arguments))
}
