import Domain
import JSON

/// What went wrong in a turn, in words for a person. The provider's own words come after ours.
extension V1 {
    static func turnError(_ json: JSONValue) -> TurnError? {
        guard json.isObject else { return nil }
        let name = json.word("name") ?? "UnknownError"
        let data = json.member("data") ?? json
        let said = Words.trimmed(data.text("message") ?? "")
        let message: String
        switch name {
        case "APIError": message = apiError(data, said)
        case "ProviderAuthError": message = join("the provider\(data.word("providerID").map { " " + $0 } ?? "") refused the key", said)
        case "MessageOutputLengthError": message = join("the answer became longer than the model may write", said)
        case "ContextOverflowError": message = join("the conversation is longer than the model can read", said)
        case "ContentFilterError": message = join("the provider's filter stopped the answer", said)
        case "StructuredOutputError": message = join("the model did not keep to the form that was asked for", said)
        case "MessageAbortedError": message = "stopped"
        default: message = said.isEmpty ? name : withoutStack(said)
        }
        return TurnError(name: name, message: message)
    }

    /// A refused key comes as a plain APIError 401 (v1-measured.md §8).
    private static func apiError(_ data: JSONValue, _ said: String) -> String {
        let words = said.isEmpty ? Words.firstLine(data.text("responseBody") ?? "") : said
        guard let code = data.whole("statusCode") else { return words.isEmpty ? "the provider failed" : words }
        let what =
            switch code {
            case 400: "the provider refused the request"
            case 401, 403: "the provider refused the key"
            case 402: "the provider wants to be paid"
            case 404: "the provider does not know this model"
            case 413: "the request is too large for the provider"
            case 429: "the provider's rate limit is reached"
            case 500...: "the provider failed"
            default: "the provider did not answer as it should"
            }
        return join("\(what) (\(code))", words)
    }

    private static func join(_ ours: String, _ theirs: String) -> String { theirs.isEmpty ? ours : ours + ": " + theirs }

    /// `NameError: what happened\n    at function (file)` becomes `what happened`: the stack is for OpenCode's authors, and the
    /// same error comes with and without it (recording `error-key`).
    private static func withoutStack(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if let stack = lines.firstIndex(where: { $0.hasPrefix("    at ") }), stack > 0 { lines.removeSubrange(stack...) }
        let message = lines.joined(separator: "\n")
        guard let colon = message.firstIndex(of: ":"), message[..<colon].hasSuffix("Error"), !message[..<colon].contains(" ") else { return message }
        let rest = Words.trimmed(String(message[message.index(after: colon)...]))
        return rest.isEmpty ? message : rest
    }
}
