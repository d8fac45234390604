import Sys

/// Something that is written down before it takes effect.
package struct AuditEntry: Equatable, Sendable {
    /// Who: "person", "policy", "drover".
    package var actor: String
    /// What, as a word: "answer.once", "place.made".
    package var action: String
    /// To what: an id.
    package var subject: String
    package var detail: String

    package init(actor: String, action: String, subject: String, detail: String = "") {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
    }
}

/// A written entry. Its hash covers the line before, so that no line can be changed or taken out unseen.
package struct StoredAuditLine: Equatable, Sendable {
    /// From 1, without gaps.
    package let seq: Int64
    /// Wall clock, ms since 1970.
    package let at: Int64
    package let entry: AuditEntry
    /// 32 bytes; zeros in the first line.
    package let previous: [UInt8]
    package let hash: [UInt8]

    /// SHA-256 of the previous hash and of each field after its length (8 bytes, most significant first), so that moving a
    /// letter from one field to the next changes it.
    static func hash(seq: Int64, at: Int64, _ entry: AuditEntry, previous: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(previous)
        hash.update(bytes(of: seq))
        hash.update(bytes(of: at))
        for field in [entry.actor, entry.action, entry.subject, entry.detail] {
            hash.update(bytes(of: Int64(field.utf8.count)))
            hash.update(field.utf8)
        }
        return hash.finish()
    }

    private static func bytes(of number: Int64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> Int64($0)) }
    }
}

/// What looking at the whole chain found.
package enum AuditVerdict: Equatable, Sendable {
    case intact(lines: Int64)
    /// The first line that is not what it was, and why.
    case broken(at: Int64, String)
}

extension Store {
    /// Durable when this returns; if it throws, what was to be done must not be done.
    @discardableResult
    package func append(_ entry: AuditEntry, at: Int64) throws(StoreError) -> StoredAuditLine {
        try database.transaction(durable: true) { () throws(StoreError) in try writeAudit(entry, at: at) }
    }

    /// Inside a transaction of the caller.
    func writeAudit(_ entry: AuditEntry, at: Int64) throws(StoreError) -> StoredAuditLine {
        let last = try database.row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1") { (seq: $0.int(0), hash: $0.blob(1)) }
        // A missing end is not covered up: the number goes on where it was.
        let seq = max(last?.seq ?? 0, try highestAuditNumber()) + 1
        let previous = last?.hash ?? Store.beginning
        let hash = StoredAuditLine.hash(seq: seq, at: at, entry, previous: previous)
        try database.run(
            "INSERT INTO audit VALUES(?,?,?,?,?,?,?,?)", .int(seq), .int(at), .text(entry.actor), .text(entry.action), .text(entry.subject),
            .text(entry.detail), .blob(previous), .blob(hash))
        return StoredAuditLine(seq: seq, at: at, entry: entry, previous: previous, hash: hash)
    }

    private static let beginning = [UInt8](repeating: 0, count: 32)

    private func highestAuditNumber() throws(StoreError) -> Int64 {
        try database.number("SELECT seq FROM sqlite_sequence WHERE name='audit'")
    }

    /// At most `limit` lines after a number, oldest first.
    package func auditLines(after seq: Int64 = 0, limit: Int = 1000) throws(StoreError) -> [StoredAuditLine] {
        try database.rows("SELECT * FROM audit WHERE seq>? ORDER BY seq LIMIT ?", .int(seq), .int(Int64(limit))) { row in
            StoredAuditLine(
                seq: row.int(0), at: row.int(1),
                entry: AuditEntry(actor: row.text(2), action: row.text(3), subject: row.text(4), detail: row.text(5)),
                previous: row.blob(6), hash: row.blob(7))
        }
    }

    /// Reads the whole chain: about 1 s for 100,000 lines.
    package func verifyAudit() throws(StoreError) -> AuditVerdict {
        var seen: Int64 = 0
        var previous = Store.beginning
        while true {
            let lines = try auditLines(after: seen)
            if lines.isEmpty { break }
            for line in lines {
                if line.seq != seen + 1 { return .broken(at: seen + 1, "the line is missing") }
                if line.previous != previous { return .broken(at: line.seq, "it does not follow the line before") }
                if line.hash != StoredAuditLine.hash(seq: line.seq, at: line.at, line.entry, previous: previous) {
                    return .broken(at: line.seq, "its words were changed")
                }
                seen = line.seq
                previous = line.hash
            }
        }
        let highest = try highestAuditNumber()
        return highest > seen ? .broken(at: seen + 1, "the last lines are missing") : .intact(lines: seen)
    }
}
