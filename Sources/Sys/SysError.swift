import CPosix
import Glibc

/// A call to the system that failed: what was tried, on what, and why.
package struct SysError: Error, Hashable, Sendable {
    /// What was tried, as a verb: "open", "run", "lock".
    package let operation: String
    /// The path, program or address it was tried on; may be empty.
    package let subject: String
    /// The errno.
    package let code: Int32
    /// More, when there is more to say: the last lines a program printed, what to do next.
    package let detail: String

    package init(_ operation: String, _ subject: String = "", code: Int32, detail: String = "") {
        self.operation = operation
        self.subject = subject
        self.code = code
        self.detail = detail
    }

    /// From the result of a shim: negative, the errno.
    init(_ operation: String, _ subject: String = "", result: Int32) { self.init(operation, subject, code: -result) }

    /// From the `errno` of this thread, right after the call.
    static func last(_ operation: String, _ subject: String = "") -> SysError { SysError(operation, subject, code: errno) }

    /// For a person: "open /x/y: Permission denied".
    package var message: String {
        let what = subject.isEmpty ? operation : "\(operation) \(subject)"
        let why = String(cString: cposix_describe(code))
        return detail.isEmpty ? "\(what): \(why)" : "\(what): \(why): \(detail)"
    }

    package var isMissing: Bool { code == ENOENT || code == ENOTDIR }
    package var isPermission: Bool { code == EACCES || code == EPERM || code == EROFS }
    package var isFull: Bool { code == ENOSPC || code == EDQUOT }
    package var isExisting: Bool { code == EEXIST }
    package var isTimeout: Bool { code == ETIMEDOUT }
    package var isCancelled: Bool { code == ECANCELED }
    /// Nobody listens there: no such socket file, or one that a dead process left behind.
    package var isUnreachable: Bool { code == ECONNREFUSED || code == ENOENT || code == ECONNRESET }

    package static func cancelled(_ operation: String, _ subject: String = "") -> SysError {
        SysError(operation, subject, code: ECANCELED)
    }
}

extension SysError: CustomStringConvertible {
    package var description: String { message }
}

/// The value of a shim's result, or its error.
@discardableResult
func check(_ result: Int32, _ operation: String, _ subject: String = "") throws(SysError) -> Int32 {
    if result < 0 { throw SysError(operation, subject, result: result) }
    return result
}
