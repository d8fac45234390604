package import Domain
import JSON

/// What a client may ask.
package enum ClientRequest: Equatable, Sendable {
    case hello(Hello)
    /// The whole herd, once.
    case snapshot
    /// The agents that a query means, as `drover ls --json` prints them.
    case list(query: String)
    /// The whole herd now and every change from now on.
    case subscribe(Rate)
    case status
    case why(AgentID)
    case order(ClientOrder)
}

/// One line from a client.
package enum ClientMessage: Equatable, Sendable {
    /// `id` comes back with the reply.
    case request(id: Int, ClientRequest)

    /// One line, its end included.
    package func encoded() -> [UInt8] {
        switch self {
        case .request(let id, let request):
            var writer = JSONWriter()
            writer.object {
                $0.field("jsonrpc", "2.0")
                $0.field("id", id)
                $0.field("method", request.method.rawValue)
                $0.object("params") { request.writeParameters(to: &$0) }
            }
            return writer.bytes + [UInt8(ascii: "\n")]
        }
    }
}

extension ClientRequest {
    package var method: Method {
        switch self {
        case .hello: .hello
        case .snapshot: .snapshot
        case .list: .list
        case .subscribe: .subscribe
        case .status: .status
        case .why: .why
        case .order(let order): order.method
        }
    }

    func writeParameters(to writer: inout JSONWriter) {
        switch self {
        case .hello(let hello):
            writer.field("version", hello.version)
            writer.field("protocol", hello.protocolVersion)
            writer.field("client", hello.client.rawValue)
        case .snapshot, .status: break
        case .list(let query): writer.field("query", query)
        case .subscribe(let rate): writer.field("rate", rate.rawValue)
        case .why(let agent): writer.field("agent", agent)
        case .order(let order): order.writeParameters(to: &writer)
        }
    }

    /// Nil when a parameter that must be there is missing or of another kind.
    init?(_ method: Method, parameters: JSONValue) {
        switch method {
        case .hello:
            guard let version = parameters.int("protocol") else { return nil }
            self = .hello(
                Hello(version: parameters.text("version") ?? "?", protocolVersion: version, client: parameters.word("client") ?? .other))
        case .snapshot: self = .snapshot
        case .list: self = .list(query: parameters.text("query") ?? "")
        case .subscribe: self = .subscribe(parameters.word("rate") ?? .fast)
        case .status: self = .status
        case .why:
            guard let agent: AgentID = parameters.id("agent") else { return nil }
            self = .why(agent)
        default:
            guard let order = ClientOrder(method, parameters: parameters) else { return nil }
            self = .order(order)
        }
    }
}
