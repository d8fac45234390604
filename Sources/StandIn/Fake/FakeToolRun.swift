import JSON
import Sys

/// What a script says about the next tool call.
struct FakeToolTraits {
    var output: String?
    var exit = 0
    var seconds: Double?
    var failure: String?

    mutating func set(_ name: String, _ argument: String, _ numbers: [Double]) {
        switch name {
        case "output": output = argument.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
        case "exit": exit = Int(numbers.first ?? 1)
        case "took": seconds = numbers.first
        default: failure = argument
        }
    }
}

/// One call of a tool: pending, perhaps asking, running, done. Nothing is executed; see `FakeTools` for what it pretends.
final class FakeToolRun {
    unowned let turn: FakeTurn
    let tool: String
    let traits: FakeToolTraits
    private(set) var input: JSONTree = [:]
    private let arguments: String
    private let mustAsk: Bool
    private let number: Int
    private var part = JSONObject()
    private var startMs = 0
    private var timers: [UInt64] = []
    /// What a command has printed so far.
    private var printed: String?
    /// The sub-agent that a `task` started.
    var child: FakeSession?

    private enum Phase { case asking(FakeRequest), running, done }
    private var phase = Phase.running

    init(_ turn: FakeTurn, number: Int, tool: String, arguments: String, mustAsk: Bool, traits: FakeToolTraits) {
        self.turn = turn
        self.number = number
        self.tool = tool
        self.arguments = arguments
        self.mustAsk = mustAsk
        self.traits = traits
    }

    var server: FakeServer { turn.server }
    var session: FakeSession { turn.session }
    var isDone: Bool { if case .done = phase { true } else { false } }

    // MARK: the course of a call

    func start() {
        let callID = "call_\(turn.assistant.id.suffix(10))_\(number)"
        part = .of([
            "id": .string(server.mint("prt")), "type": "tool", "tool": .string(tool), "callID": .string(callID),
            "state": ["status": "pending", "input": [:], "raw": ""],
        ])
        put()
        startMs = Int(server.now())
        guard FakeTools.names.contains(tool) else { return runInvalid(FakeTools.unavailable(tool)) }
        guard let parsed = try? JSONTree(parsing: arguments), parsed.object != nil else { return runInvalid(FakeTools.malformed(tool, arguments)) }
        input = parsed
        if let missing = FakeTools.missingKey(tool, parsed) {
            input = [:]
            setRunning()
            return fail(FakeTools.wrongArguments(tool, missing))
        }
        askOrRun(FakeTools.permissions(self))
    }

    private func askOrRun(_ permissions: [FakePermission]) {
        var left = permissions[...]
        guard let permission = left.popFirst() else { return run() }
        let isLast = left.isEmpty
        switch mustAsk && isLast ? "ask" : server.action(permission.name, permission.patterns, session) {
        case "deny":
            setRunning()
            fail("The user has specified a rule which prevents you from using this specific tool call.")
        case "ask": ask(permission) { [weak self] in self?.askOrRun(Array(left)) }
        default: askOrRun(Array(left))
        }
    }

    /// Every second call asks before it turns `running`: clients must take both orders.
    private func ask(_ permission: FakePermission, then goOn: @escaping () -> Void) {
        let id = server.mint("per")
        let json: JSONTree = [
            "id": .string(id), "sessionID": .string(session.id), "permission": .string(permission.name),
            "patterns": .array(permission.patterns.map { .string($0) }), "metadata": permission.metadata,
            "always": .array(permission.always.map { .string($0) }),
            "tool": ["messageID": .string(turn.assistant.id), "callID": part["callID"] ?? ""],
        ]
        let always = permission.always.map { FakeRule(permission.name, $0, "allow") }
        let request = FakeRequest(id: id, kind: .permission, session: session, json: json, always: always) { [weak self] in
            self?.answered($0, then: goOn)
        }
        phase = .asking(request)
        let asksFirst = session.sequence.isMultiple(of: 2)
        if !asksFirst { setRunning() }
        server.ask(request)
        if asksFirst { setRunning() }
    }

    private func answered(_ answer: FakeRequest.Answer, then goOn: () -> Void) {
        phase = .running
        guard case .reject(let message) = answer else { return goOn() }
        if message == nil { turn.isRejected = true }
        let feedback = message.map { " with the following feedback: \($0)" } ?? "."
        fail("The user rejected permission to use this specific tool call" + feedback)
    }

    private func run() {
        if part["state"]?["status"] == "pending", tool != "question", tool != "todowrite", tool != "task" { setRunning() }
        if let failure = traits.failure { return after(traits.seconds ?? 0.05) { $0.fail(failure) } }
        FakeTools.run(self)
    }

    private func runInvalid(_ error: String) {
        part["tool"] = "invalid"
        input = ["tool": .string(tool), "error": .string(error)]
        setRunning()
        complete(output: "The arguments provided to the tool are invalid: \(error)", title: "Invalid Tool", metadata: ["truncated": false])
    }

    // MARK: states

    func after(_ seconds: Double, _ call: @escaping (FakeToolRun) -> Void) {
        timers.append(
            server.reactor.after(ms: Int(seconds / server.options.speed * 1000)) { [weak self] in
                guard let self, !self.isDone else { return }
                call(self)
            })
    }

    func setRunning(title: String? = nil, metadata: JSONTree? = nil) {
        var state = JSONObject()
        if let title { state["title"] = .string(title) }
        if let metadata { state["metadata"] = metadata }
        state["status"] = "running"
        state["input"] = input
        state["time"] = ["start": .int(startMs)]
        part["state"] = .object(state)
        put()
    }

    /// A command that has printed so much.
    func setPrinted(_ text: String) {
        printed = text
        setRunning(metadata: ["output": .string(text)])
    }

    func complete(output: String, title: String, metadata: JSONTree) {
        finish([
            "status": "completed", "input": input, "output": .string(output), "metadata": metadata, "title": .string(title),
            "time": ["start": .int(startMs), "end": .int(Int(server.now()))],
        ])
    }

    func fail(_ error: String) {
        finish([
            "status": "error", "input": input, "error": .string(error), "time": ["start": .int(startMs), "end": .int(Int(server.now()))],
        ])
    }

    private func finish(_ state: JSONTree) {
        part["state"] = state
        phase = .done
        put()
        turn.toolIsDone()
    }

    private func put() { part = server.putPart(session, turn.assistant, .object(part)) }

    func ask(questions: JSONTree, then: @escaping (FakeRequest.Answer) -> Void) {
        let id = server.mint("que")
        let json: JSONTree = [
            "id": .string(id), "sessionID": .string(session.id), "questions": questions,
            "tool": ["messageID": .string(turn.assistant.id), "callID": part["callID"] ?? ""],
        ]
        let request = FakeRequest(id: id, kind: .question, session: session, json: json) { [weak self] answer in
            self?.phase = .running
            then(answer)
        }
        phase = .asking(request)
        server.ask(request)
        setRunning()
    }

    func endTurnAfterThis() { turn.isRejected = true }

    // MARK: the end of the turn

    /// What an aborted call looks like. A request that it waited for stays listed as a ghost, as measured.
    func abort() {
        guard !isDone else { return }
        for timer in timers { server.reactor.cancel(timer) }
        let end: JSONTree = ["start": .int(startMs), "end": .int(Int(server.now()))]
        if case .asking(let request) = phase { request.whenAnswered = nil }
        if tool == "bash", case .running = phase {
            let text = printed ?? ""
            part["state"] = [
                "status": "completed", "input": input, "output": .string(text + "\n\n<shell_metadata>\nUser aborted the command\n</shell_metadata>"),
                "metadata": ["output": .string(text), "exit": nil, "truncated": false], "title": input["command"] ?? "", "time": end,
            ]
        } else {
            part["state"] = [
                "status": "error", "input": input, "time": end, "error": "Tool execution aborted", "metadata": ["interrupted": true],
            ]
        }
        phase = .done
        put()
    }

    func drop() {
        for timer in timers { server.reactor.cancel(timer) }
        phase = .done
        child?.turn?.drop()
    }
}
