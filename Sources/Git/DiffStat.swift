package import Domain

extension GitTool {
    /// Everything an agent changed since `base`: committed, staged, unstaged and untracked. Binary files count as a file
    /// without lines.
    package func changes(in workTree: String, since base: String) async throws(GitError) -> Changes {
        try await changes(in: workTree, since: base, untracked: try await untracked(in: workTree))
    }

    func changes(in workTree: String, since base: String, untracked: [Path]) async throws(GitError) -> Changes {
        let arguments = [
            "diff", "--numstat", "-z", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none", "--find-renames", "--end-of-options", base,
            "--",
        ]
        let listing = try await run(GitCall(arguments, in: workTree, reads: true).patient())
        return NumStat.parse(listing) + UntrackedLines.count(untracked, in: workTree)
    }

    /// Untracked files that are not ignored. A repository of its own inside the work tree is one entry with a slash at its end.
    func untracked(in workTree: String) async throws(GitError) -> [Path] {
        let listing = try await run(GitCall(["ls-files", "--others", "--exclude-standard", "-z"], in: workTree, reads: true).patient())
        return Records.zeroTerminated(listing).map(Array.init)
    }

    /// Ignored files; a directory with nothing else in it is one entry, with a slash at its end.
    package func ignored(in workTree: String) async throws(GitError) -> [Path] {
        let arguments = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"]
        return Records.zeroTerminated(try await run(GitCall(arguments, in: workTree, reads: true).patient())).map(Array.init)
    }
}

extension Changes {
    static func + (left: Self, right: Self) -> Self {
        Changes(files: left.files + right.files, additions: left.additions + right.additions, deletions: left.deletions + right.deletions)
    }
}

enum NumStat {
    /// "3\t1\tpath\0", for renames "3\t1\t\0old\0new\0", for binaries "-\t-\tpath\0".
    static func parse(_ bytes: [UInt8]) -> Changes {
        var total = Changes()
        var records = Records.zeroTerminated(bytes)[...]
        while let record = records.popFirst() {
            let parts = record.split(separator: UInt8(ascii: "\t"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            total.files += 1
            total.additions += Int(parts[0].text) ?? 0
            total.deletions += Int(parts[1].text) ?? 0
            if parts[2].isEmpty { records = records.dropFirst(2) }
        }
        return total
    }
}

/// Git counts lines of untracked files only after they were added to an index; reading them is cheaper.
enum UntrackedLines {
    /// Bytes read of one file and of all; what is larger counts as a file without lines.
    private static let fileLimit = 8 << 20, totalLimit = 32 << 20

    static func count(_ paths: [Path], in workTree: String) -> Changes {
        var total = Changes(files: paths.count)
        var budget = totalLimit
        for path in paths where budget > 0 && path.last != UInt8(ascii: "/") {
            guard let bytes = UntrackedFile.read(Array(workTree.utf8) + [UInt8(ascii: "/")] + path, limit: min(budget, fileLimit))?.bytes else { continue }
            budget -= bytes.count
            total.additions += lines(of: bytes)
        }
        return total
    }

    /// As git counts: a last line without its end is a line; a NUL among the first 8,000 bytes means binary.
    static func lines(of bytes: [UInt8]) -> Int {
        if bytes.prefix(8000).contains(0) { return 0 }
        let ends = bytes.reduce(into: 0) { count, byte in if byte == UInt8(ascii: "\n") { count += 1 } }
        return ends + (bytes.isEmpty || bytes.last == UInt8(ascii: "\n") ? 0 : 1)
    }
}

extension Path {
    /// File names may have any byte but NUL.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let terminated = map { CChar(bitPattern: $0) } + [0]
        return terminated.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("an array with a NUL at its end is never empty") }
            return body(start)
        }
    }
}
