import Domain
import Engine
import Sys

/// The marks that a server and all its tools carry in their environment, so that none is ever lost (tools have sessions of their own and
/// are re-parented when their server dies: v1-measured.md §2).
enum ServerMark {
    static let variable = "DROVER_SERVER"
    /// Whose they are: another drover of the same person (a demo, a test) has another state directory.
    static let stateVariable = "DROVER_STATE"

    /// The port tells a server from the one that follows it.
    static func value(_ id: ServerID, port: Int) -> String { "\(id.raw):\(port)" }
    static func entry(_ record: ServerRecord) -> String { variable + "=" + value(record.server, port: record.port) }

    static func entry(state: String) -> String { stateVariable + "=" + state }

    /// All that servers of this state directory started and still runs, the servers themselves included.
    static func processes(of state: String) -> [ProcessFacts.Process] {
        ProcessFacts.processes(withEnvironment: entry(state: state)).filter { !$0.isZombie }
    }

    /// The server that a process belongs to; nil for strangers and for other people's processes.
    static func of(_ pid: Int32) -> String? {
        guard let bytes = try? Files.read("/proc/\(pid)/environ", limit: 1 << 20) else { return nil }
        let prefix = Array((variable + "=").utf8)
        return bytes.split(separator: 0).first { $0.starts(with: prefix) }.map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }
}
