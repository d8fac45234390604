package import Domain
package import JSON

/// The daemon about itself: `drover daemon status`.
package struct DaemonStatus: Equatable, Sendable {
    package struct ServerLine: Equatable, Sendable {
        /// The project's name, as `drover ls` says it.
        package var project: String
        package var projectPath: String
        package var server: Server
        package init(project: String, projectPath: String, server: Server) {
            self.project = project
            self.projectPath = projectPath
            self.server = server
        }
    }

    package var pid: Int
    package var version: String
    /// Path of the socket.
    package var socket: String
    package var started: Timestamp
    /// Connections, the asking one included.
    package var clients: Int
    package var servers: [ServerLine]
    /// What was counted since the start: unknown events, resent snapshots, dropped old answers …
    package var counters: [String: Int]

    package init(
        pid: Int, version: String, socket: String, started: Timestamp, clients: Int, servers: [ServerLine] = [], counters: [String: Int] = [:]
    ) {
        self.pid = pid
        self.version = version
        self.socket = socket
        self.started = started
        self.clients = clients
        self.servers = servers
        self.counters = counters
    }
}

extension DaemonStatus: WireCoded {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeMembers(to: &writer)
        writer.endObject()
    }

    func writeMembers(to writer: inout JSONWriter) {
        writer.field("pid", pid)
        writer.field("version", version)
        writer.field("socket", socket)
        writer.field("started", started)
        writer.field("clients", clients)
        writer.field("servers", servers)
        writer.object("counters") {
            for (name, count) in counters.sorted(by: { $0.key < $1.key }) { $0.field(named: name, count) }
        }
    }

    package init?(wire: JSONValue) {
        guard wire.isObject else { return nil }
        self.init(
            pid: wire.int("pid") ?? 0, version: wire.text("version") ?? "?", socket: wire.text("socket") ?? "",
            started: wire.time("started") ?? Timestamp(milliseconds: 0), clients: wire.int("clients") ?? 0, servers: wire.many("servers"))
        guard let named = wire["counters"] else { return }
        for (name, count) in named.members { counters[name] = count.int ?? 0 }
    }
}

extension DaemonStatus.ServerLine: WireCoded {
    /// The server's own members with the name of its project in place of the identifier, which is the server's.
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("id", server.id)
            $0.field("project", project)
            $0.field("projectPath", projectPath)
            $0.field("pid", server.pid)
            $0.field("url", server.url)
            $0.field("version", server.version)
            $0.field("state", server.state.rawValue)
            $0.field("memory", server.memory)
            $0.field("cpu", server.cpu)
            $0.field("sessions", server.sessions)
            $0.field("restarts", server.restarts)
            $0.field("trouble", server.trouble)
            $0.field("retryAt", server.retryAt)
            $0.field("heard", server.heard)
        }
    }

    package init?(wire: JSONValue) {
        guard let server = Server(wire: wire) else { return nil }
        var own = server
        own.project = ProjectID(server.id.raw)
        self.init(project: wire.text("project") ?? "", projectPath: wire.text("projectPath") ?? "", server: own)
    }
}
