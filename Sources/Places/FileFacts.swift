package import Domain
import Glibc
import Sys

/// What the names are that a prompt mentions.
package enum FileFacts {
    /// OpenCode sends an image as it is; what models take ends at about this.
    package static let largestImage = 10 << 20

    /// Those of the names that are files or directories. A name counts from the directory; `~/` is the person's.
    package static func read(_ names: [String], in directory: String, home: String) -> [FileFact] {
        names.compactMap { read($0, in: directory, home: home) }
    }

    private static func read(_ name: String, in directory: String, home: String) -> FileFact? {
        guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
        var path = name.hasPrefix("/") ? name : name.hasPrefix("~/") ? home + name.dropFirst() : directory + "/" + name
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard let found = try? Files.facts(path) else { return nil }
        let size = Int(clamping: found.size)
        switch found.kind {
        case .directory: return FileFact(name: name, path: path, kind: .directory, mime: "application/x-directory", size: 0)
        case .file: break
        case .link, .socket, .other:
            return FileFact(name: name, path: path, kind: .file, mime: "text/plain", size: 0, trouble: "\(name) is no file whose content could be sent")
        }
        let isImage = ["png", "jpg", "jpeg", "gif", "webp"].contains(ending(of: name))
        var fact = FileFact(name: name, path: path, kind: isImage ? .image : .file, mime: "text/plain", size: size)
        let beginning: [UInt8]
        do throws(SysError) {
            beginning = try firstBytes(path)
        } catch {
            fact.trouble = "\(name) cannot be read: \(error.message)"
            return fact
        }
        guard isImage else { return fact }
        guard let mime = imageType(beginning) else {
            fact.trouble = size == 0 ? "\(name) is empty" : "\(name) has the name of an image, but it is no PNG, JPEG, GIF or WebP"
            return fact
        }
        fact.mime = mime
        if size > largestImage { fact.trouble = "\(name) is \(size / 1_048_576) MB large; an image may have \(largestImage >> 20) MB" }
        return fact
    }

    private static func ending(of name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    private static func firstBytes(_ path: String) throws(SysError) -> [UInt8] {
        let file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
        var bytes: [UInt8] = []
        _ = try file.read(appendingTo: &bytes, limit: 16)
        return bytes
    }

    /// By what it begins with, never by its name alone.
    static func imageType(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: "GIF8".utf8) { return "image/gif" }
        if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) { return "image/webp" }
        return nil
    }
}

/// The files of a directory that is in no repository.
package enum FileWalk {
    private static let passed: Set<String> = ["node_modules", "__pycache__", "venv", "target"]

    /// Relative paths, those near the top first; at most `limit`. Hidden directories, links and what cannot be read are passed over.
    package static func files(below directory: String, limit: Int = 20_000, depth: Int = 12) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var level: [[UInt8]] = [[]]
        for _ in 0..<depth where !level.isEmpty {
            var next: [[UInt8]] = []
            for prefix in level {
                guard let entries = try? Files.list(directory + "/" + String(decoding: prefix, as: UTF8.self)) else { continue }
                for entry in entries {
                    guard entry.isDirectory else {
                        found.append(prefix + entry.name)
                        if found.count >= limit { return found }
                        continue
                    }
                    guard entry.name.first != UInt8(ascii: "."), !passed.contains(entry.text) else { continue }
                    next.append(prefix + entry.name + [UInt8(ascii: "/")])
                }
            }
            level = Array(next.prefix(limit))
        }
        return found
    }
}
