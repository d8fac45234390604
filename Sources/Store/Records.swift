import Sys

/// A value of the model as JSON, found again by its kind and identity.
package struct StoredRecord: Equatable, Sendable {
    /// "agent", "project", "place", "server", …
    package var kind: String
    package var id: String
    /// JSON; the store does not look at it.
    package var body: [UInt8]
    /// Wall clock, ms since 1970.
    package var updated: Int64

    package init(kind: String, id: String, body: [UInt8], updated: Int64) {
        self.kind = kind
        self.id = id
        self.body = body
        self.updated = updated
    }
}

extension Store {
    /// Replaces what was there. `durable`: on the disk when this returns, for what must survive before it is done.
    package func put(kind: String, id: String, body: [UInt8], durable: Bool) throws(StoreError) {
        try database.transaction(durable: durable) { () throws(StoreError) in try write(kind: kind, id: id, body: body) }
    }

    /// What is not there is no error.
    package func delete(kind: String, id: String, durable: Bool) throws(StoreError) {
        try database.transaction(durable: durable) { () throws(StoreError) in try erase(kind: kind, id: id) }
    }

    /// Inside a transaction of the caller.
    func write(kind: String, id: String, body: [UInt8]) throws(StoreError) {
        try database.run(
            "INSERT INTO records VALUES(?,?,?,?) ON CONFLICT DO UPDATE SET body=excluded.body, updated=excluded.updated",
            .text(kind), .text(id), .blob(body), .int(Clock.wallMilliseconds()))
    }

    func erase(kind: String, id: String) throws(StoreError) {
        try database.run("DELETE FROM records WHERE kind=? AND id=?", .text(kind), .text(id))
    }

    package func record(kind: String, id: String) throws(StoreError) -> StoredRecord? {
        try database.row("SELECT body, updated FROM records WHERE kind=? AND id=?", .text(kind), .text(id)) {
            StoredRecord(kind: kind, id: id, body: $0.blob(0), updated: $0.int(1))
        }
    }

    /// All of a kind, by identity.
    package func all(kind: String) throws(StoreError) -> [StoredRecord] {
        try database.rows("SELECT id, body, updated FROM records WHERE kind=? ORDER BY id", .text(kind)) {
            StoredRecord(kind: kind, id: $0.text(0), body: $0.blob(1), updated: $0.int(2))
        }
    }

    /// All there is, by kind and identity.
    package func all() throws(StoreError) -> [StoredRecord] {
        try database.rows("SELECT kind, id, body, updated FROM records ORDER BY kind, id") {
            StoredRecord(kind: $0.text(0), id: $0.text(1), body: $0.blob(2), updated: $0.int(3))
        }
    }

    // MARK: Snapshot

    /// The herd as the first frame shows it, in place of the last.
    package func putSnapshot(_ body: [UInt8]) throws(StoreError) {
        try database.transaction(durable: false) { () throws(StoreError) in try writeSnapshot(body) }
    }

    func writeSnapshot(_ body: [UInt8]) throws(StoreError) {
        try database.run(
            "INSERT INTO snapshot VALUES(1,?,?) ON CONFLICT DO UPDATE SET body=excluded.body, updated=excluded.updated",
            .blob(body), .int(Clock.wallMilliseconds()))
    }

    package func snapshot() throws(StoreError) -> [UInt8]? { try database.row("SELECT body FROM snapshot") { $0.blob(0) } }
}

/// The cached snapshot for a client that paints its first frame while the daemon may not even run.
package enum StoredSnapshot {
    /// nil on any problem. Makes no file and waits for nobody; a fraction of a millisecond.
    package static func read(_ path: String) -> [UInt8]? {
        // SQLite would make the log and its index where they are missing. They are when the last owner has closed: then the
        // file alone is all there is.
        let access: Database.Access
        switch (Files.exists(path + "-wal"), Files.exists(path + "-shm")) {
        case (true, true): access = .read
        case (false, false): access = .frozen
        default: return nil
        }
        guard let database = try? Database(path, access) else { return nil }
        return (try? database.row("SELECT body FROM snapshot") { $0.blob(0) }) ?? nil
    }
}
