/// A place in a prompt where something is meant by its name: `@src/main.c`, `@"with a space.txt"`, `@main.c#10-20`, `@general`.
package struct Mention: Equatable, Sendable {
    /// The name alone.
    package var name: String
    /// As it stands in the text, `@` and all.
    package var written: String
    /// Where, in UTF-16 code units, which is how OpenCode counts.
    package var start: Int
    /// The lines that are meant, from the first to the last; nil: all.
    package var lines: ClosedRange<Int>?

    package init(name: String, written: String, start: Int, lines: ClosedRange<Int>? = nil) {
        self.name = name
        self.written = written
        self.start = start
        self.lines = lines
    }

    package var end: Int { start + written.utf16.count }
    /// It may be the name of one of OpenCode's agents.
    package var isWord: Bool { lines == nil && !name.isEmpty && !name.utf8.contains { $0 == 0x2F || $0 == 0x2E || $0 == 0x20 } }
}

/// What a text that a person wrote means to a server, besides its words.
package enum PromptText {
    /// More are taken as words: nobody writes so many, but what is pasted may hold them.
    package static let mostMentions = 200

    /// What is mentioned, in its order. An `@` counts at the beginning, and behind a space or an opening bracket; marks that end a
    /// sentence are not of the name.
    package static func mentions(of text: String) -> [Mention] {
        let bytes = text.utf8
        guard bytes.contains(0x40) else { return [] }
        var found: [Mention] = []
        var index = bytes.startIndex, units = 0, opens = true
        while index < bytes.endIndex, found.count < mostMentions {
            let byte = bytes[index]
            if byte == 0x40, opens, let (mention, end) = mention(text, index, units) {
                units += text[index..<end].utf16.count
                found.append(mention)
                index = end
                opens = false
                continue
            }
            opens = byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D || byte == 0x28 || byte == 0x5B
            // One unit for each scalar, two for those of four bytes.
            if byte & 0xC0 != 0x80 { units += byte >= 0xF0 ? 2 : 1 }
            index = bytes.index(after: index)
        }
        return found
    }

    private static func mention(_ text: String, _ at: String.Index, _ units: Int) -> (Mention, String.Index)? {
        let rest = text[text.index(after: at)...]
        if rest.first == "\"" {
            let body = rest.dropFirst()
            guard let end = body.firstIndex(where: { $0 == "\"" || $0.isNewline }), body[end] == "\"", end > body.startIndex else { return nil }
            let after = body.index(after: end)
            return (Mention(name: String(body[..<end]), written: String(text[at..<after]), start: units), after)
        }
        var word = rest.prefix { !$0.isWhitespace }
        while let last = word.last, ".,;:!?)]}'\"`".contains(last) { word.removeLast() }
        guard !word.isEmpty else { return nil }
        var mention = Mention(name: String(word), written: String(text[at..<word.endIndex]), start: units)
        if let mark = word.lastIndex(of: "#"), let lines = lines(word[word.index(after: mark)...]), mark > word.startIndex {
            mention.name = String(word[..<mark])
            mention.lines = lines
        }
        return (mention, word.endIndex)
    }

    /// "12", "12-40".
    private static func lines(_ text: Substring) -> ClosedRange<Int>? {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = numbers.first ?? nil, first > 0, numbers.count <= 2, let last = numbers.last ?? nil, last >= first else { return nil }
        return first...last
    }

    /// How a name is mentioned.
    package static func mentioning(_ name: String) -> String {
        let isPlain = !name.contains { $0.isWhitespace || $0 == "\"" || $0 == "#" } && !(name.last.map { ".,;:!?)]}'`".contains($0) } ?? false)
        return isPlain ? "@" + name : "@\"" + name + "\""
    }

    /// The command that a text asks for, as OpenCode's own screen reads it: `/name`, and all that follows as its arguments. A space before
    /// the `/` makes it a text; a name with another `/` is one only if there is such a command.
    package static func command(of text: String) -> PromptCommand? {
        guard text.first == "/" else { return nil }
        let name = text.dropFirst().prefix { !$0.isWhitespace }
        guard !name.isEmpty else { return nil }
        var arguments = text[name.endIndex...]
        if !arguments.isEmpty { arguments.removeFirst() }
        return PromptCommand(name: String(name), arguments: String(arguments))
    }

    /// Without the spaces around it; one stays before a `/`, because it says that no command is meant.
    package static func trimmed(_ text: String) -> String {
        let start = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
        let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? start
        let body = String(text[start..<end])
        return start > text.startIndex && body.first == "/" ? " " + body : body
    }
}

/// One of the server's commands with its arguments.
package struct PromptCommand: Equatable, Sendable {
    package var name: String
    package var arguments: String
    package init(name: String, arguments: String) {
        self.name = name
        self.arguments = arguments
    }
}

/// A command that the server offers: one of its own, a file in `.opencode/command`, or of an MCP server.
package struct CommandInfo: Equatable, Sendable {
    package var name: String
    package var description: String
    package init(name: String, description: String = "") {
        self.name = name
        self.description = description
    }
}

/// A file that goes along with a prompt.
package struct PromptFile: Equatable, Sendable {
    package var part: PartID
    /// Absolute.
    package var path: String
    package var mime: String
    package var mention: Mention
    package init(part: PartID, path: String, mime: String, mention: Mention) {
        self.part = part
        self.path = path
        self.mime = mime
        self.mention = mention
    }
}

/// One of OpenCode's agents that a prompt calls for.
package struct PromptAgent: Equatable, Sendable {
    package var part: PartID
    package var mention: Mention
    package init(part: PartID, mention: Mention) {
        self.part = part
        self.mention = mention
    }
}

/// What is known of a name that a prompt mentions. Names that are no files have none.
package struct FileFact: Equatable, Sendable {
    package enum Kind: String, Sendable { case file, directory, image }
    /// As it was asked for.
    package var name: String
    /// Absolute.
    package var path: String
    package var kind: Kind
    /// As OpenCode's own screen gives it: an image's own, else `text/plain`, whatever is in it, or `application/x-directory`.
    package var mime: String
    package var size: Int
    /// Why it cannot be sent; nil: it can.
    package var trouble: String?
    package init(name: String, path: String, kind: Kind, mime: String, size: Int, trouble: String? = nil) {
        self.name = name
        self.path = path
        self.kind = kind
        self.mime = mime
        self.size = size
        self.trouble = trouble
    }
}

/// Where the names in a prompt count from.
package enum PromptPlace: Hashable, Sendable {
    case agent(AgentID)
    /// The project's own directory: of an agent that is still to be made.
    case project(ProjectID)
}
