/// A request as a stand-in server sees it.
package struct StandInRequest: Sendable {
    package let method: String
    /// Path and query as sent.
    package let target: String
    /// The path, percent-decoded.
    package let path: String
    /// Query members in order, percent-decoded.
    package let query: [(name: String, value: String)]
    /// Names in lower case.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    package func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    var wantsClose: Bool { header("connection")?.lowercased() == "close" }
}

/// Cuts requests out of the bytes of a connection. Bodies need a Content-Length.
struct RequestParser {
    enum Outcome {
        case incomplete
        case request(StandInRequest)
        /// Not HTTP, or more than a stand-in takes.
        case malformed
    }

    private var buffer: [UInt8] = []
    /// How much of the buffer was searched for the end of the head already.
    private var searched = 0
    private static let headLimit = 64 << 10, bodyLimit = 64 << 20

    mutating func append(_ bytes: UnsafeRawBufferPointer) { buffer.append(contentsOf: bytes) }

    mutating func next() -> Outcome {
        guard let headEnd = findHeadEnd() else { return buffer.count > Self.headLimit ? .malformed : .incomplete }
        let lines = buffer[..<headEnd].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        let words = lines.first.map { Self.text($0).split(separator: " ") } ?? []
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return .malformed }
        var headers: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return .malformed }
            headers.append((Self.text(line[..<colon]).lowercased(), Self.text(line[(colon + 1)...])))
        }
        let length = Int(headers.first { $0.name == "content-length" }?.value ?? "0") ?? -1
        guard length >= 0, length <= Self.bodyLimit else { return .malformed }
        let end = headEnd + 4 + length
        guard buffer.count >= end else { return .incomplete }
        let request = Self.request(method: String(words[0]), target: String(words[1]), headers, Array(buffer[(headEnd + 4)..<end]))
        buffer.removeFirst(end)
        searched = 0
        return .request(request)
    }

    private mutating func findHeadEnd() -> Int? {
        let mark: [UInt8] = [13, 10, 13, 10]
        var at = max(0, searched - 3)
        while at + 4 <= buffer.count {
            if buffer[at] == 13, buffer[at..<at + 4].elementsEqual(mark) { return at }
            at += 1
        }
        searched = buffer.count
        return nil
    }

    private static func request(method: String, target: String, _ headers: [(name: String, value: String)], _ body: [UInt8]) -> StandInRequest {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [(name: String, value: String)] = []
        for member in parts.count < 2 ? [] : parts[1].split(separator: "&") {
            let sides = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query.append((decoded(sides[0], plusIsSpace: true), sides.count > 1 ? decoded(sides[1], plusIsSpace: true) : ""))
        }
        return StandInRequest(method: method, target: target, path: decoded(parts[0]), query: query, headers: headers, body: body)
    }

    /// Trimmed text of a slice of the head.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 || byte == 13 }
        let start = bytes.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex
        return String(decoding: start[..<end], as: UTF8.self)
    }

    static func decoded(_ text: Substring, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest.removeFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 32 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
