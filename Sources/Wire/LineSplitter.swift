/// Cuts a stream of bytes into lines, however the bytes arrive.
package struct LineSplitter {
    package enum Line: Equatable, Sendable {
        /// Without its end; never empty.
        case line([UInt8])
        /// More than the limit came without an end. The rest of it is passed over; what follows is read again.
        case tooLong
    }

    private let limit: Int
    private var pending: [UInt8] = []
    private var isSkipping = false

    /// `limit`: bytes of a line without its end.
    package init(limit: Int = WireProtocol.longestLine) { self.limit = limit }

    /// Bytes of a line whose end has not come.
    package var pendingCount: Int { pending.count }

    package mutating func feed(_ bytes: [UInt8]) -> [Line] { bytes.withUnsafeBytes { feed($0) } }
    package mutating func feed(_ bytes: ArraySlice<UInt8>) -> [Line] { bytes.withUnsafeBytes { feed($0) } }

    package mutating func feed(_ bytes: UnsafeRawBufferPointer) -> [Line] {
        var lines: [Line] = []
        var start = 0
        while let end = Self.lineEnd(in: bytes, from: start) {
            take(bytes[start..<end], into: &lines)
            finish(into: &lines)
            start = end + 1
        }
        take(bytes[start...], into: &lines)
        return lines
    }

    /// A snapshot is one line of hundreds of thousands of bytes: they are looked at eight at a time. A byte of `differs` is 0 where
    /// a line ends; taking 1 from each byte then sets a high bit that was not set before.
    private static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        let newline = UInt8(ascii: "\n")
        var at = start
        while at + 8 <= bytes.count {
            let differs = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ 0x0A0A_0A0A_0A0A_0A0A
            if (differs &- 0x0101_0101_0101_0101) & ~differs & 0x8080_8080_8080_8080 != 0 { break }
            at += 8
        }
        while at < bytes.count {
            if bytes[at] == newline { return at }
            at += 1
        }
        return nil
    }

    private mutating func take(_ piece: Slice<UnsafeRawBufferPointer>, into lines: inout [Line]) {
        guard !isSkipping else { return }
        guard pending.count + piece.count <= limit else {
            lines.append(.tooLong)
            pending = []
            isSkipping = true
            return
        }
        pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece))
    }

    private mutating func finish(into lines: inout [Line]) {
        defer { isSkipping = false }
        if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
        guard !pending.isEmpty else { return }
        lines.append(.line(pending))
        pending = []
    }
}
