/// The names of many files, to be found by a few letters of them. A hundred thousand take some hundredths of a second.
package struct FileIndex: Sendable {
    private var names: [UInt8] = []
    /// The same with small letters.
    private var folded: [UInt8] = []
    /// Where each begins, and where the last one ends.
    private var starts: [Int] = [0]

    /// - Parameter paths: relative paths of files. Their directories can be found too, with a `/` at their end.
    package init(_ paths: [[UInt8]]) {
        let sorted = paths.sorted { $0.lexicographicallyPrecedes($1) }
        names.reserveCapacity(sorted.reduce(0) { $0 + $1.count + 8 })
        var before: ArraySlice<UInt8> = []
        for path in sorted {
            // Directories of this path that the one before was not in.
            var shared = 0
            for (index, byte) in path.enumerated() where byte == 0x2F {
                let isKnown = index < before.count && before.prefix(index + 1).elementsEqual(path.prefix(index + 1))
                if !isKnown { add(path.prefix(index + 1)) }
                shared = index + 1
            }
            add(path[...])
            before = path[..<max(shared, 0)]
        }
        folded = names.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    }

    private mutating func add(_ name: ArraySlice<UInt8>) {
        names += name
        starts.append(names.count)
    }

    package var count: Int { starts.count - 1 }

    /// Those whose names are like this, the best first: names that begin with it, that have it in them, paths that do, and what has its
    /// letters in their order; short ones before long ones. Without letters: what lies on top.
    package func best(_ letters: String, limit: Int) -> [String] {
        let wanted = letters.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        var found: [Int] = []
        folded.withUnsafeBufferPointer { bytes in
            for index in 0..<count {
                let range = starts[index]..<starts[index + 1]
                guard let rank = Self.rank(UnsafeBufferPointer(rebasing: bytes[range]), wanted) else { continue }
                found.append(rank << 48 | min(range.count, 0xFFFF) << 32 | index)
            }
        }
        found.sort()
        var candidates: [(name: String, rank: Int, score: Int)] = []
        for key in found.prefix(max(limit, 200)) {
            let index = key & 0xFFFF_FFFF
            guard let name = String(validating: names[starts[index]..<starts[index + 1]], as: UTF8.self) else { continue }
            let rank = key >> 48
            candidates.append((name, rank, rank == 3 ? fuzzyMatch(letters, in: name)?.score ?? 0 : 0))
        }
        let sorted = candidates.enumerated().sorted { ($0.element.rank, -$0.element.score, $0.offset) < ($1.element.rank, -$1.element.score, $1.offset) }
        return sorted.prefix(limit).map(\.element.name)
    }

    /// 0: the last part of the name begins with it, 1: has it, 2: the path has it, 3: the letters are there; nil: they are not.
    private static func rank(_ name: UnsafeBufferPointer<UInt8>, _ wanted: [UInt8]) -> Int? {
        var slash = 0
        for index in name.indices.dropLast() where name[index] == 0x2F { slash = index + 1 }
        guard let first = wanted.first else { return name.dropLast().count { $0 == 0x2F } }
        // Most do not match: that is seen in one pass.
        var next = 0
        for byte in name where byte == wanted[next] {
            next += 1
            if next == wanted.count { break }
        }
        guard next == wanted.count else { return nil }
        var rank = 3
        var index = name.count - wanted.count
        while index >= 0 {
            if name[index] == first, (1..<wanted.count).allSatisfy({ name[index + $0] == wanted[$0] }) {
                rank = min(rank, index == slash ? 0 : index > slash ? 1 : 2)
                if rank == 0 { break }
            }
            index -= 1
        }
        return rank
    }
}
