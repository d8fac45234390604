import JSON

/// Builds the prompt of a demo agent: directives that a stand-in server plays at human pace.
struct DemoScript {
    /// Stands for the project's directory in a script; `DemoAgent.prompt(in:)` puts the real one in.
    static let directory = "@DIRECTORY@"
    private(set) var text = ""

    /// Words a second.
    static let pace = 22

    init(_ request: String) { text = "\(request) [[rate \(Self.pace)]]" }

    private func adding(_ directive: String) -> DemoScript {
        var copy = self
        copy.text += " " + directive
        return copy
    }

    func think(_ words: String) -> DemoScript { adding("[[think \(words)]]") }
    func say(_ words: String) -> DemoScript { adding("[[text \(words)]]") }
    func wait(_ seconds: Double) -> DemoScript { adding("[[delay \(seconds)]]") }
    func usage(_ input: Int, _ output: Int) -> DemoScript { adding("[[usage \(input) \(output)]]") }
    func hang() -> DemoScript { adding("[[hang]]") }
    func error(_ words: String) -> DemoScript { adding("[[error \(words)]]") }

    private func call(_ kind: String, _ tool: String, _ input: JSONTree) -> DemoScript {
        adding("[[\(kind) \(tool) \(String(decoding: input.serialized(), as: UTF8.self))]]")
    }

    private func traits(_ output: String?, _ seconds: Double?, _ exit: Int) -> DemoScript {
        var copy = self
        if let output { copy = copy.adding("[[output \(output.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n"))]]") }
        if let seconds { copy = copy.adding("[[took \(seconds)]]") }
        return exit == 0 ? copy : copy.adding("[[exit \(exit)]]")
    }

    func read(_ path: String) -> DemoScript { traits(nil, 0.4, 0).call("tool", "read", ["filePath": .string(Self.directory + "/" + path)]) }

    func grep(_ pattern: String, _ output: String) -> DemoScript { traits(output, 0.6, 0).call("tool", "grep", ["pattern": .string(pattern)]) }

    func glob(_ pattern: String, _ output: String) -> DemoScript { traits(output, 0.4, 0).call("tool", "glob", ["pattern": .string(pattern)]) }

    func edit(_ path: String, _ old: String, _ new: String) -> DemoScript {
        traits(nil, 0.8, 0).call(
            "tool", "edit",
            [
                "filePath": .string(Self.directory + "/" + path), "oldString": .string(old), "newString": .string(new),
            ])
    }

    func write(_ path: String, _ content: String) -> DemoScript {
        traits(nil, 0.8, 0).call("tool", "write", ["filePath": .string(Self.directory + "/" + path), "content": .string(content)])
    }

    func bash(_ command: String, _ output: String = "", seconds: Double = 2, exit: Int = 0, asks: Bool = false, about: String = "") -> DemoScript {
        traits(output, seconds, exit).call(
            asks ? "ask" : "tool", "bash",
            [
                "command": .string(command), "description": .string(about.isEmpty ? command : about),
            ])
    }

    func todos(_ items: [(String, String)]) -> DemoScript {
        call("tool", "todowrite", ["todos": .array(items.map { ["content": .string($0.0), "status": .string($0.1), "priority": "medium"] })])
    }

    func question(_ question: String, header: String, _ options: [(String, String)]) -> DemoScript {
        call(
            "tool", "question",
            [
                "questions": [
                    [
                        "question": .string(question), "header": .string(header),
                        "options": .array(options.map { ["label": .string($0.0), "description": .string($0.1)] }),
                    ]
                ]
            ])
    }

    func task(_ about: String, agent: String, _ script: DemoScript) -> DemoScript {
        call("tool", "task", ["description": .string(about), "prompt": .string(script.text), "subagent_type": .string(agent)])
    }
}
