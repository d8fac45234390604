import Glibc

/// The files in a git directory that say what is in progress there: a merge, rebase, cherry-pick, bisect; and what is
/// checked out sparsely. Names are relative to the git directory.
enum GitState {
    private static let single = [
        "MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "MERGE_RR", "AUTO_MERGE", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "SQUASH_MSG",
        "BISECT_START", "BISECT_LOG", "BISECT_NAMES", "BISECT_TERMS", "BISECT_EXPECTED_REV", "BISECT_ANCESTORS_OK", "BISECT_FIRST_PARENT",
        "info/sparse-checkout", "config.worktree",
    ]
    private static let folders = ["rebase-merge", "rebase-apply", "sequencer"]

    static func files(of gitDirectory: String) throws(GitError) -> [String] {
        let files = single.filter { isFile(gitDirectory + "/" + $0) }
        return files + folders.flatMap { folder in names(in: gitDirectory + "/" + folder).map { folder + "/" + $0 }.filter { isFile(gitDirectory + "/" + $0) } }
    }

    /// Everything in them, for finding the commits they name.
    static func contents(of gitDirectory: String, _ files: [String]) throws(GitError) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for file in files { if let bytes = try RawFile.read(gitDirectory + "/" + file), bytes.count < 1 << 20 { found.append(bytes) } }
        return found
    }

    /// The git directory of a work tree's top level, without asking git: `.git`, or what the file `.git` names. nil
    /// elsewhere.
    static func gitDirectory(of workTree: String) throws(GitError) -> String? {
        let path = workTree + "/.git"
        if Directory.exists(path) { return path }
        guard isFile(path), let text = try RawFile.read(path)?.withoutFinalNewline.strictText, text.hasPrefix("gitdir: ") else { return nil }
        let named = String(text.dropFirst("gitdir: ".count))
        return named.hasPrefix("/") ? named : workTree + "/" + named
    }

    /// What a person calls it; nil when nothing is in progress.
    static func operation(in gitDirectory: String) -> String? {
        let signs = [
            ("rebase-merge", "rebase"), ("rebase-apply/applying", "am"), ("rebase-apply", "rebase"), ("MERGE_HEAD", "merge"),
            ("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert"),
        ]
        return signs.first { access(gitDirectory + "/" + $0.0, F_OK) == 0 }?.1
    }

    private static func isFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFREG
    }

    /// Names that git itself gives; others (with line ends, say) are not git's.
    private static func names(in directory: String) -> [String] {
        guard let listing = opendir(directory) else { return [] }
        defer { closedir(listing) }
        var found: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            if !name.hasPrefix("."), !name.contains("\n") { found.append(name) }
        }
        return found.sorted()
    }
}

extension GitTool {
    /// The commits whose full names occur in some texts.
    func commitsNamed(in texts: [[UInt8]], repository: String) async throws(GitError) -> [String] {
        let isHex: (UInt8) -> Bool = { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
        let words = texts.flatMap { $0.split { !isHex($0) } }.filter { $0.count == 40 || $0.count == 64 }.map { $0.text }.unique
        guard !words.isEmpty else { return [] }
        let call = GitCall(
            ["cat-file", "--batch-check=%(objecttype) %(objectname)"], in: repository, reads: true, input: Array((words.joined(separator: "\n") + "\n").utf8))
        return try await run(call).split(separator: UInt8(ascii: "\n")).compactMap { line in
            line.has(prefix: "commit ") ? line.dropFirst("commit ".utf8.count).text : nil
        }
    }

    /// Submodules whose directory holds what exists nowhere else: changed or untracked files, or commits that no remote
    /// branch of theirs contains. One process when there are none.
    package func submodulesWithOwnWork(of workTree: String) async throws(GitError) -> [Path] {
        let entries = IndexListing.parse(try await run(GitCall(["ls-files", "-s", "-v", "-z"], in: workTree, reads: true).patient()))
        let submodules = entries.filter(\.isSubmodule).map(\.path)
        guard !submodules.isEmpty else { return [] }
        var found = try await status(of: workTree).dirtySubmodules
        for path in submodules where !found.contains(path) {
            guard let name = path.strictText, access(workTree + "/" + name + "/.git", F_OK) == 0 else { continue }
            let own = GitCall(
                ["rev-list", "--max-count=1", "--all", "HEAD", "--not", "--remotes"], in: workTree + "/" + name, reads: true, expected: [0, 128])
            let answer = try await finish(own)
            if answer.status != 0 || !answer.output.isEmpty { found.append(path) }
        }
        return found
    }
}
