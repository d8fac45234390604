import Glibc
import Sys

/// Runs programs to their end and waits for them; the bench has one thread and nothing else to do.
final class Running {
    private let runner = CommandRunner()

    /// Milliseconds from the start to the end, and what it said. Throws when it fails.
    @discardableResult
    func run(
        _ program: String, _ arguments: [String], environment: [String], directory: String? = nil, input: String = "", timeoutMs: Int64 = 30_000
    ) throws(BenchError) -> (ms: Double, output: [UInt8]) {
        let box = Mailbox<(CommandRunner.Outcome, UInt64)>()
        let start = Clock.monotonicNanoseconds()
        runner.start(Command(program, arguments, environment: environment, directory: directory, input: Array(input.utf8), timeoutMs: timeoutMs)) {
            box.post(($0, Clock.monotonicNanoseconds()))
        }
        guard let (outcome, end) = box.wait(ms: Int32(timeoutMs) + 5000) else { throw .late("the end of \(program)") }
        switch outcome {
        case .failure(let error): throw .system(error)
        case .success(let result) where !result.status.isSuccess:
            throw .failed("\(program) \(arguments.joined(separator: " ")) failed: \(result.errorText.prefix(300))")
        case .success(let result): return (Double(end - start) / 1e6, result.output)
        }
    }
}

extension Mailbox {
    /// The first of what comes; nil when nothing did.
    func wait(ms: Int32) -> Element? {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let end = Clock.monotonicMilliseconds() + Int64(ms)
        while true {
            if let first = drain().first { return first }
            let left = end - Clock.monotonicMilliseconds()
            guard left > 0, poll(&ready, 1, Int32(left)) >= 0 else { return nil }
        }
    }
}

/// Sleeps; only for windows in which something is watched.
func pass(ms: Int32) { poll(nil, 0, ms) }
