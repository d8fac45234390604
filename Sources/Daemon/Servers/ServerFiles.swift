import Domain
import Engine
import Glibc
import JSON
import Sys

/// The records of running servers: one file each, 0600, because they hold passwords. They outlive the daemon.
struct ServerFiles: Sendable {
    let directory: String
    /// drover's state directory, in which it is.
    var state: String { Files.parentDirectory(directory) }

    func log(of id: ServerID) -> String { "\(directory)/\(id.raw).log" }
    private func record(of id: ServerID) -> String { "\(directory)/\(id.raw).json" }

    func write(_ record: ServerRecord) throws(SysError) {
        var writer = JSONWriter()
        writer.object {
            $0.field("server", record.server.raw)
            $0.field("projectPath", record.projectPath)
            $0.field("pid", record.pid)
            $0.field("startTime", String(record.startTime))
            $0.field("bootID", record.bootID)
            $0.field("port", record.port)
            $0.field("password", record.password)
            $0.field("version", record.version)
        }
        try Files.writeAtomically(self.record(of: record.server), writer.bytes)
    }

    func remove(_ id: ServerID) {
        try? Files.remove(record(of: id))
    }

    /// What an earlier daemon left. A file that cannot be read is left where it is: `drover doctor` names it.
    func all() -> [ServerRecord] {
        let names = (try? Files.names(directory)) ?? []
        return names.filter { $0.hasSuffix(".json") }.compactMap { read(directory + "/" + $0) }
    }

    /// Records that are there and cannot be understood.
    var unreadable: [String] {
        let names = (try? Files.names(directory)) ?? []
        return names.filter { $0.hasSuffix(".json") }.map { directory + "/" + $0 }.filter { read($0) == nil }
    }

    private func read(_ path: String) -> ServerRecord? {
        guard let bytes = try? Files.read(path, limit: 1 << 16), let value = try? JSONParser().parse(bytes) else { return nil }
        guard let server = value["server"]?.string, let pid = value["pid"]?.int, let start = value["startTime"]?.string.flatMap({ UInt64($0) }),
            let port = value["port"]?.int, let password = value["password"]?.string
        else { return nil }
        return ServerRecord(
            server: ServerID(server), projectPath: value["projectPath"]?.string ?? "", pid: pid, startTime: start, bootID: value["bootID"]?.string ?? "",
            port: port, password: password, version: value["version"]?.string ?? "")
    }
}
