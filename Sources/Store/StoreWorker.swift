import Sys

/// Something for the store to do.
package enum StoreWork: Sendable, Equatable {
    /// `durable`: the outcome comes only when it is on the disk.
    case put(kind: String, id: String, body: [UInt8], durable: Bool)
    case delete(kind: String, id: String, durable: Bool)
    case snapshot([UInt8])
    /// Always durable. `at`: wall clock, ms.
    case audit(AuditEntry, at: Int64)
    case addSpend(SpendRow)
    case setSpend(SpendRow)

    case all(kind: String)
    /// Of every kind.
    case everything
    case readSnapshot
    case auditLines(after: Int64, limit: Int)
    case verifyAudit
    case spend(from: String, to: String)
    /// Done when all that was submitted before is done.
    case flush
}

package enum StoreOutcome: Sendable, Equatable {
    case done
    case records([StoredRecord])
    case snapshot([UInt8]?)
    case audited(StoredAuditLine)
    case auditLines([StoredAuditLine])
    case verdict(AuditVerdict)
    case spend([SpendRow])
    /// Nothing of it happened yet. What is not an audit line or a snapshot is kept, and tried again with the next work and every few
    /// seconds: when there is room again nothing is missing.
    case failed(StoreError)
}

/// The store on a thread of its own. Work is done in the order it was submitted; what waits is written in one transaction.
package final class StoreWorker: Sendable {
    typealias Item = (work: StoreWork, done: @Sendable (StoreOutcome) -> Void)
    enum Message: Sendable {
        case item(Item)
        case stop(@Sendable () -> Void)
    }

    private let mailbox = Mailbox<Message>()

    /// A store was opened.
    package struct Opening: Equatable, Sendable {
        /// What the person should know.
        package var notices: [String]
        package var isPersistent: Bool
        /// Not the first one: the file was damaged while running, or could not be written and now can. What should last has to be put again.
        package var isAnother: Bool
    }

    /// `opened` is called first, on the worker's thread, and whenever the file had to be replaced.
    package init(_ path: String, opened: @escaping @Sendable (Opening) -> Void = { _ in }) {
        let mailbox = mailbox
        startThread(named: "store") { StoreLoop(path, mailbox, opened).run() }
    }

    deinit { mailbox.post(.stop {}) }

    /// `done` is called exactly once, on the worker's thread, and must be quick: it posts to somebody.
    package func submit(_ work: StoreWork, done: @escaping @Sendable (StoreOutcome) -> Void = { _ in }) {
        mailbox.post(.item((work, done)))
    }

    /// Submits and waits for the outcome: for a start that cannot go on without it. Never in a task, never on the worker's thread.
    package func wait(for work: StoreWork) -> StoreOutcome {
        let answer = Mailbox<StoreOutcome>()
        submit(work) { answer.post($0) }
        let poller = Poller()
        while true {
            if let outcome = answer.drain().first { return outcome }
            guard (try? poller.add(answer.descriptor, token: 0)) != nil else { preconditionFailure("a mailbox cannot be watched") }
            _ = poller.wait(untilMonotonicMs: nil)
            poller.remove(answer.descriptor)
        }
    }

    /// Does what waits and closes the file; nothing may be submitted afterwards.
    package func close(_ closed: @escaping @Sendable () -> Void) { mailbox.post(.stop(closed)) }
}
