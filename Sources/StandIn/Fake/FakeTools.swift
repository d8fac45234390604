import JSON
import Sys

/// What has to be allowed before a tool runs.
struct FakePermission {
    let name: String
    let patterns: [String]
    let metadata: JSONTree
    let always: [String]
}

/// The tools of the stand-in: they do as if. Only `edit` and `write` touch files, and only when the server was told so.
enum FakeTools {
    static let names: Set<String> = [
        "bash", "edit", "glob", "grep", "list", "question", "read", "skill", "task", "todowrite", "webfetch", "websearch", "write", "apply_patch",
    ]

    private static let neededKeys = [
        "read": "filePath", "edit": "filePath", "write": "filePath", "bash": "command", "glob": "pattern", "grep": "pattern", "task": "prompt",
        "question": "questions", "todowrite": "todos", "webfetch": "url",
    ]

    static func missingKey(_ tool: String, _ input: JSONTree) -> String? {
        neededKeys[tool].flatMap { input[$0] == nil ? $0 : nil }
    }

    static func wrongArguments(_ tool: String, _ key: String) -> String {
        "The \(tool) tool was called with invalid arguments: SchemaError(Missing key\n  at [\"\(key)\"]).\n"
            + "Please rewrite the input so it satisfies the expected schema."
    }

    static func unavailable(_ tool: String) -> String {
        "Model tried to call unavailable tool '\(tool)'. Available tools: \(names.sorted().joined(separator: ", "))."
    }

    static func malformed(_ tool: String, _ text: String) -> String {
        "Invalid input for tool \(tool): JSON parsing failed: Text: \(text).\nError message: JSON Parse error"
    }

    // MARK: permissions

    static func permissions(_ run: FakeToolRun) -> [FakePermission] {
        let input = run.input
        switch run.tool {
        case "bash":
            let commands = FakeRule.commands(in: input["command"]?.string ?? "")
            return [
                FakePermission(
                    name: "bash", patterns: commands, metadata: ["command": input["command"] ?? ""], always: unique(commands.map(FakeRule.always)))
            ]
        case "edit", "write":
            let change = change(run)
            let patch = change.unified(name: path(run)).patch
            return outside(run) + [
                FakePermission(
                    name: "edit", patterns: [change.file], metadata: ["filepath": .string(path(run)), "diff": .string(patch)], always: ["*"])
            ]
        case "read": return outside(run) + [FakePermission(name: "read", patterns: [relative(run)], metadata: [:], always: ["*"])]
        case "question", "todowrite": return []
        case "task":
            let agent = input["subagent_type"] ?? "general"
            return [FakePermission(name: "task", patterns: [agent.string ?? ""], metadata: input, always: ["*"])]
        default:
            let pattern = input["pattern"]?.string ?? input["url"]?.string ?? input["query"]?.string ?? input["name"]?.string ?? "*"
            return [FakePermission(name: run.tool, patterns: [pattern], metadata: input, always: ["*"])]
        }
    }

    private static func unique(_ texts: [String]) -> [String] {
        texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func outside(_ run: FakeToolRun) -> [FakePermission] {
        let path = path(run)
        guard !path.hasPrefix(run.session.directory + "/"), path != run.session.directory else { return [] }
        let parent = Files.parentDirectory(path)
        return [
            FakePermission(
                name: "external_directory", patterns: [parent + "/*"], metadata: ["filepath": .string(path), "parentDir": .string(parent)],
                always: [parent + "/*"])
        ]
    }

    // MARK: files

    /// The path that a file tool works on, made absolute.
    static func path(_ run: FakeToolRun) -> String {
        let given = run.input["filePath"]?.string ?? ""
        return given.hasPrefix("/") ? given : run.session.directory + "/" + given
    }

    static func relative(_ run: FakeToolRun) -> String {
        let path = path(run), directory = run.session.directory + "/"
        return path.hasPrefix(directory) ? String(path.dropFirst(directory.count)) : path
    }

    /// What `edit` or `write` would do. A file that is not there is made up from what the edit replaces.
    private static func change(_ run: FakeToolRun) -> FakeDiff {
        let existing = try? Files.readText(path(run), limit: 1 << 20)
        if run.tool == "write" {
            return FakeDiff(file: relative(run), before: existing ?? "", after: run.input["content"]?.string ?? "", isNew: existing == nil)
        }
        let old = run.input["oldString"]?.string ?? "", new = run.input["newString"]?.string ?? ""
        guard let existing, !old.isEmpty, let place = existing.firstRange(of: old) else {
            return FakeDiff(file: relative(run), before: old, after: new, isNew: false)
        }
        return FakeDiff(
            file: relative(run), before: existing, after: String(existing[..<place.lowerBound]) + new + String(existing[place.upperBound...]), isNew: false)
    }

    private static func runChange(_ run: FakeToolRun) {
        let path = path(run), change = change(run)
        let (patch, additions, deletions) = change.unified(name: path)
        run.after(run.traits.seconds ?? 0.06) { run in
            if run.server.options.writesFiles, path.hasPrefix(run.session.directory + "/"), !path.contains("/../") {
                try? Files.makeDirectories(Files.parentDirectory(path), mode: 0o755)
                try? Files.writeAtomically(path, Array(change.after.utf8), mode: 0o644)
            }
            run.turn.changed(change, path: path)
            run.server.emit("file.edited", directory: run.session.directory, ["file": .string(path)])
            run.server.emit(
                "file.watcher.updated", directory: run.session.directory,
                [
                    "file": .string(path), "event": change.isNew ? "add" : "change",
                ])
            if run.tool == "write" {
                return run.complete(
                    output: "Wrote file successfully.", title: change.file,
                    metadata: [
                        "diagnostics": [:], "filepath": .string(path), "exists": .bool(!change.isNew), "truncated": false,
                    ])
            }
            let file: JSONTree = ["file": .string(path), "patch": .string(patch), "additions": .int(additions), "deletions": .int(deletions)]
            run.setRunning(metadata: ["diff": .string(patch), "filediff": file, "diagnostics": [:]])
            run.complete(
                output: "Edit applied successfully.", title: change.file,
                metadata: [
                    "diagnostics": [:], "diff": .string(patch), "filediff": file, "truncated": false,
                ])
        }
    }

    // MARK: running

    static func run(_ run: FakeToolRun) {
        switch run.tool {
        case "bash": FakeShell.run(run)
        case "edit", "write": runChange(run)
        case "read": runRead(run)
        case "question": runQuestion(run)
        case "todowrite": runTodo(run)
        case "task": runTask(run)
        default: runOther(run)
        }
    }

    private static func runRead(_ run: FakeToolRun) {
        let path = path(run)
        let text = run.traits.output ?? (try? Files.readText(path, limit: 50_000))
        run.after(run.traits.seconds ?? 0.04) { run in
            if text == nil, path.contains("missing") { return run.fail("File not found: \(path)") }
            let lines = (text ?? "(the stand-in has no such file)").split(separator: "\n", omittingEmptySubsequences: false)
            let numbered = lines.enumerated().map { "\($0.offset + 1): \($0.element)" }.joined(separator: "\n")
            let preview = lines.prefix(20).joined(separator: "\n")
            run.complete(
                output: "<path>\(path)</path>\n<type>file</type>\n<content>\n\(numbered)\n\n(End of file - total \(lines.count) lines)\n</content>",
                title: relative(run),
                metadata: [
                    "preview": .string(preview), "truncated": false, "loaded": [],
                    "display": [
                        "type": "file", "path": .string(path), "text": .string(preview), "lineStart": 1, "lineEnd": .int(lines.count),
                        "totalLines": .int(lines.count), "truncated": false,
                    ],
                ])
        }
    }

    private static func runOther(_ run: FakeToolRun) {
        let output = run.traits.output ?? ""
        let count = output.split(separator: "\n").count
        run.after(run.traits.seconds ?? 0.05) { run in
            switch run.tool {
            case "glob": run.complete(output: output.isEmpty ? "No files found" : output, title: "", metadata: ["count": .int(count), "truncated": false])
            case "grep":
                run.complete(
                    output: output.isEmpty ? "No files found" : "Found \(count) matches\n\(output)", title: run.input["pattern"]?.string ?? "",
                    metadata: ["matches": .int(count), "truncated": false])
            default:
                let title = run.input["url"]?.string ?? run.input["query"]?.string ?? run.input["name"]?.string ?? run.tool
                run.complete(output: output, title: title, metadata: ["truncated": false])
            }
        }
    }

    private static func runQuestion(_ run: FakeToolRun) {
        let questions = run.input["questions"]?.array ?? []
        run.ask(questions: .array(questions)) { [weak run] answer in
            guard let run else { return }
            guard case .answers(let answers) = answer else {
                run.endTurnAfterThis()
                return run.fail("The user dismissed this question")
            }
            let told = zip(questions, answers).map { "\"\($0["question"]?.string ?? "")\"=\"\($1.joined(separator: ", "))\"" }
            run.complete(
                output: "User has answered your questions: \(told.joined(separator: ", ")). You can now continue with the user's answers in mind.",
                title: "Asked \(questions.count) question\(questions.count == 1 ? "" : "s")",
                metadata: ["answers": .array(answers.map { .array($0.map { .string($0) }) }), "truncated": false])
        }
    }

    private static func runTodo(_ run: FakeToolRun) {
        let todos = run.input["todos"] ?? []
        run.session.todos = todos
        run.server.journal.todos(run.session)
        run.server.emit("todo.updated", run.session, ["sessionID": .string(run.session.id), "todos": todos])
        run.setRunning()
        run.after(run.traits.seconds ?? 0.01) { run in
            let open = (todos.array ?? []).count { $0["status"] != "completed" }
            run.complete(
                output: String(decoding: todos.serialized(pretty: true), as: UTF8.self), title: "\(open) todos",
                metadata: ["todos": todos, "truncated": false])
        }
    }

    private static func runTask(_ run: FakeToolRun) {
        let server = run.server
        let agent = run.input["subagent_type"]?.string ?? "general", about = run.input["description"]?.string ?? "Task"
        let child = server.make(in: run.session.directory, title: "\(about) (@\(agent) subagent)", parent: run.session) {
            $0.info["agent"] = .string(agent)
            let inherited = run.session.rules.map(\.json)
            $0.info["permission"] = .array([FakeRule("task", "*", "deny").json] + inherited)
        }
        run.child = child
        let metadata: JSONTree = [
            "parentSessionId": .string(run.session.id), "sessionId": .string(child.id),
            "model": ["modelID": .string(server.config.model), "providerID": .string(server.config.provider)],
        ]
        run.setRunning(title: about, metadata: metadata)
        let turn = server.prompt(child, parts: [["type": "text", "text": run.input["prompt"] ?? ""]])
        turn?.whenEnded = { [weak run] text in
            guard let run, !run.isDone, run.session.turn != nil else { return }
            guard let text else { return run.fail("Task failed") }
            var done = metadata.object ?? JSONObject()
            done["truncated"] = false
            run.complete(
                output: "<task id=\"\(child.id)\" state=\"completed\">\n<task_result>\n\(text)\n</task_result>\n</task>", title: about,
                metadata: .object(done))
        }
    }
}
