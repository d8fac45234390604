import JSON

/// A turn of a session: plays the script in the prompt step by step, with the events in the order that was measured.
final class FakeTurn {
    unowned let server: FakeServer
    let session: FakeSession
    private(set) var assistant: FakeMessage
    /// The prompt that is being answered.
    private var user: FakeMessage
    private let isSummary: Bool
    /// Called at the very end with the last text; nil when it was aborted or failed.
    var whenEnded: ((String?) -> Void)?

    private var steps: ArraySlice<[Directive]>
    private var step: [Directive] = []
    private var directives: ArraySlice<Directive> = []
    private var pieces: ArraySlice<String> = []
    private var open: (part: JSONObject, text: String)?
    private(set) var runs: [FakeToolRun] = []
    var traits = FakeToolTraits()

    private var rate: Double
    private var dueNs = Reactor.nowNs()
    private var timer: UInt64?
    private var isWaitingToRetry = false
    private var retries = 0
    private var attempts: [String: Int] = [:]
    private var stepNumber = 0

    private var tokens = FakeTokens()
    private var givenUsage: FakeTokens?
    private var givenCost: Double?
    private var finishReason: String?
    private var hasStepStart = false
    private var lastText = ""
    /// A rejection without a word ends the turn after this step.
    var isRejected = false
    /// Files that this step changed, and what the whole turn did to them.
    var changedFiles: [String] = []
    private(set) var diffs: [FakeDiff] = []
    private var isOver = false

    static let titleMark = "New session - "

    init(_ server: FakeServer, _ session: FakeSession, answering user: FakeMessage, resultsSoFar: Int = 0, summary: Bool = false) {
        self.server = server
        self.session = session
        self.user = user
        isSummary = summary
        rate = server.options.rate
        steps = summary ? [[.plain(name: "text", argument: ModelRequest.summary)]] : Self.steps(of: user, after: resultsSoFar)
        session.status = .busy
        server.emit("session.status", session, ["sessionID": .string(session.id), "status": FakeStatus.busy.json])
        assistant = server.makeAssistantMessage(session, parent: user, isSummary: summary)
    }

    /// The steps that are still to be done when so many tool results are there.
    private static func steps(of user: FakeMessage, after results: Int) -> ArraySlice<[Directive]> {
        var steps = Script(reading: user.text, names: Script.serverNames).steps[...]
        if steps.isEmpty { return [[.plain(name: "text", argument: ModelRequest.answer)]] }
        var left = results
        while let step = steps.first {
            let calls = step.count(where: \.isCall)
            if calls == 0 || left < calls { return steps }
            left -= calls
            steps.removeFirst()
        }
        return steps
    }

    // MARK: the course of a turn

    func start() {
        if !isSummary {
            nameSession()
            session.info["summary"] = ["additions": 0, "deletions": 0, "files": 0]
            server.touch(session)
            server.put(session)
            server.emitDiff(session)
            setUserDiffs()
        }
        emitBusy()
        beginStep()
    }

    private func nameSession() {
        guard session.parentID == nil, session.title.hasPrefix(Self.titleMark) else { return }
        let wanted = Script(reading: user.text, names: Script.serverNames).directives.compactMap { directive -> String? in
            if case .plain("title", let title) = directive { title } else { nil }
        }
        let words = FakeRule.trimmed(String(user.text.split(separator: "[[", maxSplits: 1, omittingEmptySubsequences: false)[0].prefix(60)))
        session.info["title"] = .string(wanted.first ?? (words.isEmpty ? ModelRequest.title : words))
        server.put(session)
    }

    private func setUserDiffs() {
        user.info["summary"] = ["diffs": .array(diffs.map(\.json))]
        server.put(session, user)
    }

    private func emitBusy() {
        server.emit("session.status", session, ["sessionID": .string(session.id), "status": FakeStatus.busy.json])
    }

    private func beginStep() {
        step = steps.popFirst() ?? [.plain(name: "text", argument: "Done.")]
        stepNumber += 1
        restartStep()
    }

    /// Also after a failure: the same step from its beginning.
    private func restartStep() {
        directives = step[...]
        (pieces, open, runs, changedFiles) = ([], nil, [], [])
        (tokens, givenUsage, givenCost, finishReason, hasStepStart) = (FakeTokens(), nil, nil, nil, false)
        traits = FakeToolTraits()
        dueNs = Reactor.nowNs()
        advance()
    }

    /// Goes on until it has to wait or is through with the step.
    private func advance() {
        timer = nil
        while !isOver {
            if let piece = pieces.popFirst() {
                say(piece)
                if pause(1 / rate, unless: rate <= 0) { return }
            } else if let directive = directives.popFirst() {
                guard perform(directive) else { return }
            } else {
                close()
                return finishStepWhenToolsAreDone()
            }
        }
    }

    private func pause(_ seconds: Double, unless never: Bool = false) -> Bool {
        if never { return false }
        dueNs += Int64(seconds / server.options.speed * 1e9)
        if dueNs <= Reactor.nowNs() { return false }
        timer = server.reactor.at(ns: dueNs) { [weak self] in self?.advance() }
        return true
    }

    /// False: it waits or is over.
    private func perform(_ directive: Directive) -> Bool {
        switch directive {
        case .call(let tool, let arguments, _, let asks):
            startStep()
            if open?.part["type"] == "reasoning" { close() }
            tokens.output += 1 + arguments.unicodeScalars.count / 4
            let run = FakeToolRun(self, number: runs.count, tool: tool, arguments: arguments, mustAsk: asks, traits: traits)
            traits = FakeToolTraits()
            runs.append(run)
            run.start()
            return !isOver
        case .plain(let name, let argument):
            return perform(name, argument, Directive.numbers(in: argument))
        }
    }

    private func perform(_ name: String, _ argument: String, _ numbers: [Double]) -> Bool {
        switch name {
        case "say": begin("text", ModelAnswer.numberedWords(Int(numbers.first ?? 10)))
        case "text": begin("text", ModelAnswer.words(of: argument))
        case "think":
            begin("reasoning", argument.first?.isNumber == true ? ModelAnswer.numberedWords(Int(numbers.first ?? 10)) : ModelAnswer.words(of: argument))
        case "rate":
            rate = numbers.first ?? 0
            dueNs = Reactor.nowNs()
        case "usage" where !numbers.isEmpty:
            givenUsage = FakeTokens(input: Int(numbers[0]), output: numbers.count > 1 ? Int(numbers[1]) : tokens.output)
        case "cost": givenCost = numbers.first
        case "finish": finishReason = argument
        case "output", "exit", "took", "fail": traits.set(name, argument, numbers)
        case "delay":
            dueNs = Reactor.nowNs()
            return !pause(numbers.first ?? 1)
        case "hang": return false
        case "error": return !hasFailed(status: Int(numbers.first ?? 500), argument)
        case "cut" where isDue(argument):
            retry("Connection reset by server", afterMs: nil)
            return false
        default: break
        }
        return true
    }

    // MARK: text

    private func begin(_ type: String, _ words: [String]) {
        startStep()
        if open == nil || open?.part["type"]?.string != type {
            close()
            let part = server.putPart(session, assistant, ["type": .string(type), "text": "", "time": ["start": .int(Int(server.now()))]])
            open = (part, "")
        }
        pieces = words[...]
        tokens.output += words.count
    }

    private func say(_ piece: String) {
        open?.text += piece
        server.emitDelta(session, assistant, part: open?.part["id"]?.string ?? "", piece)
    }

    /// Ends the text or reasoning that is open: only now it is stored.
    private func close() {
        guard case (var part, let text)? = open else { return }
        open = nil
        part["text"] = .string(text)
        part["time"] = ["start": part["time"]?["start"] ?? 0, "end": .int(Int(server.now()))]
        server.putPart(session, assistant, .object(part))
        if part["type"] == "text" { lastText = text }
    }

    private func startStep() {
        guard !hasStepStart else { return }
        hasStepStart = true
        server.putPart(session, assistant, ["type": "step-start", "snapshot": .string(snapshot)])
    }

    /// Stands for a tree of git objects.
    private var snapshot: String {
        let digits = String(UInt64(bitPattern: Int64(diffs.count &+ 1)) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
        return String((digits + digits + digits).prefix(40))
    }

    // MARK: the end of a step

    func toolIsDone() {
        if timer == nil, directives.isEmpty, pieces.isEmpty, !isOver { finishStepWhenToolsAreDone() }
    }

    private func finishStepWhenToolsAreDone() {
        guard runs.allSatisfy(\.isDone) else { return }
        startStep()
        let reason = finishReason ?? (runs.isEmpty ? "stop" : "tool-calls")
        let used = givenUsage ?? FakeTokens(input: 2400 + user.text.unicodeScalars.count / 4, output: tokens.output)
        let cost = givenCost ?? FakeCatalog.cost(used, model: assistant.info["modelID"]?.string ?? "")
        server.putPart(
            session, assistant,
            [
                "type": "step-finish", "reason": .string(reason), "snapshot": .string(snapshot), "tokens": used.json(total: true),
                "cost": FakeCatalog.number(cost),
            ])
        assistant.info["tokens"] = used.json(total: true)
        assistant.info["cost"] = FakeCatalog.number(cost)
        assistant.info["finish"] = .string(reason)
        server.put(session, assistant)
        if !changedFiles.isEmpty {
            server.putPart(
                session, assistant,
                [
                    "type": "patch", "hash": .string(snapshot), "files": .array(changedFiles.map { .string($0) }),
                ])
        }
        complete()
        session.tokens = session.tokens + used
        session.cost += cost
        goOn(toolsRan: !runs.isEmpty)
    }

    private func complete(error: JSONTree? = nil) {
        assistant.info["time"] = ["created": assistant.info["time"]?["created"] ?? 0, "completed": .int(Int(server.now()))]
        if let error { assistant.info["error"] = error }
        server.put(session, assistant)
    }

    private func goOn(toolsRan: Bool) {
        let queued = session.lastUserMessage.flatMap { $0 === user ? nil : $0 }
        if isRejected, queued == nil { return end(ok: true, saysBusy: false) }
        if !isSummary, queued != nil || toolsRan { setUserDiffs() }
        if let queued {
            // One model call sees all that was queued, and answers the last of it.
            (user, diffs, isRejected) = (queued, [], false)
            steps = Self.steps(of: queued, after: 0)
        } else if !toolsRan {
            return end(ok: true, saysBusy: true)
        }
        emitBusy()
        assistant = server.makeAssistantMessage(session, parent: user)
        server.touch(session)
        server.put(session)
        server.emitDiff(session)
        emitBusy()
        retries = 0
        beginStep()
    }

    private func end(ok: Bool, saysBusy: Bool) {
        isOver = true
        session.turn = nil
        if isSummary { server.emit("session.compacted", session, ["sessionID": .string(session.id)]) }
        if saysBusy { emitBusy() }
        server.set(session, .idle)
        server.touch(session)
        server.put(session)
        server.emitDiff(session)
        if !isSummary { setUserDiffs() }
        tellEnd(ok ? lastText : nil)
    }

    private func tellEnd(_ text: String?) {
        let waiting = session.whenIdle
        session.whenIdle = []
        for call in waiting { call() }
        let call = whenEnded
        whenEnded = nil
        call?(text)
    }

    // MARK: failures

    private func isDue(_ argument: String) -> Bool {
        let key = "\(stepNumber) \(argument)"
        attempts[key, default: 0] += 1
        guard let times = ScriptedModel.number(after: "times ", in: argument) else { return true }
        return attempts[key, default: 0] <= Int(times)
    }

    /// What a model's error leads to: another try, or the end of the turn.
    private func hasFailed(status: Int, _ argument: String) -> Bool {
        guard isDue(argument) else { return false }
        let message = Self.message(in: argument) ?? "scripted error \(status)"
        if status == 429 || status >= 500 {
            retry(message, afterMs: ScriptedModel.number(after: "retry-after ", in: argument).map { Int($0 * 1000) })
        } else {
            fail(FakeCatalog.apiError(status, message))
        }
        return true
    }

    /// `429 retry-after 2 times 3 slow down` says "slow down".
    private static func message(in argument: String) -> String? {
        var words = argument.split(separator: " ").dropFirst()
        while let first = words.first, first == "times" || first == "retry-after" { words = words.dropFirst(2) }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    private func retry(_ message: String, afterMs wanted: Int?) {
        retries += 1
        let wait = Int(Double(wanted ?? server.options.retryMs << min(retries - 1, 8)) / server.options.speed)
        isWaitingToRetry = true
        server.set(session, .retry(attempt: retries, message: message, next: server.now() + Int64(wait)))
        timer = server.reactor.after(ms: wait) { [weak self] in
            guard let self else { return }
            self.isWaitingToRetry = false
            self.server.set(self.session, .busy)
            self.restartStep()
        }
    }

    private func fail(_ error: JSONTree) { stop(error: error, finalAfterMs: 30) }

    /// As `POST …/abort`: the same order of events as a failure; a wait for another try just ends.
    func abort(atOnce: Bool = false) {
        guard !isOver else { return }
        if isWaitingToRetry {
            finish()
            close()
            complete()
            server.set(session, .idle)
            return tellEnd(nil)
        }
        stop(error: ["name": "MessageAbortedError", "data": ["message": "Aborted"]], finalAfterMs: atOnce ? nil : 30)
    }

    /// Ends without a word: the session is gone.
    func drop() {
        finish()
        for run in runs { run.drop() }
        tellEnd(nil)
    }

    private func finish() {
        isOver = true
        if let timer { server.reactor.cancel(timer) }
        session.turn = nil
    }

    /// The first idle comes before all is written: the rest follows a moment later.
    private func stop(error: JSONTree, finalAfterMs: Int?) {
        finish()
        session.status = .idle
        server.emit("session.error", session, ["sessionID": .string(session.id), "error": error])
        server.set(session, .idle)
        for run in runs where run.child?.turn != nil { run.child?.turn?.abort(atOnce: true) }
        let rest = { [self] in
            close()
            for run in runs { run.abort() }
            complete(error: error)
            server.set(session, .idle)
            tellEnd(nil)
        }
        if let finalAfterMs { server.reactor.after(ms: finalAfterMs, rest) } else { rest() }
    }

    // MARK: files

    func changed(_ diff: FakeDiff, path: String) {
        if !changedFiles.contains(path) { changedFiles.append(path) }
        if let at = diffs.firstIndex(where: { $0.file == diff.file }) { diffs[at] = diffs[at].followed(by: diff) } else { diffs.append(diff) }
    }
}
