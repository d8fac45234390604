import HTTP
import JSON
import Synchronization

@testable import StandIn

extension HTTPClient {
    func answer(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> {
        await withCheckedContinuation { continuation in
            send(request) { continuation.resume(returning: $0) }
        }
    }

    /// Whole body of a stream.
    func stream(_ request: HTTPRequest) async -> (text: String, error: HTTPError?) {
        let body = Mutex<[UInt8]>([])
        return await withCheckedContinuation { continuation in
            stream(request) { signal in
                switch signal {
                case .opened: break
                case .bytes(let bytes): body.withLock { $0 += Array(bytes) }
                case .closed(let error): continuation.resume(returning: (String(decoding: body.withLock { $0 }, as: UTF8.self), error))
                }
            }
        }
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONTree { (try? JSONTree(parsing: body)) ?? .null }
}

extension JSONTree {
    /// `tree.at("properties", "info", 0, "id")`.
    func at(_ path: any Sendable...) -> JSONTree {
        path.reduce(self) { tree, step in
            if let key = step as? String { return tree[key] ?? .null }
            if let index = step as? Int, let array = tree.array, array.indices.contains(index) { return array[index] }
            return .null
        }
    }
}
