package import Domain
import Glibc

/// What git knows about a directory.
package struct ProjectFacts: Equatable, Sendable {
    package var isRepository: Bool
    /// The project's real path: the top level of the main work tree, or the directory itself without a repository.
    package var path: String
    /// Top level of the work tree the directory is in; differs from `path` inside a linked worktree.
    package var workTree: String
    /// This work tree's own git directory (`…/.git`, `…/.git/worktrees/x`).
    package var gitDirectory: String
    /// The git directory all work trees share.
    package var commonDirectory: String
    /// nil when detached.
    package var branch: String?
    /// The commit of HEAD; nil when there is none yet.
    package var head: String?
    /// The URL of `origin`, without credentials.
    package var remote: String?
    package var isLinkedWorktree: Bool
    package var isSubmodule: Bool

    package var hasCommits: Bool { head != nil }

    package func project(added: Timestamp) -> Project {
        Project(path: path, branch: hasCommits ? branch : nil, remote: remote, isRepository: isRepository, added: added)
    }

    static func plain(_ path: String) -> ProjectFacts {
        ProjectFacts(
            isRepository: false, path: path, workTree: path, gitDirectory: "", commonDirectory: "", branch: nil, head: nil, remote: nil,
            isLinkedWorktree: false, isSubmodule: false)
    }
}

extension GitTool {
    /// Looks at a directory: which project it belongs to and in what state that is. No repository is an answer; a bare
    /// repository and the inside of a `.git` are errors.
    package func inspect(_ directory: String) async throws(GitError) -> ProjectFacts {
        let real = try RealPath.of(directory)
        guard let place = try await locate(real) else { return .plain(real) }
        var facts = ProjectFacts.plain(place.workTree)
        facts.isRepository = true
        facts.gitDirectory = place.gitDirectory
        facts.commonDirectory = place.commonDirectory
        facts.isLinkedWorktree = place.gitDirectory != place.commonDirectory
        let above = try await run(GitCall(["rev-parse", "--show-superproject-working-tree"], in: real, reads: true))
        facts.isSubmodule = !above.withoutFinalNewline.isEmpty
        if facts.isLinkedWorktree { facts.path = try await mainWorkTree(of: facts) ?? facts.workTree }
        let (branch, head) = try await headOf(facts.path)
        facts.branch = branch
        facts.head = head
        facts.remote = try await value("remote.origin.url", in: facts.path).map(RemoteURL.withoutCredentials)
        return facts
    }

    /// The branch that HEAD names (nil when detached) and the commit it stands for (nil before the first).
    package func headOf(_ directory: String) async throws(GitError) -> (branch: String?, commit: String?) {
        let symbolic = try await finish(GitCall(["symbolic-ref", "--quiet", "HEAD"], in: directory, reads: true, expected: [0, 1]))
        let name = symbolic.output.withoutFinalNewline.text
        let branch = name.hasPrefix("refs/heads/") ? String(name.dropFirst("refs/heads/".count)) : nil
        return (branch, try await commit("HEAD", in: directory))
    }

    /// The commit a name stands for, nil when it names none.
    package func commit(_ name: String, in directory: String) async throws(GitError) -> String? {
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"]
        let answer = try await finish(GitCall(arguments, in: directory, reads: true, expected: [0, 1, 128]))
        // Git 2.30 repeats `--end-of-options` in its answer.
        let line = answer.output.split(separator: UInt8(ascii: "\n")).last?.text
        return answer.status == 0 ? line : nil
    }

    /// The git directory that all work trees of a repository share.
    package func commonDirectory(of directory: String) async throws(GitError) -> String { try await path("--git-common-dir", in: directory) }

    func value(_ key: String, in directory: String) async throws(GitError) -> String? {
        let answer = try await finish(GitCall(["config", "--null", "--get", key], in: directory, reads: true, expected: [0, 1]))
        return answer.status == 0 ? answer.output.prefix { $0 != 0 }.text : nil
    }

    struct Location {
        var workTree, gitDirectory, commonDirectory: String
    }

    /// nil when the directory is in no repository.
    func locate(_ directory: String) async throws(GitError) -> Location? {
        let flags = GitCall(
            ["rev-parse", "--is-bare-repository", "--is-inside-git-dir", "--is-inside-work-tree"], in: directory, reads: true, expected: [0, 128])
        let answer = try await finish(flags)
        if answer.status != 0 {
            let nowhere = answer.errors.text.contains("not a git repository (or any")
            if nowhere { return nil }
            throw GitTrouble.error(of: answer, flags)
        }
        let lines = answer.output.split(separator: UInt8(ascii: "\n")).map { $0.text == "true" }
        guard lines.count == 3, lines[2] else {
            throw lines.first == true ? .bareRepository(directory) : .insideGitDirectory(directory)
        }
        return try await paths(of: directory)
    }

    /// Three lines are three paths; with more, one of them has a line end in it, and each is asked for by itself.
    private func paths(of directory: String) async throws(GitError) -> Location {
        let questions = ["--show-toplevel", "--absolute-git-dir", "--git-common-dir"]
        let lines = try await run(GitCall(["rev-parse"] + questions, in: directory, reads: true)).withoutFinalNewline.split(separator: UInt8(ascii: "\n"))
        if lines.count == 3 {
            return Location(
                workTree: try real(Array(lines[0]), in: directory), gitDirectory: try real(Array(lines[1]), in: directory),
                commonDirectory: try real(Array(lines[2]), in: directory))
        }
        return Location(
            workTree: try await path(questions[0], in: directory), gitDirectory: try await path(questions[1], in: directory),
            commonDirectory: try await path(questions[2], in: directory))
    }

    /// One path that `rev-parse` knows, made absolute and real.
    private func path(_ question: String, in directory: String) async throws(GitError) -> String {
        try real(try await run(GitCall(["rev-parse", question], in: directory, reads: true)).withoutFinalNewline, in: directory)
    }

    private func real(_ bytes: [UInt8], in directory: String) throws(GitError) -> String {
        guard let text = bytes.strictText else { throw .pathNotText(bytes.text) }
        return try RealPath.of(text.hasPrefix("/") ? text : directory + "/" + text)
    }

    /// The main work tree of a linked one; nil when the main repository is bare, or its work tree is gone.
    private func mainWorkTree(of facts: ProjectFacts) async throws(GitError) -> String? {
        guard let main = try await worktrees(of: facts.workTree).first, !main.isBare, Directory.exists(main.path + "/.git") else { return nil }
        return try RealPath.of(main.path)
    }
}

/// Paths are compared, so they are real: no symbolic links, no `..`, no trailing slash.
enum RealPath {
    static func of(_ path: String) throws(GitError) -> String {
        guard Directory.exists(path), let real = realpath(path, nil) else { throw .directoryGone(path) }
        defer { free(real) }
        guard let text = String(validatingCString: real) else { throw .pathNotText(String(cString: real)) }
        return text
    }
}
