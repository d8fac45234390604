import Git
import Glibc
import Sys

extension WorktreeBackend {
    /// Copies the ignored files of a work tree that a pattern names. What is there already stays as it is.
    func copyIgnored(_ lines: [String], from source: String, to target: String) async throws(PlaceError) {
        let patterns = lines.compactMap(IgnorePattern.init)
        guard !patterns.isEmpty else { return }
        let entries = try await placing { () throws(GitError) in try await git.ignored(in: source) }
        let copy = CopyOfIgnored(source: source, target: target, patterns: patterns, passed: settings.rebuildable)
        // Names that are no text cannot be named by a pattern of a configuration either.
        let texts = entries.compactMap { String(validating: $0, as: UTF8.self) }
        try await offThread { () throws(PlaceError) in
            try onDisk { () throws(SysError) in for entry in texts { try copy.visit(entry) } }
        }
    }
}

struct CopyOfIgnored: Sendable {
    let source: String
    let target: String
    let patterns: [IgnorePattern]
    /// Directories not looked into: they have very many files.
    let passed: Set<String>

    /// - Parameter entry: relative; with a slash at its end for a directory whose whole content is ignored.
    func visit(_ entry: String) throws(SysError) {
        let isDirectory = entry.hasSuffix("/")
        let path = isDirectory ? String(entry.dropLast()) : entry
        if patterns.contains(where: { $0.matches(path, isDirectory: isDirectory) }) { return try copy(path) }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard isDirectory, !passed.contains(name) else { return }
        for inner in try Files.list(source + "/" + path) {
            guard let text = String(validating: inner.name, as: UTF8.self), text != ".git" else { continue }
            try visit(path + "/" + text + (inner.isDirectory ? "/" : ""))
        }
    }

    private func copy(_ path: String) throws(SysError) {
        let (from, to) = (source + "/" + path, target + "/" + path)
        let facts = try Files.facts(from, followingLinks: false)
        if facts.kind != .directory, (try? Files.facts(to, followingLinks: false)) != nil { return }
        try Files.makeDirectories(Files.parentDirectory(to), mode: 0o755)
        switch facts.kind {
        case .directory:
            try Files.makeDirectories(to, mode: facts.mode)
            for inner in try Files.list(from) { if let text = String(validating: inner.name, as: UTF8.self) { try copy(path + "/" + text) } }
        case .link:
            if symlink(try Files.readLink(from), to) != 0 { throw SysError("link", to, code: errno) }
        case .file:
            try Files.writeAtomically(to, try Files.read(from, limit: 1 << 30), mode: facts.mode, durable: false)
        case .socket, .other: break  // of processes, not of the work
        }
    }
}
