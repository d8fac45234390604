import JSON
import Sys

/// A chat completion request, as far as a script needs it.
struct ModelRequest {
    let model: String?
    let isStreaming: Bool
    /// What the latest message asks for, cut down to the step that is due.
    let step: [Directive]
    let promptTokens: Int
    /// Names this very request: the same bytes, the same digest.
    let digest: String

    init(_ body: JSONTree, raw: [UInt8]) {
        let messages = body["messages"]?.array ?? []
        model = body["model"]?.string
        isStreaming = body["stream"]?.bool ?? false
        step = Self.dueStep(messages)
        promptTokens = messages.reduce(0) { $0 + Self.text($1).unicodeScalars.count } / 4
        digest = SHA256.hex(raw)
    }

    static let title = "Scripted session title"
    static let answer = "This is the scripted model. I have nothing scripted for this message."
    static let summary = """
        ## Goal
        Test the client with a scripted model.

        ## Progress
        - Earlier messages were summarised.

        ## Next steps
        - Wait for the next instruction.
        """
    private static let titleMark = "You are a title generator"
    private static let summaryMarks = ["You are a context summarization agent", "Create a new anchored summary"]

    private static func dueStep(_ messages: [JSONTree]) -> [Directive] {
        let system = messages.filter { ["system", "developer"].contains($0["role"]?.string) }.map(text).joined(separator: "\n")
        let last = messages.lastIndex { $0["role"]?.string == "user" }
        let prompt = last.map { text(messages[$0]) } ?? ""
        if system.contains(titleMark) { return [.plain(name: "text", argument: title)] }
        if summaryMarks.contains(where: { system.contains($0) || prompt.contains($0) }) { return [.plain(name: "text", argument: summary)] }
        let steps = Script(reading: prompt).steps
        if steps.isEmpty { return [.plain(name: "text", argument: answer)] }
        var results = messages[((last ?? -1) + 1)...].count { $0["role"]?.string == "tool" }
        for step in steps {
            let calls = step.count(where: \.isCall)
            if calls == 0 || results < calls { return step }
            results -= calls
        }
        return [.plain(name: "text", argument: "Done.")]
    }

    /// A message's content: a string or a list of parts.
    private static func text(_ message: JSONTree) -> String {
        switch message["content"] {
        case .string(let text): text
        case .array(let parts): parts.filter { $0.object != nil }.map { $0["text"]?.string ?? "" }.joined(separator: "\n")
        default: ""
        }
    }
}
