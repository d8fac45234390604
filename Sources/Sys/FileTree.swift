import CPosix
import Glibc

extension Files {
    package struct Entry: Hashable, Sendable {
        /// As it is on the disk, which may be no UTF-8.
        package let name: [UInt8]
        package let isDirectory: Bool
        package var text: String { String(decoding: name, as: UTF8.self) }
    }

    /// The names in a directory but "." and "..", in no order.
    package static func list(_ path: String) throws(SysError) -> [Entry] {
        let directory = try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
        return try naming(path, "list") { () throws(SysError) in try list(descriptor: directory.duplicated()) }
    }

    /// The names that are UTF-8, sorted.
    package static func names(_ path: String) throws(SysError) -> [String] {
        try list(path).compactMap { String(validating: $0.name, as: UTF8.self) }.sorted()
    }

    private final class Collector { var entries: [Entry] = [] }

    static func list(descriptor: consuming Descriptor) throws(SysError) -> [Entry] {
        let collector = Collector()
        let context = Unmanaged.passUnretained(collector).toOpaque()
        let result = cposix_list(
            descriptor.release(),
            { context, name, length, isDirectory in
                guard let context, let name else { return }
                let bytes = UnsafeRawBufferPointer(start: name, count: length)
                Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue().entries
                    .append(Entry(name: Array(bytes), isDirectory: isDirectory != 0))
            }, context)
        try check(result, "list")
        return withExtendedLifetime(collector) { collector.entries }
    }

    /// Removes a file or a directory with all that is in it. Links are removed and never followed; another file system
    /// mounted in the tree stops it (EXDEV), since what is there was not meant. What is not there is no error.
    package static func removeTree(_ path: String) throws(SysError) {
        var found = cposix_stat()
        let result = cposix_stat_at(AT_FDCWD, path, 0, &found)
        if result == -ENOENT { return }
        try check(result, "remove", path)
        guard kind(found.mode) == .directory else { return try remove(path) }
        try naming(path, "remove") { () throws(SysError) in
            let name = Array(path.utf8) + [0]
            try removeDirectory(AT_FDCWD, name, device: found.device, depth: 0)
        }
    }

    /// One open descriptor a level.
    private static let deepest = 256

    /// `name` ends with a zero byte.
    private static func removeDirectory(_ parent: Int32, _ name: [UInt8], device: UInt64, depth: Int) throws(SysError) {
        if depth > deepest { throw SysError("remove", code: ELOOP) }
        let directory = try openToEmpty(parent, name)
        var facts = stat()
        if fstat(directory.number, &facts) < 0 { throw .last("remove") }
        if UInt64(facts.st_dev) != device { throw SysError("remove", code: EXDEV, detail: "another file system is mounted in it") }
        for entry in try list(descriptor: directory.duplicated()) {
            let inner = entry.name + [0]
            if entry.isDirectory {
                try removeDirectory(directory.number, inner, device: device, depth: depth + 1)
            } else {
                try unlink(directory.number, inner, 0)
            }
        }
        try unlink(parent, name, AT_REMOVEDIR)
    }

    private static func openToEmpty(_ parent: Int32, _ name: [UInt8]) throws(SysError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        let first = withPath(name) { cposix_open(parent, $0, flags, 0) }
        if first >= 0 {
            // Without the right to write nothing in it can be removed; it is ours, and about to go.
            var facts = stat()
            if fstat(first, &facts) == 0, facts.st_mode & 0o700 != 0o700 { fchmod(first, 0o700) }
            return Descriptor(owning: first)
        }
        guard first == -EACCES, withPath(name, { fchmodat(parent, $0, 0o700, 0) }) == 0 else { throw SysError("remove", result: first) }
        return Descriptor(owning: try check(withPath(name) { cposix_open(parent, $0, flags, 0) }, "remove"))
    }

    private static func unlink(_ parent: Int32, _ name: [UInt8], _ flags: Int32) throws(SysError) {
        let result = withPath(name) { unlinkat(parent, $0, flags) }
        if result < 0, errno != ENOENT { throw .last("remove") }
    }

    private static func withPath<R>(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> R) -> R {
        name.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { preconditionFailure("a name has at least its final zero byte") }
            return body(start.assumingMemoryBound(to: CChar.self))
        }
    }
}
