extension Script {
    /// All directives in a text, in order; everything else in it is ignored.
    package init(reading text: String, names: Set<String> = Script.modelNames) {
        var reader = ScriptReader(Array(text.unicodeScalars), names)
        self.init(reader.read())
    }
}

/// Walks over a prompt. Works on scalars: what a caret counts in other implementations of this language.
private struct ScriptReader {
    private let text: [Unicode.Scalar]
    private let names: Set<String>
    private var at = 0

    init(_ text: [Unicode.Scalar], _ names: Set<String>) {
        self.text = text
        self.names = names
    }

    mutating func read() -> [Directive] {
        var found: [Directive] = []
        while let name = findOpening() {
            if ["tool", "also", "ask"].contains(name) {
                guard let tool = toolName() else { continue }
                found.append(.call(tool: tool, arguments: argumentsOfTool(), also: name == "also", asks: name == "ask"))
                guard let close = closing(from: at) else { break }
                at = close + 2
                continue
            }
            guard let close = closing(from: at) else { break }
            let argument = string(trimmed(at..<close))
            at = close + 2
            if name == "badtool" {
                let parts = argument.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
                found.append(.call(tool: String(parts.first ?? ""), arguments: parts.count > 1 ? String(parts[1]) : "", also: false))
            } else {
                found.append(.plain(name: name, argument: argument))
            }
        }
        return found
    }

    /// Goes behind the next `[[name` and the blanks after it.
    private mutating func findOpening() -> String? {
        while at + 1 < text.count {
            guard text[at] == "[", text[at + 1] == "[" else {
                at += 1
                continue
            }
            var end = at + 2
            while end < text.count, text[end].isWordPart { end += 1 }
            let name = string(at + 2..<end)
            guard names.contains(name) else {
                at += 1
                continue
            }
            while end < text.count, text[end] == " " { end += 1 }
            at = end
            return name
        }
        return nil
    }

    /// The shortest word that white space or `]]` follows, and the white space behind it.
    private mutating func toolName() -> String? {
        var end = at
        while end < text.count, !text[end].isSpace {
            end += 1
            if end < text.count, text[end].isSpace || isClosing(end) {
                let name = string(at..<end)
                while end < text.count, text[end].isSpace { end += 1 }
                at = end
                return name
            }
        }
        return nil
    }

    /// The JSON value here, or whatever stands before `]]`. Goes behind it.
    private mutating func argumentsOfTool() -> String {
        let start = at
        var end = JSONExtent.end(of: text, from: start)
        if end == nil { end = closing(from: start) }
        // Without any end the last scalar is given up, as the Python original does.
        at = end ?? max(start, text.count - 1)
        let arguments = string(trimmed(start..<at))
        return arguments.isEmpty ? "{}" : arguments
    }

    private func isClosing(_ index: Int) -> Bool { index + 1 < text.count && text[index] == "]" && text[index + 1] == "]" }

    private func closing(from start: Int) -> Int? { (start..<max(start, text.count)).first { isClosing($0) } }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, text[start].isSpace { start += 1 }
        while start < end, text[end - 1].isSpace { end -= 1 }
        return start..<end
    }

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[range])
        return String(view)
    }
}

extension Unicode.Scalar {
    /// White space as Python's `str.isspace` sees it.
    var isSpace: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }

    fileprivate var isWordPart: Bool { self == "_" || properties.isAlphabetic || properties.numericType != nil }
}
