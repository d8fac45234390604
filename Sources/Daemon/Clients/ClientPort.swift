import Domain
import Engine
import Sys
import Wire

/// The socket and everyone connected to it. Slow clients never slow the daemon: what they have not taken is merged, and sent as it is then.
final class ClientPort {
    /// What a line of a client asks of the core.
    enum Demand {
        case joined(ClientID)
        case left(ClientID)
        case order(Errand, ClientOrder)
        case list(Client, Int, query: String)
        case status(Client, Int)
        case why(Client, Int, AgentID)
    }

    private let listener: Descriptor
    private let poller: Poller
    private let decoder = WireDecoder()
    private var clients: [UInt64: Client] = [:]
    private var lastNumber: UInt64 = 0
    private let version: String
    private(set) var resentSnapshots = 0
    /// What was written of agents that have not changed since.
    let rows = RowCache()
    private var spareBuffer: [UInt8] = []

    /// Tokens of the poller above this are clients.
    static let firstToken: UInt64 = 1000
    static let listenerToken: UInt64 = 2

    init(listener: consuming Descriptor, poller: Poller, version: String) throws(SysError) {
        self.listener = listener
        self.poller = poller
        self.version = version
        try self.listener.setNonBlocking()
        try poller.add(self.listener.number, token: Self.listenerToken)
    }

    var count: Int { clients.count }
    var all: [Client] { Array(clients.values) }
    func client(_ id: ClientID) -> Client? { clients.values.first { $0.id == id } }

    func accept() -> [Demand] {
        var demands: [Demand] = []
        while let socket = try? UnixSocket.accept(listener) {
            guard UnixSocket.isTrusted(socket) else { continue }
            lastNumber += 1
            let client = Client(id: ClientID("c\(lastNumber)"), number: lastNumber, socket: socket, buffer: spareBuffer)
            spareBuffer = []
            do throws(SysError) {
                try client.socket.setNonBlocking()
                try poller.add(client.socket.number, token: Self.firstToken + lastNumber)
            } catch {
                continue
            }
            clients[lastNumber] = client
            demands.append(.joined(client.id))
        }
        return demands
    }

    func ready(_ ready: Poller.Ready, herd: Herd) -> [Demand] {
        guard let client = clients[ready.token - Self.firstToken] else { return [] }
        var demands: [Demand] = []
        if ready.readable || ready.hangup { demands += read(client, herd) }
        if ready.writable, clients[client.number] != nil { demands += flush(client) }
        return demands
    }

    private func read(_ client: Client, _ herd: Herd) -> [Demand] {
        var demands: [Demand] = []
        var bytes: [UInt8] = []
        for _ in 0..<16 {  // others wait as well
            bytes.removeAll(keepingCapacity: true)
            let transfer: Transfer
            do throws(SysError) {
                transfer = try client.socket.read(appendingTo: &bytes)
            } catch {
                return demands + close(client)
            }
            switch transfer {
            case .bytes: for line in client.splitter.feed(bytes) { demands += take(line, client, herd) }
            case .wouldBlock: return demands + flush(client)
            case .end: return demands + close(client)
            }
        }
        return demands + flush(client)
    }

    private func take(_ line: LineSplitter.Line, _ client: Client, _ herd: Herd) -> [Demand] {
        guard case .line(let bytes) = line else {
            client.send(.reply(id: nil, .failure(Refusal(.usage, "a line is longer than \(WireProtocol.longestLine) bytes"))))
            return []
        }
        let message: ClientMessage
        do throws(WireError) {
            message = try decoder.clientMessage(bytes)
        } catch {
            client.send(.reply(id: error.id, .failure(Refusal(.usage, error.message))))
            return []
        }
        guard case .request(let id, let request) = message else { return [] }
        return answer(request, id, client, herd)
    }

    private func answer(_ request: ClientRequest, _ id: Int, _ client: Client, _ herd: Herd) -> [Demand] {
        if case .hello(let hello) = request {
            if let refusal = hello.refusal(daemon: version) {
                client.send(.reply(id: id, .failure(refusal)))
                client.isClosing = true
            } else {
                client.hello = hello
                client.send(.reply(id: id, .success(.welcome(Welcome(pid: Int(Process.id), version: version)))))
            }
            return []
        }
        // Anyone may stop the daemon: a client of another version is told to do just that.
        guard client.hello != nil || request == .order(.shutdown) else {
            client.send(.reply(id: id, .failure(Refusal(.usage, "say hello first"))))
            return []
        }
        switch request {
        case .hello: return []
        case .snapshot:
            client.send(.reply(id: id, .success(.herd(herd))), rows)
            return []
        case .list(let query): return [.list(client, id, query: query)]
        case .subscribe(let rate):
            client.rate = rate
            client.pending = ChangeSet()
            client.send(.reply(id: id, .success(.client(.done))))
            client.send(.snapshot(herd), rows)
            return []
        case .status: return [.status(client, id)]
        case .why(let agent): return [.why(client, id, agent)]
        case .order(let order):
            if case .look(let agent) = order {
                client.looksAt = agent
                client.transcript = []
            }
            if case .feed(_, let follows) = order { client.followsFeed = follows }
            return [.order(Errand(client: client.id, number: id), order)]
        }
    }

    func reply(_ errand: Errand, _ result: Result<DaemonReply, Refusal>) {
        client(errand.client)?.send(.reply(id: errand.number, result))
    }

    // MARK: Changes

    func note(_ changes: ChangeSet) {
        rows.forget(changes.projects.isEmpty && changes.places.isEmpty ? changes.agents : nil)
        for client in clients.values where client.rate != nil { client.note(changes) }
    }

    /// A transcript's changes wait until they are sent; too many of them are worth less than the whole.
    func note(_ agent: AgentID, _ changes: [TranscriptChange]) {
        for client in clients.values where client.looksAt == agent {
            if case .reset? = changes.first { client.transcript.removeAll() }
            for change in changes { client.addTranscript(change) }
        }
    }

    /// Sends what is due. Returns when the next is due (monotonic milliseconds), and who left.
    func flushAll(herd: Herd, now: Int64, transcript: (AgentID) -> [TranscriptItem]? = { _ in nil }) -> (next: Int64?, demands: [Demand]) {
        var next: Int64?
        var demands: [Demand] = []
        for client in Array(clients.values) {
            if client.hasNews, !client.isSlow {
                let due = client.lastFlush + client.interval
                if now >= due { publish(client, herd, now, transcript) } else { next = min(next ?? due, due) }
            }
            demands += flush(client)
        }
        return (next, demands)
    }

    private func publish(_ client: Client, _ herd: Herd, _ now: Int64, _ whole: (AgentID) -> [TranscriptItem]?) {
        client.lastFlush = now
        if client.rate != nil, !client.pending.isEmpty {
            client.send(.herd(client.pending.values(in: herd)))
        }
        client.pending = ChangeSet()
        if client.needsTranscript, let agent = client.looksAt {
            client.needsTranscript = false
            client.transcript = [.reset(whole(agent) ?? [])]
            resentSnapshots += 1
        }
        if let agent = client.looksAt, !client.transcript.isEmpty {
            client.send(.transcript(agent, client.transcript))
            client.transcript.removeAll(keepingCapacity: true)
        }
    }

    private func flush(_ client: Client) -> [Demand] {
        guard client.drain(), client.unsent < Client.hopeless else { return close(client) }
        let waits = client.unsent > 0
        if waits != client.waitsForRoom {
            client.waitsForRoom = waits
            try? poller.modify(client.socket.number, token: Self.firstToken + client.number, waits ? [.read, .write] : .read)
        }
        return client.isClosing && !waits ? close(client) : []
    }

    private func close(_ client: Client) -> [Demand] {
        guard clients.removeValue(forKey: client.number) != nil else { return [] }
        poller.remove(client.socket.number)
        spareBuffer = client.takeBuffer()
        return [.left(client.id)]
    }

    /// Everything that was said is sent before the daemon ends, within reason.
    func sayGoodbye(_ farewell: Farewell) {
        for client in clients.values {
            client.send(.bye(farewell))
            _ = client.drain()
        }
    }
}

extension Client {
    /// Of the feed no more than the newest wait for a client that is slow.
    private static let longestFeed = 1000

    func note(_ changes: ChangeSet) {
        let before = pending.feed
        pending.formUnion(changes)
        pending.feed = followsFeed ? Array(pending.feed.suffix(Self.longestFeed)) : before
    }

    /// Changes of a transcript that a client has not taken; beyond it the whole is sent once it reads again.
    private static let longestWait = 4000

    /// Text that follows text of the same item is one change.
    func addTranscript(_ change: TranscriptChange) {
        guard !needsTranscript else { return }
        if transcript.count >= Self.longestWait {
            transcript = []
            needsTranscript = true
        } else if case .append(let id, let text) = change, case .append(id, let before)? = transcript.last {
            transcript[transcript.count - 1] = .append(id: id, text: before + text)
        } else if case .put(let item) = change, case .put(let before)? = transcript.last, before.id == item.id {
            transcript[transcript.count - 1] = change
        } else {
            transcript.append(change)
        }
    }
}
