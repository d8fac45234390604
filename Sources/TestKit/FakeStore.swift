package import Domain
package import Engine

/// The store as the engine may rely on it: what is durable survives a crash, and everything written before it does, too;
/// the rest of a turn is one transaction that may be lost with all that come after it.
package struct FakeStore {
    private enum Write {
        case save(Record)
        case forget(RecordKey)
        case spend(Spend)
    }
    private var rows: [RecordKey: Record] = [:]
    private var order: [RecordKey] = []
    private var pending: [[Write]] = []
    private var turn: [Write] = []
    package private(set) var spends: [Spend] = []
    /// The audit chain is always durable.
    package private(set) var audit: [AuditLine] = []

    package init() {}

    package mutating func save(_ record: Record, isDurable: Bool) { write(.save(record), isDurable) }
    package mutating func forget(_ key: RecordKey, isDurable: Bool) { write(.forget(key), isDurable) }
    package mutating func spend(_ spend: Spend) { write(.spend(spend), false) }
    package mutating func note(_ line: AuditLine) { audit.append(line) }

    private mutating func write(_ write: Write, _ isDurable: Bool) {
        turn.append(write)
        guard isDurable else { return }
        endTurn()
        commit(pending.count)
    }

    package mutating func endTurn() {
        if !turn.isEmpty { pending.append(turn) }
        turn = []
    }

    private mutating func commit(_ count: Int) {
        for write in pending.prefix(count).joined() {
            switch write {
            case .save(let record):
                if rows.updateValue(record, forKey: record.key) == nil { order.append(record.key) }
            case .forget(let key):
                rows[key] = nil
                order.removeAll { $0 == key }
            case .spend(let spend): spends.append(spend)
            }
        }
        pending.removeFirst(min(count, pending.count))
    }

    /// How many transactions could still be lost.
    package var uncommitted: Int { pending.count }

    /// The machine dies: of what was not durable the first `kept` transactions are there.
    package mutating func crash(keeping kept: Int = 0) {
        turn = []
        commit(kept)
        pending = []
    }

    /// Closed in order.
    package mutating func close() {
        endTurn()
        commit(pending.count)
    }

    package var records: [Record] { order.compactMap { rows[$0] } }

    package func total(of day: String) -> DayTotal {
        var total = DayTotal(day: day)
        for spend in spends where spend.day == day {
            total.cost += spend.cost
            total.tokens = total.tokens + spend.tokens
            total.byProject[spend.project, default: 0] += spend.cost
        }
        return total
    }
}
