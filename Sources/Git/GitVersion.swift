/// The version of the git binary; `2.39.5` and `2.47.1.windows.2` alike.
package struct GitVersion: Comparable, Sendable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    package init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// 2.30 is what the oldest supported distributions have; it knows `--end-of-options` and `--pathspec-from-file`.
    package static let oldest = GitVersion(2, 30)

    package var description: String { "\(major).\(minor)" }
    package static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }

    /// Reads the answer of `git --version`; nil when it is something else.
    package init?(answer: String) {
        let prefix = "git version "
        guard answer.hasPrefix(prefix) else { return nil }
        let numbers = answer.dropFirst(prefix.count).split(separator: ".", maxSplits: 2).prefix(2).map { part in Int(part.prefix { $0.isNumber }) }
        guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major, minor)
    }
}
