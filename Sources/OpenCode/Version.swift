/// The version that an OpenCode program or server names.
package struct ServerVersion: Equatable, Sendable, Comparable {
    package let major, minor, patch: Int
    /// As it was said: "1.18.33", "1.19.0-beta.2".
    package let text: String

    /// Reads `1.18.33`, `v1.18.33`, `opencode 1.18.33`, `1.19.0-beta.2`; the last line that has a version counts, because
    /// wrappers print warnings above it. Nil when there is none.
    package init?(_ said: String) {
        let words = said.split { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
        guard let found = words.reversed().lazy.compactMap({ Self(word: $0) }).first else { return nil }
        self = found
    }

    private init?(word: Substring) {
        let text = word.first == "v" ? word.dropFirst() : word
        let numbers = text.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, let major = Self.number(numbers[0]), let minor = Self.number(numbers[1]), let patch = Self.number(numbers[2]) else {
            return nil
        }
        self.major = major
        self.minor = minor
        self.patch = patch
        self.text = String(text)
    }

    private static func number(_ text: Substring) -> Int? { text.utf8.allSatisfy { 48...57 ~= $0 } ? Int(text) : nil }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

/// Whether drover can drive a version. The oldest and newest that it knows are in one place: here.
package enum VersionVerdict: Equatable, Sendable {
    case supported(ServerVersion)
    /// Newer than what was tried, of the same generation: it is used, and the person is told this sentence once.
    case untried(ServerVersion, warning: String)
    case refused(String)

    /// Oldest and newest minor version of generation 1 that drover was made for.
    package static let oldest = 15, newest = 19

    /// - Parameter said: what `opencode --version` printed, or the `version` that a server named.
    package init(_ said: String) {
        guard let version = ServerVersion(said) else {
            let words = Words.firstLine(said)
            self = .refused(
                "this does not look like opencode: asked for its version it said \(words.isEmpty ? "nothing" : "\"\(words.prefix(60))\""); \(Self.remedy)")
            return
        }
        switch (version.major, version.minor) {
        case (1, Self.oldest...Self.newest): self = .supported(version)
        case (1, (Self.newest + 1)...):
            self = .untried(version, warning: "opencode \(version.text) is newer than the versions drover was tried with (\(Self.range))")
        case (2..., _): self = .refused("opencode \(version.text) cannot be driven yet: drover works with versions \(Self.range); \(Self.remedy)")
        default: self = .refused("opencode \(version.text) is too old: drover works with versions \(Self.range); \(Self.remedy)")
        }
    }

    package static var range: String { "1.\(oldest) to 1.\(newest)" }
    package static var remedy: String { "install one with: npm install -g opencode-ai@1" }
}
