import Foundation
import JSON
import Synchronization
import Sys
import Testing

/// What a program prints, one JSON object a line, with somebody who waits for a line.
final class Lines: Sendable {
    private struct State {
        var rest: [UInt8] = []
        var lines: [JSONTree] = []
        var isOver = false
        var waiting: [Int: (isThere: @Sendable ([JSONTree]) -> Bool, go: CheckedContinuation<Bool, Never>)] = [:]
        var next = 0
    }
    private let state = Mutex(State())

    var all: [JSONTree] { state.withLock { $0.lines } }

    func feed(_ bytes: [UInt8]) {
        state.withLock { state in
            state.rest += bytes
            while let end = state.rest.firstIndex(of: 10) {
                if let line = try? JSONTree(parsing: Array(state.rest[..<end])) { state.lines.append(line) }
                state.rest.removeSubrange(...end)
            }
            wake(&state)
        }
    }

    func finish() {
        state.withLock { state in
            state.isOver = true
            wake(&state)
        }
    }

    private func wake(_ state: inout State) {
        for (number, waiter) in state.waiting where state.isOver || waiter.isThere(state.lines) {
            state.waiting[number] = nil
            waiter.go.resume(returning: waiter.isThere(state.lines))
        }
    }

    func until(_ what: String, within limit: Duration = Sandbox.patience, _ isThere: @escaping @Sendable ([JSONTree]) -> Bool) async throws {
        let isFound = await withCheckedContinuation { go in
            let number: Int? = state.withLock { state in
                if state.isOver || isThere(state.lines) {
                    go.resume(returning: isThere(state.lines))
                    return nil
                }
                state.next += 1
                state.waiting[state.next] = (isThere, go)
                return state.next
            }
            guard let number else { return }
            Task {
                try? await Task.sleep(for: limit)
                state.withLock { $0.waiting.removeValue(forKey: number)?.go.resume(returning: false) }
            }
        }
        guard isFound else {
            let last = all.suffix(12).map { String(decoding: $0.serialized(), as: UTF8.self) }.joined(separator: "\n")
            throw Sandbox.Failure("not seen: \(what); the last lines were\n\(last)")
        }
    }

    func first<Value: Sendable>(
        _ what: String, within limit: Duration = Sandbox.patience, _ value: @escaping @Sendable (JSONTree) -> Value?
    ) async throws -> Value {
        try await until(what, within: limit) { $0.contains { value($0) != nil } }
        guard let found = all.lazy.compactMap(value).first else { throw Sandbox.Failure(what) }
        return found
    }
}

/// `drover watch --json`: the second client, and what tests wait on.
final class Watch: Sendable {
    private let lines = Lines()
    private let runner: CommandRunner
    private let id: CommandRunner.ID

    init(_ box: Sandbox) {
        runner = box.runner
        let lines = lines, copy = box.root + "/watch.jsonl"
        id = runner.start(
            Command(box.program, ["watch", "--json", "--initial"], environment: box.entries, directory: box.root),
            output: { bytes, isError in
                if !isError { lines.feed(bytes) }
                if let file = fopen(copy, "a") {  // for a person who looks at a test that failed
                    fwrite(bytes, 1, bytes.count, file)
                    fclose(file)
                }
            }, done: { _ in lines.finish() })
    }

    deinit { runner.cancel(id) }

    func stop() { runner.cancel(id) }

    var all: [JSONTree] { lines.all }

    /// The first line that is as wanted, whoever it is about.
    func first(_ isSo: @escaping @Sendable (JSONTree) -> Bool) async throws -> JSONTree { try await lines.first("a line") { isSo($0) ? .some($0) : .none } }

    /// The lines about one agent.
    func of(_ agent: String) -> [JSONTree] { all.filter { $0["agent"]?.string == agent } }

    /// Until a line about the agent is as wanted; that line.
    @discardableResult
    func until(
        _ agent: String, _ what: String, within limit: Duration = Sandbox.patience, _ isSo: @escaping @Sendable (JSONTree) -> Bool
    ) async throws -> JSONTree {
        try await lines.first("\(agent): \(what)", within: limit) { line in
            line["agent"]?.string == agent && isSo(line) ? .some(line) : .none  // a bare nil would be JSON's null
        }
    }

    @discardableResult
    func until(_ agent: String, status: String, within limit: Duration = Sandbox.patience) async throws -> JSONTree {
        try await until(agent, status, within: limit) { $0["status"]?.string == status }
    }
}
