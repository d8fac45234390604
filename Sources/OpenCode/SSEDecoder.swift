/// One thing read from an event stream. Pointers are valid inside the callback only.
package enum SSEFrame {
    /// A whole event: its `data:` lines joined by a line feed, its `event:` name ("" when absent) and its `id:` if it had one.
    case message(data: UnsafeRawBufferPointer, name: String, id: String?)
    /// A line that starts with a colon; servers send them to keep a connection alive.
    case comment
    /// An event that held more bytes than the limit. Its content was dropped; what follows is read as usual.
    case oversized(bytes: Int)
}

/// Decodes `text/event-stream` bytes, in whatever pieces they arrive (WHATWG HTML, "Server-sent events").
///
/// Lines end in LF, CR or CRLF; one byte order mark at the start is ignored; an event without a `data` line and an
/// event that the end of the stream cuts off are not events; unknown fields are ignored.
///
/// OpenCode sends nothing but `data: <one line of JSON>\n\n`. Such a frame is handed on as a pointer into the fed bytes
/// when it lies wholly inside them; everything else takes the careful path, which copies.
package struct SSEDecoder {
    /// The longest event in bytes that is kept (8 MB unless told otherwise).
    package let limit: Int

    private var line: [UInt8] = []  // the start of a line whose end has not arrived
    private var data: [UInt8] = []  // the data lines of the event so far, each followed by a line feed
    private var name = ""
    private var id: String?
    private var afterReturn = false  // the last byte was CR: a line feed that follows belongs to it
    private var atStart = true  // no line has ended yet: a byte order mark may be there
    private var dropped: Dropped?  // the event is over the limit: wait for its end

    private struct Dropped {
        var bytes: Int
        var lineIsEmpty: Bool
    }

    package init(limit: Int = 8 << 20) {
        self.limit = limit
    }

    /// Whether nothing of an unfinished event is held.
    package var isBetweenEvents: Bool { line.isEmpty && data.isEmpty && dropped == nil && name.isEmpty && id == nil }

    /// Takes the next bytes of the stream and emits what is complete, in order.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer, _ emit: (SSEFrame) -> Void) {
        var at = 0
        while at < bytes.count {
            if afterReturn {
                afterReturn = false
                if bytes[at] == Byte.lineFeed {
                    at += 1
                    continue
                }
            }
            if isBetweenEvents {
                at = feedWholeFrames(bytes, from: at, emit)
                if at == bytes.count { return }
            }
            at = feedLine(bytes, from: at, emit)
        }
    }

    // MARK: whole frames, in place

    /// Emits `data:…\n\n` frames that lie wholly in `bytes`; returns where the first other thing begins.
    private mutating func feedWholeFrames(_ bytes: UnsafeRawBufferPointer, from start: Int, _ emit: (SSEFrame) -> Void) -> Int {
        var at = start
        while at + 7 <= bytes.count, bytes.isDataField(at: at) {
            let end = bytes.lineEnd(from: at + 5)
            guard end + 1 < bytes.count, bytes[end] == Byte.lineFeed, bytes[end + 1] == Byte.lineFeed, end - at <= limit else { break }
            let value = at + (bytes[at + 5] == Byte.space ? 6 : 5)
            atStart = false
            emit(.message(data: UnsafeRawBufferPointer(rebasing: bytes[value..<end]), name: "", id: nil))
            at = end + 2
        }
        return at
    }

    // MARK: line by line

    /// Takes bytes up to the next line end, or all that is left; returns where to go on.
    private mutating func feedLine(_ bytes: UnsafeRawBufferPointer, from start: Int, _ emit: (SSEFrame) -> Void) -> Int {
        let end = bytes.lineEnd(from: start)
        let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        let isComplete = end < bytes.count
        if isComplete { afterReturn = bytes[end] == Byte.carriageReturn }

        if dropped == nil, data.count + line.count + piece.count > limit { drop(pending: data.count + line.count) }
        if dropped != nil {
            skip(piece, isComplete, emit)
        } else if !isComplete {
            line.append(contentsOf: piece)
        } else if line.isEmpty {
            take(line: piece, emit)
        } else {
            line.append(contentsOf: piece)
            let whole = line
            line = []
            whole.withUnsafeBytes { take(line: $0, emit) }
            line = Self.emptied(whole)
        }
        return isComplete ? end + 1 : end
    }

    private mutating func take(line whole: UnsafeRawBufferPointer, _ emit: (SSEFrame) -> Void) {
        let line = atStart ? whole.withoutByteOrderMark : whole
        atStart = false
        guard let first = line.first else { return dispatch(emit) }
        guard first != Byte.colon else { return emit(.comment) }
        let colon = line.firstIndex(of: Byte.colon) ?? line.count
        var value = UnsafeRawBufferPointer(rebasing: line.dropFirst(colon + 1))
        if value.first == Byte.space { value = UnsafeRawBufferPointer(rebasing: value.dropFirst()) }
        switch Field(UnsafeRawBufferPointer(rebasing: line[..<colon])) {
        case .data:
            data.append(contentsOf: value)
            data.append(Byte.lineFeed)
        case .event: name = String(decoding: value, as: UTF8.self)
        case .id where !value.contains(0): id = String(decoding: value, as: UTF8.self)
        case .id, .other: break
        }
    }

    /// An empty line: the event is complete.
    private mutating func dispatch(_ emit: (SSEFrame) -> Void) {
        if !data.isEmpty {
            let whole = data, name = name, id = id
            data = []
            whole.withUnsafeBytes {
                emit(.message(data: UnsafeRawBufferPointer(rebasing: $0.dropLast()), name: name, id: id))
            }
            data = Self.emptied(whole)
        }
        name = ""
        id = nil
    }

    // MARK: events over the limit

    private mutating func drop(pending bytes: Int) {
        dropped = Dropped(bytes: bytes, lineIsEmpty: line.isEmpty)
        line = []
        data = []
    }

    private mutating func skip(_ piece: UnsafeRawBufferPointer, _ isComplete: Bool, _ emit: (SSEFrame) -> Void) {
        guard var state = dropped else { return }
        state.bytes += piece.count
        state.lineIsEmpty = state.lineIsEmpty && piece.isEmpty
        let ends = isComplete && state.lineIsEmpty
        if isComplete { state.lineIsEmpty = true }
        atStart = false
        dropped = ends ? nil : state
        if ends {
            name = ""
            id = nil
            emit(.oversized(bytes: state.bytes))
        }
    }

    /// The buffer for the next use: kept while small, given back after a rare big event.
    private static func emptied(_ buffer: consuming [UInt8]) -> [UInt8] {
        guard buffer.capacity <= 1 << 16 else { return [] }
        buffer.removeAll(keepingCapacity: true)
        return buffer
    }
}

private enum Byte {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let colon = UInt8(ascii: ":")
    static let space = UInt8(ascii: " ")
}

private enum Field {
    case data, event, id, other

    init(_ name: UnsafeRawBufferPointer) {
        if name.elementsEqual("data".utf8) {
            self = .data
        } else if name.elementsEqual("event".utf8) {
            self = .event
        } else if name.elementsEqual("id".utf8) {
            self = .id
        } else {
            self = .other
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether `data:` stands at `index`. The caller has made sure of five bytes.
    fileprivate func isDataField(at index: Int) -> Bool {
        loadUnaligned(fromByteOffset: index, as: UInt32.self) == UInt32(littleEndian: 0x6174_6164) && self[index + 4] == Byte.colon
    }

    /// The index of the first LF or CR at or after `start`, or `count`.
    ///
    /// JSON holds no bytes below 0x20, so eight bytes at a time are asked whether one of them is below 0x10: the
    /// subtraction borrows into the top bit of such a byte. Only then is it looked at closely.
    fileprivate func lineEnd(from start: Int) -> Int {
        var at = start
        while at + 32 <= count {
            let a = smallBytes(at), b = smallBytes(at + 8), c = smallBytes(at + 16), d = smallBytes(at + 24)
            if a | b | c | d != 0 {
                for index in at..<at + 32 where self[index] == Byte.lineFeed || self[index] == Byte.carriageReturn { return index }
            }
            at += 32
        }
        while at < count, self[at] != Byte.lineFeed, self[at] != Byte.carriageReturn { at += 1 }
        return at
    }

    private func smallBytes(_ index: Int) -> UInt64 {
        let word = loadUnaligned(fromByteOffset: index, as: UInt64.self)
        return (word &- 0x1010_1010_1010_1010) & ~word & 0x8080_8080_8080_8080
    }

    fileprivate var withoutByteOrderMark: UnsafeRawBufferPointer {
        starts(with: [0xEF, 0xBB, 0xBF]) ? UnsafeRawBufferPointer(rebasing: dropFirst(3)) : self
    }
}
