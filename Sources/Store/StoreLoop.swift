import Sys

/// The thread of a `StoreWorker`: it alone has the store.
final class StoreLoop {
    private let path: String
    private let mailbox: Mailbox<StoreWorker.Message>
    private let opened: @Sendable ([String], Bool) -> Void
    private let poller = Poller()
    /// Always there but while it is replaced or after it was closed.
    private var opening: Store?
    /// Writes that failed for a passing reason and that nobody waits for; the newest for each record.
    private var owed: [RecordKey: StoreWork] = [:]

    private struct RecordKey: Hashable { let kind: String, id: String }

    init(_ path: String, _ mailbox: Mailbox<StoreWorker.Message>, _ opened: @escaping @Sendable ([String], Bool) -> Void) {
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
        opened(store.notices, store.isPersistent)
        while true {
            _ = poller.wait(untilMonotonicMs: nil)
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
            if let closed { return finish(closed) }
        }
    }

    private func finish(_ closed: @Sendable () -> Void) {
        // Closing folds the log into the file, so that the next reader needs no log.
        opening = nil
        closed()
    }

    // MARK: Writing

    private func write(_ batch: [StoreWorker.Item]) {
        if batch.isEmpty { return }
        let durable = batch.contains { $0.work.isDurable }
        do throws(StoreError) {
            let outcomes = try store.database.transaction(durable: durable) { () throws(StoreError) in
                for work in owed.values { _ = try perform(work) }
                var outcomes: [StoreOutcome] = []
                for item in batch { outcomes.append(try perform(item.work)) }
                return outcomes
            }
            owed = [:]
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
        if error.isPassing, !item.work.isDurable, let key = key(item.work) { owed[key] = item.work }
        if case .damaged = error { reopen() }
        item.done(.failed(error))
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
        case .audit(let entry, let at): return .audited(try store.writeAudit(entry, at: at))
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
        opened(store.notices, store.isPersistent)
    }
}

extension StoreWork {
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
