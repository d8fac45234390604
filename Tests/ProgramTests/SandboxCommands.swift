import Foundation
import JSON
import Sys
import Testing

/// What a person types.
extension Sandbox {
    struct Outcome: Sendable {
        let code: Int32
        let out: String
        let err: String
        /// What it printed, as JSON.
        func json() throws -> JSONTree {
            do { return try JSONTree(parsing: out) } catch { throw Failure("no JSON (exit \(code)): \(out.prefix(500)) \(err.prefix(500))") }
        }
    }

    var entries: [String] { environment.map { "\($0)=\($1)" } }

    func run(
        _ program: String, _ arguments: [String], in directory: String? = nil, input: [UInt8] = [], extra: [String: String] = [:], seconds: Int64 = 90
    ) async throws -> Outcome {
        let entries = environment.merging(extra) { $1 }.map { "\($0)=\($1)" }
        let result = try await runner.run(
            Command(program, arguments, environment: entries, directory: directory ?? api, input: input, timeoutMs: seconds * 1000))
        return Outcome(code: result.status.shellCode, out: result.text, err: result.errorText)
    }

    var program: String { Self.programs + "/drover" }

    func drover(
        _ arguments: String..., in directory: String? = nil, input: String = "", extra: [String: String] = [:]
    ) async throws -> Outcome {
        try await run(program, arguments, in: directory, input: Array(input.utf8), extra: extra)
    }

    /// The same, where it has to succeed.
    @discardableResult
    func done(
        _ arguments: String..., in directory: String? = nil, input: String = "", location: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run(program, arguments, in: directory, input: Array(input.utf8))
        if outcome.code != 0 {
            throw Failure(
                "drover \(arguments.joined(separator: " ").prefix(200)) ended with \(outcome.code): \(outcome.out.prefix(300))\(outcome.err) (line \(location.line))"
            )
        }
        return outcome
    }

    /// Starts an agent; its id.
    func new(_ prompt: String, in project: String? = nil, _ more: String...) async throws -> String {
        let outcome = try await run(program, ["new", "-p", project ?? api, "--json"] + more + ["--", prompt])
        guard outcome.code == 0, let id = try outcome.json()["id"]?.string else { throw Failure("drover new: \(outcome.code) \(outcome.out) \(outcome.err)") }
        return id
    }

    func agent(_ id: String) async throws -> JSONTree { try await done("show", id, "--json").json() }

    func list(_ query: String...) async throws -> [JSONTree] {
        let outcome = try await run(program, ["ls", "--json"] + query)
        return try outcome.json().array ?? []
    }

    func log(_ id: String) async throws -> [JSONTree] { try await done("log", id, "--json").json().array ?? [] }

    func requests() async throws -> [JSONTree] { try await done("requests", "--json").json().array ?? [] }

    /// What the agent asks.
    func request(of agent: String) async throws -> JSONTree {
        guard let request = try await requests().first(where: { $0["agent"]?.string == agent }) else { throw Failure("\(agent) asks nothing") }
        return request
    }

    static func date(_ time: JSONTree?) throws -> Date {
        guard let text = time?.string else { throw Failure("no time: \(String(describing: time))") }
        return try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
    }

    func servers() async throws -> [JSONTree] { try await done("daemon", "status", "--json").json()["servers"]?.array ?? [] }

    func server(of project: String) async throws -> JSONTree {
        guard let server = try await servers().first(where: { $0["project"]?.string == project }) else { throw Failure("no server for \(project)") }
        return server
    }

    /// Until the agent has one of the statuses (with commas between).
    func wait(_ id: String, _ statuses: String, seconds: Int = 60, location: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await run(program, ["wait", id, "--until", statuses, "--timeout", "\(seconds)"])
        guard outcome.code != 0 else { return }
        let why = try await drover("why", id).out
        throw Failure("line \(location.line): \(id) did not become \(statuses): \(outcome.code) \(outcome.out)\(outcome.err)\n\(why)")
    }

    /// The lines of `drover watch --json`, from now on.
    func watch() async throws -> Watch {
        try await done("daemon", "start")
        let watch = Watch(self), known = try await list().count
        // The daemon counts it: from here on it misses nothing.
        if known == 0 {
            try await Self.until("the watch is connected") { (try await status()["clients"]?.int ?? 0) >= 2 }
        } else {
            _ = try await watch.first { _ in true }
        }
        return watch
    }

    func status() async throws -> JSONTree { try await done("daemon", "status", "--json").json() }

    /// Refused with the exit code, on one to three lines for people, in which the word stands; never by a crash.
    func refused(_ outcome: Outcome, _ codes: Set<Int32>, _ word: String, location: SourceLocation = #_sourceLocation) {
        #expect(codes.contains(outcome.code) && outcome.out.isEmpty, "\(outcome)", sourceLocation: location)
        #expect(
            outcome.err.contains(word) && outcome.err.hasPrefix("drover: ") && outcome.err.split(separator: "\n").count <= 3, "\(outcome.err)",
            sourceLocation: location)
    }
}
