import Domain
import JSON

/// Parts of prompts, as OpenCode's own screen sends them (read in 1.18.33).
extension V1 {
    /// Its model is one word and its files are all it takes along.
    func write(command input: PromptInput, to body: inout JSONWriter) {
        body.field("messageID", input.message.raw)
        body.fieldIfPresent("model", input.model)
        body.fieldIfPresent("agent", input.mode)
        body.field("command", input.command?.name ?? "")
        body.field("arguments", input.command?.arguments ?? "")
        guard !input.files.isEmpty else { return }
        body.array("parts") { parts in for file in input.files { parts.object { write(file, to: &$0) } } }
    }

    /// The server reads the file itself, when the prompt comes: text for the model as its tool would read it, images as they are.
    func write(_ file: PromptFile, to part: inout JSONWriter) {
        var name = file.mention.name, query = ""
        if let lines = file.mention.lines {
            name += "#\(lines.lowerBound)" + (lines.count > 1 ? "-\(lines.upperBound)" : "")
            query = "?start=\(lines.lowerBound)&end=\(lines.upperBound)"
        }
        part.field("id", file.part.raw)
        part.field("type", "file")
        part.field("mime", file.mime)
        part.field("filename", name)
        part.field("url", "file://" + Words.percentEncoded(file.path, keepingSlash: true) + query)
        part.object("source") { source in
            source.field("type", "file")
            source.field("path", file.mention.name)
            source.object("text") { writePlace(file.mention, to: &$0) }
        }
    }

    func write(_ agent: PromptAgent, to part: inout JSONWriter) {
        part.field("id", agent.part.raw)
        part.field("type", "agent")
        part.field("name", agent.mention.name)
        part.object("source") { writePlace(agent.mention, to: &$0) }
    }

    private func writePlace(_ mention: Mention, to source: inout JSONWriter) {
        source.field("value", mention.written)
        source.field("start", mention.start)
        source.field("end", mention.end)
    }
}
