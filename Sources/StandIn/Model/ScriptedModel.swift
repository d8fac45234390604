import JSON
import Sys

/// An OpenAI-compatible model server that is scripted by the prompt itself. Keeps no conversation: it may be restarted at
/// any time. Only `times N` of `[[error]]` and `[[cut]]` counts attempts, in memory.
package final class ScriptedModel {
    let options: ModelOptions
    let reactor: Reactor
    private let parser = JSONParser()
    private var attempts: [String: Int] = [:]

    package init(_ options: ModelOptions, _ reactor: Reactor) {
        self.options = options
        self.reactor = reactor
    }

    /// Its server; the model lives as long as that.
    package static func listen(_ options: ModelOptions, _ reactor: Reactor) throws(StandInError) -> StandInServer {
        let model = ScriptedModel(options, reactor)
        return try StandInServer(reactor, host: options.host, port: options.port) { model.answer($0) }
    }

    /// The program: returns its exit code.
    package static func main(_ arguments: [String]) -> Int32 {
        switch ModelOptions.read(Array(arguments.dropFirst())) {
        case .help:
            output(ModelOptions.help)
            return 0
        case .wrong(let problem):
            output("scripted-model: error: \(problem)\n", to: 2)
            return 2
        case .options(let options):
            let reactor = Reactor()
            do throws(StandInError) {
                let server = try listen(options, reactor)
                output("{\"url\": \"http://\(options.host):\(server.port)/v1\"}\n")
                reactor.run()
                return 0
            } catch {
                output("scripted-model: error: \(error.message)\n", to: 2)
                return 1
            }
        }
    }

    private func answer(_ exchange: Exchange) {
        let request = exchange.request
        let body = request.method == "POST" ? try? JSONTree(parser.parse(request.body.isEmpty ? Array("{}".utf8) : request.body)) : nil
        if request.method == "POST", body == nil { return fail(exchange, 400, "the body is not JSON") }
        record(exchange, body: body)
        if let key = options.key, request.header("authorization") != "Bearer " + key {
            return fail(exchange, 401, "Incorrect API key provided")
        }
        var path = request.path
        while path.hasSuffix("/") { path.removeLast() }
        if request.method == "POST", request.path.hasSuffix("/chat/completions"), let body {
            ModelAnswer(ModelRequest(body, raw: request.body), exchange, self).start()
        } else if request.method == "GET", path.hasSuffix("/models") {
            exchange.respond(200, type: "application/json", body: modelList())
        } else {
            fail(exchange, 404, "no such route")
        }
    }

    private func modelList() -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.field("object", "list")
            $0.array("data") {
                for name in options.models {
                    $0.object {
                        $0.field("id", name)
                        $0.field("object", "model")
                        $0.field("created", 0)
                        $0.field("owned_by", "scripted")
                    }
                }
            }
        }
        return writer.bytes
    }

    func fail(_ exchange: Exchange, _ status: Int, _ message: String, headers: [(String, String)] = []) {
        let kind = [401: "authentication_error", 429: "rate_limit_error"][status] ?? (status < 500 ? "invalid_request_error" : "server_error")
        let body: JSONTree = ["error": ["message": .string(message), "type": .string(kind), "code": .string(kind)]]
        exchange.respond(status, type: "application/json", headers: headers, body: body.serialized())
    }

    /// Whether a failure is to happen: always, or with `times N` for the first N attempts of this request.
    func isDue(_ digest: String, _ argument: String) -> Bool {
        attempts[digest, default: 0] += 1
        guard let times = Self.number(after: "times ", in: argument) else { return true }
        return attempts[digest, default: 0] <= Int(times)
    }

    /// The number that follows a word in an argument.
    static func number(after word: String, in argument: String) -> Double? {
        guard let place = argument.firstRange(of: word) else { return nil }
        let rest = argument[place.upperBound...]
        return rest.first?.isASCII == true && rest.first?.isNumber == true ? Directive.numbers(in: String(rest)).first : nil
    }

    func record(_ exchange: Exchange, body: JSONTree? = nil, note: String? = nil) {
        guard let path = options.log else { return }
        var writer = JSONWriter()
        writer.object {
            $0.field("time", Double(Clock.wallMilliseconds()) / 1000)
            $0.field("method", exchange.request.method)
            $0.field("path", exchange.request.target)
            if let body { $0.field("body", body) }
            $0.fieldIfPresent("note", note)
        }
        try? Files.appendLine(path, writer.text)
    }
}

/// Writes all of a text to a descriptor; errors are nobody's concern here.
func output(_ text: String, to descriptor: Int32 = 1) {
    try? Descriptor.writeAll(descriptor, Array(text.utf8))
}
