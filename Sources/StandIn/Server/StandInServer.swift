import Glibc

/// Why a stand-in cannot start.
package enum StandInError: Error, Equatable, Sendable {
    case badAddress(String)
    case cannotListen(String, errno: Int32)

    package var message: String {
        switch self {
        case .badAddress(let host): "\(host) is no IPv4 address; use 127.0.0.1"
        case .cannotListen(let place, let code): "cannot listen on \(place): \(String(cString: strerror(code)))"
        }
    }
}

/// A small HTTP/1.1 server on one reactor: keep-alive, chunked answers, event streams.
package final class StandInServer {
    package let reactor: Reactor
    /// The port in use.
    package let port: Int
    private let listener: Int32
    /// A number closed twice might be somebody else's by then.
    private var isClosed = false
    private var connections: [Int32: Connection] = [:]
    private let handler: (Exchange) -> Void
    /// Connections accepted so far.
    package private(set) var acceptedCount = 0

    /// Listens at once. Port 0: any free one.
    package init(_ reactor: Reactor, host: String = "127.0.0.1", port: Int = 0, handler: @escaping (Exchange) -> Void) throws(StandInError) {
        self.reactor = reactor
        self.handler = handler
        (listener, self.port) = try Self.listen(host, port)
        reactor.watch(listener) { [weak self] _ in self?.accept() }
    }

    deinit { close() }

    package var connectionCount: Int { connections.count }

    /// Closes the listener and all connections.
    package func close() {
        if isClosed { return }
        isClosed = true
        reactor.unwatch(listener)
        _ = Glibc.close(listener)
        for connection in connections.values { connection.close() }
        connections = [:]
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor < 0, errno == EINTR { continue }
            guard descriptor >= 0 else { return }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
            acceptedCount += 1
            connections[descriptor] = Connection(descriptor, reactor, handler: handler) { [weak self] in self?.connections[$0] = nil }
        }
    }

    private static func listen(_ host: String, _ port: Int) throws(StandInError) -> (Int32, Int) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(clamping: port).bigEndian
        guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else { throw .badAddress(host) }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && Glibc.listen(listener, 1024) == 0 && getsockname(listener, address, &size) == 0
            }
        }
        guard listener >= 0, isBound else {
            let code = errno
            _ = Glibc.close(listener)
            throw .cannotListen("\(host):\(port)", errno: code)
        }
        return (listener, Int(in_port_t(bigEndian: address.sin_port)))
    }
}
