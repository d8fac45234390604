/// One `opencode serve` process as people see it.
package struct Server: Equatable, Sendable {
    package enum State: String, Sendable { case down, starting, live, silent, backingOff, stopping, failed }
    package let id: ServerID
    package var project: ProjectID
    package var state: State
    package var pid: Int?
    /// `http://127.0.0.1:PORT`.
    package var url: String?
    package var version: String?
    /// Bytes of proportional memory, 0 when not running.
    package var memory: Int
    /// Share of one core over the last measurement, 0…n.
    package var cpu: Double
    /// Root sessions known.
    package var sessions: Int
    /// Times it came up again after it went away by itself.
    package var restarts: Int
    /// Why it is not running, in words for a person; nil when it is.
    package var trouble: String?
    /// When a server that backs off is tried again.
    package var retryAt: Timestamp?
    /// Last byte heard from it.
    package var heard: Timestamp?

    package init(id: ServerID, project: ProjectID, state: State = .down) {
        self.id = id
        self.project = project
        self.state = state
        self.pid = nil
        self.url = nil
        self.version = nil
        self.memory = 0
        self.cpu = 0
        self.sessions = 0
        self.restarts = 0
        self.trouble = nil
        self.retryAt = nil
        self.heard = nil
    }
}

/// Enough to find a server again after the daemon died: kept in a file of mode 0600, journaled before the server is used.
package struct ServerRecord: Equatable, Sendable {
    package var server: ServerID
    package var projectPath: String
    package var pid: Int
    /// Field 22 of `/proc/PID/stat`; with `bootID` it tells this process from a later one with the same number.
    package var startTime: UInt64
    package var bootID: String
    package var port: Int
    package var password: String
    package var version: String

    package init(server: ServerID, projectPath: String, pid: Int, startTime: UInt64, bootID: String, port: Int, password: String, version: String) {
        self.server = server
        self.projectPath = projectPath
        self.pid = pid
        self.startTime = startTime
        self.bootID = bootID
        self.port = port
        self.password = password
        self.version = version
    }
}
