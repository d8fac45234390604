package import Domain
import JSON

/// Agents as `drover ls --json` prints them: a JSON array. The daemon writes it and the command line prints it; neither looks into it,
/// which for hundreds of agents would be most of the work.
package struct AgentRows: Sendable {
    private enum Source: Sendable {
        case agents([AgentID], Herd)
        case text(ArraySlice<UInt8>)
    }
    private let source: Source

    package init(_ agents: [AgentID], in herd: Herd) { source = .agents(agents, herd) }
    init(text: ArraySlice<UInt8>) { source = .text(text) }

    package var json: ArraySlice<UInt8> {
        if case .text(let text) = source { return text }
        var writer = JSONWriter()
        write(to: &writer, nil)
        return writer.bytes[...]
    }

    func write(to writer: inout JSONWriter, _ kept: RowCache?) {
        switch source {
        case .text(let text): writer.raw(text)
        case .agents(let agents, let herd):
            writer.beginArray()
            if let kept {
                for id in agents { writer.raw(kept.row(of: id, in: herd)) }
            } else {
                for id in agents { herd.agents[id]?.writeRow(in: herd, to: &writer) }
            }
            writer.endArray()
        }
    }

    var expectedSize: Int {
        switch source {
        case .agents(let agents, _): 1024 * agents.count
        case .text(let text): text.count
        }
    }

    /// The array in a reply's line, and the number of the request, where the line is as this program writes it; nil for any other,
    /// which is to be read as JSON.
    static func find(in line: ArraySlice<UInt8>) -> (id: Int, rows: AgentRows)? {
        var rest = line
        guard rest.take(head), let id = rest.takeNumber(), rest.take(middle) else { return nil }
        if rest.last == UInt8(ascii: "\n") { rest.removeLast() }
        guard rest.first == UInt8(ascii: "["), rest.suffix(3).elementsEqual("]}}".utf8) else { return nil }
        return (id, AgentRows(text: rest.dropLast(2)))
    }

    private static let head = Array(#"{"jsonrpc":"2.0","id":"#.utf8)
    private static let middle = Array(#","result":{"kind":"rows","agents":"#.utf8)
}

extension AgentRows: Equatable {
    package static func == (left: Self, right: Self) -> Bool { left.json == right.json }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func take(_ prefix: [UInt8]) -> Bool {
        guard starts(with: prefix) else { return false }
        removeFirst(prefix.count)
        return true
    }

    fileprivate mutating func takeNumber() -> Int? {
        let digits = prefix(16).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        removeFirst(digits.count)
        return digits.isEmpty ? nil : digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
