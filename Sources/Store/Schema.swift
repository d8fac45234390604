/// The form of the database, as the steps that lead to it. A step that was released is never changed: a change is one more
/// step at the end. `user_version` counts the steps a file has taken.
enum Schema {
    static let steps: [String] = [
        """
        CREATE TABLE records(
            kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, updated INTEGER NOT NULL,
            PRIMARY KEY(kind, id)
        ) WITHOUT ROWID;

        CREATE TABLE snapshot(id INTEGER PRIMARY KEY CHECK(id = 1), body BLOB NOT NULL, updated INTEGER NOT NULL);

        -- AUTOINCREMENT remembers the last number even when its line is gone: a missing end of the chain shows.
        CREATE TABLE audit(
            seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
            subject TEXT NOT NULL, detail TEXT NOT NULL, prev_hash BLOB NOT NULL, hash BLOB NOT NULL
        );
        CREATE TRIGGER audit_keeps_lines BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
        CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;

        CREATE TABLE spend(
            day TEXT NOT NULL, agent TEXT NOT NULL, project TEXT NOT NULL, model TEXT NOT NULL, cost REAL NOT NULL,
            input INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
            cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL,
            PRIMARY KEY(day, agent, model)
        ) WITHOUT ROWID;
        """
    ]

    /// Takes the steps that are missing; each with its number in one transaction.
    static func bringUpToDate(_ database: Database, steps: [String] = steps) throws(StoreError) {
        let taken = Int(try database.number("PRAGMA user_version"))
        if taken > steps.count { throw .newer(taken) }
        for version in taken..<steps.count {
            try database.transaction(durable: true) { () throws(StoreError) in
                try database.execute(steps[version])
                try database.execute("PRAGMA user_version=\(version + 1)")
            }
        }
    }
}
