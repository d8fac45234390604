import JSON

/// What was done to one file.
struct FakeDiff {
    var file: String
    var before: String
    var after: String
    var isNew: Bool

    func followed(by next: FakeDiff) -> FakeDiff { FakeDiff(file: file, before: before, after: next.after, isNew: isNew) }

    /// As in a message's `summary.diffs` and `GET …/diff`.
    var json: JSONTree {
        let (patch, additions, deletions) = unified(name: file, marks: "\t")
        return [
            "file": .string(file), "patch": .string(patch), "additions": .int(additions), "deletions": .int(deletions),
            "status": isNew ? "added" : "modified",
        ]
    }

    /// One hunk: what the two texts begin and end with alike is left out but for three lines.
    func unified(name: String, marks: String = "") -> (patch: String, additions: Int, deletions: Int) {
        let old = Self.lines(before), new = Self.lines(after)
        var start = 0
        while start < min(old.count, new.count), old[start] == new[start] { start += 1 }
        var same = 0
        while same < min(old.count, new.count) - start, old[old.count - 1 - same] == new[new.count - 1 - same] { same += 1 }
        let removed = old[start..<(old.count - same)], added = new[start..<(new.count - same)]
        let first = max(0, start - 3), last = min(3, same)
        let head = old[first..<start], tail = old[(old.count - same)..<(old.count - same + last)]
        let oldCount = head.count + removed.count + tail.count, newCount = head.count + added.count + tail.count
        var patch = "Index: \(name)\n" + String(repeating: "=", count: 67) + "\n--- \(name)\(marks)\n+++ \(name)\(marks)\n"
        patch += "@@ -\(oldCount == 0 ? first : first + 1),\(oldCount) +\(newCount == 0 ? first : first + 1),\(newCount) @@\n"
        patch += (head.map { " " + $0 } + removed.map { "-" + $0 } + added.map { "+" + $0 } + tail.map { " " + $0 }).joined(separator: "\n") + "\n"
        return (patch, added.count, removed.count)
    }

    private static func lines(_ text: String) -> [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
