import CPosix
import Glibc

/// Files and directories. Paths are `String`s: a name that is no UTF-8 cannot be said in one, so `list` tells names as bytes
/// too, and what walks a tree (`removeTree`) works on bytes throughout. Everything made is for its user only.
package enum Files {
    package enum Kind: Sendable { case file, directory, link, socket, other }

    package struct Facts: Equatable, Sendable {
        package let kind: Kind
        /// Bytes.
        package let size: UInt64
        /// Wall clock, nanoseconds since 1970.
        package let modifiedNs: Int64
        /// The permission bits.
        package let mode: UInt32
        package let userID: UInt32
        package let inode: UInt64
        package let device: UInt64
    }

    /// About what a link points to, or with `followingLinks` false about the link.
    package static func facts(_ path: String, followingLinks: Bool = true) throws(SysError) -> Facts {
        var found = cposix_stat()
        try check(cposix_stat_at(AT_FDCWD, path, followingLinks ? 1 : 0, &found), "look at", path)
        return Facts(
            kind: kind(found.mode), size: found.size, modifiedNs: found.modified_ns, mode: found.mode & 0o7777, userID: found.user,
            inode: found.inode, device: found.device)
    }

    static func kind(_ mode: UInt32) -> Kind {
        switch mode & UInt32(S_IFMT) {
        case UInt32(S_IFREG): .file
        case UInt32(S_IFDIR): .directory
        case UInt32(S_IFLNK): .link
        case UInt32(S_IFSOCK): .socket
        default: .other
        }
    }

    /// Also true for a link that points to something.
    package static func exists(_ path: String) -> Bool { (try? facts(path)) != nil }
    package static func isDirectory(_ path: String) -> Bool { (try? facts(path))?.kind == .directory }

    /// The whole file. Longer than `limit` bytes is an error (EFBIG), never a part of it.
    package static func read(_ path: String, limit: Int = 64 << 20) throws(SysError) -> [UInt8] {
        let file = try Descriptor.open(path, O_RDONLY)
        var bytes: [UInt8] = []
        // 0 in /proc, whatever there is to read.
        var facts = stat()
        if fstat(file.number, &facts) == 0, facts.st_size > 0 { bytes.reserveCapacity(min(facts.st_size, limit) + 1) }
        while true {
            let transfer: Transfer
            do throws(SysError) {
                // Most files are small; one call then sees all of it and one its end.
                transfer = try file.read(appendingTo: &bytes, limit: bytes.isEmpty ? 16384 : 256 * 1024)
            } catch {
                throw SysError("read", path, code: error.code)
            }
            if bytes.count > limit { throw SysError("read", path, code: EFBIG) }
            if case .bytes = transfer { continue }
            return bytes
        }
    }

    package static func readText(_ path: String, limit: Int = 64 << 20) throws(SysError) -> String {
        String(decoding: try read(path, limit: limit), as: UTF8.self)
    }

    package static func readLink(_ path: String) throws(SysError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        if count < 0 { throw .last("read link", path) }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path without links, "." and "..": what a project is known by.
    package static func realPath(_ path: String) throws(SysError) -> String {
        guard let found = realpath(path, nil) else { throw .last("find", path) }
        defer { free(found) }
        return String(cString: found)
    }

    /// Appends `line` and a newline in one write, so that lines of several writers do not mix.
    package static func appendLine(_ path: String, _ line: String, mode: UInt32 = 0o600) throws(SysError) {
        let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: mode)
        try naming(path, "write") { () throws(SysError) in try Descriptor.writeAll(file.number, Array((line + "\n").utf8)) }
    }

    /// A directory and those above it. One that is there keeps its mode.
    package static func makeDirectories(_ path: String, mode: UInt32 = 0o700) throws(SysError) {
        if mkdir(path, mode) == 0 { return }
        let code = errno
        if code == EEXIST || code == EISDIR || code == EROFS, isDirectory(path) { return }
        let parent = parentDirectory(path)
        guard code == ENOENT, parent != path else { throw SysError("make directory", path, code: code) }
        try makeDirectories(parent, mode: mode)
        if mkdir(path, mode) < 0, errno != EEXIST { throw .last("make directory", path) }
    }

    /// Makes an empty file where there is none.
    package static func createEmpty(_ path: String, mode: UInt32 = 0o600) throws(SysError) {
        _ = try Descriptor.open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: mode)
    }

    /// A new empty directory whose name starts with `prefix`.
    package static func makeTemporaryDirectory(_ prefix: String) throws(SysError) -> String {
        for _ in 0..<100 {
            let path = prefix + Random.hex(bytes: 6)
            if mkdir(path, 0o700) == 0 { return path }
            if errno != EEXIST { throw .last("make directory", path) }
        }
        throw SysError("make directory", prefix, code: EEXIST)
    }

    /// A file, link or socket. What is not there is no error.
    package static func remove(_ path: String) throws(SysError) {
        if unlink(path) < 0, errno != ENOENT { throw .last("remove", path) }
    }

    /// Replaces what is at `target`.
    package static func rename(_ path: String, to target: String) throws(SysError) {
        if Glibc.rename(path, target) < 0 { throw .last("rename", path) }
    }

    package static func setMode(_ path: String, _ mode: UInt32) throws(SysError) {
        if chmod(path, mode) < 0 { throw .last("set permissions of", path) }
    }

    /// "a/b" of "a/b/c"; "." of "a"; "/" of "/a".
    package static func parentDirectory(_ path: String) -> String {
        var bytes = Array(path.utf8)
        let slash = UInt8(ascii: "/")
        while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
        guard let last = bytes.lastIndex(of: slash) else { return "." }
        bytes.removeSubrange(last...)
        while bytes.last == slash { bytes.removeLast() }
        return bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
    }

    /// Gives an error of an inner call the path it was about.
    static func naming<R: ~Copyable>(_ path: String, _ operation: String, _ body: () throws(SysError) -> R) throws(SysError) -> R {
        do throws(SysError) {
            return try body()
        } catch {
            throw SysError(operation, path, code: error.code)
        }
    }
}
