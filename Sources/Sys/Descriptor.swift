import CPosix
import Glibc

/// What came of one read or write that does not wait.
package enum Transfer: Equatable, Sendable {
    case bytes(Int)
    /// Nothing now: ask the poller.
    case wouldBlock
    /// The other side has closed.
    case end
}

/// Owns a file descriptor and closes it. All of them are close-on-exec.
package struct Descriptor: ~Copyable, Sendable {
    /// Borrowed: valid as long as this lives.
    package let number: Int32

    package init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// Gives the number away without closing it.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    package static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0o600) throws(SysError) -> Descriptor {
        Descriptor(owning: try check(cposix_open(AT_FDCWD, path, flags, mode), "open", path))
    }

    package func setNonBlocking() throws(SysError) { try check(cposix_set_nonblocking(number), "make non-blocking") }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SysError) -> Transfer {
        try Descriptor.read(number, into: buffer)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(SysError) -> Transfer { try Descriptor.write(number, bytes) }

    /// Appends at most `limit` bytes to `bytes`.
    package func read(appendingTo bytes: inout [UInt8], limit: Int = 65536) throws(SysError) -> Transfer {
        try Descriptor.read(number, appendingTo: &bytes, limit: limit)
    }

    /// Writes as much as goes, from `bytes[start...]`.
    package func write(_ bytes: [UInt8], from start: Int = 0) throws(SysError) -> Transfer {
        try bytes.withUnsafeBytes { raw in
            Result { () throws(SysError) in try Descriptor.write(number, UnsafeRawBufferPointer(rebasing: raw[start...])) }
        }.get()
    }

    // MARK: On borrowed numbers, for who keeps them in tables

    package static func read(_ number: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SysError) -> Transfer {
        while true {
            let count = Glibc.read(number, buffer.baseAddress, buffer.count)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case ECONNRESET, EIO: return .end  // EIO: the other end of a terminal is gone
            default: throw SysError.last("read")
            }
        }
    }

    package static func read(_ number: Int32, appendingTo bytes: inout [UInt8], limit: Int = 65536) throws(SysError) -> Transfer {
        try withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
            Result { () throws(SysError) in
                let transfer = try read(number, into: buffer)
                if case .bytes(let count) = transfer { bytes.append(contentsOf: buffer[..<count]) }
                return transfer
            }
        }.get()
    }

    /// `.end` when nobody reads any more. SIGPIPE must be ignored or blocked (`Signals`).
    package static func write(_ number: Int32, _ bytes: UnsafeRawBufferPointer) throws(SysError) -> Transfer {
        while true {
            let count = Glibc.write(number, bytes.baseAddress, bytes.count)
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case EPIPE, ECONNRESET: return .end
            default: throw SysError.last("write")
            }
        }
    }

    /// Writes all of it to a descriptor that waits (a file, a pipe, a terminal).
    package static func writeAll(_ number: Int32, _ bytes: [UInt8]) throws(SysError) {
        var done = 0
        while done < bytes.count {
            let transfer = try bytes.withUnsafeBytes { raw in
                Result { () throws(SysError) in try write(number, UnsafeRawBufferPointer(rebasing: raw[done...])) }
            }.get()
            switch transfer {
            case .bytes(let count): done += count
            case .end: throw SysError("write", code: EPIPE)
            case .wouldBlock:
                var ready = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            }
        }
    }
}

/// A pipe: what is written to the one end is read from the other. Both wait until told otherwise.
package struct Pipe: ~Copyable {
    package let read: Descriptor
    package let write: Descriptor

    package init() throws(SysError) {
        var ends: [Int32] = [-1, -1]
        try check(cposix_pipe(&ends), "make a pipe")
        read = Descriptor(owning: ends[0])
        write = Descriptor(owning: ends[1])
    }

    /// Keeps one end and closes the other.
    package consuming func closingWrite() -> Descriptor { read }
    package consuming func closingRead() -> Descriptor { write }
    /// Gives both ends away.
    package consuming func split<R>(_ take: (_ read: consuming Descriptor, _ write: consuming Descriptor) -> R) -> R { take(read, write) }
}
