import Domain
import Engine
import Glibc
import JSON
package import Sys

/// What a crash left behind: servers without a daemon, and tools without a server. Looks only.
package struct Leftovers {
    package struct Server: Equatable, Sendable {
        package let pid: Int
        package let projectPath: String
    }
    package struct Tool: Equatable, Sendable {
        package let pid: Int32
        package let name: String
    }

    /// Servers that run though no daemon does: the next daemon takes them over.
    package var servers: [Server] = []
    /// Processes that carry the mark of a server that is gone.
    package var tools: [Tool] = []
    /// Records that cannot be read.
    package var unreadable: [String] = []

    /// - Parameter daemonRuns: then its servers are no leftovers.
    package static func find(_ directories: Directories, daemonRuns: Bool) -> Leftovers {
        var found = Leftovers()
        let files = ServerFiles(directory: directories.state + "/servers")
        let records = files.all()
        let alive = records.filter { $0.bootID == ProcessFacts.bootID() && ProcessFacts.isAlive(pid: Int32($0.pid), startTime: $0.startTime) }
        if !daemonRuns { found.servers = alive.map { Server(pid: $0.pid, projectPath: $0.projectPath) } }
        found.unreadable = files.unreadable
        let known = Set(alive.map { ServerMark.value($0.server, port: $0.port) })
        // A daemon keeps its record until the server is gone: a mark without a living record belongs to nobody.
        for process in ServerMark.processes(of: directories.state) where process.pid != getpid() {
            let mark = ServerMark.of(process.pid)
            // Without one it is a script of the daemon itself.
            let hasOwner = mark.map(known.contains) ?? daemonRuns
            guard !hasOwner, !isDrover(process.pid) else { continue }
            found.tools.append(Tool(pid: process.pid, name: process.name))
        }
        return found
    }

    /// A daemon or a client that an agent's tool started is no leftover.
    private static func isDrover(_ pid: Int32) -> Bool {
        ProcessFacts.executable(pid)?.hasSuffix("/drover") == true && ProcessFacts.commandLine(pid)?.contains("serve") != true
    }
}
