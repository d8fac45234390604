import Domain

/// A delta as it stands in a frame: pointers into it, valid as long as the frame.
struct DeltaFrame {
    var session, message, part: UnsafeRawBufferPointer
    /// JSON text without its quotes. Escapes in it are of two characters (`\n`, `\"`), never `\u`.
    var text: UnsafeRawBufferPointer
    var hasEscapes: Bool
}

/// Collects deltas, part by part, until something else comes.
///
/// A delta of a part that is known costs the copy of its text: no string is made before `flush`.
struct DeltaMerger {
    private struct Slot {
        let key: [UInt8]
        let session: SessionID
        let message: MessageID
        let part: PartID
        var text: [UInt8] = []
        var waits = false
    }

    /// Parts that are streaming. More are forgotten and met anew: only speed depends on it.
    private static let mostSlots = 64
    private var slots: [Slot] = []
    /// Slots with text, in the order of arrival.
    private var waiting: [Int] = []
    private var latest = 0

    mutating func add(_ frame: DeltaFrame) {
        let index = slot(frame.part) {
            Slot(
                key: Array(frame.part), session: SessionID(Self.string(frame.session)), message: MessageID(Self.string(frame.message)),
                part: PartID(Self.string(frame.part)))
        }
        if frame.hasEscapes {
            Self.unescape(frame.text, into: &slots[index].text)
        } else {
            slots[index].text.append(contentsOf: frame.text)
        }
        wait(index)
    }

    mutating func add(_ session: SessionID, _ message: MessageID, _ part: PartID, _ text: String) {
        let key = Array(part.raw.utf8)
        let index = key.withUnsafeBytes { bytes in slot(bytes) { Slot(key: key, session: session, message: message, part: part) } }
        slots[index].text.append(contentsOf: text.utf8)
        wait(index)
    }

    mutating func flush(into events: inout [ServerEvent]) {
        for index in waiting {
            events.append(
                .delta(
                    slots[index].session, slots[index].message, slots[index].part, text: String(decoding: slots[index].text, as: UTF8.self)))
            slots[index].text.removeAll(keepingCapacity: slots[index].text.capacity < 4096)
            slots[index].waits = false
        }
        waiting.removeAll(keepingCapacity: true)
        if slots.count > Self.mostSlots { slots.removeAll(keepingCapacity: true) }
    }

    private mutating func wait(_ index: Int) {
        if slots[index].waits { return }
        slots[index].waits = true
        waiting.append(index)
    }

    private mutating func slot(_ part: UnsafeRawBufferPointer, orMake make: () -> Slot) -> Int {
        if latest < slots.count, same(latest, part) { return latest }
        latest = slots.indices.first { same($0, part) } ?? slots.count
        if latest == slots.count { slots.append(make()) }
        return latest
    }

    /// Part ids that differ do so near their ends, or in length.
    private func same(_ index: Int, _ part: UnsafeRawBufferPointer) -> Bool {
        slots[index].key.withUnsafeBytes { key in
            guard key.count == part.count else { return false }
            var at = key.count
            while at >= 8 {
                at -= 8
                if key.loadUnaligned(fromByteOffset: at, as: UInt64.self) != part.loadUnaligned(fromByteOffset: at, as: UInt64.self) { return false }
            }
            while at > 0 {
                at -= 1
                if key[at] != part[at] { return false }
            }
            return true
        }
    }

    private static func string(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func unescape(_ text: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        var at = 0
        while at < text.count {
            let byte = text[at]
            guard byte == UInt8(ascii: "\\"), at + 1 < text.count else {
                out.append(byte)
                at += 1
                continue
            }
            let meant: UInt8 =
                switch text[at + 1] {
                case UInt8(ascii: "n"): 10
                case UInt8(ascii: "t"): 9
                case UInt8(ascii: "r"): 13
                case UInt8(ascii: "b"): 8
                case UInt8(ascii: "f"): 12
                case let same: same  // quote, backslash, slash
                }
            out.append(meant)
            at += 2
        }
    }
}
