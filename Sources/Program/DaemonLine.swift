import CommandLine
import Domain
import Sys
import Wire

/// The dashboard's line to the daemon: never waits. Reads what is there, keeps what cannot be written yet.
final class DaemonLine {
    /// Numbers of our own requests; orders of the dashboard have theirs above.
    private enum Number {
        static let hello = 1, subscribe = 2, look = 3, aside = 4
        static let firstTag = 1000
    }

    let socket: Descriptor
    private var splitter = LineSplitter()
    private let decoder = WireDecoder()
    private var output: [UInt8] = []

    /// - Parameter socket: connected; becomes non-blocking.
    init(_ socket: consuming Descriptor, version: String) throws(SysError) {
        self.socket = socket
        try self.socket.setNonBlocking()
        send(Number.hello, .hello(Hello(version: version, client: .dashboard)))
        send(Number.subscribe, .subscribe(.fast))
    }

    var hasUnsent: Bool { !output.isEmpty }

    private func send(_ number: Int, _ request: ClientRequest) {
        output += ClientMessage.request(id: number, request).encoded()
    }

    func order(_ order: ClientOrder, tag: Int) { send(Number.firstTag + tag, .order(order)) }
    func look(_ agent: AgentID?) { send(Number.look, .order(.look(agent))) }
    /// An order whose answer nobody waits for.
    func aside(_ order: ClientOrder) { send(Number.aside, .order(order)) }

    func flush() throws(SysError) {
        while !output.isEmpty {
            guard case .bytes(let count) = try socket.write(output) else { return }
            output.removeFirst(count)
        }
    }

    enum News {
        case snapshot(Herd)
        case changed(HerdChange)
        case transcript(AgentID, [TranscriptChange])
        case replied(tag: Int, Result<ClientReply, Refusal>)
        /// The daemon does not want this client: another version.
        case refused(Refusal)
        case ended
    }

    /// Everything that is there, in order.
    func read() -> [News] {
        var news: [News] = []
        var bytes: [UInt8] = []
        while true {
            bytes.removeAll(keepingCapacity: true)
            do throws(SysError) {
                guard case .bytes = try socket.read(appendingTo: &bytes, limit: 1 << 18) else {
                    return try socket.read(appendingTo: &bytes) == .end ? news + [.ended] : news
                }
            } catch {
                return news + [.ended]
            }
            for line in splitter.feed(bytes) {
                guard case .line(let line) = line, let message = try? decoder.daemonMessage(line) else { continue }
                if let item = item(message) { news.append(item) }
            }
        }
    }

    private func item(_ message: DaemonMessage) -> News? {
        switch message {
        case .snapshot(let herd): return .snapshot(herd)
        case .herd(let change): return .changed(change)
        case .transcript(let agent, let changes): return .transcript(agent, changes)
        // Its end follows at once.
        case .status, .bye: return nil
        case .reply(let id?, let result) where id >= Number.firstTag:
            switch result {
            case .success(.client(let reply)): return .replied(tag: id - Number.firstTag, .success(reply))
            case .success: return nil
            case .failure(let refusal): return .replied(tag: id - Number.firstTag, .failure(refusal))
            }
        case .reply(Number.hello?, .failure(let refusal)): return .refused(refusal)
        case .reply: return nil
        }
    }
}
