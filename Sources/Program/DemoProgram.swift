import CommandLine
import Config
import Domain
import Glibc
import JSON
import StandIn
import Sys
import Wire

/// `drover demo`: the whole program on a herd that plays itself. Its own home, repositories, daemon and stand-in servers, in a temporary
/// directory that goes when the dashboard is closed; no network, no key, nothing of the person's is touched.
package struct DemoProgram {
    /// The word with which this program is its own stand-in for opencode.
    package static let serverWord = "stand-in-opencode"

    private let root: String
    private let version: String

    package static func run(version: String, dashboard: (String) -> Int32, complain: (String) -> Int32) -> Int32 {
        guard isatty(1) == 1 else { return complain("the demo needs a terminal") }
        do throws(SysError) {
            let root = try Files.makeTemporaryDirectory(Surroundings.temporary + "/drover-demo-")
            defer { try? Files.removeTree(root) }
            return try DemoProgram(root: root, version: version).run(dashboard)
        } catch {
            return complain("the demo cannot be set up: \(error.message)")
        }
    }

    private func run(_ dashboard: (String) -> Int32) throws(SysError) -> Int32 {
        try becomeStranger()
        let directories = Directories()
        try directories.prepare()
        try writeConfiguration(directories)
        for project in DemoHerd.projects { try layOut(project) }
        let (root, version) = (root, version)
        startThread(named: "demo") { Self.fill(root: root, directories: directories, version: version) }
        let code = dashboard(root + "/home")
        end(directories)
        return code
    }

    /// From here on this process and all it starts live in the demo's home.
    private func becomeStranger() throws(SysError) {
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "DROVER_OPENCODE", "OPENCODE_CONFIG_CONTENT"] {
            unsetenv(name)
        }
        setenv("HOME", root + "/home", 1)
        setenv("XDG_RUNTIME_DIR", root + "/run", 1)
        setenv("GIT_CONFIG_NOSYSTEM", "1", 1)
        setenv("FAKE_OPENCODE_WRITE", "1", 1)
        setenv("FAKE_OPENCODE_HIDE_SCRIPTS", "1", 1)
        for path in [root + "/home", root + "/run"] { try Files.makeDirectories(path) }
    }

    private func writeConfiguration(_ directories: Directories) throws(SysError) {
        let program = try Files.readLink("/proc/self/exe")
        var writer = JSONWriter(pretty: true)
        writer.object {
            $0.object("opencode") { $0.field("command", [program, Self.serverWord]) }
            $0.field("quietAfter", 1)
        }
        try Files.makeDirectories(directories.config)
        try Files.writeAtomically(directories.configuration, writer.bytes)
    }

    private func layOut(_ project: DemoProject) throws(SysError) {
        let directory = root + "/home/" + project.name
        try Files.makeDirectories(directory)
        for file in project.files {
            try Files.makeDirectories(Files.parentDirectory(directory + "/" + file.path))
            try Files.writeAtomically(directory + "/" + file.path, Array(file.content.utf8), mode: 0o644)
        }
        guard let git = findExecutable("git") else { throw SysError("find", "git", code: ENOENT, detail: "install git") }
        let who = ["-c", "user.name=Demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false"]
        for arguments in [["init", "-q", "-b", "main"], ["add", "."], who + ["commit", "-q", "-m", "First version"]] {
            _ = try runInForeground(git, arguments, directory: directory)
        }
    }

    /// Starts the agents one after the other, while the person already looks on.
    private static func fill(root: String, directories: Directories, version: String) {
        guard let line = try? DaemonStart(directories: directories, hello: Hello(version: version, client: .other)).connect(starting: true) else { return }
        for agent in DemoHerd.agents {
            // The worktree's path is known only when it is made: files are named relative to it.
            let prompt = agent.prompt(in: ".").split(separator: "./", omittingEmptySubsequences: false).joined()
            let order = NewAgent(directory: root + "/home/" + agent.project, kind: .worktree, title: agent.title, prompt: prompt)
            _ = try? line.order(.new(order))
        }
    }

    private func end(_ directories: Directories) {
        guard let line = try? DaemonStart(directories: directories, hello: Hello(version: version, client: .other)).connect(starting: false) else { return }
        _ = try? line.order(.shutdown)
        _ = line.waitForEnd(untilMs: Clock.monotonicMilliseconds() + 10_000)
    }
}
