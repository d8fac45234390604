import CSQLite

/// Why something could not be kept or read.
package enum StoreError: Error, Equatable, Sendable {
    /// No room on the disk. Nothing was changed.
    case full(String)
    /// The file or its directory cannot be written.
    case readOnly(String)
    /// What is in the file is damaged or no database.
    case damaged(String)
    /// Another process keeps the file to itself.
    case busy(String)
    /// A file of a later version of drover.
    case newer(Int)
    /// Anything else, with SQLite's extended code.
    case failed(code: Int32, String)

    init(_ code: Int32, _ words: String) {
        switch code & 0xFF {
        case SQLITE_FULL: self = .full(words)
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM: self = .readOnly(words)
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: self = .damaged(words)
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy(words)
        default: self = .failed(code: code, words)
        }
    }

    /// What happened, and what to do about it.
    package var message: String {
        switch self {
        case .full(let words): "the disk is full (\(words)): make room"
        case .readOnly(let words): "the state cannot be written (\(words)): make its directory writable for you"
        case .damaged(let words): "the saved state is damaged (\(words))"
        case .busy(let words): "another program keeps the saved state locked (\(words))"
        case .newer(let version): "the saved state is of a later version of drover (format \(version)): update drover"
        case .failed(let code, let words): "the state could not be saved (\(words), SQLite code \(code))"
        }
    }

    /// Such an error concerns the file and not the value: trying again can help.
    package var isPassing: Bool {
        switch self {
        case .full, .busy, .readOnly: true
        case .failed(let code, _): code & 0xFF == SQLITE_IOERR
        case .damaged, .newer: false
        }
    }
}
