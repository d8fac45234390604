import Glibc
import Synchronization
package import Sys

/// The git binary, run without a shell and without anything of the person's that could act: no hooks, no prompt, no
/// signing, no pager, no file system monitor, no background maintenance. Filters (LFS) do run: without them a
/// checked-out file would not be what the person's own git makes of it.
package final class GitTool: Sendable {
    let runner: CommandRunner
    let executable: String
    private let environment: [String]
    private let seenVersion = Mutex<GitVersion?>(nil)

    /// - Parameters:
    ///   - executable: absolute path of git.
    ///   - environment: `NAME=value`, usually the daemon's own; what would redirect git (`GIT_DIR` …) is left out.
    package init(runner: CommandRunner, executable: String, environment: [String]) {
        self.runner = runner
        self.executable = executable
        self.environment = GitEnvironment.made(from: environment)
    }

    /// The version, asked once. Every other call asks it first, so that an old git is refused with a sentence.
    @discardableResult
    package func version() async throws(GitError) -> GitVersion {
        if let version = seenVersion.withLock({ $0 }) { return version }
        let answer = try await start(GitCall(["--version"], in: "/", reads: true))
        let text = answer.output.withoutFinalNewline.text
        guard let version = GitVersion(answer: text) else { throw .missing(executable: executable) }
        guard version >= .oldest else { throw .tooOld(found: text) }
        seenVersion.withLock { $0 = version }
        return version
    }

    /// Runs one command and gives its output; a status that the call does not expect is an error.
    @discardableResult
    func run(_ call: GitCall) async throws(GitError) -> [UInt8] {
        try await finish(call).output
    }

    /// Runs one command whose status is an answer ("is there such a branch?").
    @discardableResult
    func finish(_ call: GitCall) async throws(GitError) -> GitAnswer {
        try await version()
        guard Directory.exists(call.directory) else { throw .directoryGone(call.directory) }
        var pause = Int64(10)
        while true {
            let answer = try await start(call)
            if call.expected.contains(answer.status) { return answer }
            let error = GitTrouble.error(of: answer, call)
            guard call.reads, error.isOfAHalfMadeWorktree, pause < 1000 else { throw error }
            try? await Task.sleep(for: .milliseconds(pause))
            pause *= 2
        }
    }

    /// The temporary directory for scratch repositories.
    var temporaryDirectory: String {
        let named = environment.first { $0.hasPrefix("TMPDIR=") }.map { String($0.dropFirst("TMPDIR=".count)) }
        return named.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
    }

    private func start(_ call: GitCall) async throws(GitError) -> GitAnswer {
        let command = Command(
            executable, GitEnvironment.options + call.options + call.arguments,
            environment: environment + call.environment + (call.reads ? ["GIT_OPTIONAL_LOCKS=0"] : []),
            directory: call.directory, input: call.input, outputLimit: call.outputLimit, newSession: true, timeoutMs: call.timeoutMs)
        let result: CommandResult
        do {
            result = try await runner.run(command)
        } catch {
            throw GitTrouble.error(of: error, call, executable: executable)
        }
        guard !result.truncated else {
            throw .failed(what: call.name, directory: call.directory, status: 0, detail: "its answer is longer than \(call.outputLimit) bytes")
        }
        switch result.status {
        case .exited(let status): return GitAnswer(status: status, output: result.output, errors: result.errorOutput)
        case .signalled(let signal):
            throw .failed(what: call.name, directory: call.directory, status: 128 + signal, detail: "ended by signal \(signal)")
        }
    }
}

/// One git command.
struct GitCall: Sendable {
    var arguments: [String]
    var directory: String
    var input: [UInt8] = []
    /// `-c name=value` and the like, before the command's name.
    var options: [String] = []
    /// Added to the tool's environment.
    var environment: [String] = []
    /// True for commands that only look: they then never refresh the person's index.
    var reads: Bool
    /// Statuses that are no error.
    var expected: Set<Int32> = [0]
    var timeoutMs: Int64 = 60_000
    var outputLimit = 256 << 20

    init(_ arguments: [String], in directory: String, reads: Bool, input: [UInt8] = [], environment: [String] = [], expected: Set<Int32> = [0]) {
        self.arguments = arguments
        self.directory = directory
        self.reads = reads
        self.input = input
        self.environment = environment
        self.expected = expected
    }

    /// For messages: `worktree add`, `status`.
    var name: String {
        arguments.prefix(arguments.first == "worktree" ? 2 : 1).joined(separator: " ")
    }

    /// For commands that write a whole work tree: a big repository on a slow disk takes minutes.
    func patient() -> GitCall {
        var call = self
        call.timeoutMs = 30 * 60_000
        return call
    }

    func with(options: [String]) -> GitCall {
        var call = self
        call.options += options
        return call
    }
}

struct GitAnswer: Sendable {
    var status: Int32
    var output: [UInt8]
    var errors: [UInt8]

    /// Git's last words, without "fatal: "; hints are left out.
    var lastLine: String {
        let lines = errors.split(separator: UInt8(ascii: "\n")).map { $0.text }.filter { !$0.hasPrefix("hint:") && !$0.isEmpty }
        let line = lines.last { $0.hasPrefix("fatal: ") || $0.hasPrefix("error: ") } ?? lines.last ?? ""
        for prefix in ["fatal: ", "error: "] where line.hasPrefix(prefix) { return String(line.dropFirst(prefix.count)) }
        return line
    }
}

enum GitEnvironment {
    /// Before every command. `core.hooksPath` here wins over every configuration file.
    static let options = [
        "--no-pager", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false", "-c", "tag.gpgSign=false",
        "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "advice.detachedHead=false", "-c", "core.quotePath=false",
    ]

    /// What of `GIT_*` is passed on: where git and its configuration are, never which repository it works on.
    private static let kept = ["GIT_EXEC_PATH=", "GIT_CONFIG_", "GIT_CEILING_DIRECTORIES=", "GIT_DISCOVERY_ACROSS_FILESYSTEM="]

    static func made(from environment: [String]) -> [String] {
        let inherited = environment.filter { entry in
            if entry.hasPrefix("GIT_") { return kept.contains { entry.hasPrefix($0) } && !entry.hasPrefix("GIT_CONFIG_PARAMETERS=") }
            return !["LC_ALL=", "LANG=", "LANGUAGE=", "PAGER="].contains { entry.hasPrefix($0) }
        }
        return inherited + [
            "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "SSH_ASKPASS=true", "GIT_EDITOR=true", "GIT_PAGER=cat", "GIT_LITERAL_PATHSPECS=1",
            "GIT_AUTHOR_NAME=drover", "GIT_AUTHOR_EMAIL=drover@localhost", "GIT_COMMITTER_NAME=drover", "GIT_COMMITTER_EMAIL=drover@localhost",
        ]
    }
}

enum Directory {
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
    }
}
