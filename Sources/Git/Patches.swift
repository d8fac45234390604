package import Domain
import Glibc

extension GitTool {
    /// All that differs in a work tree from `base` (nil: from HEAD), file by file: committed, staged, unstaged and untracked. Each patch is one
    /// that `git apply` takes. Nil when the directory is in no repository.
    package func patches(in workTree: String, since base: String?) async throws(GitError) -> [FileChange]? {
        let status: WorkTreeStatus
        do throws(GitError) {
            status = try await self.status(of: workTree)
        } catch .notARepository {
            return nil
        }
        let arguments = [
            "diff", "--patch", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none", "--find-renames", "--src-prefix=a/",
            "--dst-prefix=b/", "--end-of-options", base ?? status.head ?? Self.emptyTree, "--",
        ]
        var call = GitCall(arguments, in: workTree, reads: true).patient().with(options: ["-c", "core.quotePath=false"])
        call.outputLimit = Self.patchLimit
        let tracked = PatchListing.parse(try await run(call))
        return (tracked + UntrackedPatches.make(status.untracked, in: workTree)).sorted { $0.file < $1.file }
    }

    /// Bytes: a client takes no line that is longer than 64 MB, and nobody reads as much.
    private static let patchLimit = 24 << 20
}

/// The output of `git diff --patch`, one piece a file.
enum PatchListing {
    static func parse(_ bytes: [UInt8]) -> [FileChange] {
        var changes: [FileChange] = []
        var start: Int?
        var at = 0
        func end(_ end: Int) { if let start { changes.append(change(bytes[start..<end])) } }
        // Lines of a file begin with a space, + or -: this one is git's own.
        let mark = Array("diff --git ".utf8)
        while at < bytes.count {
            if bytes[at...].starts(with: mark) {
                end(at)
                start = at
            }
            at = (bytes[at...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1) + 1
        }
        end(bytes.count)
        return changes
    }

    private static func change(_ patch: ArraySlice<UInt8>) -> FileChange {
        var change = FileChange(file: "", patch: String(decoding: patch, as: UTF8.self), additions: 0, deletions: 0, status: "modified")
        var isHead = true
        var names: (old: String?, new: String?)
        for line in patch.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            if line.has(prefix: "@@") { isHead = false }
            guard isHead else {
                if line.first == UInt8(ascii: "+") { change.additions += 1 } else if line.first == UInt8(ascii: "-") { change.deletions += 1 }
                continue
            }
            if line.has(prefix: "new file") { change.status = "added" }
            if line.has(prefix: "deleted file") { change.status = "deleted" }
            if line.has(prefix: "rename to ") {
                change.status = "renamed"
                names.new = PatchName.read(line.dropFirst(10))
            }
            if line.has(prefix: "--- a/") || line.has(prefix: "--- \"a/") { names.old = PatchName.read(line.dropFirst(4), prefix: 2) }
            if line.has(prefix: "+++ b/") || line.has(prefix: "+++ \"b/") { names.new = PatchName.read(line.dropFirst(4), prefix: 2) }
        }
        change.file = names.new ?? names.old ?? headName(patch)
        return change
    }

    /// `diff --git a/x b/x`: of files without lines both names are the same, so each is one half.
    private static func headName(_ patch: ArraySlice<UInt8>) -> String {
        let line = patch.prefix { $0 != UInt8(ascii: "\n") }.dropFirst(11)
        return PatchName.read(line.suffix(line.count / 2), prefix: 2)
    }
}

/// File names as git writes them into patches: as they are, or in quotes with backslashes.
enum PatchName {
    /// Without the first `prefix` bytes (`a/`). Git puts a tab behind names with spaces.
    static func read(_ bytes: ArraySlice<UInt8>, prefix: Int = 0) -> String {
        guard bytes.first == UInt8(ascii: "\"") else {
            return String(decoding: (bytes.last == 9 ? bytes.dropLast() : bytes).dropFirst(prefix), as: UTF8.self)
        }
        var name: [UInt8] = []
        var rest = bytes.dropFirst()
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            guard byte == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                name.append(byte)
                continue
            }
            if let plain = letters.first(where: { $0.letter == next })?.byte {
                name.append(plain)
            } else if (UInt8(ascii: "0")...UInt8(ascii: "3")).contains(next), rest.count >= 2 {
                let digits = [next, rest.removeFirst(), rest.removeFirst()].map { Int($0) - 0x30 }
                name.append(UInt8(truncatingIfNeeded: digits[0] * 64 + digits[1] * 8 + digits[2]))
            } else {
                name.append(next)
            }
        }
        return String(decoding: name.dropFirst(prefix), as: UTF8.self)
    }

    static func written(_ path: Path, prefix: String) -> [UInt8] {
        let whole = Array(prefix.utf8) + path
        guard whole.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else { return whole }
        var text = [UInt8(ascii: "\"")]
        for byte in whole {
            if let letter = letters.first(where: { $0.byte == byte })?.letter {
                text += [UInt8(ascii: "\\"), letter]
            } else if byte < 0x20 || byte == 0x7F {
                text += [UInt8(ascii: "\\"), 0x30 + byte >> 6, 0x30 + byte >> 3 & 7, 0x30 + byte & 7]
            } else {
                text.append(byte)
            }
        }
        return text + [UInt8(ascii: "\"")]
    }

    private static let letters: [(letter: UInt8, byte: UInt8)] = [
        (UInt8(ascii: "n"), 10), (UInt8(ascii: "t"), 9), (UInt8(ascii: "r"), 13), (UInt8(ascii: "a"), 7), (UInt8(ascii: "b"), 8), (UInt8(ascii: "f"), 12),
        (UInt8(ascii: "v"), 11), (UInt8(ascii: "\""), 0x22), (UInt8(ascii: "\\"), 0x5C),
    ]
}

/// Patches of files that git does not know yet. Git makes them only of what is in an index; reading the files touches none.
enum UntrackedPatches {
    /// Files of which lines are shown, and bytes of one and of all; what is beyond is named without its lines.
    private static let most = 2000, fileLimit = 2 << 20, totalLimit = 16 << 20

    static func make(_ paths: [Path], in workTree: String) -> [FileChange] {
        var budget = totalLimit
        return paths.enumerated().map { index, path in
            let found =
                index < most && path.last != UInt8(ascii: "/")
                ? UntrackedFile.read(Array(workTree.utf8) + [UInt8(ascii: "/")] + path, limit: min(budget, fileLimit)) : nil
            budget -= found?.bytes.count ?? 0
            return change(path, found)
        }
    }

    private static func change(_ path: Path, _ found: UntrackedFile?) -> FileChange {
        let old = PatchName.written(path, prefix: "a/"), new = PatchName.written(path, prefix: "b/")
        let newline = UInt8(ascii: "\n")
        var patch = Array("diff --git ".utf8) + old + [0x20] + new + Array("\nnew file mode \(found?.isExecutable == true ? "100755" : "100644")\n".utf8)
        var lines = 0
        if let found, !found.isBinary {
            lines = UntrackedLines.lines(of: found.bytes)
            if lines > 0 {
                patch += Array("--- /dev/null\n+++ ".utf8) + new + Array("\n@@ -0,0 +1\(lines == 1 ? "" : ",\(lines)") @@\n".utf8)
                for line in found.bytes.split(separator: newline, maxSplits: lines - 1, omittingEmptySubsequences: false).prefix(lines) {
                    patch.append(UInt8(ascii: "+"))
                    patch += line
                    if patch.last != newline { patch.append(newline) }
                }
                if found.bytes.last != newline { patch += Array("\\ No newline at end of file\n".utf8) }
            }
        } else {
            patch += Array("Binary files /dev/null and ".utf8) + new + Array(" differ\n".utf8)
        }
        return FileChange(file: path.text, patch: String(decoding: patch, as: UTF8.self), additions: lines, deletions: 0, status: "added")
    }
}

/// A file that is there and not too large. Never waits (FIFOs), never follows a link.
struct UntrackedFile {
    var bytes: [UInt8]
    var isExecutable: Bool
    var isBinary: Bool { bytes.prefix(8000).contains(0) }

    static func read(_ path: Path, limit: Int) -> UntrackedFile? {
        let descriptor = path.withCString { open($0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, (status.st_mode & S_IFMT) == S_IFREG, status.st_size <= limit else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            while count < buffer.count {
                let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if got < 0 && errno == EINTR { continue }
                if got <= 0 { return }
                count += got
            }
        }
        return UntrackedFile(bytes: bytes, isExecutable: status.st_mode & S_IXUSR != 0)
    }
}
