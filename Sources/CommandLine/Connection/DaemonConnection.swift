package import Domain
package import Query
package import Wire

/// One client's line to the daemon. Blocking; one thread uses it.
package protocol DaemonConnection: AnyObject {
    /// Asks and waits for the answer, at most so many milliseconds. What comes in between is kept for `next`.
    func call(_ request: ClientRequest, timeoutMs: Int64) throws(Refusal) -> DaemonReply
    /// The next thing the daemon says by itself; nil when the monotonic deadline (milliseconds; nil: never) has come.
    func next(untilMs deadline: Int64?) throws(Refusal) -> DaemonMessage?
    /// The line has ended: what was asked last may or may not have been done.
    var isLost: Bool { get }
    /// The whole of what was asked last has left us. False: the daemon cannot have understood it.
    var wasTold: Bool { get }
    /// The daemon's last word, if it had the time to say one.
    var farewell: Farewell? { get }
    /// The daemon's version, once something was answered.
    var daemonVersion: String? { get }
    /// Waits until the daemon has closed the line; false when the deadline came first.
    func waitForEnd(untilMs deadline: Int64) -> Bool
}

extension DaemonConnection {
    /// What the model holds is answered at once.
    static var quick: Int64 { 10_000 }

    package func herd() throws(Refusal) -> Herd {
        guard case .herd(let herd) = try call(.snapshot, timeoutMs: Self.quick) else { throw Self.surprise("snapshot") }
        return herd
    }

    /// The text of a JSON array.
    package func rows(_ query: Query) throws(Refusal) -> ArraySlice<UInt8> {
        guard case .rows(let rows) = try call(.list(query: query.text), timeoutMs: Self.quick) else { throw Self.surprise("list") }
        return rows.json
    }

    package func status() throws(Refusal) -> DaemonStatus {
        guard case .status(let status) = try call(.status, timeoutMs: Self.quick) else { throw Self.surprise("status") }
        return status
    }

    /// An order may have to start a server or make a worktree first.
    package func order(_ order: ClientOrder, timeoutMs: Int64 = 120_000) throws(Refusal) -> ClientReply {
        guard case .client(let reply) = try call(.order(order), timeoutMs: timeoutMs) else { throw Self.surprise("order") }
        return reply
    }

    static func surprise(_ what: String) -> Refusal {
        Refusal(.failed, "the daemon gave a strange answer to \"\(what)\"", remedy: "`drover daemon stop` makes the next command start a new one")
    }
}
