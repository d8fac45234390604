package import Domain

/// Why a line could not be read. The daemon answers it; a client gives up the connection.
package struct WireError: Error, Equatable, Sendable {
    /// As JSON-RPC 2.0 numbers them.
    package enum Code: Int, Sendable {
        case parse = -32700
        case invalidRequest = -32600
        case methodNotFound = -32601
        case invalidParameters = -32602
    }
    package var code: Code
    package var message: String
    /// The request's number, where it could be read.
    package var id: Int?
    package init(_ code: Code, _ message: String, id: Int? = nil) {
        self.code = code
        self.message = message
        self.id = id
    }

    package var refusal: Refusal { Refusal(.usage, message, remedy: "docs/protocol.md describes what can be asked") }
    /// What the daemon says to the line.
    package var reply: DaemonMessage { .reply(id: id, .failure(refusal)) }
}
