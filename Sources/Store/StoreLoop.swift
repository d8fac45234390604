import Sys

/// The thread of a `StoreWorker`: it alone has the store.
final class StoreLoop {
    private let path: String
    private let mailbox: Mailbox<StoreWorker.Message>
    private let opened: @Sendable (StoreWorker.Opening) -> Void
    private let poller = Poller()
    /// Always there but while it is replaced or after it was closed.
    private var opening: Store?
    /// Writes that failed for a reason that can pass: the newest for each record, and all that was spent.
    private var owed: [RecordKey: StoreWork] = [:]
    private var owedSpend: [StoreWork] = []
    private var nextTry: Int64 = 0
    /// Between two attempts to write what is owed while there is no other work.
    private static let pauseMs: Int64 = 5000

    private struct RecordKey: Hashable { let kind: String, id: String }

    init(_ path: String, _ mailbox: Mailbox<StoreWorker.Message>, _ opened: @escaping @Sendable (StoreWorker.Opening) -> Void) {
        self.path = path
        self.mailbox = mailbox
        self.opened = opened
        opening = Store.open(path)
    }

    private var store: Store {
        guard let opening else { preconditionFailure("the store is used after it was closed") }
        return opening
    }

    func run() {
        do throws(SysError) {
            try poller.add(mailbox.descriptor, token: 0)
        } catch {
            preconditionFailure("the mailbox of the store cannot be watched: \(error.message)")
        }
        tell(isAnother: false)
        while true {
            _ = poller.wait(untilMonotonicMs: isInDebt ? nextTry : nil)
            var closed: (@Sendable () -> Void)?
            var batch: [StoreWorker.Item] = []
            for message in mailbox.drain() {
                switch message {
                case .item(let item) where item.work.isWrite: batch.append(item)
                case .item(let item):
                    // A read sees what was written before it.
                    write(batch)
                    batch = []
                    item.done(read(item.work))
                case .stop(let tell): closed = tell
                }
            }
            write(batch)
            if isInDebt, Clock.monotonicMilliseconds() >= nextTry { pay() }
            if let closed { return finish(closed) }
        }
    }

    private func tell(isAnother: Bool) {
        opened(StoreWorker.Opening(notices: store.notices, isPersistent: store.isPersistent, isAnother: isAnother))
    }

    private func finish(_ closed: @Sendable () -> Void) {
        // Closing folds the log into the file, so that the next reader needs no log.
        opening = nil
        closed()
    }

    // MARK: Writing

    private func write(_ batch: [StoreWorker.Item]) {
        if batch.isEmpty { return }
        // A person waits for it: then it is worth a look whether the file can be written again.
        if !store.isPersistent, batch.contains(where: \.work.isAudit) { pay() }
        let durable = batch.contains { $0.work.isDurable }
        do throws(StoreError) {
            let outcomes = try store.database.transaction(durable: durable) { () throws(StoreError) in
                var outcomes: [StoreOutcome] = []
                for item in batch { outcomes.append(try perform(item.work)) }
                return outcomes
            }
            for item in batch { if let key = key(item.work) { owed[key] = nil } }
            if !owed.isEmpty || !owedSpend.isEmpty { pay() }
            for (item, outcome) in zip(batch, outcomes) { item.done(outcome) }
        } catch {
            // Each by itself, so that one that cannot be written does not take the others with it.
            if batch.count > 1 {
                for item in batch { write([item]) }
            } else {
                failed(batch[0], error)
            }
        }
    }

    private func failed(_ item: StoreWorker.Item, _ error: StoreError) {
        if error.isPassing {
            if !isInDebt { nextTry = Clock.monotonicMilliseconds() + Self.pauseMs }
            if let key = key(item.work) { owed[key] = item.work } else if case .addSpend = item.work { owedSpend.append(item.work) }
        }
        if case .damaged = error { reopen() }
        item.done(.failed(error))
    }

    /// Something should be on the disk and is not.
    private var isInDebt: Bool { opening?.isPersistent == false || !owed.isEmpty || !owedSpend.isEmpty }

    private func pay() {
        nextTry = Clock.monotonicMilliseconds() + Self.pauseMs
        if !store.isPersistent {
            guard let file = store.backInFile(path) else { return }
            opening = file
            tell(isAnother: true)
        }
        guard !owed.isEmpty || !owedSpend.isEmpty else { return }
        do throws(StoreError) {
            try store.database.transaction(durable: true) { () throws(StoreError) in
                for work in Array(owed.values) + owedSpend { _ = try perform(work) }
            }
            owed = [:]
            owedSpend = []
        } catch {
            // It is still owed.
        }
    }

    private func key(_ work: StoreWork) -> RecordKey? {
        switch work {
        case .put(let kind, let id, _, _), .delete(let kind, let id, _): RecordKey(kind: kind, id: id)
        default: nil
        }
    }

    private func perform(_ work: StoreWork) throws(StoreError) -> StoreOutcome {
        switch work {
        case .put(let kind, let id, let body, _): try store.write(kind: kind, id: id, body: body)
        case .delete(let kind, let id, _): try store.erase(kind: kind, id: id)
        case .snapshot(let body): try store.writeSnapshot(body)
        case .audit(let entry, let at):
            // A log that is gone with the process is none.
            if let trouble = store.trouble { throw trouble }
            return .audited(try store.writeAudit(entry, at: at))
        case .addSpend(let row): try store.writeSpend(row, adding: true)
        case .setSpend(let row): try store.writeSpend(row, adding: false)
        case .all, .everything, .readSnapshot, .auditLines, .verifyAudit, .spend, .flush: preconditionFailure("a read in a batch of writes")
        }
        return .done
    }

    // MARK: Reading

    private func read(_ work: StoreWork) -> StoreOutcome {
        do throws(StoreError) {
            switch work {
            case .everything: return .records(try store.all())
            case .all(let kind): return .records(try store.all(kind: kind))
            case .readSnapshot: return .snapshot(try store.snapshot())
            case .auditLines(let after, let limit): return .auditLines(try store.auditLines(after: after, limit: limit))
            case .verifyAudit: return .verdict(try store.verifyAudit())
            case .spend(let first, let last): return .spend(try store.spend(from: first, to: last))
            case .flush: return .done
            case .put, .delete, .snapshot, .audit, .addSpend, .setSpend: preconditionFailure("a write among the reads")
            }
        } catch {
            if case .damaged = error { reopen() }
            return .failed(error)
        }
    }

    /// After damage that showed while running: opening finds it too, and sets the file aside.
    private func reopen() {
        opening = nil
        opening = Store.open(path, afterDamage: true)
        owed = [:]
        owedSpend = []
        nextTry = Clock.monotonicMilliseconds() + Self.pauseMs
        tell(isAnother: true)
    }
}

extension StoreWork {
    var isAudit: Bool { if case .audit = self { true } else { false } }

    var isWrite: Bool {
        switch self {
        case .put, .delete, .snapshot, .audit, .addSpend, .setSpend: true
        case .all, .everything, .readSnapshot, .auditLines, .verifyAudit, .spend, .flush: false
        }
    }

    var isDurable: Bool {
        switch self {
        case .put(_, _, _, let durable), .delete(_, _, let durable): durable
        case .audit: true
        case .snapshot, .addSpend, .setSpend, .all, .everything, .readSnapshot, .auditLines, .verifyAudit, .spend, .flush: false
        }
    }
}
