/// A text to look for, whatever its case. Prepared once, then compared with thousands of texts without making new strings.
struct Needle: Equatable, Sendable {
    let text: String
    private let bytes: [UInt8]
    private let isASCII: Bool

    init(_ text: String) {
        let lower = text.lowercased()
        self.text = lower
        bytes = Array(lower.utf8)
        isASCII = bytes.allSatisfy { $0 < 0x80 }
    }

    var isEmpty: Bool { bytes.isEmpty }

    func isIn(_ haystack: String) -> Bool {
        if bytes.isEmpty { return true }
        if !isASCII { return search(haystack.lowercased()) }
        return search(haystack)
    }

    func begins(_ haystack: String) -> Bool {
        guard isASCII else { return haystack.lowercased().hasPrefix(text) }
        var rest = haystack.utf8.makeIterator()
        for byte in bytes {
            guard let other = rest.next(), Self.lower(other) == byte else { return false }
        }
        return true
    }

    func equals(_ haystack: String) -> Bool { haystack.utf8.count == bytes.count && begins(haystack) || (!isASCII && haystack.lowercased() == text) }

    /// Each letter begins a word of `haystack` or goes on after the letter before it: "aol" finds "Add OAuth login", "flci" finds "Fix flaky CI".
    func abbreviates(_ haystack: String) -> Bool {
        guard bytes.count > 1, isASCII else { return false }
        return haystack.utf8.withContiguousStorageIfAvailable(abbreviates) ?? false
    }

    /// Letter by letter: behind which bytes of `haystack` may the next one follow? The work is letters × bytes at most, whatever the texts are.
    private func abbreviates(_ haystack: UnsafeBufferPointer<UInt8>) -> Bool {
        let count = min(haystack.count, 256)
        guard (0..<count).contains(where: { Self.lower(haystack[$0]) == bytes[0] && beginsWord(haystack, $0) }) else { return false }
        return withUnsafeTemporaryAllocation(of: Bool.self, capacity: count + 1) { reached in
            reached.initialize(repeating: false)
            for (number, letter) in bytes.enumerated() {
                var any = false, seen = number == 0, wasReached = reached[0]
                reached[0] = false
                for index in 0..<count {
                    let isReached = wasReached
                    wasReached = reached[index + 1]
                    seen = seen || isReached
                    let fits = Self.lower(haystack[index]) == letter && (isReached || (seen && beginsWord(haystack, index)))
                    reached[index + 1] = fits
                    any = any || fits
                }
                if !any { return false }
            }
            return true
        }
    }

    private func beginsWord(_ haystack: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        guard Self.isWord(haystack[index]) else { return false }
        return index == 0 || !Self.isWord(haystack[index - 1]) || (Self.isUpper(haystack[index]) && !Self.isUpper(haystack[index - 1]))
    }

    private func search(_ haystack: String) -> Bool {
        haystack.utf8.withContiguousStorageIfAvailable(search) ?? Array(haystack.utf8).withUnsafeBufferPointer(search)
    }

    private func search(_ haystack: UnsafeBufferPointer<UInt8>) -> Bool {
        guard haystack.count >= bytes.count else { return false }
        return bytes.withUnsafeBufferPointer { needle in
            let first = needle[0]
            for start in 0...haystack.count - needle.count where Self.lower(haystack[start]) == first {
                var offset = 1
                while offset < needle.count, Self.lower(haystack[start + offset]) == needle[offset] { offset += 1 }
                if offset == needle.count { return true }
            }
            return false
        }
    }

    @inline(__always) private static func isUpper(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }
    @inline(__always) private static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
    @inline(__always) private static func isWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || isUpper(byte) || (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
    }
}
