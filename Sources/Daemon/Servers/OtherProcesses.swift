import Domain
import Engine
import Glibc
import Sys

/// Processes of OpenCode on the person's own data that are none of our servers: each can run turns that ours do not tell of
/// (v1-measured.md §10).
enum OtherProcesses {
    struct Found {
        let other: OtherOpenCode
        let startTime: UInt64
    }

    /// - Parameters:
    ///   - data: where our servers keep their sessions.
    ///   - ours: pids of our servers.
    static func find(data: String, ours: Set<Int32>) -> [Found] {
        guard let bytes = try? Files.read("/proc/uptime", limit: 64), let uptime = Double(String(decoding: bytes.prefix { $0 != 0x20 }, as: UTF8.self)) else {
            return []
        }
        let boot = Double(Clock.wallMilliseconds()) - uptime * 1000
        return ProcessFacts.all().compactMap { process in
            guard !process.isZombie, !ours.contains(process.pid), isOpenCode(process.pid), let arguments = ProcessFacts.commandLine(process.pid),
                let reach = reach(of: Array(arguments.dropFirst())), let directory = ProcessFacts.directory(process.pid),
                dataDirectory(of: process.pid) == real(data)
            else { return nil }
            let started = boot + Double(process.startTime) * 1000 / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
            let other = OtherOpenCode(
                pid: Int(process.pid), directory: directory, isAnywhere: reach == .anywhere, started: Timestamp(milliseconds: Int64(started)))
            return Found(other: other, startTime: process.startTime)
        }
    }

    /// Only what may be read is ours to judge: other people's processes have data of their own.
    private static func isOpenCode(_ pid: Int32) -> Bool {
        guard let file = ProcessFacts.executable(pid) else { return false }
        return file.split(separator: "/").last?.hasPrefix("opencode") == true
    }

    private static func dataDirectory(of pid: Int32) -> String? {
        guard let bytes = try? Files.read("/proc/\(pid)/environ", limit: 1 << 20) else { return nil }
        let entries = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return OpenCodeWatch.directory { name in entries.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.utf8.count + 1)) } }.map(real)
    }

    private static func real(_ path: String) -> String { (try? Files.realPath(path)) ?? path }

    /// Whose sessions it can run.
    enum Reach { case directory, anywhere }

    /// nil for a command that runs no turns: `attach` shows those of another server, the rest only look or write.
    static func reach(of arguments: [String]) -> Reach? {
        if !["--version", "-v", "--help", "-h"].allSatisfy({ !arguments.contains($0) }) { return nil }
        switch arguments.first(where: { !$0.hasPrefix("-") }) {
        case "serve", "web", "acp": return .anywhere
        case "attach", "auth", "models", "export", "import", "stats", "upgrade", "uninstall", "agent", "mcp", "debug", "completion", "session", "providers",
            "db":
            return nil
        default: return .directory
        }
    }
}
