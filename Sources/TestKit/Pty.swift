import CPosix
import Glibc
package import Screen
import Sys

/// Runs a program on a pseudo-terminal of its own and watches its screen. Waiting is by events: output, exit; never by sleeping.
package final class Pty {
    package enum Failure: Error { case system(String, Int32) }

    package private(set) var grid: VTGrid
    package let pid: Int32
    /// True once the program closed its terminal.
    package private(set) var isClosed = false
    /// Everything it wrote.
    package private(set) var output: [UInt8] = []
    /// When something was read first and last (monotonic nanoseconds, 0 before), taken before it was looked at: for measurements.
    package private(set) var firstReadNs: UInt64 = 0
    package private(set) var lastReadNs: UInt64 = 0
    private let master: Int32
    private var status: Int32?

    /// `environment` is all the program gets; TERM must be in it.
    package init(
        _ program: String, _ arguments: [String] = [], size: Size = Size(columns: 80, rows: 24), environment: [String: String],
        directory: String? = nil, modern: Bool = true
    ) throws(Failure) {
        grid = VTGrid(size, modern: modern)
        var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var master: Int32 = -1
        var pid: pid_t = 0
        let code = cposix_pty_spawn(program, &argv, &envp, directory, Int32(size.columns), Int32(size.rows), &master, &pid)
        guard code == 0 else { throw .system("starting \(program) on a pseudo-terminal", -code) }
        self.master = master
        self.pid = pid
    }

    deinit {
        if status == nil {
            Glibc.kill(pid, SIGKILL)
            Glibc.waitpid(pid, nil, 0)
        }
        close(master)
    }

    /// Types keys in the notation of `Key.parse`, as a plain xterm sends them.
    package func press(_ notation: String) {
        for key in Key.parse(notation) ?? [] { write(Self.bytes(of: key)) }
    }

    package func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(master, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
            // A long paste: the program must be able to answer meanwhile.
            if !rest.isEmpty { pump(milliseconds: 0) }
        }
    }

    /// Types without reading anything meanwhile.
    package func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(master, $0.baseAddress, $0.count) }
    }

    package func write(_ text: String) { write(Array(text.utf8)) }

    package func resize(_ size: Size) {
        pump(milliseconds: 0)
        grid.resize(size)
        _ = cposix_pty_resize(master, Int32(size.columns), Int32(size.rows))
    }

    package func signal(_ number: Int32) { Glibc.kill(pid, number) }

    /// Feeds output to the grid until it looks as wanted; false when it did not within `timeout` or the program ended.
    @discardableResult
    package func waitUntil(timeout: Duration = .seconds(10), _ condition: (VTGrid) -> Bool) -> Bool {
        let end = ContinuousClock.now + timeout
        while true {
            // Judged between sequences, or half a frame would be looked at.
            if grid.parser.isAtRest, condition(grid) { return true }
            let left = end - ContinuousClock.now
            guard left > .zero, !isClosed else { return condition(grid) }
            pump(milliseconds: Int32(left.components.seconds * 1000) + Int32(left.components.attoseconds / 1_000_000_000_000_000) + 1)
        }
    }

    /// Waits until it wrote nothing for so long.
    package func waitUntilQuiet(milliseconds: Int32 = 50, timeout: Duration = .seconds(10)) {
        let end = ContinuousClock.now + timeout
        while !isClosed, ContinuousClock.now < end, pump(milliseconds: milliseconds) {}
    }

    /// Reads what comes in so many milliseconds.
    package func pass(milliseconds: Int32) {
        let end = Clock.monotonicMilliseconds() + Int64(milliseconds)
        while !isClosed {
            let left = end - Clock.monotonicMilliseconds()
            guard left > 0 else { return }
            pump(milliseconds: Int32(left))
        }
    }

    /// The exit status as the shell says it (128 + signal when killed); nil if it is still running after `timeout`.
    package func waitForExit(timeout: Duration = .seconds(10)) -> Int32? {
        waitUntil(timeout: timeout) { _ in false }
        var raw: Int32 = 0
        let end = ContinuousClock.now + timeout
        while status == nil, ContinuousClock.now < end {
            // The terminal closes with the program's last descriptor: it is dying, and this does not take long.
            guard waitpid(pid, &raw, isClosed ? 0 : WNOHANG) == pid else {
                if isClosed { return nil }
                continue
            }
            status = raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + (raw & 0x7F)
        }
        return status
    }

    /// The terminal's local modes: whether it echoes and edits lines, as a shell wants it.
    package var isCooked: Bool {
        var modes = termios()
        return tcgetattr(master, &modes) == 0 && modes.c_lflag & UInt32(ECHO | ICANON | ISIG) == UInt32(ECHO | ICANON | ISIG)
    }

    /// One read; false when nothing came.
    @discardableResult
    private func pump(milliseconds: Int32) -> Bool {
        var poller = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, milliseconds) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(master, &buffer, buffer.count)
        guard count > 0 else {
            if count == 0 || errno == EIO { isClosed = true }
            return false
        }
        lastReadNs = Clock.monotonicNanoseconds()
        if firstReadNs == 0 { firstReadNs = lastReadNs }
        output += buffer[..<count]
        grid.feed(buffer[..<count])
        let replies = grid.replies
        grid.replies = []
        if !replies.isEmpty { write(replies) }
        return true
    }

    /// What xterm sends for a key.
    package static func bytes(of key: Key) -> [UInt8] {
        let modifiers = Int(key.modifiers.rawValue)
        func letter(_ final: String) -> [UInt8] { Array((modifiers == 0 ? "\u{1B}[\(final)" : "\u{1B}[1;\(modifiers + 1)\(final)").utf8) }
        func tilde(_ number: Int) -> [UInt8] { Array((modifiers == 0 ? "\u{1B}[\(number)~" : "\u{1B}[\(number);\(modifiers + 1)~").utf8) }
        switch key.code {
        case .char(let scalar):
            var bytes = Array(String(scalar).utf8)
            if key.modifiers.contains(.ctrl) { bytes = [scalar == " " ? 0 : UInt8(truncatingIfNeeded: scalar.value) & 0x1F] }
            return key.modifiers.contains(.alt) ? [0x1B] + bytes : bytes
        case .enter: return [0x0D]
        case .tab: return key.modifiers.contains(.shift) ? Array("\u{1B}[Z".utf8) : [0x09]
        case .escape: return [0x1B]
        case .backspace: return [0x7F]
        case .up: return letter("A")
        case .down: return letter("B")
        case .right: return letter("C")
        case .left: return letter("D")
        case .home: return letter("H")
        case .end: return letter("F")
        case .insert: return tilde(2)
        case .delete: return tilde(3)
        case .pageUp: return tilde(5)
        case .pageDown: return tilde(6)
        case .function(let number) where number <= 4:
            return modifiers == 0 ? [0x1B, 0x4F, UInt8(0x4F + number)] : letter(String(UnicodeScalar(UInt8(0x4F + number))))
        case .function(let number): return tilde([15, 17, 18, 19, 20, 21, 23, 24][min(number, 12) - 5])
        case .menu, .pause, .printScreen: return []
        }
    }
}
