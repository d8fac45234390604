package import Domain

/// A diff taken apart once, so that any window of its lines can be drawn at no cost.
package struct DiffDocument: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        package var path: String
        package var status: String
        package var additions: Int
        package var deletions: Int
        package var lines: [DiffLine]
    }
    package var files: [File]

    package init(_ changes: [FileChange]) {
        files = changes.map { File(path: $0.file, status: $0.status, additions: $0.additions, deletions: $0.deletions, lines: diffLines(of: $0.patch)) }
    }

    package init(files: [File]) { self.files = files }

    /// Cells of line numbers where that many columns are there; 0: none.
    func numberWidth(_ columns: Int) -> Int {
        let digits = String(files.reduce(1) { max($0, $1.lines.last { $0.number > 0 }?.number ?? 1) }).utf8.count
        return columns >= 60 ? max(3, digits) : columns >= 40 ? digits : 0
    }

    package var additions: Int { files.reduce(0) { $0 + $1.additions } }
    package var deletions: Int { files.reduce(0) { $0 + $1.deletions } }
}

/// One line of a unified diff.
package struct DiffLine: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case context, added, deleted
        /// Lines left out between two hunks: how many, 0 when not known, and what stands behind `@@`.
        case gap(Int, String)
        /// "\ No newline at end of file", "Binary files differ".
        case note
    }
    package var kind: Kind
    /// Its number in the file that it belongs to: the old one for a deleted line, else the new one.
    package var number: Int
    package var text: String
    /// A line that did not change has one in the old file, too.
    package var oldNumber = 0
    /// Bytes (UTF-8) of `text` that really changed; none when it is all of it or nothing.
    package var changed: [Range<Int>] = []
}

/// Lines of a patch without its header.
package func diffLines(of patch: String) -> [DiffLine] {
    var lines: [DiffLine] = []
    var old = 0, new = 0, isInside = false
    for raw in patch.split(separator: "\n", omittingEmptySubsequences: false) {
        let line = raw.last == "\r" ? raw.dropLast() : raw
        if line.hasPrefix("@@") {
            let hunk = hunkStart(line)
            let skipped = hunk.new - new
            if !lines.isEmpty || hunk.new > 1 {
                lines.append(DiffLine(kind: .gap(isInside || hunk.new > 1 ? max(0, skipped - (isInside ? 0 : 1)) : 0, hunk.heading), number: 0, text: ""))
            }
            (old, new, isInside) = (hunk.old, hunk.new, true)
            continue
        }
        guard isInside else {
            if line.hasPrefix("Binary ") || line.hasPrefix("GIT binary") { lines.append(DiffLine(kind: .note, number: 0, text: String(line))) }
            continue
        }
        switch line.first {
        case "+":
            lines.append(DiffLine(kind: .added, number: new, text: String(line.dropFirst())))
            new += 1
        case "-":
            lines.append(DiffLine(kind: .deleted, number: old, text: String(line.dropFirst())))
            old += 1
        case "\\": lines.append(DiffLine(kind: .note, number: 0, text: String(line.dropFirst(2))))
        case " ", nil:
            if line.isEmpty && raw.endIndex == patch.endIndex { continue }
            lines.append(DiffLine(kind: .context, number: new, text: String(line.dropFirst()), oldNumber: old))
            (old, new) = (old + 1, new + 1)
        // "diff --git", "Index:" of the next file.
        default: isInside = false
        }
    }
    markWords(&lines)
    return lines
}

/// The numbers of `@@ -12,7 +13,9 @@ heading`. Whatever else stands there, nothing traps.
private func hunkStart(_ line: Substring) -> (old: Int, new: Int, heading: String) {
    let parts = line.split(separator: " ", maxSplits: 4)
    func number(_ index: Int) -> Int {
        guard parts.count > index, let value = Int(parts[index].dropFirst().split(separator: ",").first ?? "") else { return 1 }
        return min(max(value, 0), 1_000_000_000)
    }
    return (number(1), number(2), parts.count > 4 ? String(parts[4]) : "")
}
