import Sys
import Testing

@testable import Store

@Suite struct AuditTests {
    let scratch = Scratch()

    private func filled(_ count: Int) throws -> Store {
        let store = Store.open(scratch.database)
        for number in 1...count {
            let line = try store.append(AuditEntry(actor: "person", action: "answer.once", subject: "per_\(number)", detail: "npm test"), at: 1000)
            #expect(line.seq == Int64(number))
        }
        return store
    }

    /// Somebody who writes to the file past us.
    private func tamper(_ store: Store, _ sql: String) throws {
        try store.database.execute("DROP TRIGGER IF EXISTS audit_keeps_words; DROP TRIGGER IF EXISTS audit_keeps_lines; \(sql)")
    }

    @Test func theChainIsIntactAcrossRestarts() throws {
        do { _ = try filled(3) }
        let store = Store.open(scratch.database)
        #expect(try store.verifyAudit() == .intact(lines: 3))
        try store.append(AuditEntry(actor: "policy", action: "answer.reject", subject: "x"), at: 2000)
        #expect(try store.verifyAudit() == .intact(lines: 4))
        let lines = try store.auditLines(after: 2, limit: 1)
        #expect(lines.map(\.seq) == [3] && lines.first?.entry.detail == "npm test")
        #expect(try Store.open(scratch.path + "/empty.db").verifyAudit() == .intact(lines: 0))
    }

    @Test func theLogOnlyGrows() throws {
        let store = try filled(2)
        #expect(throws: StoreError.self) { try store.database.execute("DELETE FROM audit") }
        #expect(throws: StoreError.self) { try store.database.execute("UPDATE audit SET actor='x'") }
        #expect(try store.verifyAudit() == .intact(lines: 2))
    }

    @Test(arguments: [
        ("UPDATE audit SET detail='rm -rf' WHERE seq=2", 2, "its words were changed"),
        ("UPDATE audit SET actor='personanswer', action='.once' WHERE seq=2", 2, "its words were changed"),
        ("UPDATE audit SET at=1 WHERE seq=4", 4, "its words were changed"),
        ("UPDATE audit SET hash=zeroblob(32) WHERE seq=3", 3, "its words were changed"),
        ("DELETE FROM audit WHERE seq=2", 2, "the line is missing"),
        ("DELETE FROM audit WHERE seq=1", 1, "the line is missing"),
        ("DELETE FROM audit WHERE seq>3", 4, "the last lines are missing"),
        ("DELETE FROM audit", 1, "the last lines are missing"),
        ("UPDATE audit SET prev_hash=zeroblob(32) WHERE seq=2", 2, "it does not follow the line before"),
    ])
    func changesAreFound(_ sql: String, _ line: Int64, _ why: String) throws {
        let store = try filled(5)
        try tamper(store, sql)
        #expect(try store.verifyAudit() == .broken(at: line, why))
        // And what is written afterwards does not hide it.
        try store.append(AuditEntry(actor: "person", action: "x", subject: "y"), at: 1)
        #expect(try store.verifyAudit() != .intact(lines: 6))
        guard case .broken(let at, _) = try store.verifyAudit() else { return }
        #expect(at == line)
    }
}
