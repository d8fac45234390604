/// How `opencode serve` of generation 1 is started and how its start is followed (v1-measured.md §1, §2, §11). Pure: it
/// names arguments, variables and files; others spawn, read and write.
package struct ServerLaunch: Equatable, Sendable {
    /// The user name that a server expects unless told otherwise.
    package static let user = "opencode"
    /// 1…65535, chosen by the caller and free a moment ago: `--port 0` would take 4096.
    package var port: Int
    package var password: String
    /// A directory of drover's own for everything the server writes (configuration `opencode.data: "private"`); nil: the
    /// person's own data, configuration and sign-ins.
    package var privateDirectory: String?

    package init(port: Int, password: String, privateDirectory: String? = nil) {
        self.port = port
        self.password = password
        self.privateDirectory = privateDirectory
    }

    /// What comes after the program's name. The password is not among it: arguments can be seen by everyone on the machine.
    package var arguments: [String] { ["serve", "--hostname", "127.0.0.1", "--port", String(port)] }

    /// What is added to the environment.
    ///
    /// `OPENCODE_CLIENT` other than app, cli or desktop takes the question tool away (read in 1.18.33), so that is asked for
    /// by name.
    package var environment: [String: String] {
        var variables = [
            "OPENCODE_SERVER_PASSWORD": password, "OPENCODE_SERVER_USERNAME": Self.user, "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_CLIENT": "drover", "OPENCODE_ENABLE_QUESTION_TOOL": "1",
        ]
        if let root = privateDirectory {
            variables["XDG_DATA_HOME"] = root + "/data"
            variables["XDG_CONFIG_HOME"] = root + "/config"
            variables["XDG_STATE_HOME"] = root + "/state"
            variables["XDG_CACHE_HOME"] = root + "/cache"
        }
        return variables
    }

    /// Where the server looks for its configuration when it has a private directory.
    package var configurationDirectory: String? { privateDirectory.map { $0 + "/config/opencode" } }

    // MARK: seeding

    /// A file or an empty directory, relative to a configuration directory.
    package struct Seed: Equatable, Sendable {
        package var path: String
        /// Nil: an empty directory.
        package var content: String?
    }

    /// What a private configuration directory must hold before the first start. Without it the server installs a package
    /// from the registry there (63 MB), and ignores SIGTERM meanwhile (v1-measured.md §2).
    ///
    /// - Parameter present: names that are there already. Where one of them is, nothing is touched: it is the server's.
    package static func seeds(version: ServerVersion, present: Set<String>) -> [Seed] {
        let names: Set = ["package.json", "package-lock.json", "node_modules"]
        guard present.isDisjoint(with: names) else { return [] }
        let dependencies = "\"dependencies\":{\"@opencode-ai/plugin\":\"\(version.text)\"}"
        return [
            Seed(path: "node_modules", content: nil),
            Seed(path: "package.json", content: "{\(dependencies)}\n"),
            Seed(path: "package-lock.json", content: "{\"name\":\"opencode\",\"lockfileVersion\":3,\"packages\":{\"\":{\(dependencies)}}}\n"),
        ]
    }

    // MARK: readiness

    package enum Progress: Equatable, Sendable {
        /// Nothing decisive yet. The port may accept connections already, but requests on them are never answered.
        case starting
        /// Ready; `http://127.0.0.1:PORT`.
        case listening(url: String)
        /// Somebody else has the port: choose another and start again.
        case portTaken
        /// The last lines of what it said.
        case failed(String)
    }

    /// What the output so far says.
    ///
    /// - Parameters:
    ///   - log: everything from this start on, standard output and error mixed; the end may be cut.
    ///   - hasExited: whether the process has ended. Before that only readiness can be seen: warnings may come first.
    package static func progress(log: String, hasExited: Bool) -> Progress {
        let lines = log.split(whereSeparator: \.isNewline)
        let isCut = !hasExited && log.last?.isNewline != true
        for line in isCut ? lines.dropLast() : lines[...] {
            guard let mark = line.firstRange(of: "listening on http") else { continue }
            let url = line[mark.upperBound...].prefix { !$0.isWhitespace }
            if !hasExited { return .listening(url: withoutSlash("http" + url)) }
        }
        guard hasExited else { return .starting }
        let said = lines.map { Words.trimmed(withoutEscapes(String($0))) }.filter { !$0.isEmpty && !$0.hasPrefix("Warning: OPENCODE_SERVER_PASSWORD") }
        // A busy port is all that this error was ever seen for; it does not say so (v1-measured.md §1).
        if said.contains(where: { $0.hasPrefix("ServeError") || $0.contains("EADDRINUSE") }) { return .portTaken }
        return .failed(said.isEmpty ? "it ended without a word" : brief(said.suffix(5).joined(separator: " / ")))
    }

    /// The end of it, where the cause is: what is no opencode may say anything.
    private static func brief(_ words: String) -> String { words.count > 400 ? "…" + words.suffix(400) : words }

    private static func withoutSlash(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }

    /// Without `ESC [ … letter`: the server colours its errors also when nobody looks.
    private static func withoutEscapes(_ line: String) -> String {
        var out: [UInt8] = []
        var isEscape = false
        for byte in line.utf8 {
            if byte == 0x1B {
                isEscape = true
            } else if isEscape {
                if (0x40...0x7E).contains(byte), byte != UInt8(ascii: "[") { isEscape = false }
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
