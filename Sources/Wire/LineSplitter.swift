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
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(rest[..<end], into: &lines)
            finish(into: &lines)
            rest = rest[(end + 1)...]
        }
        take(rest, into: &lines)
        return lines
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
