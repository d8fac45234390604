/// Finds what a person meant when a name is wrong.
package enum Nearest {
    /// The candidate with the fewest slips of the finger between it and `name`; nil when none is near.
    package static func name(to name: String, among candidates: [String]) -> String? {
        let wanted = Array(name.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
        let scored = candidates.map { ($0, distance(wanted, Array($0.lowercased().utf8))) }
        guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, min(wanted.count, best.0.utf8.count) / 3) else { return nil }
        return best.0
    }

    /// Letters to put in, take out, change or swap with their neighbour (optimal string alignment).
    static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        guard !first.isEmpty, !second.isEmpty else { return max(first.count, second.count) }
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in 1...first.count {
            var current = [row]
            for column in 1...second.count {
                let change = last[column - 1] + (first[row - 1] == second[column - 1] ? 0 : 1)
                var best = min(last[column] + 1, current[column - 1] + 1, change)
                if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}
