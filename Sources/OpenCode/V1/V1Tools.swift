import Domain
import JSON

/// Tool calls: what they are about, how they ended, what they changed.
///
/// A new tool needs nothing here to be shown (its first text argument is its target); one row in `target` or `result`
/// says it better. Fields were seen in the recordings or read in 1.18.33 itself.
extension V1 {
    /// The longest output that is kept, in bytes of UTF-8: the server itself shows the last 30,000 characters of a running
    /// command (v1-measured.md §9).
    static let outputLimit = 30_000

    static func tool(_ part: JSONValue, directory: String?) -> (ToolUse, output: String) {
        let call = ToolCall(part, directory: directory)
        var use = ToolUse(name: call.name, callID: part.text("callID") ?? "", state: call.phase)
        use.target = call.target
        use.diff = call.metadata?.word("diff") ?? call.metadata?.member("filediff")?.word("patch")
        use.changes = call.changes(diff: use.diff)
        use.result = call.result
        use.started = call.time?.time("start")
        use.ended = call.time?.time("end")
        use.child = call.metadata?.session("sessionId") ?? call.metadata?.session("sessionID")
        return (use, call.output)
    }
}

/// One tool part, taken apart.
private struct ToolCall {
    let name: String
    let phase: ToolUse.State
    let state, input, metadata, time: JSONValue?
    let directory: String?

    init(_ part: JSONValue, directory: String?) {
        name = part.word("tool") ?? "tool"
        state = part.member("state")
        input = state?.member("input")
        metadata = state?.member("metadata")
        time = state?.member("time")
        self.directory = directory
        phase = Self.phase(state?.text("status") ?? "", name)
    }

    /// A call with unreadable arguments or of a tool that does not exist becomes a *completed* call of `invalid`
    /// (v1-measured.md §8): it failed.
    private static func phase(_ status: String, _ name: String) -> ToolUse.State {
        switch status {
        case "running": .running
        case "completed": name == "invalid" ? .failed : .completed
        case "error": .failed
        default: .pending
        }
    }

    // MARK: what it is about

    var target: String {
        let said =
            switch name {
            case "bash", "shell": line("command") ?? line("description")
            case "read", "edit", "write", "multiedit", "patch", "lsp": path("filePath") ?? path("path")
            case "list", "ls": path("path") ?? "."
            case "apply_patch": patchTarget
            case "grep", "glob", "codesearch": line("pattern") ?? line("query")
            case "webfetch": line("url")
            case "websearch": line("query")
            case "task": line("description") ?? line("prompt")
            case "skill": line("name")
            case "todowrite", "todoread": todoTarget
            case "question": input?.member("questions")?[0].flatMap { $0.word("question") ?? $0.word("header") }.map(Words.firstLine)
            case "invalid": line("tool")
            default: firstText
            }
        return said ?? Words.firstLine(state?.text("title") ?? "")
    }

    private func line(_ key: StaticString) -> String? {
        guard let text = input?.word(key) else { return nil }
        return Words.firstLine(text)
    }

    private func path(_ key: StaticString) -> String? { line(key).map { shorten($0, directory) } }

    private var firstText: String? {
        guard let input else { return nil }
        return input.members.lazy.compactMap { $0.value.string }.first { !$0.isEmpty }.map { shorten(Words.firstLine($0), directory) }
    }

    private var todoTarget: String? {
        guard let todos = (metadata?.member("todos") ?? input?.member("todos")), todos.isArray else { return nil }
        let done = todos.elements.reduce(0) { $0 + ($1.member("status")?.equals("completed") == true ? 1 : 0) }
        return "\(done) of \(todos.count) done"
    }

    /// `*** Update File: web/greet.js` and the like, one for each file.
    private var patchTarget: String? {
        guard let text = input?.word("patchText") else { return nil }
        let files = text.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("*** "), !line.hasPrefix("*** Move"), let mark = line.firstRange(of: " File: ") else { return nil }
            return shorten(Words.trimmed(String(line[mark.upperBound...])), directory)
        }
        guard let first = files.first else { return nil }
        return files.count == 1 ? first : first + " and \(files.count - 1) more"
    }

    // MARK: how it ended

    var result: String {
        switch phase {
        case .pending, .running: ""
        case .failed: Words.firstLine(input?.word("error") ?? state?.text("error") ?? state?.text("output") ?? "")
        case .completed: completedResult
        }
    }

    private var completedResult: String {
        switch name {
        case "bash", "shell": bashResult
        case "read": readResult
        case "grep": metadata?.whole("matches").map { counted($0, "hit") } ?? ""
        case "glob", "list", "ls": metadata?.whole("count").map { counted($0, "file") } ?? ""
        case "question":
            metadata?.member("answers").map { $0.elements.flatMap { $0.elements.compactMap(\.string) }.joined(separator: ", ") } ?? ""
        default: ""
        }
    }

    /// A failing command is "completed" with its exit code; one that was ended from outside has none and says so at the end.
    private var bashResult: String {
        guard let exit = metadata?.member("exit") else { return "" }
        if let code = exit.int { return code == 0 ? "" : "exit \(code)" }
        guard let tail = state?.member("output")?.bytes.map({ Words.last(600, of: $0) }) else { return "" }
        if tail.contains("User aborted the command") { return "aborted" }
        return tail.contains("after exceeding timeout") ? "timed out" : ""
    }

    private var readResult: String {
        guard let display = metadata?.member("display") else { return "" }
        if let entries = display.whole("totalEntries") { return entries == 1 ? "1 entry" : "\(entries) entries" }
        guard let first = display.whole("lineStart"), let last = display.whole("lineEnd") else { return "" }
        return "\(first)-\(last)"
    }

    // MARK: what it changed

    func changes(diff: String?) -> Changes? {
        guard phase == .completed else { return nil }
        if let one = metadata?.member("filediff"), one.isObject {
            return Changes(files: 1, additions: one.whole("additions") ?? 0, deletions: one.whole("deletions") ?? 0)
        }
        if let files = metadata?.member("files"), files.isArray, files.count > 0 {
            return files.elements.reduce(into: Changes(files: files.count)) { sum, file in
                sum.additions += file.whole("additions") ?? 0
                sum.deletions += file.whole("deletions") ?? 0
            }
        }
        if let diff {
            let counted = UnifiedDiff.count(diff)
            return Changes(files: 1, additions: counted.additions, deletions: counted.deletions)
        }
        // `write` says nothing about what was there before, except that there was nothing.
        guard name == "write", metadata?.member("exists")?.bool == false, let content = input?.member("content")?.bytes else { return nil }
        return Changes(files: 1, additions: Words.lineCount(content), deletions: 0)
    }

    /// The final output or, while it runs, what it printed so far.
    var output: String {
        let text = phase == .failed && name != "invalid" ? state?.member("error") : state?.member("output") ?? metadata?.member("output")
        return text?.bytes.map { Words.last(V1.outputLimit, of: $0) } ?? ""
    }
}

/// Counting in unified diffs.
package enum UnifiedDiff {
    /// Added and deleted lines. Hunk headers say how many lines belong to the hunk, so a deleted `-- x` is no file header.
    package static func count(_ diff: String) -> (additions: Int, deletions: Int) {
        var additions = 0, deletions = 0, oldLeft = 0, newLeft = 0
        for line in diff.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if oldLeft <= 0, newLeft <= 0 {
                if line.starts(with: "@@ ".utf8) { (oldLeft, newLeft) = lengths(line) }
                continue
            }
            switch line.first {
            case UInt8(ascii: "+"):
                additions += 1
                newLeft -= 1
            case UInt8(ascii: "-"):
                deletions += 1
                oldLeft -= 1
            case UInt8(ascii: "\\"): break  // "\ No newline at end of file"
            default:
                oldLeft -= 1
                newLeft -= 1
            }
        }
        return (additions, deletions)
    }

    /// `@@ -1,4 +1,5 @@`: 4 and 5; a missing length is 1.
    private static func lengths(_ header: Substring.UTF8View) -> (old: Int, new: Int) {
        let words = header.split(separator: UInt8(ascii: " ")).dropFirst().prefix(2)
        let counts = words.map { word in
            let fields = word.split(separator: UInt8(ascii: ","))
            return fields.count < 2 ? 1 : Int(String(Substring(fields[1]))) ?? 0
        }
        return counts.count == 2 ? (counts[0], counts[1]) : (0, 0)
    }
}
