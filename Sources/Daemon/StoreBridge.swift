import Domain
import Engine
import Store
import Sys
import Wire

/// The store as the core sees it: records go in, the disk's answers come back as messages. The core never waits for it but once, at the start.
final class StoreBridge {
    private let worker: StoreWorker
    private let core: CoreMailbox
    private var lastWrite = 0
    /// Said once: a disk that fails, fails often.
    private var saidProblem = false

    init(path: String, core: CoreMailbox) {
        self.core = core
        worker = StoreWorker(path) { opening in
            for notice in opening.notices { core.post(.event(.noticed(notice, remedy: "drover doctor"))) }
            if opening.isAnother { core.post(.event(.storeReplaced)) }
        }
    }

    struct Kept {
        var records: [Record] = []
        var today = DayTotal()
        var notices: [String] = []
    }

    /// What an earlier run left. Rows that this version cannot read stay where they are and are named.
    func restore(day: String) -> Kept {
        var kept = Kept()
        if case .records(let rows) = worker.wait(for: .everything) {
            var strange = 0
            for row in rows {
                guard let kind = RecordKey.Kind(rawValue: row.kind), let record = Record.decoded(kind, row.body) else {
                    strange += 1
                    continue
                }
                kept.records.append(record)
            }
            if strange > 0 { kept.notices.append("\(strange) records of the database cannot be read by this version; they were left as they are") }
        }
        kept.today = DayTotal(day: day)
        if case .spend(let rows) = worker.wait(for: .spend(from: day, to: day)) {
            for row in rows {
                kept.today.cost += row.spend.cost
                kept.today.tokens = kept.today.tokens + row.spend.tokens
                kept.today.byProject[ProjectID(row.project), default: 0] += row.spend.cost
            }
        }
        return kept
    }

    func save(_ record: Record, isDurable: Bool) -> Int? {
        submit(.put(kind: record.key.kind.rawValue, id: record.key.id, body: record.encoded(), durable: isDurable), isDurable)
    }

    func forget(_ key: RecordKey, isDurable: Bool) -> Int? {
        submit(.delete(kind: key.kind.rawValue, id: key.id, durable: isDurable), isDurable)
    }

    func audit(_ number: Int, _ line: AuditLine) {
        let entry = AuditEntry(actor: line.actor, action: line.action, subject: line.subject, detail: line.detail)
        worker.submit(.audit(entry, at: Clock.wallMilliseconds())) { [core] outcome in
            if case .failed(let error) = outcome {
                core.post(.event(.audited(number, problem: error.message)))
            } else {
                core.post(.event(.audited(number, problem: nil)))
            }
        }
    }

    func spend(_ spend: Spend) {
        let tokens = spend.tokens
        let stored = StoredSpend(
            cost: spend.cost, input: Int64(tokens.input), output: Int64(tokens.output), reasoning: Int64(tokens.reasoning),
            cacheRead: Int64(tokens.cacheRead), cacheWrite: Int64(tokens.cacheWrite))
        _ = submit(.addSpend(SpendRow(day: spend.day, agent: spend.agent.raw, project: spend.project.raw, model: spend.model, spend: stored)), false)
    }

    /// The herd as the next dashboard's first frame shows it, in the words of the protocol.
    func snapshot(_ herd: Herd, _ kept: RowCache) {
        var line: [UInt8] = []
        DaemonMessage.snapshot(herd).append(to: &line, kept)
        _ = submit(.snapshot(line), false)
    }

    /// True the first time: worth telling a person.
    func isNews(_ problem: String) -> Bool {
        defer { saidProblem = true }
        return !saidProblem
    }

    /// Waits until everything is written.
    func close() { _ = worker.wait(for: .flush) }

    private func submit(_ work: StoreWork, _ isDurable: Bool) -> Int? {
        guard isDurable else {
            worker.submit(work)
            return nil
        }
        lastWrite += 1
        let (number, core) = (lastWrite, core)
        worker.submit(work) { outcome in
            if case .failed(let error) = outcome { core.post(.written(number, problem: error.message)) } else { core.post(.written(number, problem: nil)) }
        }
        return number
    }
}

extension StoredSpend {
    fileprivate var tokens: Tokens {
        Tokens(input: Int(input), output: Int(output), reasoning: Int(reasoning), cacheRead: Int(cacheRead), cacheWrite: Int(cacheWrite))
    }
}
