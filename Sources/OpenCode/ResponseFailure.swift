import Domain
import HTTP
import JSON

/// Answers that say no, in the server's own words.
enum ResponseFailure {
    /// Nil: the answer is fine so far as its status and type go.
    ///
    /// - Parameter server: "opencode 1.18.33", for the sentence.
    static func read(_ response: HTTPResponse, server: String) -> CallFailure? {
        switch response.status {
        // A route that does not exist is answered with the web application (v1-measured.md §9).
        case 200..<300 where isPage(response): .unreadable("it sent a web page: \(server) does not have this route")
        case 200..<300: nil
        case 401: .unauthorised
        case 404: .notFound(words(response))
        case 409: .busy(words(response))
        case 500...: .serverError(response.status, words(response))
        default: .rejected(said(words(response), "the server refused this (\(response.status))"))
        }
    }

    static func isPage(_ response: HTTPResponse) -> Bool {
        if response.contentType.utf8.starts(with: "text/html".utf8) { return true }
        return Words.trimmed(response.body).starts(with: "<".utf8)
    }

    private static func said(_ words: String, _ otherwise: String) -> String { words.isEmpty ? otherwise : words }

    /// `{"name","data":{message,…}}`, `{"_tag","message"}` or `{"errors":[…]}` (api.md §6).
    private static func words(_ response: HTTPResponse) -> String {
        if isPage(response) { return "" }
        guard let json = try? JSONParser().parse(response.body), json.isObject else {
            return String(Words.firstLine(String(decoding: response.body.prefix(400), as: UTF8.self)).prefix(200))
        }
        let data = json.member("data").flatMap { $0.isObject ? $0 : nil } ?? json
        let name = json.word("name") ?? json.word("_tag") ?? ""
        if name.hasPrefix("Config") { return configuration(name, data) }
        let message = data.word("message") ?? json.word("message") ?? json.member("errors")?[0]?.word("message")
        let reference = data.word("ref").map { " (\($0) in its log)" } ?? ""
        return said(message ?? "", name) + reference
    }

    /// Names the file or variable and what is wrong with it: `data.path` is a path or `OPENCODE_CONFIG_CONTENT`.
    private static func configuration(_ name: String, _ data: JSONValue) -> String {
        let place = data.word("path") ?? "OpenCode's configuration"
        let issues = data.member("issues")?.elements.compactMap { issue in
            issue.word("message").map { message in
                let path = issue.texts("path").joined(separator: ".")
                return path.isEmpty ? message : path + ": " + message
            }
        }
        if let directory = data.word("dir"), let right = data.word("suggestion") { return "\(place): rename the directory \"\(directory)\" to \"\(right)\"" }
        let said = ([data.word("message")].compactMap { $0 } + (issues ?? [])).joined(separator: "; ")
        let what = name == "ConfigJsonError" ? "\(place) is not valid JSON" : "\(place) is not valid"
        return said.isEmpty ? what : what + ": " + said
    }
}
