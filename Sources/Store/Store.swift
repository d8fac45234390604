import Sys

/// What drover remembers: one SQLite file, one connection, one thread (see `StoreWorker`).
///
/// Opening always gives a store. What cannot be read is set aside beside the new file, never deleted; what cannot be written
/// is kept in memory; `notices` says so to the person.
package final class Store {
    let database: Database
    /// For the person: what was not as it should be when opening.
    package let notices: [String]
    /// Why all is kept in memory only, and lost at the end of the process; nil when it is kept in the file.
    package let trouble: StoreError?
    /// What is in memory began as a copy of the file.
    private let isCopy: Bool

    private init(_ database: Database, notices: [String], trouble: StoreError? = nil, isCopy: Bool = false) {
        self.database = database
        self.notices = notices
        self.trouble = trouble
        self.isCopy = isCopy
    }

    package var isPersistent: Bool { trouble == nil }

    /// `afterDamage`: all pages are looked at, as they are after a crash.
    package static func open(_ path: String, afterDamage: Bool = false) -> Store {
        var notices: [String] = []
        // Once more after setting the file aside.
        for _ in 0..<2 {
            do throws(StoreError) {
                let store = Store(try openFile(path, checking: afterDamage), notices: notices)
                if !notices.isEmpty { store.noteFreshStart(notices) }
                return store
            } catch {
                switch error {
                case .damaged, .newer:
                    guard let name = setAside(path) else {
                        return inMemory(path, notices + ["\(error.message); it cannot be set aside either"], error)
                    }
                    notices.append("\(error.message). It was set aside as \(name), and drover starts with an empty memory")
                case .full, .readOnly, .busy, .failed:
                    return inMemory(path, notices + ["\(error.message). Until then all is kept in memory only"], error)
                }
            }
        }
        return inMemory(path, notices, .damaged(notices.last ?? ""))
    }

    private static func openFile(_ path: String, checking: Bool) throws(StoreError) -> Database {
        do throws(SysError) {
            try Files.makeDirectories(Files.parentDirectory(path))
            // Made before SQLite does, which would let the umask decide; its log takes the mode of the file.
            if !Files.exists(path) { try Files.createEmpty(path) } else { try Files.setMode(path, 0o600) }
        } catch {
            throw error.isFull ? .full(error.message) : .readOnly(error.message)
        }
        // A log that is still there means that the last owner did not close.
        let checking = checking || Files.exists(path + "-wal")
        let database = try Database(path, .write)
        try database.execute(
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON;
            PRAGMA temp_store=MEMORY; PRAGMA cache_size=-512; PRAGMA journal_size_limit=4194304;
            """)
        if checking {
            let verdict = try database.row("PRAGMA quick_check(1)") { $0.text(0) } ?? "no answer"
            if verdict != "ok" { throw .damaged(verdict) }
        }
        try Schema.bringUpToDate(database)
        return database
    }

    /// Moves the file and its log away together; the new name, nil when it cannot be done.
    private static func setAside(_ path: String) -> String? {
        let now = Clock.localTime(Clock.wallMilliseconds())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let moment = "\(now.year)\(two(now.month))\(two(now.day))-\(two(now.hour))\(two(now.minute))\(two(now.second))"
        var name = "\(path).unreadable-\(moment)"
        var count = 1
        while Files.exists(name) {
            count += 1
            name = "\(path).unreadable-\(moment)-\(count)"
        }
        for part in ["-wal", "-shm", ""] where Files.exists(path + part) {
            if (try? Files.rename(path + part, to: name + part)) == nil { return nil }
        }
        return name
    }

    /// With what the file holds, if it can be read at all.
    private static func inMemory(_ path: String, _ notices: [String], _ trouble: StoreError) -> Store {
        do throws(StoreError) {
            let memory = try Database("", .memory)
            var isCopy = false
            for access in [Database.Access.read, .frozen] where !isCopy {
                guard let file = try? Database(path, access), (try? memory.copy(from: file)) != nil else { continue }
                isCopy = true
            }
            if (try? Schema.bringUpToDate(memory)) != nil { return Store(memory, notices: notices, trouble: trouble, isCopy: isCopy) }
            // What was copied is of no use.
            let empty = try Database("", .memory)
            try Schema.bringUpToDate(empty)
            return Store(empty, notices: notices, trouble: trouble)
        } catch {
            preconditionFailure("not even a database in memory can be made: \(error.message)")
        }
    }

    /// The file again, with all that was kept in memory meanwhile; nil while it cannot be written.
    func backInFile(_ path: String) -> Store? {
        guard let database = try? Self.openFile(path, checking: false) else { return nil }
        let known = isCopy ? "" : " What was saved before is shown after the next start of the daemon."
        let file = Store(database, notices: ["what happens is written to the disk again.\(known)"])
        do throws(StoreError) {
            try file.database.transaction(durable: true) { () throws(StoreError) in try file.take(from: self) }
            return file
        } catch {
            return nil
        }
    }

    private func take(from memory: Store) throws(StoreError) {
        let records = try memory.all()
        if memory.isCopy {
            let kept = Set(records.map { [$0.kind, $0.id] })
            for record in try all() where !kept.contains([record.kind, record.id]) { try erase(kind: record.kind, id: record.id) }
        }
        for record in records { try write(kind: record.kind, id: record.id, body: record.body) }
        for row in try memory.spend(from: "", to: "~") { try writeSpend(row, adding: !memory.isCopy) }
    }

    /// The new audit chain begins by saying that there was another.
    private func noteFreshStart(_ notices: [String]) {
        let entry = AuditEntry(actor: "drover", action: "store.started-fresh", subject: "store", detail: notices.joined(separator: "; "))
        _ = try? append(entry, at: Clock.wallMilliseconds())
    }
}
