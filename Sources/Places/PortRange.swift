package import Domain

/// Ports of a place's own, so that five worktrees can each run their development server. Only numbers: nothing is bound.
package enum PortRange {
    /// Ports in a range.
    package static let size = 10
    /// Below the ports that Linux gives to outgoing connections (32768…).
    private static let first = 20_000, count = 1_200

    /// The same for a place each time, unless another place has it.
    package static func base(for place: PlaceID, taken: Set<Int>) -> Int {
        var hash: UInt64 = 0
        for byte in Derived.name(of: place.raw, count: 8).utf8 { hash = hash &* 31 &+ UInt64(byte) }
        let start = Int(hash % UInt64(count))
        let bases = (0..<count).lazy.map { first + (start + $0) % count * size }
        return bases.first { !taken.contains($0) } ?? first + start * size
    }
}
