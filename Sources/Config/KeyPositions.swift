import JSON

/// Where the keys of a JSON text stand. The tree that is read from it keeps no places; only a configuration with a mistake in it needs them.
/// The text must have been parsed already: nothing is checked here, and nothing traps.
struct KeyPositions {
    private var found: [(path: [String], offset: Int, value: Range<Int>)] = []
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var at = 0
        value(&at, path: [])
    }

    /// Line and column, both from 1, of the key at a path; the first of the file when there is none.
    func place(of path: [String], occurrence: Int = 0) -> (line: Int, column: Int) {
        let same = found.filter { $0.path == path }
        guard let offset = (occurrence < same.count ? same[occurrence] : same.last)?.offset else { return (1, 1) }
        let before = bytes[..<offset]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (1 + before.count { $0 == UInt8(ascii: "\n") }, 1 + offset - lineStart)
    }

    /// The bytes of the value that counts, the last one, whether its name is written with dots or as objects in objects; and of its key.
    func member(named name: String) -> (key: Int, value: Range<Int>)? {
        found.last { $0.path.joined(separator: ".") == name }.map { ($0.offset, $0.value) }
    }

    private mutating func value(_ at: inout Int, path: [String]) {
        skipSpace(&at)
        guard at < bytes.count else { return }
        switch bytes[at] {
        case UInt8(ascii: "{"): members(&at, path: path, isObject: true)
        case UInt8(ascii: "["): members(&at, path: path, isObject: false)
        case UInt8(ascii: "\""): _ = string(&at)
        default: while at < bytes.count, !Self.endsScalar.contains(bytes[at]) { at += 1 }
        }
    }

    /// Keys of objects within arrays are not looked for: no setting is there.
    private mutating func members(_ at: inout Int, path: [String], isObject: Bool) {
        at += 1
        while at < bytes.count {
            skipSpace(&at)
            guard at < bytes.count else { return }
            if bytes[at] == UInt8(ascii: "}") || bytes[at] == UInt8(ascii: "]") {
                at += 1
                return
            }
            if bytes[at] == UInt8(ascii: ",") || bytes[at] == UInt8(ascii: ":") {
                at += 1
                continue
            }
            let start = at
            if isObject, bytes[at] == UInt8(ascii: "\"") {
                let here = path + [string(&at)]
                let index = found.count
                found.append((here, start, at..<at))
                skipSpace(&at)
                if at < bytes.count, bytes[at] == UInt8(ascii: ":") { at += 1 }
                skipSpace(&at)
                let first = at
                value(&at, path: here)
                found[index].value = first..<max(first, at)
            } else {
                value(&at, path: path + ["[]"])
            }
            if at == start { at += 1 }
        }
    }

    /// The string that starts here, without its quotes and escapes.
    private func string(_ at: inout Int) -> String {
        let start = at
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        at = min(at + 1, bytes.count)
        return (try? JSONTree(parsing: Array(bytes[start..<at])))?.string ?? ""
    }

    private func skipSpace(_ at: inout Int) {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    private static let endsScalar = Set<UInt8>([0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")])
}
