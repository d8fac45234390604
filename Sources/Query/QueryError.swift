/// Why a query cannot be read, and where.
package struct QueryError: Error, Equatable, Sendable {
    /// Unicode scalars before the trouble, and how many it covers.
    package let position: Int
    package let length: Int
    /// What is wrong, in words: "no key stauts".
    package let message: String
    /// What was probably meant ("status"); nil when nothing is near.
    package let nearest: String?

    package init(_ message: String, at position: Int, length: Int, nearest: String? = nil) {
        self.message = message
        self.position = position
        self.length = length
        self.nearest = nearest
    }

    /// The text without the words that cannot be read: what is shown while they are being typed.
    package func remainder(of text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var start = min(position, scalars.count), end = min(position + length, scalars.count)
        while start > 0, scalars[start - 1] != " " { start -= 1 }
        while end < scalars.count, scalars[end] != " " { end += 1 }
        var rest = String.UnicodeScalarView()
        rest.append(contentsOf: scalars[..<start])
        rest.append(contentsOf: scalars[end...])
        return String(rest)
    }

    /// One line for a person: "no key stauts; did you mean status?"
    package var sentence: String { nearest.map { message + "; did you mean " + $0 + "?" } ?? message }
}

/// The name among `names` that `text` was probably meant to be: the only one that begins with it, or one at most a third of its letters away.
package func nearestName(to text: String, among names: [String]) -> String? {
    let wanted = text.lowercased()
    guard !wanted.isEmpty else { return nil }
    if let begun = names.first(where: { $0.hasPrefix(wanted) }) { return begun }
    let ranked = names.map { (name: $0, distance: editDistance(Array(wanted.unicodeScalars), Array($0.unicodeScalars))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= max(1, best.name.unicodeScalars.count / 3) else { return nil }
    return best.name
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 1...left.count {
        var current = [row]
        for column in 1...right.count {
            let same = left[row - 1] == right[column - 1]
            var best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
            if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] { best = min(best, beforeLast[column - 2] + 1) }
            current.append(best)
        }
        (beforeLast, last) = (last, current)
    }
    return last[right.count]
}
