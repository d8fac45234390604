import CSQLite
import Sys

/// A value of SQLite.
package enum SQLValue: Equatable, Sendable {
    case null
    case int(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// One connection, used by the thread that opened it: anything else traps.
package final class Database {
    package enum Access: Sendable {
        case write
        /// Never makes a file.
        case read
        /// Reads a file that nobody writes to now, without looking at its log.
        case frozen
        case memory
    }

    let handle: OpaquePointer
    private let owner = ThreadOwner()
    /// Prepared statements, by their text.
    private var statements: [String: OpaquePointer] = [:]

    package init(_ path: String, _ access: Access) throws(StoreError) {
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI
        let name: String
        switch access {
        case .write:
            flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            name = Database.address(path)
        case .read:
            flags |= SQLITE_OPEN_READONLY
            name = Database.address(path)
        case .frozen:
            flags |= SQLITE_OPEN_READONLY
            name = Database.address(path) + "?immutable=1"
        case .memory:
            flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            name = ":memory:"
        }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags, nil)
        guard let opened else { throw StoreError(SQLITE_NOMEM, "out of memory") }
        if code != SQLITE_OK {
            let error = StoreError(sqlite3_extended_errcode(opened), String(cString: sqlite3_errmsg(opened)))
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        _ = csqlite_defend(handle)
        sqlite3_busy_timeout(handle, 2000)
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// A path as a URI, so that no character in it has a meaning.
    private static func address(_ path: String) -> String {
        var text = "file:"
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                text.unicodeScalars.append(UnicodeScalar(byte))
            default: text += "%" + Encoding.hex([byte])
            }
        }
        return text
    }

    // MARK: Statements

    /// One or several statements without values and results.
    package func execute(_ sql: String) throws(StoreError) {
        checkThread()
        if sqlite3_exec(handle, sql, nil, nil, nil) != SQLITE_OK { throw lastError() }
    }

    /// A statement that changes rows; how many.
    @discardableResult
    package func run(_ sql: String, _ values: SQLValue...) throws(StoreError) -> Int {
        try each(sql, values) { _ in }
        return Int(sqlite3_changes64(handle))
    }

    /// The rows of a query, made into values one by one.
    package func rows<Value>(_ sql: String, _ values: SQLValue..., read: (SQLRow) -> Value) throws(StoreError) -> [Value] {
        var found: [Value] = []
        try each(sql, values) { found.append(read($0)) }
        return found
    }

    /// The first row.
    package func row<Value>(_ sql: String, _ values: SQLValue..., read: (SQLRow) -> Value) throws(StoreError) -> Value? {
        var found: Value?
        try each(sql, values) { if found == nil { found = read($0) } }
        return found
    }

    /// A number that a pragma or an aggregate tells.
    package func number(_ sql: String) throws(StoreError) -> Int64 { try row(sql) { $0.int(0) } ?? 0 }

    private func each(_ sql: String, _ values: [SQLValue], _ take: (SQLRow) -> Void) throws(StoreError) {
        checkThread()
        let statement = try prepared(sql)
        defer {
            // Gives its locks and the copies of its values back.
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() { try bind(statement, Int32(index + 1), value) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: take(SQLRow(statement: statement))
            case SQLITE_DONE: return
            default: throw lastError()
            }
        }
    }

    private func prepared(_ sql: String) throws(StoreError) -> OpaquePointer {
        if let known = statements[sql] { return known }
        var made: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK, let made else { throw lastError() }
        statements[sql] = made
        return made
    }

    private func bind(_ statement: OpaquePointer, _ index: Int32, _ value: SQLValue) throws(StoreError) {
        let code =
            switch value {
            case .null: sqlite3_bind_null(statement, index)
            case .int(let number): sqlite3_bind_int64(statement, index, number)
            case .real(let number): sqlite3_bind_double(statement, index, number)
            case .text(var text):
                text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { csqlite_bind_text(statement, index, $0.baseAddress, Int32(clamping: $0.count)) }
                }
            case .blob(let bytes): bytes.withUnsafeBytes { csqlite_bind_blob(statement, index, $0.baseAddress, Int32(clamping: $0.count)) }
            }
        if code != SQLITE_OK { throw lastError() }
    }

    // MARK: Transactions

    /// All of `body` or nothing. With `durable` the change is on the disk when this returns, whatever happens to the machine;
    /// otherwise the last ones can be lost in a power cut (not in a crash of the program), but never half of one.
    package func transaction<R>(durable: Bool, _ body: () throws(StoreError) -> R) throws(StoreError) -> R {
        if durable { try execute("PRAGMA synchronous=FULL") }
        defer { if durable { try? execute("PRAGMA synchronous=NORMAL") } }
        try execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // Some errors have rolled back already.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Fills this database with all of another.
    func copy(from other: Database) throws(StoreError) {
        checkThread()
        guard let backup = sqlite3_backup_init(handle, "main", other.handle, "main") else { throw lastError() }
        let code = sqlite3_backup_step(backup, -1)
        sqlite3_backup_finish(backup)
        if code != SQLITE_DONE { throw StoreError(code, "cannot copy") }
    }

    private func checkThread() {
        precondition(owner.isHere, "the database is used by the thread that opened it, and by no other")
    }

    private func lastError() -> StoreError {
        StoreError(sqlite3_extended_errcode(handle), String(cString: sqlite3_errmsg(handle)))
    }
}

/// The row a query stands at. A column of another type reads as 0 or empty.
package struct SQLRow {
    fileprivate let statement: OpaquePointer

    package func int(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    package func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }
    package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    package func text(_ column: Int32) -> String { String(decoding: blob(column), as: UTF8.self) }

    package func blob(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }
}
