package import Domain

/// What git could not do, to what, and what a person can do about it.
package enum GitError: Error, Equatable, Sendable {
    /// The program is not there, or cannot be started.
    case missing(executable: String)
    case tooOld(found: String)
    case notARepository(String)
    case bareRepository(String)
    /// The directory is inside a `.git` directory.
    case insideGitDirectory(String)
    case dubiousOwnership(String)
    case noCommits(repository: String)
    case invalidBranchName(String)
    case branchExists(String)
    case branchCheckedOut(branch: String, at: String)
    /// A branch `drover` makes every `drover/x` impossible, and the other way round.
    case branchInTheWay(branch: String, other: String)
    /// The branch is not where it was when it was looked at.
    case branchMoved(String)
    case unknownBranch(String)
    case unknownBase(base: String, repository: String)
    /// Something is at the path already that git did not put there for us.
    case pathTaken(String)
    /// A path of the repository itself has bytes that are no text (UTF-8).
    case pathNotText(String)
    case directoryGone(String)
    case notWritable(String)
    case diskFull(String)
    /// Another git is at work, or one died there: the lock file.
    case locked(String)
    case dirtySubmodules(directory: String, paths: [String])
    /// The index has conflicts, or a merge or rebase is in progress.
    case unfinishedOperation(directory: String, operation: String)
    case notOurs(String)
    case timedOut(what: String, directory: String)
    case cancelled(what: String)
    /// Anything else: `what` is the git command, `detail` git's last line.
    case failed(what: String, directory: String, status: Int32, detail: String)
    /// A file could not be read or written; `code` is the errno.
    case system(what: String, path: String, code: Int32, detail: String)
}

extension GitError {
    /// What happened, to what.
    /// Git reads what it knows of every worktree, and dies of one that another git is just writing down (seen with 2.39).
    package var isOfAHalfMadeWorktree: Bool {
        if case .failed(_, _, _, let detail) = self { detail.hasPrefix("failed to read ") && detail.contains("/worktrees/") } else { false }
    }

    package var message: String {
        switch self {
        case .missing(let executable): "git could not be started (\(executable))"
        case .tooOld(let found): "git is too old: \(found), drover needs \(GitVersion.oldest) or newer"
        case .notARepository(let path): "\(path) is not in a git repository"
        case .bareRepository(let path): "\(path) is a bare repository: it has no work tree to work in"
        case .insideGitDirectory(let path): "\(path) is inside a .git directory"
        case .dubiousOwnership(let path): "git refuses \(path): it belongs to another user"
        case .noCommits(let path): "\(path) has no commits yet, so no worktree can be made from it"
        case .invalidBranchName(let name): "“\(name)” is not a valid branch name"
        case .branchExists(let name): "the branch \(name) exists already"
        case .branchCheckedOut(let branch, let path): "the branch \(branch) is checked out in \(path)"
        case .branchInTheWay(let branch, let other): "the branch \(branch) cannot be made while a branch \(other) exists"
        case .branchMoved(let name): "the branch \(name) moved in the meantime"
        case .unknownBranch(let name): "there is no branch \(name)"
        case .unknownBase(let base, let path): "“\(base)” names no commit in \(path)"
        case .pathTaken(let path): "\(path) exists already and drover did not make it"
        case .pathNotText(let path): "the path \(path) is not valid UTF-8"
        case .directoryGone(let path): "the directory \(path) is gone"
        case .notWritable(let path): "\(path) cannot be written to"
        case .diskFull(let path): "no space is left on the disk of \(path)"
        case .locked(let path): "another git holds \(path)"
        case .dirtySubmodules(let directory, let paths):
            "submodules of \(directory) have work that only they hold: \(paths.joined(separator: ", "))"
        case .unfinishedOperation(let directory, let operation): "a \(operation) is unfinished in \(directory)"
        case .notOurs(let path): "\(path) was not made by drover"
        case .timedOut(let what, let directory): "git \(what) took too long in \(directory)"
        case .cancelled(let what): "git \(what) was cancelled"
        case .failed(let what, let directory, let status, let detail):
            "git \(what) failed in \(directory)" + (detail.isEmpty ? " (status \(status))" : ": \(detail)")
        case .system(let what, let path, _, let detail): "could not \(what) \(path): \(detail)"
        }
    }

    /// What to do next; may be empty.
    package var remedy: String {
        switch self {
        case .missing: "install git, or set its path in the configuration"
        case .tooOld: "install a newer git"
        case .notARepository: "run `git init` there, or use the folder itself: -w folder"
        case .bareRepository: "name a directory with a work tree, made with `git worktree add` or `git clone`"
        case .insideGitDirectory: "name the directory above it"
        case .dubiousOwnership(let path): "if you trust it: git config --global --add safe.directory \(ShellWord.quoted(path))"
        case .noCommits: "make a first commit, or use the folder itself: -w folder"
        case .invalidBranchName: "see `git help check-ref-format` for what a branch name may contain"
        case .branchExists: "leave out the base to check the branch out, or choose another name"
        case .branchCheckedOut: "choose another branch, or finish the work there first"
        case .branchInTheWay(_, let other): "rename the branch \(other), or set another branch prefix in the configuration"
        case .branchMoved: "look at it again and repeat"
        case .unknownBranch, .unknownBase: "`git branch --all` and `git tag` list what there is"
        case .pathTaken(let path): "move \(path) away and try again"
        case .pathNotText: "rename the directory"
        case .directoryGone: "`drover place gc` forgets places whose directory is gone"
        case .notWritable: "check its owner and permissions, or whether it is mounted read-only"
        case .diskFull: "free some space and try again"
        case .locked(let path): "wait for it to end; if no git is running: rm \(ShellWord.quoted(path))"
        case .dirtySubmodules: "commit and push inside them, or use --force to lose that work"
        case .unfinishedOperation(_, let operation): "finish it, or `git \(operation) --abort`"
        case .notOurs: "name it on the command line if it shall go"
        case .timedOut, .cancelled: "try again"
        case .failed, .system: ""
        }
    }

    package var refusal: Refusal { Refusal(reason, message, remedy: remedy) }

    private var reason: Refusal.Reason {
        switch self {
        case .unknownBranch, .unknownBase, .directoryGone, .notARepository: .notFound
        case .invalidBranchName: .usage
        case .bareRepository, .insideGitDirectory, .noCommits, .branchExists, .branchCheckedOut, .branchInTheWay, .branchMoved,
            .pathTaken, .pathNotText, .dirtySubmodules, .unfinishedOperation, .notOurs, .dubiousOwnership:
            .refused
        case .timedOut: .timedOut
        case .missing, .tooOld, .notWritable, .diskFull, .locked, .cancelled, .failed, .system: .failed
        }
    }
}

/// Quoting for commands that are shown to a person; drover itself never uses a shell.
package enum ShellWord {
    package static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: ","): true
                default: byte >= 0x80
                }
            }
        if isPlain { return word }
        var quoted = "'"
        for character in word.unicodeScalars {
            if character == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(character) }
        }
        return quoted + "'"
    }
}
