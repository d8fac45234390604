import Domain
import JSON

/// Reads lines of either side. Holds the parser, whose buffers are used again and again; one thread uses it.
package struct WireDecoder {
    private let parser = JSONParser()

    package init() {}

    /// A line of a client, with or without its end.
    package func clientMessage(_ line: [UInt8]) throws(WireError) -> ClientMessage { try clientMessage(line[...]) }

    package func clientMessage(_ line: ArraySlice<UInt8>) throws(WireError) -> ClientMessage {
        let object = try object(line)
        guard let id = object.int("id") else { throw WireError(.invalidRequest, "a request needs an \"id\" that is a whole number") }
        guard let name = object.text("method") else { throw WireError(.invalidRequest, "a request needs a \"method\"", id: id) }
        guard let method = Method(rawValue: name) else { throw WireError(.methodNotFound, "there is no method \"\(name)\"", id: id) }
        guard let request = ClientRequest(method, parameters: object["params"] ?? object) else {
            throw WireError(.invalidParameters, "a parameter of \"\(name)\" is missing or of the wrong kind", id: id)
        }
        return .request(id: id, request)
    }

    /// A line of the daemon, with or without its end. Nil for a notification of a kind that is not known.
    package func daemonMessage(_ line: [UInt8]) throws(WireError) -> DaemonMessage? { try daemonMessage(line[...]) }

    package func daemonMessage(_ line: ArraySlice<UInt8>) throws(WireError) -> DaemonMessage? {
        if let (id, rows) = AgentRows.find(in: line) { return .reply(id: id, .success(.rows(rows))) }
        let object = try object(line)
        if let name = object.text("method") { return try notification(name, object) }
        let id = object.int("id")
        if let error = object["error"], error.isObject { return .reply(id: id, .failure(Refusal(wire: error))) }
        guard let result = object["result"] else { throw WireError(.invalidRequest, "a reply without a result", id: id) }
        guard let reply = DaemonReply(wire: result) else {
            throw WireError(.invalidRequest, "a reply of unknown kind \"\(result.text("kind") ?? "")\"", id: id)
        }
        return .reply(id: id, .success(reply))
    }

    private func notification(_ name: String, _ object: JSONValue) throws(WireError) -> DaemonMessage? {
        guard let kind = Notification(rawValue: name) else { return nil }
        guard let parameters = object["params"], parameters.isObject else { throw WireError(.invalidParameters, "\"\(name)\" without parameters") }
        switch kind {
        case .herd: return HerdChange(wire: parameters).map { .herd($0) }
        case .snapshot: return Herd(wire: parameters).map { .snapshot($0) }
        case .status: return DaemonStatus(wire: parameters).map { .status($0) }
        case .bye: return .bye(parameters.word("reason") ?? .left)
        case .transcript:
            guard let agent: AgentID = parameters.id("agent") else { throw WireError(.invalidParameters, "\"transcript\" without an agent") }
            return .transcript(agent, parameters.many("changes"))
        }
    }

    private func object(_ line: ArraySlice<UInt8>) throws(WireError) -> JSONValue {
        let value: JSONValue
        do throws(JSONError) {
            value = try parser.parse(line)
        } catch {
            throw WireError(.parse, "the line is not JSON: \(error.message)")
        }
        guard value.isObject else { throw WireError(.invalidRequest, "a line is one JSON object") }
        return value
    }
}
