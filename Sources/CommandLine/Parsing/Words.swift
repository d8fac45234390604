import Domain

extension ArgumentParser {
    /// A typed line as words, as a shell has them but for everything that a shell would do with them: quotes and backslashes, nothing else.
    static func words(_ line: String) throws(Refusal) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in line {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw Refusal(.usage, "a quotation mark is not closed") }
        if let word { words.append(word) }
        return words
    }
}
