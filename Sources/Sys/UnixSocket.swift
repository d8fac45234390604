import CPosix
import Glibc

/// Stream sockets with a name in the file system, for programs of the same user on this machine. All are non-blocking.
package enum UnixSocket {
    /// Bytes; the kernel has room for no longer path.
    package static let longestPath = 107

    /// Listens at `path` with 0600. A file there that nobody listens on any more is removed first; one that answers is not
    /// (EADDRINUSE). Who listens must hold a lock (`FileLock`), or two starters could each remove the other's.
    package static func listen(at path: String, backlog: Int32 = 64) throws(SysError) -> Descriptor {
        var number = cposix_unix_listen(path, backlog)
        if number == -EADDRINUSE, isStale(path) {
            try Files.remove(path)
            number = cposix_unix_listen(path, backlog)
        }
        return Descriptor(owning: try check(number, "listen at", path))
    }

    /// Only a refused connection proves that nobody listens; only a socket is ever removed.
    private static func isStale(_ path: String) -> Bool {
        guard let facts = try? Files.facts(path, followingLinks: false), facts.kind == .socket else { return false }
        let number = cposix_unix_connect(path, 1000)
        if number >= 0 { close(number) }
        return number == -ECONNREFUSED
    }

    /// The next that waits; nil when nobody does, or when no descriptor is left for it.
    package static func accept(_ listener: borrowing Descriptor) throws(SysError) -> Descriptor? {
        let number = cposix_accept(listener.number)
        if number == -EAGAIN { return nil }
        return Descriptor(owning: try check(number, "accept"))
    }

    /// Waits at most so long for a place in the listener's queue; usually not at all.
    package static func connect(to path: String, timeoutMs: Int32 = 2000) throws(SysError) -> Descriptor {
        Descriptor(owning: try check(cposix_unix_connect(path, timeoutMs), "connect to", path))
    }

    package struct Peer: Equatable, Sendable {
        package let userID: UInt32
        package let pid: Int32
    }

    /// Who is at the other end, as the kernel noted when they connected or began to listen.
    package static func peer(of socket: borrowing Descriptor) throws(SysError) -> Peer {
        var user: UInt32 = 0
        var pid: pid_t = 0
        try check(cposix_peer(socket.number, &user, &pid), "look at the peer")
        return Peer(userID: user, pid: pid)
    }

    /// Whether the other end is this user or root.
    package static func isTrusted(_ socket: borrowing Descriptor) -> Bool {
        guard let peer = try? peer(of: socket) else { return false }
        return peer.userID == getuid() || peer.userID == 0
    }

    /// Two ends of one connection.
    package struct Pair: ~Copyable {
        package let first: Descriptor
        package let second: Descriptor

        package init() throws(SysError) {
            var ends: [Int32] = [-1, -1]
            try check(cposix_socketpair(&ends), "make a pair of sockets")
            first = Descriptor(owning: ends[0])
            second = Descriptor(owning: ends[1])
        }

        /// Gives both ends away.
        package consuming func split<R>(_ take: (consuming Descriptor, consuming Descriptor) -> R) -> R { take(first, second) }
    }
}

package enum Loopback {
    /// A TCP port of 127.0.0.1 that was free a moment ago. Another program may take it first, so who uses it must be ready to
    /// pick again.
    package static func freePort() throws(SysError) -> UInt16 {
        UInt16(truncatingIfNeeded: try check(cposix_free_port(), "find a free port"))
    }
}
