import JSON
import Sys

/// One step of a script, performed as one answer. Belongs to the server's thread; the reactor's timers and the exchange
/// keep it alive.
final class ModelAnswer {
    private let request: ModelRequest
    private let exchange: Exchange
    private let model: ScriptedModel
    private let created = Int(Clock.wallMilliseconds() / 1000)

    private var directives: ArraySlice<Directive>
    /// Pieces of the present directive that are still to be sent, and how.
    private var pieces: ArraySlice<(field: String, text: String)> = []
    private var argumentPieces: ArraySlice<String> = []

    private var rate: Double
    private var dueNs = Reactor.nowNs()
    private var timer: UInt64?
    private var hasStarted = false

    private var words = 0
    private var calls: [(id: String, tool: String, arguments: String)] = []
    private var text = "", thought = ""
    private var usage: (input: Int, output: Int?)
    private var finishReason: String?

    init(_ request: ModelRequest, _ exchange: Exchange, _ model: ScriptedModel) {
        self.request = request
        self.exchange = exchange
        self.model = model
        directives = request.step[...]
        rate = model.options.rate
        usage = (request.promptTokens, nil)
    }

    func start() {
        exchange.onLeave = { [self] in
            if let timer { model.reactor.cancel(timer) }
            model.record(exchange, note: "client left")
        }
        advance()
    }

    // MARK: going through the step

    /// Goes on until it has to wait or is through.
    private func advance() {
        timer = nil
        while true {
            if let piece = pieces.popFirst() {
                chunk { $0.field(named: piece.field, piece.text) }
                if pause(1 / rate, unless: rate <= 0) { return }
            } else if let piece = argumentPieces.popFirst() {
                chunk { writeCall(&$0, piece) }
                if pause(1 / rate, unless: rate <= 0) { return }
            } else if let directive = directives.popFirst() {
                switch directive {
                case .call(let tool, let arguments, _, _): call(tool, arguments)
                case .plain(let name, let argument):
                    guard perform(name, argument, Directive.numbers(in: argument)) else { return }
                }
            } else {
                return complete()
            }
        }
    }

    /// Waits so many seconds from when the last wait was due: a late timer does not slow the rate down.
    private func pause(_ seconds: Double, unless never: Bool = false) -> Bool {
        if never { return false }
        dueNs += Int64(seconds * 1e9)
        if dueNs <= Reactor.nowNs() { return false }
        timer = model.reactor.at(ns: dueNs) { self.advance() }
        return true
    }

    /// False: it waits or is over.
    private func perform(_ name: String, _ argument: String, _ numbers: [Double]) -> Bool {
        switch name {
        case "say", "think": say(Self.numberedWords(Int(numbers.first ?? 10)), as: name == "think" ? "reasoning_content" : "content")
        case "text": say(Self.words(of: argument), as: "content")
        case "rate":
            rate = numbers.first ?? 0
            dueNs = Reactor.nowNs()
        case "usage" where !numbers.isEmpty: usage = (Int(numbers[0]), numbers.count > 1 ? Int(numbers[1]) : nil)
        case "finish": finishReason = argument
        case "delay":
            dueNs = Reactor.nowNs()
            return !pause(numbers.first ?? 1)
        case "hang":
            openStream()
            return false
        case "error": return !failed(status: Int(numbers.first ?? 500), argument)
        case "cut" where model.isDue(request.digest, argument):
            openStream()
            model.record(exchange, note: "client left")
            exchange.cut()
            return false
        default: break
        }
        return true
    }

    private func failed(status: Int, _ argument: String) -> Bool {
        guard model.isDue(request.digest, argument) else { return false }
        let message = "scripted error \(status)"
        if hasStarted {
            send { $0.field("error", ["message": .string(message), "type": "server_error"]) }
            directives = []
            return false  // the answer ends as usual
        }
        let wait = argument.firstRange(of: "retry-after ").map { argument[$0.upperBound...].prefix { $0.isNumber || $0 == "." } }
        model.fail(exchange, status, message, headers: wait.map { [("Retry-After", String($0))] } ?? [])
        return true
    }

    private func say(_ words: [String], as field: String) {
        pieces = words.map { (field, $0) }[...]
        self.words += words.count
        if field == "content" { text += words.joined() } else { thought += words.joined() }
    }

    private func call(_ tool: String, _ arguments: String) {
        calls.append(("call_\(request.digest.prefix(10))_\(calls.count)", tool, arguments))
        let scalars = Array(arguments.unicodeScalars)
        chunk { writeCall(&$0, nil) }
        argumentPieces =
            stride(from: 0, to: scalars.count, by: 4096).map { start in
                var view = String.UnicodeScalarView()
                view.append(contentsOf: scalars[start..<min(start + 4096, scalars.count)])
                return String(view)
            }[...]
        words += 1 + scalars.count / 4
    }

    static func numberedWords(_ count: Int) -> [String] { count < 1 ? [] : (1...count).map { $0 == 1 ? "word1" : " word\($0)" } }

    /// A text in pieces of one word with the white space around it; the space between two words belongs to the first.
    static func words(of text: String) -> [String] {
        var words: [String] = [], word = String.UnicodeScalarView(), hasLetters = false, isBehind = false
        for scalar in text.unicodeScalars {
            if scalar.isSpace {
                isBehind = hasLetters
            } else if isBehind {
                words.append(String(word))
                (word, hasLetters, isBehind) = (String.UnicodeScalarView(), true, false)
            } else {
                hasLetters = true
            }
            word.append(scalar)
        }
        return hasLetters ? words + [String(word)] : words
    }

    // MARK: what goes out

    private func complete() {
        let reason = finishReason ?? (calls.isEmpty ? "stop" : "tool_calls")
        guard request.isStreaming else { return respond(reason) }
        chunk(finish: reason) { _ in }
        send {
            $0.array("choices") { _ in }
            writeUsage(&$0)
        }
        exchange.send(Array("data: [DONE]\n\n".utf8))
        exchange.finish()
    }

    private func respond(_ reason: String) {
        var writer = JSONWriter()
        writer.object {
            writeHead(&$0, object: "chat.completion")
            writeUsage(&$0)
            $0.array("choices") {
                $0.object {
                    $0.field("index", 0)
                    $0.object("message") { writeMessage(&$0) }
                    $0.field("finish_reason", reason)
                }
            }
        }
        exchange.respond(200, type: "application/json", body: writer.bytes)
    }

    private func writeMessage(_ writer: inout JSONWriter) {
        writer.field("role", "assistant")
        writer.field("content", text.isEmpty ? nil : text)
        if !thought.isEmpty { writer.field("reasoning_content", thought) }
        guard !calls.isEmpty else { return }
        writer.array("tool_calls") {
            for call in calls {
                $0.object {
                    $0.field("id", call.id)
                    $0.field("type", "function")
                    $0.object("function") {
                        $0.field("name", call.tool)
                        $0.field("arguments", call.arguments)
                    }
                }
            }
        }
    }

    private func openStream() {
        guard request.isStreaming, !hasStarted else { return }
        hasStarted = true
        exchange.begin(200, type: "text/event-stream")
    }

    /// One chunk with one choice. The first says who speaks.
    private func chunk(finish: String? = nil, _ delta: (inout JSONWriter) -> Void) {
        guard request.isStreaming else { return }
        let isFirst = !hasStarted
        send {
            $0.array("choices") {
                $0.object {
                    $0.field("index", 0)
                    $0.object("delta") {
                        if isFirst { $0.field("role", "assistant") }
                        delta(&$0)
                    }
                    $0.field("finish_reason", finish)
                }
            }
        }
    }

    private func send(_ content: (inout JSONWriter) -> Void) {
        guard request.isStreaming else { return }
        openStream()
        var writer = JSONWriter()
        writer.object {
            writeHead(&$0, object: "chat.completion.chunk")
            content(&$0)
        }
        exchange.send(Array("data: ".utf8) + writer.bytes + [10, 10])
    }

    private func writeHead(_ writer: inout JSONWriter, object: String) {
        writer.field("id", "chatcmpl-\(request.digest.prefix(12))")
        writer.field("created", created)
        writer.field("model", request.model.flatMap { $0.isEmpty ? nil : $0 } ?? "?")
        writer.field("object", object)
    }

    private func writeUsage(_ writer: inout JSONWriter) {
        let output = usage.output ?? words
        writer.object("usage") {
            $0.field("prompt_tokens", usage.input)
            $0.field("completion_tokens", output)
            $0.field("total_tokens", usage.input + output)
        }
    }

    /// The last call: its beginning, or a piece of its arguments.
    private func writeCall(_ writer: inout JSONWriter, _ piece: String?) {
        guard let call = calls.last else { return }
        writer.array("tool_calls") {
            $0.object {
                $0.field("index", calls.count - 1)
                if piece == nil {
                    $0.field("id", call.id)
                    $0.field("type", "function")
                }
                $0.object("function") {
                    if piece == nil { $0.field("name", call.tool) }
                    $0.field("arguments", piece ?? "")
                }
            }
        }
    }
}
