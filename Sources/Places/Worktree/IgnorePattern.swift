/// One line as in `.gitignore` (gitignore(5)): `.env`, `/config/*.local`, `secrets/`, `**/cache.db`. No negation.
struct IgnorePattern: Equatable {
    private let segments: [[UInt8]]
    private let onlyDirectories: Bool

    /// nil for empty lines, comments and negations.
    init?(_ line: String) {
        var bytes = Array(line.utf8)
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        guard let first = bytes.first, first != UInt8(ascii: "#"), first != UInt8(ascii: "!") else { return nil }
        onlyDirectories = bytes.last == UInt8(ascii: "/")
        if onlyDirectories { bytes.removeLast() }
        let isAnchored = bytes.contains(UInt8(ascii: "/"))
        let parts = bytes.split(separator: UInt8(ascii: "/")).map(Array.init)
        guard !parts.isEmpty else { return nil }
        segments = isAnchored ? parts : [Self.anyDepth] + parts
    }

    /// - Parameter path: relative to the work tree, without slashes at its ends.
    func matches(_ path: String, isDirectory: Bool) -> Bool {
        guard isDirectory || !onlyDirectories else { return false }
        return Self.match(segments[...], path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)[...])
    }

    private static let anyDepth = Array("**".utf8)

    private static func match(_ pattern: ArraySlice<[UInt8]>, _ path: ArraySlice<[UInt8]>) -> Bool {
        guard let segment = pattern.first else { return path.isEmpty }
        if segment == anyDepth {
            // At the end it stands for everything inside, in the middle for any number of directories.
            if pattern.count == 1 { return !path.isEmpty }
            return (0...path.count).contains { match(pattern.dropFirst(), path.dropFirst($0)) }
        }
        guard let name = path.first, matchName(segment[...], name[...]) else { return false }
        return match(pattern.dropFirst(), path.dropFirst())
    }

    /// `*`, `?`, `[a-z]`, `[!x]` and `\` inside one name.
    private static func matchName(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        switch first {
        case UInt8(ascii: "*"):
            return (0...name.count).contains { matchName(pattern.dropFirst(), name.dropFirst($0)) }
        case UInt8(ascii: "?"):
            return !name.isEmpty && matchName(pattern.dropFirst(), name.dropFirst())
        case UInt8(ascii: "["):
            guard let byte = name.first, let (isIn, rest) = matchClass(pattern.dropFirst(), byte) else { return false }
            return isIn && matchName(rest, name.dropFirst())
        case UInt8(ascii: "\\") where pattern.count > 1:
            return name.first == pattern.dropFirst().first && matchName(pattern.dropFirst(2), name.dropFirst())
        default:
            return name.first == first && matchName(pattern.dropFirst(), name.dropFirst())
        }
    }

    /// Whether a byte is in the class that starts here, and the pattern behind it; nil when the class has no end.
    private static func matchClass(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> (isIn: Bool, rest: ArraySlice<UInt8>)? {
        var rest = pattern
        let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
        if isNegated { rest = rest.dropFirst() }
        var isIn = false
        var isFirst = true
        while let low = rest.first, isFirst || low != UInt8(ascii: "]") {
            isFirst = false
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "-"), let high = rest.dropFirst().first, high != UInt8(ascii: "]") {
                isIn = isIn || (low <= byte && byte <= high)
                rest = rest.dropFirst(2)
            } else {
                isIn = isIn || low == byte
            }
        }
        return rest.isEmpty ? nil : (isIn != isNegated, rest.dropFirst())
    }
}
