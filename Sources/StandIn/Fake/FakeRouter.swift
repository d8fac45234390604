import JSON
import Sys

/// One request on its way through the routes.
struct FakeCall {
    let server: FakeServer
    let exchange: Exchange
    /// What stood in the places of `:name`s.
    let values: [String]
    /// The directory it is about: `?directory=`, the header, or the server's own.
    let directory: String

    var request: StandInRequest { exchange.request }
    /// The body as JSON; an empty body is `{}`, nil is no JSON.
    var body: JSONTree? { request.body.isEmpty ? [:] : try? JSONTree(parsing: request.body) }
}

enum FakeAnswer {
    case json(JSONTree, status: Int = 200, headers: [(String, String)] = [])
    case text(String, type: String)
    case nothing
    /// The handler answers, or has, or never will.
    case later

    static let notFound = FakeAnswer.json(["name": "NotFoundError", "data": ["message": "Not found"]], status: 404)
    static let broken = FakeAnswer.json(
        [
            "name": "UnknownError", "data": ["message": "Unexpected server error. Check server logs for details.", "ref": "err_00000000"],
        ], status: 500)

    static func notFound(session id: String) -> FakeAnswer {
        .json(["name": "NotFoundError", "data": ["message": .string("Session not found: \(id)")]], status: 404)
    }

    static func wrong(_ message: String) -> FakeAnswer {
        .json(["name": "BadRequest", "data": ["message": .string(message), "kind": "Payload"]], status: 400)
    }

    static func busy(_ session: FakeSession) -> FakeAnswer {
        .json(
            [
                "_tag": "SessionBusyError", "sessionID": .string(session.id), "message": .string("Session is busy: \(session.id)"),
            ], status: 409)
    }
}

/// A route is a row: method, path, what is done.
struct FakeRoute: Sendable {
    let method: String
    let path: [Substring]
    /// Whether it belongs to a directory: a broken configuration shows there, and the instance is made.
    let isScoped: Bool
    let handle: @Sendable (FakeCall) -> FakeAnswer

    init(_ method: String, _ path: StaticString, scoped: Bool = true, _ handle: @escaping @Sendable (FakeCall) -> FakeAnswer) {
        self.method = method
        self.path = "\(path)".split(separator: "/")
        isScoped = scoped
        self.handle = handle
    }

    /// The values of the `:name`s, if the path is this one.
    func values(_ parts: [Substring]) -> [String]? {
        guard parts.count == path.count else { return nil }
        var values: [String] = []
        for (part, wanted) in zip(parts, path) {
            if wanted.hasPrefix(":") { values.append(String(part)) } else if part != wanted { return nil }
        }
        return values
    }
}

/// Takes requests: password, faults, routes.
final class FakeRouter {
    let server: FakeServer
    private let password: String?
    /// Requests before that are accepted and never answered, as measured.
    var isReady = true
    private let routes = FakeRoutes.all

    init(_ server: FakeServer) {
        self.server = server
        password = server.options.password.map { Encoding.base64(Array("\(server.options.username):\($0)".utf8)) }
    }

    func take(_ exchange: Exchange) {
        guard isReady else { return }
        guard isAllowed(exchange.request) else {
            return exchange.respond(401, headers: [("www-authenticate", "Basic realm=\"Secure Area\"")])
        }
        if exchange.request.path == "/__fault" { return takeFault(exchange) }
        let faults = server.events.faults
        if faults.hang { return }
        if let ms = faults.dripMs { exchange.drip(everyMs: ms) }
        if faults.delayMs > 0 {
            server.reactor.after(ms: faults.delayMs) { [self] in route(exchange) }
        } else {
            route(exchange)
        }
    }

    private func isAllowed(_ request: StandInRequest) -> Bool {
        guard let password else { return true }
        return request.header("authorization") == "Basic " + password || request.query("auth_token") == password
    }

    private func route(_ exchange: Exchange) {
        let request = exchange.request
        let parts = request.path.split(separator: "/")
        for route in routes where route.method == request.method {
            guard let values = route.values(parts) else { continue }
            let directory = request.query("directory") ?? request.header("x-opencode-directory").map { RequestParser.decoded(Substring($0)) }
            let call = FakeCall(server: server, exchange: exchange, values: values, directory: directory ?? server.options.directory)
            if route.isScoped {
                if let problem = server.config.problem { return answer(exchange, Self.broken(problem)) }
                server.visit(call.directory)
            }
            return answer(exchange, lied(request) ?? route.handle(call))
        }
        answer(exchange, .text(Self.page, type: "text/html"))
    }

    private static func broken(_ problem: String) -> FakeAnswer {
        .json(["name": "ConfigJsonError", "data": ["path": "OPENCODE_CONFIG_CONTENT", "message": .string(problem)]], status: 400)
    }

    private func lied(_ request: StandInRequest) -> FakeAnswer? {
        switch server.events.faults.lie {
        case nil: nil
        case .errors?: request.path == "/global/health" ? nil : .broken
        case .html?: .text(Self.page, type: "text/html")
        case .broken?: .text("{\"healthy\":tru", type: "application/json")
        }
    }

    private func answer(_ exchange: Exchange, _ answer: FakeAnswer) {
        switch answer {
        case .json(let tree, let status, let headers):
            exchange.respond(status, type: "application/json", headers: headers, body: tree.serialized())
        case .text(let text, let type): exchange.respond(200, type: type, body: Array(text.utf8))
        case .nothing: exchange.respond(204)
        case .later: break
        }
    }

    static let page = "<!doctype html>\n<html lang=\"en\">\n  <head>\n    <title>OpenCode</title>\n  </head>\n  <body></body>\n</html>\n"

    // MARK: faults

    private func takeFault(_ exchange: Exchange) {
        guard let wish = try? JSONTree(parsing: exchange.request.body) else { return answer(exchange, .wrong("a fault is a JSON object")) }
        answer(exchange, .json(true))
        apply(wish)
    }

    func apply(_ wish: JSONTree) {
        for act in server.events.faults.take(wish) { perform(act) }
    }

    private func perform(_ act: FakeFaults.Act) {
        let directory = server.options.directory
        switch act {
        case .crash: server.reactor.later { [server] in server.events.crash() }
        case .cutStreams: server.events.end(directory: nil)
        case .cutFrame: server.events.cutInsideFrame()
        case .bigLine(let bytes):
            server.emit("fake.big", directory: directory, ["filler": .string(String(repeating: "x", count: bytes))])
        case .unknownEvents(let count):
            for number in 0..<count { server.emit("fake.unknown.\(number)", directory: directory, ["anything": [1, nil, ["deep": true]]]) }
        case .brokenFrames(let count):
            for _ in 0..<count { server.events.sendRaw(Array("data: {\"id\":\"evt_broken\",\"type\":\"session.sta\n\n".utf8)) }
        case .burst(let burst): FakeBurst(server, burst).start()
        }
    }
}
