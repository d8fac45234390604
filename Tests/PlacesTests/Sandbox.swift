import Domain
import Foundation
import Git
import Places
import Sys
import Testing

/// A temporary directory with a home of its own whose git configuration would show any trespass: commits must be signed
/// by a program that fails, and every repository has hooks that leave a trace and fail.
final class Sandbox: Sendable {
    let root: String
    let environment: [String]
    let git: GitTool
    let registry: Registry

    init(git executable: String = "/usr/bin/git") throws {
        root = try Files.realPath(Files.makeTemporaryDirectory("/tmp/drover-places-"))
        for name in ["home", "data", "tmp"] { try Files.makeDirectories(root + "/" + name) }
        environment = [
            "HOME=\(root)/home", "PATH=/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM=1", "TMPDIR=\(root)/tmp", "GIT_DIR=/nowhere", "GIT_INDEX_FILE=/nowhere/index",
        ]
        git = GitTool(runner: CommandRunner(), executable: executable, environment: environment)
        registry = Registry(git: git, settings: .init(worktrees: root + "/data/worktrees"))
        worktrees = WorktreeBackend(git: git, settings: .init(worktrees: root + "/data/worktrees"))
        let configuration = """
            [user]
            \tname = Tess
            \temail = tess@example.org
            [init]
            \tdefaultBranch = main
            [commit]
            \tgpgSign = true
            [gpg]
            \tprogram = /bin/false
            [protocol "file"]
            \tallow = always

            """
        try configuration.write(toFile: root + "/home/.gitconfig", atomically: true, encoding: .utf8)
    }

    deinit { try? Files.removeTree(root) }

    var hookTrace: String { root + "/hook-ran" }
    var temporaryFiles: [String] { (try? Files.names(root + "/tmp")) ?? [] }

    let worktrees: WorktreeBackend

    /// A repository with one commit and hooks that must not run.
    func repository(_ name: String = "api", commits: Bool = true) throws -> Repository {
        let repository = Repository(path: root + "/" + name, sandbox: self)
        try Files.makeDirectories(repository.path)
        try repository.git("init", "-q")
        if commits {
            try repository.write("README.md", "hello\n")
            try repository.write("src/main.c", "int main(void) { return 0; }\n")
            try repository.commit("first")
        }
        for hook in ["post-checkout", "pre-commit", "post-commit", "reference-transaction", "post-index-change", "pre-push"] {
            let path = repository.path + "/.git/hooks/" + hook
            try Files.makeDirectories(repository.path + "/.git/hooks")
            try "#!/bin/sh\necho \(hook) >> \(hookTrace)\nexit 1\n".write(toFile: path, atomically: true, encoding: .utf8)
            try Files.setMode(path, 0o755)
        }
        return repository
    }

    func project(_ repository: Repository) async throws -> Project {
        try await git.inspect(repository.path).project(added: Timestamp(milliseconds: 0))
    }

    func wish(_ project: Project, _ slug: String = "fix-login", kind: Place.Kind = .worktree) -> PlaceWish {
        PlaceWish(id: PlaceID(project.id.raw + "." + slug), project: project.id, projectPath: project.path, kind: kind, slug: slug)
    }
}

/// A work tree, and plain git in it for arranging and for looking: as the person would.
struct Repository: Sendable {
    var path: String
    let sandbox: Sandbox

    @discardableResult
    func git(_ arguments: String..., input: [UInt8] = [], fails: Bool = false) throws -> String {
        String(decoding: try bytes(arguments, fails: fails), as: UTF8.self)
    }

    func bytes(_ arguments: [String], fails: Bool = false) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
        process.arguments = ["-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        process.environment = ["HOME": sandbox.root + "/home", "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"]
        let (output, errors) = (Foundation.Pipe(), Foundation.Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationStatus != 0 && !fails {
            throw Complaint(text: "git \(arguments.joined(separator: " ")): " + String(decoding: complaint, as: UTF8.self))
        }
        return [UInt8](text)
    }

    func line(_ arguments: String...) throws -> String {
        String(decoding: try bytes(arguments), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws {
        let file = path + "/" + name
        try Files.makeDirectories(Files.parentDirectory(file), mode: 0o755)
        try Files.writeAtomically(file, Array(text.utf8), mode: mode, durable: false)
    }

    func text(_ name: String) -> String? { try? Files.readText(path + "/" + name) }

    func commit(_ message: String) throws {
        try git("add", "-A")
        try git("commit", "-q", "-m", message)
    }

    /// Everything a person could see: the state of index and files, each file's bytes, kind and executable bit.
    func picture() throws -> [String] {
        let status = try bytes(["status", "--porcelain=v2", "-z", "--untracked-files=all"]).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let index = try bytes(["ls-files", "-s", "-v", "-z"]).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return status + index + (try files())
    }

    /// Name, kind, permissions and content of all that is no directory and not git's own.
    func files() throws -> [String] {
        var found: [String] = []
        try walk([]) { name in
            let file = Array((path + "/").utf8) + name
            var status = stat()
            try #require(lstat(cString(file), &status) == 0)
            let isLink = status.st_mode & S_IFMT == S_IFLNK
            let content = isLink ? link(file) : try contents(file)
            found.append("\(visible(name)) \(isLink ? "link" : "file") \(String(status.st_mode & 0o777, radix: 8)) \(SHA256.hex(content))")
        }
        return found.sorted()
    }

    private func walk(_ directory: [UInt8], _ visit: ([UInt8]) throws -> Void) throws {
        // Directories in these tests have names that are text; files need not.
        for entry in try Files.list(path + "/" + String(decoding: directory, as: UTF8.self)) where entry.text != ".git" {
            let name = directory + entry.name
            if entry.isDirectory { try walk(name + [UInt8(ascii: "/")], visit) } else { try visit(name) }
        }
    }

    private func link(_ file: [UInt8]) -> [UInt8] {
        var target = [CChar](repeating: 0, count: 4096)
        return target[..<max(0, readlink(cString(file), &target, target.count))].map { UInt8(bitPattern: $0) }
    }

    private func contents(_ file: [UInt8]) throws -> [UInt8] {
        let stream = try #require(fopen(cString(file), "r"))
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    private func cString(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
}

/// Bytes that are no printable ASCII as numbers, so that names that are no text can be compared.
func visible(_ bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes {
        if byte >= 0x20 && byte < 0x7f { text.unicodeScalars.append(UnicodeScalar(byte)) } else { text += "\\" + String(byte) }
    }
    return text
}

/// Writes a program by another process: a descriptor of ours, open for writing, could be inherited for a moment by a child
/// that another thread starts, and a file that is open for writing cannot be run ("Text file busy").
func writeProgram(_ path: String, _ script: String) async throws {
    let command = Command("/bin/sh", ["-c", "cat > \"$0.new\" && chmod 755 \"$0.new\" && mv \"$0.new\" \"$0\"", path], input: Array(script.utf8))
    let result = try await CommandRunner().run(command)
    if !result.status.isSuccess { throw Complaint(text: result.errorText) }
}

struct Complaint: Error { let text: String }
