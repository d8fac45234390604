package import Domain

/// `git status` of a work tree.
package struct WorkTreeStatus: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package enum Kind: Equatable, Sendable { case changed, renamed, unmerged, untracked }
        package var kind: Kind
        /// Against HEAD, as git says it: `M`, `A`, `D`, `T`, `R`, `C`, `U`, `.` for nothing.
        package var index: Character
        /// Against the index.
        package var workTree: Character
        package var path: Path
        /// Where a renamed or copied file came from.
        package var origin: Path?
        /// A submodule with changed or untracked files, which only its own directory holds.
        package var isDirtySubmodule: Bool
    }
    package var entries: [Entry] = []
    /// nil when detached.
    package var branch: String?
    /// nil before the first commit.
    package var head: String?

    package var isClean: Bool { entries.isEmpty }
    package var untracked: [Path] { entries.filter { $0.kind == .untracked }.map(\.path) }
    package var hasConflicts: Bool { entries.contains { $0.kind == .unmerged } }
    package var dirtySubmodules: [Path] { entries.filter(\.isDirtySubmodule).map(\.path) }
}

extension GitTool {
    /// What is not committed: staged, unstaged, untracked (each file, not only their directory).
    package func status(of workTree: String) async throws(GitError) -> WorkTreeStatus {
        let arguments = ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--ignore-submodules=none"]
        return StatusListing.parse(try await run(GitCall(arguments, in: workTree, reads: true).patient()))
    }
}

/// All that is asked of a work tree again and again.
package struct WorkTreeState: Equatable, Sendable {
    package var status: WorkTreeStatus
    package var changes: Changes
    /// A merge, rebase or the like is in progress: its name.
    package var operation: String?
}

extension GitTool {
    /// Everything at once, with two processes. `base` nil: against HEAD. nil when the directory is in no repository.
    package func workTreeState(of workTree: String, since base: String?) async throws(GitError) -> WorkTreeState? {
        let status: WorkTreeStatus
        do throws(GitError) {
            status = try await self.status(of: workTree)
        } catch .notARepository {
            return nil
        }
        let start = base ?? status.head ?? Self.emptyTree
        let changes = try await changes(in: workTree, since: start, untracked: status.untracked)
        let operation = try GitState.gitDirectory(of: workTree).flatMap(GitState.operation)
        return WorkTreeState(status: status, changes: changes, operation: operation)
    }

    /// Git knows it without having it. (The name under SHA-1; a repository of SHA-256 has a commit by then, or shows nothing.)
    static let emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
}

/// The porcelain format, version 2: git-status(1).
enum StatusListing {
    static func parse(_ bytes: [UInt8]) -> WorkTreeStatus {
        var status = WorkTreeStatus()
        var records = Records.zeroTerminated(bytes)[...]
        while let record = records.popFirst() {
            switch record.first {
            case UInt8(ascii: "1"): add(record, .changed, fields: 8, to: &status)
            case UInt8(ascii: "2"):
                add(record, .renamed, fields: 9, to: &status)
                if let origin = records.popFirst(), !status.entries.isEmpty { status.entries[status.entries.count - 1].origin = Array(origin) }
            case UInt8(ascii: "u"): add(record, .unmerged, fields: 10, to: &status)
            case UInt8(ascii: "?"):
                status.entries.append(
                    .init(kind: .untracked, index: "?", workTree: "?", path: Array(record.dropFirst(2)), origin: nil, isDirtySubmodule: false))
            case UInt8(ascii: "#"): readHeader(record.text, into: &status)
            default: break  // what later gits may add
            }
        }
        return status
    }

    /// "# branch.oid <commit>" or "(initial)", "# branch.head <branch>" or "(detached)".
    private static func readHeader(_ line: String, into status: inout WorkTreeStatus) {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count == 3 else { return }
        if words[1] == "branch.oid", words[2] != "(initial)" { status.head = String(words[2]) }
        if words[1] == "branch.head", words[2] != "(detached)" { status.branch = String(words[2]) }
    }

    /// `fields` words before the path: "1 XY sub mH mI mW hH hI path".
    private static func add(_ record: ArraySlice<UInt8>, _ kind: WorkTreeStatus.Entry.Kind, fields: Int, to status: inout WorkTreeStatus) {
        let parts = record.split(separator: UInt8(ascii: " "), maxSplits: fields, omittingEmptySubsequences: false)
        guard parts.count == fields + 1, parts[1].count == 2, parts[2].count == 4 else { return }
        let state = Array(parts[1])
        let submodule = Array(parts[2])
        // "S<c><m><u>": other commit, modified, untracked; "N..." for what is no submodule. Another commit is a change like any other.
        let isDirty = submodule[0] == UInt8(ascii: "S") && submodule[2...].contains { $0 != UInt8(ascii: ".") }
        status.entries.append(
            .init(
                kind: kind, index: Character(UnicodeScalar(state[0])), workTree: Character(UnicodeScalar(state[1])), path: Array(parts[fields]),
                origin: nil, isDirtySubmodule: isDirty))
    }
}
