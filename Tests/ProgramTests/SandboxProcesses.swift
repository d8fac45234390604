import Foundation
import HTTP
import JSON
import Sys
import Testing

/// What runs in it.
extension Sandbox {
    var marked: [ProcessFacts.Process] { ProcessFacts.processes(withEnvironment: "\(Self.mark)=\(root)").filter { !$0.isZombie } }

    /// Those whose command line holds these words.
    func processes(_ words: String) -> [Int32] {
        marked.map(\.pid).filter { (ProcessFacts.commandLine($0) ?? []).joined(separator: " ").contains(words) }
    }

    var daemonPid: Int32 { get async throws { Int32(try await done("daemon", "status", "--json").json()["pid"]?.int ?? 0) } }

    /// Kills, and waits until it is gone: the kernel says so on the descriptor of the process.
    func kill(_ pid: Int32, _ signal: Int32 = SIGKILL) async throws {
        precondition(pid > 1)
        Foundation.kill(pid, signal)
        guard signal == SIGKILL else { return }
        // Its first thread is a zombie as soon as that has ended; the others may still hold its sockets.
        try await Self.until("\(pid) is gone") {
            guard let process = ProcessFacts.process(pid) else { return true }
            return process.isZombie && ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task"))?.count ?? 0) <= 1
        }
    }

    /// For what nothing announces: looks every 20 ms.
    static func until(_ what: String, within limit: Duration = patience, _ isSo: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + limit
        while try await !isSo() {
            guard ContinuousClock.now < end else { throw Failure("not within \(limit): \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Where a server is and how it is asked, as drover wrote it down.
    func serverRecord(pid: Int) throws -> (path: String, password: String, url: String) {
        let directory = (environment["XDG_STATE_HOME"] ?? "") + "/drover/servers"
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name.hasSuffix(".json") {
            let record = try JSONTree(parsing: try String(contentsOfFile: directory + "/" + name, encoding: .utf8))
            guard record["pid"]?.int == pid, let password = record["password"]?.string, let port = record["port"]?.int else { continue }
            return (directory + "/" + name, password, "http://127.0.0.1:\(port)")
        }
        throw Failure("no record of the server \(pid)")
    }

    /// Asks a project's server behind drover's back; the status of the answer.
    func ask(_ method: String, _ path: String, project: String) async throws -> Int {
        let record = try serverRecord(pid: try await server(of: project)["pid"]?.int ?? 0)
        let login = HTTPHeader("Authorization", "Basic " + Data("opencode:\(record.password)".utf8).base64EncodedString())
        let client = HTTPClient()
        return try await withCheckedThrowingContinuation { go in
            _ = client.send(HTTPRequest(method, record.url + path, headers: [login], timeoutMs: 10_000)) { result in go.resume(with: result.map(\.status)) }
        }
    }
}
