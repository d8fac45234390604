import Glibc
import Sys

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

    deinit { try? Files.removeTree(path) }

    func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// Waits in a thread of its own, so that no thread of the tasks' pool is blocked. False after 100 s: with two cores the pool may be busy for half of that.
func becomesReadable(_ descriptor: Int32) async -> Bool {
    await withCheckedContinuation { continuation in
        startThread(named: "test-wait") {
            let poller = Poller()
            try? poller.add(descriptor, token: 1)
            let ready = poller.wait(untilMonotonicMs: Clock.monotonicMilliseconds() + 100_000)
            continuation.resume(returning: !ready.isEmpty)
        }
    }
}

/// Waits for the end of a process that another may have started.
func ends(_ process: ProcessFacts.Process) async -> Bool {
    guard let watch = ChildWatch.adopt(pid: process.pid, startTime: process.startTime) else { return true }
    return await becomesReadable(watch.descriptor)
}

let runner = CommandRunner()

func shell(_ script: String, _ change: (inout Command) -> Void = { _ in }) -> Command {
    var command = Command("/bin/sh", ["-c", script])
    change(&command)
    return command
}

/// For what no descriptor tells: asks again, other tasks in between, until it is so or 10 s are over.
func eventually(_ condition: () -> Bool) async {
    let end = Clock.monotonicMilliseconds() + 10_000
    while !condition(), Clock.monotonicMilliseconds() < end { await Task.yield() }
}
