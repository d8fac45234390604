/// File names are bytes: git's answers are cut and joined without ever becoming text on the way.
package typealias Path = [UInt8]

extension Sequence where Element == UInt8 {
    /// For people: invalid UTF-8 becomes U+FFFD.
    package var text: String { String(decoding: Array(self), as: UTF8.self) }
}

enum Records {
    /// The records of a `-z` listing, without the empty one after the last NUL.
    static func zeroTerminated(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: 0, omittingEmptySubsequences: true)
    }

    /// Input for a command that reads `-z --stdin`.
    static func joined(_ paths: some Sequence<Path>) -> [UInt8] {
        var bytes: [UInt8] = []
        for path in paths {
            bytes += path
            bytes.append(0)
        }
        return bytes
    }
}

extension ArraySlice<UInt8> {
    /// The part before the first `separator` and the part after it; nil when there is none.
    func cut(at separator: Character) -> (head: ArraySlice<UInt8>, tail: ArraySlice<UInt8>)? {
        guard let byte = separator.asciiValue, let index = firstIndex(of: byte) else { return nil }
        return (self[startIndex..<index], self[(index + 1)...])
    }

    func has(prefix: String) -> Bool { starts(with: prefix.utf8) }
}

extension [UInt8] {
    /// One answer on one line; a path may itself contain line ends, so only the last one goes.
    var withoutFinalNewline: [UInt8] { last == UInt8(ascii: "\n") ? Array(dropLast()) : self }

    /// nil when the bytes are not UTF-8: such a path cannot be said in the protocol, the store or on a command line.
    var strictText: String? { String(validating: self, as: UTF8.self) }
}

extension Path {
    /// The directory part without its slash; empty at the top.
    var parent: Path {
        guard let slash = lastIndex(of: UInt8(ascii: "/")) else { return [] }
        return Array(self[..<slash])
    }

    var lastComponent: Path {
        guard let slash = lastIndex(of: UInt8(ascii: "/")) else { return self }
        return Array(self[(slash + 1)...])
    }
}
