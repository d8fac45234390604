import Synchronization

@testable import HTTP

extension HTTPClient {
    func answer(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> {
        await withCheckedContinuation { continuation in
            send(request) { continuation.resume(returning: $0) }
        }
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Values from another thread, and a way to wait for them without polling.
final class Seen<Value: Sendable>: Sendable {
    private struct State {
        var values: [Value] = []
        var waiting: [(Int, CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    var all: [Value] { state.withLock { $0.values } }

    func add(_ value: Value) {
        let ready = state.withLock { state in
            state.values.append(value)
            let ready = state.waiting.filter { $0.0 <= state.values.count }
            state.waiting.removeAll { $0.0 <= state.values.count }
            return ready.map(\.1)
        }
        for continuation in ready { continuation.resume() }
    }

    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.values.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

/// What a stream said, added up.
final class StreamLog: Sendable {
    struct State: Equatable, Sendable {
        var opened = 0
        var status = 0
        var type = ""
        var text = ""
        var closed = 0
        var error: HTTPError?
    }
    private struct Waiting {
        var state = State()
        var conditions: [(@Sendable (State) -> Bool, CheckedContinuation<Void, Never>)] = []
    }
    private let inner = Mutex(Waiting())

    var state: State { inner.withLock { $0.state } }

    func take(_ signal: HTTPStreamSignal) {
        let ready = inner.withLock { inner in
            switch signal {
            case .opened(let status, let type):
                inner.state.opened += 1
                (inner.state.status, inner.state.type) = (status, type)
            case .bytes(let bytes): inner.state.text += String(decoding: bytes, as: UTF8.self)
            case .closed(let error):
                inner.state.closed += 1
                inner.state.error = error
            }
            let state = inner.state
            let ready = inner.conditions.filter { $0.0(state) }
            inner.conditions.removeAll { $0.0(state) }
            return ready.map(\.1)
        }
        for continuation in ready { continuation.resume() }
    }

    func wait(until condition: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isSo = inner.withLock { inner in
                if condition(inner.state) { return true }
                inner.conditions.append((condition, continuation))
                return false
            }
            if isSo { continuation.resume() }
        }
    }
}
