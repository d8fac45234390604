import Glibc

/// Where drover keeps its files (XDG Base Directory Specification), each for drover alone.
package struct Directories: Equatable, Sendable {
    /// Written by the person.
    package var config: String
    /// Worktrees and what belongs to the person's work.
    package var data: String
    /// The database, logs, records of servers.
    package var state: String
    /// Can be thrown away.
    package var cache: String
    /// The socket of the daemon. Short enough for one (107 bytes).
    package var runtime: String
    /// True when `runtime` is a shared place such as /tmp, where `prepareRuntime` must look at the owner.
    package var runtimeIsShared: Bool

    package init(config: String, data: String, state: String, cache: String, runtime: String, runtimeIsShared: Bool = false) {
        self.config = config
        self.data = data
        self.state = state
        self.cache = cache
        self.runtime = runtime
        self.runtimeIsShared = runtimeIsShared
    }

    /// From variables: XDG_CONFIG_HOME and so on where they are absolute, as the specification says; else below HOME.
    package init(environment: (String) -> String? = Environment.get, userID: UInt32 = getuid()) {
        func absolute(_ name: String) -> String? { environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let home = absolute("HOME") ?? Directories.homeOfUser(userID) ?? "/tmp/drover-home-\(userID)"
        func place(_ name: String, _ below: String) -> String { (absolute(name) ?? home + "/" + below) + "/drover" }
        config = place("XDG_CONFIG_HOME", ".config")
        data = place("XDG_DATA_HOME", ".local/share")
        state = place("XDG_STATE_HOME", ".local/state")
        cache = place("XDG_CACHE_HOME", ".cache")
        runtime = absolute("XDG_RUNTIME_DIR").map { $0 + "/drover" } ?? state + "/run"
        runtimeIsShared = false
        if (runtime + "/" + Directories.longestSocketName).utf8.count > UnixSocket.longestPath {
            runtime = "/tmp/drover-\(userID)"
            runtimeIsShared = true
        }
    }

    /// Room is kept for the sockets of places beside the daemon's.
    private static let longestSocketName = "forward-0123456789abcdef.sock"

    private static func homeOfUser(_ userID: UInt32) -> String? {
        guard let entry = getpwuid(userID), let path = entry.pointee.pw_dir else { return nil }
        return String(cString: path)
    }

    /// The person's own; it need not be there.
    package var configuration: String { config + "/config.jsonc" }
    /// Where the daemon listens.
    package var socket: String { runtime + "/daemon.sock" }
    /// Who holds it is the daemon. Beside the database it protects, so that it is the same under any XDG_RUNTIME_DIR.
    package var lock: String { state + "/daemon.lock" }
    package var database: String { state + "/drover.db" }

    /// Makes the runtime directory with 0700. In a shared place it must be ours and closed to others, or a stranger could
    /// stand where our daemon is looked for.
    package func prepareRuntime() throws(SysError) {
        try Files.makeDirectories(runtime)
        let facts = try Files.facts(runtime, followingLinks: !runtimeIsShared)
        guard facts.kind == .directory else { throw SysError("use directory", runtime, code: ENOTDIR) }
        guard facts.userID == getuid() else {
            throw SysError("use directory", runtime, code: EPERM, detail: "it belongs to another user; set XDG_RUNTIME_DIR")
        }
        if facts.mode & 0o077 != 0 { try Files.setMode(runtime, 0o700) }
    }

    /// Makes all of them.
    package func prepare() throws(SysError) {
        for path in [config, data, state, cache] { try Files.makeDirectories(path) }
        try prepareRuntime()
    }
}
