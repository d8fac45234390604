import Config
import Domain
import Engine
import Glibc
import HTTP
package import Sys

/// `drover daemon stop` after a crash: there is no daemon to tell, so what it left is ended here, in the way a daemon does it.
package enum Aftermath: Equatable, Sendable {
    case nothing
    case ended(servers: Int, others: Int)
    /// There is a daemon all the same: it only starts, or listens elsewhere.
    case daemonRuns(pid: Int32?)
    case failed(String)

    package static func end(_ directories: Directories = Directories(), environment: [String] = Environment.all) -> Aftermath {
        let left = Leftovers.find(directories, daemonRuns: false)
        guard !left.servers.isEmpty || !left.tools.isEmpty else { return .nothing }
        do throws(SysError) {
            switch try FileLock.take(directories.lock) {
            case .held(let pid): return .daemonRuns(pid: pid)
            case .taken(let lock):
                defer { withExtendedLifetime(lock) {} }
                let servers = stopServers(directories, environment)
                return .ended(servers: servers, others: LastSweep.run(state: directories.state))
            }
        } catch {
            return .failed(error.message)
        }
    }

    /// The keeper takes each over only to stop it: turns end cleanly, tools with them.
    private static func stopServers(_ directories: Directories, _ environment: [String]) -> Int {
        let files = ServerFiles(directory: directories.state + "/servers")
        let records = files.all().filter { $0.bootID == ProcessFacts.bootID() && ProcessFacts.isAlive(pid: Int32($0.pid), startTime: $0.startTime) }
        let mailbox = CoreMailbox()
        let keeper = ServerKeeper(files: files, environment: environment, settings: Settings(), http: HTTPClient(), core: mailbox)
        keeper.post(records.map { .adopt($0, generation: 0) })
        var open = Set(records.map(\.server))
        let deadline = Clock.monotonicMilliseconds() + 30_000
        let poller = Poller()
        do throws(SysError) { try poller.add(mailbox.descriptor, token: 0) } catch { return 0 }
        while !open.isEmpty, Clock.monotonicMilliseconds() < deadline {
            _ = poller.wait(untilMonotonicMs: deadline)
            for case .event(let event) in mailbox.drain() {
                switch event {
                case .serverStopped(let id, _), .serverFailed(let id, _, _, _, _): open.remove(id)
                default: break
                }
            }
        }
        return records.count - open.count
    }
}
