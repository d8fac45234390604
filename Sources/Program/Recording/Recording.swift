import JSON
import Screen
import Sys

/// A recorded session, read.
struct Recording {
    enum Happening: Equatable {
        case drew([UInt8])
        case resized(Size)
    }

    struct Problem: Error {
        let message: String
    }

    var size: Size
    /// In order; the time is in milliseconds from the beginning.
    var events: [(at: Int64, what: Happening)] = []

    var length: Int64 { events.last?.at ?? 0 }

    /// Reads asciicast 2: ours, and those of asciinema. Lines of kinds that are not shown (input, markers) are left out.
    init(_ bytes: [UInt8], name: String) throws(Problem) {
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: true)
        let parser = JSONParser()
        func broken(_ line: Int, _ why: String) -> Problem { Problem(message: "\(name):\(line): \(why)") }
        guard let first = lines.first, let head = try? parser.parse(Array(first)), head["version"]?.int == 2, let columns = head["width"]?.int,
            let rows = head["height"]?.int, (1...2000).contains(columns), (1...2000).contains(rows)
        else { throw broken(1, "this is no recording; it must begin with {\"version\": 2, \"width\": …, \"height\": …}") }
        size = Size(columns: columns, rows: rows)
        var last: Int64 = 0
        for (index, line) in lines.enumerated().dropFirst() {
            guard let entry = try? parser.parse(Array(line)), let at = entry[0]?.double, at.isFinite, let kind = entry[1]?.string, let text = entry[2]?.string
            else {
                // The last line may be cut: whoever recorded was killed.
                if index == lines.count - 1 { break }
                throw broken(index + 1, "this is no [seconds, \"o\", \"text\"]")
            }
            last = max(last, Int64(max(0, min(at, 1e9)) * 1000))
            switch kind {
            case "o": events.append((last, .drew(Array(text.utf8))))
            case "r":
                let parts = text.split(separator: "x").compactMap { Int($0) }
                guard parts.count == 2, (1...2000).contains(parts[0]), (1...2000).contains(parts[1]) else { throw broken(index + 1, "\"\(text)\" is no size") }
                events.append((last, .resized(Size(columns: parts[0], rows: parts[1]))))
            default: continue
            }
        }
    }

    /// Pauses longer than this are cut to it.
    mutating func shorten(pausesOver limit: Int64) {
        var before: Int64 = 0, cut: Int64 = 0
        for index in events.indices {
            let gap = events[index].at - before
            before = events[index].at
            if gap > limit { cut += gap - limit }
            events[index].at -= cut
        }
    }
}
