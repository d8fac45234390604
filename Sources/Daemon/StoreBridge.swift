import Domain
import Engine
import Store
import Wire

/// The store as the core sees it: records go in, the disk's answers come back as messages.
final class StoreBridge {
    private let core: CoreMailbox
    private var lastWrite = 0

    init(path: String, core: CoreMailbox) {
        self.core = core
    }

    struct Kept {
        var records: [Record] = []
        var today = DayTotal()
        var notices: [String] = []
    }

    func restore(day: String) -> Kept { Kept() }

    func save(_ record: Record, isDurable: Bool) -> Int? { done(isDurable) }
    func forget(_ key: RecordKey, isDurable: Bool) -> Int? { done(isDurable) }
    func audit(_ line: AuditLine) -> Int? { nil }
    func spend(_ spend: Spend) {}
    func snapshot(_ herd: Herd) {}
    func note(_ problem: String) {}
    func close() {}

    private func done(_ isDurable: Bool) -> Int? {
        guard isDurable else { return nil }
        lastWrite += 1
        core.post(.written(lastWrite, problem: nil))
        return lastWrite
    }
}
