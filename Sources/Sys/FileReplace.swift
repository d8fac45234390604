import CPosix
import Glibc

extension Files {
    /// The file has either its old content or all of the new, whenever the machine stops. With `durable` it is on the disk
    /// when this returns. A link is replaced by a file; use `realPath` first to write through it.
    package static func writeAtomically(
        _ path: String, _ bytes: [UInt8], mode: UInt32 = 0o600, durable: Bool = true
    ) throws(SysError) {
        let directory = parentDirectory(path)
        let temporary = path + ".tmp-" + Random.hex(bytes: 6)
        let file = try naming(path, "write") { () throws(SysError) in
            try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
        }
        do throws(SysError) {
            // Exactly this mode, whatever the umask.
            if fchmod(file.number, mode) < 0 { throw .last("write", path) }
            try naming(path, "write") { () throws(SysError) in try Descriptor.writeAll(file.number, bytes) }
            if durable, fsync(file.number) < 0 { throw .last("write", path) }
            if Glibc.rename(temporary, path) < 0 { throw .last("write", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        if durable { try syncDirectory(directory) }
    }

    /// Makes the names in a directory survive a power cut.
    package static func syncDirectory(_ path: String) throws(SysError) {
        let directory = try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
        // Some file systems cannot sync a directory, and then need not.
        if fsync(directory.number) < 0, errno != EINVAL { throw .last("write", path) }
    }
}

/// A file that at most one process holds. It is never removed: who removed it would let two hold "the" file.
package final class FileLock: Sendable {
    package enum Attempt: Sendable {
        case taken(FileLock)
        /// By the process whose number is in the file; nil when it has not written it yet.
        case held(by: Int32?)
    }

    private let file: Descriptor

    private init(_ file: consuming Descriptor) { self.file = file }

    /// Takes the lock or says who has it; never waits. It is given back when the object or the process ends.
    package static func take(_ path: String) throws(SysError) -> Attempt {
        let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW)
        let result = cposix_flock_exclusive(file.number)
        if result == -EWOULDBLOCK {
            let text = (try? Files.readText(path, limit: 64)) ?? ""
            return .held(by: text.split(separator: "\n").first.flatMap { Int32($0) })
        }
        try check(result, "lock", path)
        // For people and for who finds it held; the lock itself needs no content. A full disk is no reason to fail.
        if ftruncate(file.number, 0) == 0 { _ = try? Descriptor.writeAll(file.number, Array("\(getpid())\n".utf8)) }
        return .taken(FileLock(file))
    }
}
