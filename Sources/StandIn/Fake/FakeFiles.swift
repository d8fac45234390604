import JSON
import Sys

/// The file routes, answered from the disk; nothing outside of the directory is shown.
enum FakeFiles {
    /// Names in a directory that `ls` would print, sorted.
    static func names(in directory: String) -> [String] {
        ((try? Files.names(directory)) ?? []).filter { !$0.hasPrefix(".") }
    }

    /// `GET /file?path=`.
    static func nodes(_ directory: String, _ path: String) -> JSONTree? {
        guard let place = inside(directory, path) else { return nil }
        let entries = ((try? Files.list(place.absolute)) ?? []).sorted { ($0.isDirectory ? 0 : 1, $0.text) < ($1.isDirectory ? 0 : 1, $1.text) }
        return .array(
            entries.map { entry in
                let relative = (place.relative.isEmpty ? "" : place.relative + "/") + entry.text
                return [
                    "name": .string(entry.text), "path": .string(relative + (entry.isDirectory ? "/" : "")),
                    "absolute": .string(directory + "/" + relative), "type": entry.isDirectory ? "directory" : "file", "ignored": false,
                ]
            })
    }

    /// `GET /file/content?path=`: a missing file has empty content.
    static func content(_ directory: String, _ path: String) -> JSONTree? {
        guard let place = inside(directory, path) else { return nil }
        var text = (try? Files.readText(place.absolute, limit: 4 << 20)) ?? ""
        while text.hasSuffix("\n") { text.removeLast() }
        return ["type": "text", "content": .string(text)]
    }

    /// `GET /find/file?query=`: paths that hold the letters of the query in order, the shortest first.
    static func find(_ directory: String, query: String, directories: Bool, limit: Int) -> JSONTree {
        let wanted = Array(query.lowercased())
        var found: [String] = [], left = 4000
        walk(directory, "", &found, &left)
        let fitting = found.filter { path in
            if directories != path.hasSuffix("/"), directories { return false }
            var rest = wanted[...]
            for letter in path.lowercased() where letter == rest.first { rest.removeFirst() }
            return rest.isEmpty
        }
        return .array(fitting.sorted { ($0.count, $0) < ($1.count, $1) }.prefix(limit).map { .string($0) })
    }

    private static func walk(_ directory: String, _ relative: String, _ found: inout [String], _ left: inout Int) {
        let entries = (try? Files.list(relative.isEmpty ? directory : directory + "/" + relative)) ?? []
        for entry in entries where ![".git", "node_modules", ".build"].contains(entry.text) {
            left -= 1
            if left < 0 { return }
            let path = relative.isEmpty ? entry.text : relative + "/" + entry.text
            found.append(entry.isDirectory ? path + "/" : path)
            if entry.isDirectory { walk(directory, path, &found, &left) }
        }
    }

    private static func inside(_ directory: String, _ path: String) -> (absolute: String, relative: String)? {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part != ".." { parts.append(part) } else if parts.popLast() == nil { return nil }
        }
        if path.hasPrefix("/") { return nil }
        let relative = parts.joined(separator: "/")
        return (relative.isEmpty ? directory : directory + "/" + relative, relative)
    }
}
