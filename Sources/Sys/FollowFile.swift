import CPosix
import Glibc

/// Reads what others append to a file, and is told when they do: no polling.
package final class FollowFile {
    private let notifications: Descriptor
    private let file: Descriptor
    private let path: String
    /// Bytes read so far.
    package private(set) var offset: Int64

    /// Begins at `offset` bytes; nil begins at the end.
    package init(_ path: String, from offset: Int64? = 0) throws(SysError) {
        self.path = path
        notifications = Descriptor(owning: try check(cposix_inotify(), "watch", path))
        // The watch comes first: what is written between it and the first read is told twice rather than never.
        try check(cposix_inotify_add(notifications.number, path), "watch", path)
        file = try Descriptor.open(path, O_RDONLY)
        self.offset = 0
        if let offset { self.offset = offset } else { self.offset = try size() }
    }

    /// For the poller: readable after the file was written to.
    package var descriptor: Int32 { notifications.number }

    /// What is new, at most `limit` bytes at a time. A file that became shorter is read from its start.
    package func read(limit: Int = 1 << 20) throws(SysError) -> [UInt8] {
        _ = cposix_inotify_clear(notifications.number)
        if try size() < offset { offset = 0 }
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let count = withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 1) { buffer in
                let count = pread(file.number, buffer.baseAddress, min(buffer.count, limit - bytes.count), Int(offset))
                if count > 0 { bytes.append(contentsOf: buffer[..<count]) }
                return count < 0 ? -Int(errno) : count
            }
            if count == -Int(EINTR) { continue }
            if count < 0 { throw SysError("read", path, code: Int32(-count)) }
            if count == 0 { break }
            offset += Int64(count)
        }
        return bytes
    }

    private func size() throws(SysError) -> Int64 {
        var facts = stat()
        if fstat(file.number, &facts) < 0 { throw .last("look at", path) }
        return Int64(facts.st_size)
    }
}

/// Tells that a file or a directory's list of names changed; what changed is for the reader to look at.
package final class WatchPath {
    private let notifications: Descriptor

    package init(_ paths: [String]) throws(SysError) {
        notifications = Descriptor(owning: try check(cposix_inotify(), "watch"))
        for path in paths { try add(path) }
    }

    /// An editor replaces a file by another, so watch its directory and look at the file's facts.
    package func add(_ path: String) throws(SysError) { try check(cposix_inotify_add(notifications.number, path), "watch", path) }

    package var descriptor: Int32 { notifications.number }

    /// True when something has changed since the last call. Never waits.
    package func clear() -> Bool { cposix_inotify_clear(notifications.number) != 0 }
}
