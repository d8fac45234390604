import Glibc
import Sys

/// Turns git's complaints (English, by `LC_ALL=C`) into errors that a person can act on. What is not known stays
/// `.failed` with git's own last line.
enum GitTrouble {
    static func error(of answer: GitAnswer, _ call: GitCall) -> GitError {
        let text = answer.errors.text
        if text.contains("No space left on device") || text.contains("Disk quota exceeded") { return .diskFull(call.directory) }
        if let lock = lockFile(in: text) { return .locked(lock) }
        if text.contains("dubious ownership") { return .dubiousOwnership(call.directory) }
        if text.contains("not a git repository") { return .notARepository(call.directory) }
        if text.contains("Read-only file system") || text.contains("Permission denied") || text.contains("insufficient permission") {
            return .notWritable(quoted(in: text, after: "could not create leading directories of ") ?? quoted(in: text, after: "create ") ?? call.directory)
        }
        // Git does not say why a write failed. Opening the file succeeded before, so it is the disk; and by now git may have
        // deleted what filled it.
        if text.contains("unable to write file") { return .diskFull(call.arguments.last { $0.hasPrefix("/") } ?? call.directory) }
        return worktreeError(text) ?? .failed(what: call.name, directory: call.directory, status: answer.status, detail: answer.lastLine)
    }

    static func error(of error: SysError, _ call: GitCall, executable: String) -> GitError {
        if error.isCancelled { return .cancelled(what: call.name) }
        if error.isTimeout { return .timedOut(what: call.name, directory: call.directory) }
        if error.isMissing || error.isPermission { return Directory.exists(call.directory) ? .missing(executable: executable) : .directoryGone(call.directory) }
        return .system(what: "run", path: executable, code: error.code, detail: error.detail.isEmpty ? String(cString: strerror(error.code)) : error.detail)
    }

    /// "'x' is already checked out at '/y'" (2.30), "'x' is already used by worktree at '/y'" (2.43).
    private static func worktreeError(_ text: String) -> GitError? {
        for words in ["' is already checked out at '", "' is already used by worktree at '"] {
            guard let middle = position(of: words, in: text) else { continue }
            let line = text[..<middle].split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
            let branch = line.split(separator: "'", maxSplits: 1).last.map(String.init) ?? ""
            return .branchCheckedOut(branch: branch, at: quoted(in: text, after: String(words.dropLast())) ?? "")
        }
        if let name = quoted(in: text, after: "a branch named "), text.contains("already exists") { return .branchExists(name) }
        if let name = quoted(in: text, after: "fatal: "), text.contains("is not a valid branch name") { return .invalidBranchName(name) }
        if let path = quoted(in: text, after: "fatal: "), text.contains("' already exists") { return .pathTaken(path) }
        return nil
    }

    /// "Unable to create '/x/index.lock': File exists."
    private static func lockFile(in text: String) -> String? {
        guard text.contains(".lock'"), text.contains("File exists") else { return nil }
        return quoted(in: text, after: "Unable to create ") ?? quoted(in: text, after: "cannot lock ref ") ?? quoted(in: text, after: "create ")
    }

    /// The text between the first pair of single quotes behind `words`.
    private static func quoted(in text: String, after words: String) -> String? {
        guard let start = position(of: words + "'", in: text) else { return nil }
        let rest = text[start...].dropFirst(words.count + 1)
        guard let end = rest.firstIndex(of: "'") else { return nil }
        return String(rest[..<end])
    }

    private static func position(of words: String, in text: String) -> String.Index? {
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix(words) { return rest.startIndex }
            rest = rest.dropFirst()
        }
        return nil
    }
}
