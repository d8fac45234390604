import Glibc
import Sys
import Testing

@testable import Store

@Suite struct Records {
    let scratch = Scratch()

    @Test func recordsAreFoundAgain() throws {
        do {
            let store = Store.open(scratch.database)
            #expect(store.notices.isEmpty && store.isPersistent)
            try store.put(kind: "agent", id: "b", body: Array("{}".utf8), durable: false)
            try store.put(kind: "agent", id: "a", body: [0, 255], durable: true)
            try store.put(kind: "agent", id: "b", body: [], durable: false)
            try store.put(kind: "place", id: "a", body: [1], durable: false)
            try store.put(kind: "agent", id: "c", body: [1], durable: false)
            try store.delete(kind: "agent", id: "c", durable: true)
            try store.delete(kind: "agent", id: "never was", durable: false)
            try store.putSnapshot([7])
            try store.putSnapshot([8])
        }
        // Closed: the log is in the file.
        #expect(scratch.names == ["drover.db"])
        #expect(try Files.facts(scratch.database).mode == 0o600)
        #expect(try Files.facts(scratch.path + "/state").mode == 0o700)
        let store = Store.open(scratch.database)
        let agents = try store.all(kind: "agent")
        #expect(agents.map(\.id) == ["a", "b"] && agents.map(\.body) == [[0, 255], []])
        #expect(agents.allSatisfy { abs($0.updated - Clock.wallMilliseconds()) < 60_000 })
        #expect(try store.record(kind: "place", id: "a")?.body == [1])
        #expect(try store.record(kind: "place", id: "b") == nil)
        #expect(try store.snapshot() == [8])
        for name in scratch.names { #expect(try Files.facts("\(scratch.path)/state/\(name)").mode == 0o600) }
    }

    @Test func hostileWordsAreValues() throws {
        let store = Store.open(scratch.path + "/a b?mode=ro&x#%41'\".db")
        let id = "'; DROP TABLE records; --\0x"
        try store.put(kind: "agent", id: id, body: Array("'".utf8), durable: false)
        #expect(try store.all(kind: "agent").map(\.id) == [id])
        #expect(try Files.names(scratch.path).contains("a b?mode=ro&x#%41'\".db"))
    }

    @Test func aTransactionIsAllOrNothing() throws {
        let store = Store.open(scratch.database)
        #expect(throws: StoreError.full("on purpose")) {
            try store.database.transaction(durable: true) { () throws(StoreError) in
                #expect(try store.database.number("PRAGMA synchronous") == 2)
                try store.write(kind: "agent", id: "a", body: [1])
                throw .full("on purpose")
            }
        }
        #expect(try store.all(kind: "agent").isEmpty)
        #expect(try store.database.number("PRAGMA synchronous") == 1)
    }

    @Test func anotherThreadTraps() async {
        let path: String = scratch.database
        await #expect(processExitsWith: .failure) { [path = path as String] in
            let store = Store.open(path)
            nonisolated(unsafe) let shared = store
            startThread(named: "other") {
                _ = try? shared.all(kind: "agent")
                exit(0)
            }
            while true { pause() }
        }
    }

    @Test func stepsAreTakenOnceAndInOrder() throws {
        let steps = ["CREATE TABLE t(x)", "INSERT INTO t VALUES(1)", "INSERT INTO t VALUES(2)"]
        do {
            let database = try Database(scratch.path + "/s.db", .write)
            try Schema.bringUpToDate(database, steps: Array(steps.prefix(2)))
        }
        let database = try Database(scratch.path + "/s.db", .write)
        #expect(throws: StoreError.self) { try Schema.bringUpToDate(database, steps: steps + ["nonsense"]) }
        #expect(try database.number("PRAGMA user_version") == 3)
        try Schema.bringUpToDate(database, steps: steps)
        #expect(try database.rows("SELECT x FROM t") { $0.int(0) } == [1, 2])
        #expect(throws: StoreError.newer(3)) { try Schema.bringUpToDate(database, steps: ["x"]) }
    }
}

@Suite struct SpendTests {
    @Test func spendAddsUpOrIsReplaced() throws {
        let scratch = Scratch()
        let store = Store.open(scratch.database)
        let one = StoredSpend(cost: 0.25, input: 10, output: 2, reasoning: 1, cacheRead: 5, cacheWrite: 3)
        func row(_ day: String, _ agent: String, _ spend: StoredSpend) -> SpendRow {
            SpendRow(day: day, agent: agent, project: "api", model: "m", spend: spend)
        }
        try store.addSpend(row("2025-11-20", "a", one))
        try store.addSpend(row("2025-11-21", "a", one))
        try store.addSpend(row("2025-11-21", "a", one))
        try store.addSpend(row("2025-11-21", "b", one))
        try store.setSpend(row("2025-11-21", "b", StoredSpend(cost: 1)))
        try store.addSpend(row("2025-11-22", "b", StoredSpend(cost: .nan)))
        #expect(
            try store.totals(day: "2025-11-21") == [
                row("2025-11-21", "a", StoredSpend(cost: 0.5, input: 20, output: 4, reasoning: 2, cacheRead: 10, cacheWrite: 6)),
                row("2025-11-21", "b", StoredSpend(cost: 1)),
            ])
        #expect(try store.spend(from: "2025-11-20", to: "2025-11-22").map(\.day) == ["2025-11-20", "2025-11-21", "2025-11-21", "2025-11-22"])
    }
}
