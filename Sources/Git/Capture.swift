import Glibc

/// A work tree as objects of its repository: what `undo` and copying need.
package struct Captured: Equatable, Sendable {
    /// Commit of every tracked and untracked file, byte for byte as on the disk. Its parents: HEAD, then `index` and
    /// `ignored` if there are any, so that one ref keeps all alive.
    package var workTree: String
    /// Commit with the index file itself, the objects it names, and the state of a merge or rebase in progress; nil when
    /// the index is what a fresh checkout of HEAD has.
    package var index: String?
    /// Commit of the ignored files that were asked for.
    package var ignored: String?
    /// nil before the first commit.
    package var head: String?
    package var branch: String?
    /// The tree of `workTree`: equal trees mean equal files.
    package var tree: String
    /// Repositories inside the work tree that are not submodules; git cannot store them.
    package var nested: [Path]
    /// False when nothing differs from HEAD.
    package var isDirty: Bool
}

package struct CaptureOptions: Sendable {
    /// Ignored files (no directories) to put into a commit of their own.
    package var ignored: [Path] = []
    /// The objects are on the disk before it returns: needed before anything is deleted.
    package var isDurable = true
    /// Capture although submodules have work that only their directory holds.
    package var losesSubmoduleWork = false
    /// A merge or rebase in progress is an error.
    package var refusesOperations = false
    package init() {}
}

extension GitTool {
    /// Stores what is in a work tree, without touching the person's branch, index or stash, and keeps it alive
    /// by a ref below `prefix` (`refs/drover/…`), if one is given: git collects what nothing names after two weeks.
    package func capture(_ workTree: String, _ options: CaptureOptions = CaptureOptions(), keptUnder prefix: String?) async throws(GitError) -> Captured {
        guard let place = try await locate(workTree) else { throw .notARepository(workTree) }
        let session = try await CaptureSession.open(self, place, options)
        defer { session.scratch.remove() }
        let captured = try await session.capture()
        if let prefix { try await keep(captured.workTree, under: prefix, in: place.workTree, options: session.durability) }
        return captured
    }

    /// Keeps a commit alive by a ref that ends with the first 12 digits of its name.
    package func keep(_ commit: String, under prefix: String, in repository: String) async throws(GitError) {
        try await keep(commit, under: prefix, in: repository, options: [])
    }

    private func keep(_ commit: String, under prefix: String, in repository: String, options: [String]) async throws(GitError) {
        try await run(GitCall(["update-ref", prefix + "/" + commit.prefix(12), commit], in: repository, reads: false).with(options: options))
    }

    /// `ref` no longer keeps anything alive.
    package func forget(ref: String, of repository: String) async throws(GitError) {
        try await run(GitCall(["update-ref", "-d", ref], in: repository, reads: false))
    }

    func objectStore(_ directory: String) async throws(GitError) -> (path: String, format: String) {
        let answer = try await run(GitCall(["rev-parse", "--show-object-format"], in: directory, reads: true))
        let path = try await run(GitCall(["rev-parse", "--git-path", "objects"], in: directory, reads: true)).withoutFinalNewline
        guard let text = path.strictText else { throw .pathNotText(path.text) }
        return (try RealPath.of(text.hasPrefix("/") ? text : directory + "/" + text), answer.withoutFinalNewline.text)
    }
}

/// One capture: the names it works with, and its steps in order.
struct CaptureSession {
    let git: GitTool
    let place: GitTool.Location
    let scratch: Scratch
    let options: CaptureOptions
    /// `-c` options that make git wait for the disk.
    let durability: [String]
    let head: String?
    let branch: String?

    private static let savedIndex = "index", treeIndex = "index.tree", bundleIndex = "index.bundle"

    static func open(_ git: GitTool, _ place: GitTool.Location, _ options: CaptureOptions) async throws(GitError) -> CaptureSession {
        let (branch, head) = try await git.headOf(place.workTree)
        let store = try await git.objectStore(place.workTree)
        let version = try await git.version()
        let scratch = try Scratch.make(in: git.temporaryDirectory, workTree: place.workTree, objects: store.path, objectFormat: store.format)
        return CaptureSession(
            git: git, place: place, scratch: scratch, options: options, durability: options.isDurable ? Self.durability(version) : [], head: head,
            branch: branch)
    }

    private static func durability(_ version: GitVersion) -> [String] {
        if version < GitVersion(2, 36) { return ["-c", "core.fsyncObjectFiles=true"] }
        let method = version < GitVersion(2, 37) ? "fsync" : "batch"
        return ["-c", "core.fsync=objects,reference", "-c", "core.fsyncMethod=\(method)"]
    }

    func capture() async throws(GitError) -> Captured {
        let entries = try await saveIndex()
        if options.refusesOperations {
            if let operation = GitState.operation(in: place.gitDirectory) { throw .unfinishedOperation(directory: place.workTree, operation: operation) }
            if entries.contains(where: { $0.stage != UInt8(ascii: "0") }) { throw .unfinishedOperation(directory: place.workTree, operation: "merge") }
        }
        try await refuseDirtySubmodules(entries)
        let others = try await git.untracked(in: place.workTree)
        let files = others.filter { $0.last != UInt8(ascii: "/") }
        let nested = others.filter { $0.last == UInt8(ascii: "/") }.map { Array($0.dropLast()) }
        let tree = try await workTreeTree(entries, untracked: files)
        let index = try await indexCommit(entries)
        let ignored = try await ignoredCommit()
        let workTree = try await commit(tree, "work tree", parents: [head, index, ignored].compactMap(\.self))
        let headTree = head == nil ? nil : try await git.run(real(["rev-parse", "HEAD^{tree}"])).withoutFinalNewline.text
        return Captured(
            workTree: workTree, index: index, ignored: ignored, head: head, branch: branch, tree: tree, nested: nested,
            isDirty: index != nil || tree != headTree)
    }

    // MARK: calls

    /// In the real repository; `index` names a file of the scratch directory to use instead of the person's index.
    func real(_ arguments: [String], input: [UInt8] = [], index: String? = nil, expected: Set<Int32> = [0]) -> GitCall {
        let environment = ["GIT_OPTIONAL_LOCKS=0"] + (index.map { ["GIT_INDEX_FILE=\(scratch.path($0))"] } ?? [])
        return GitCall(arguments, in: place.workTree, reads: false, input: input, environment: environment, expected: expected).patient()
    }

    /// In the scratch repository: bytes stay bytes.
    private func raw(_ arguments: [String], input: [UInt8] = [], index: String) -> GitCall {
        GitCall(arguments, in: place.workTree, reads: false, input: input, environment: scratch.environment(index: index)).with(options: durability).patient()
    }

    private func commit(_ tree: String, _ subject: String, parents: [String]) async throws(GitError) -> String {
        let call = raw(["commit-tree", "--no-gpg-sign", tree, "-m", "drover: \(subject)"] + parents.flatMap { ["-p", $0] }, index: Self.bundleIndex)
        return try await git.run(call).withoutFinalNewline.text
    }

    private func writeTree(index: String) async throws(GitError) -> String {
        // Objects that a partial clone does not have are not fetched for this.
        try await git.run(raw(["write-tree", "--missing-ok"], index: index)).withoutFinalNewline.text
    }

    // MARK: the index

    /// Copies the index, as one file that needs no other (not split, not sparse), and lists it.
    private func saveIndex() async throws(GitError) -> [IndexEntry] {
        guard let bytes = try RawFile.read(place.gitDirectory + "/index") else { return [] }
        try RawFile.write(bytes, to: scratch.path(Self.savedIndex))
        let plain = ["update-index", "--no-split-index", "--no-untracked-cache", "--no-fsmonitor", "--force-write-index"]
        try await git.run(real(plain, index: Self.savedIndex).with(options: ["-c", "index.sparse=false", "-c", "core.splitIndex=false"]))
        return IndexListing.parse(try await git.run(real(["ls-files", "-s", "-v", "-z"], index: Self.savedIndex)))
    }

    /// nil when nothing would be lost without it.
    private func indexCommit(_ entries: [IndexEntry]) async throws(GitError) -> String? {
        let state = try GitState.files(of: place.gitDirectory)
        guard try await isIndexSpecial(entries) || !state.isEmpty else { return nil }
        var lines: [UInt8] = []
        if !entries.isEmpty {
            let file = try await hash([scratch.path(Self.savedIndex)], in: place.workTree)
            lines += IndexListing.line(mode: "100644".utf8, object: file[0].utf8, path: "index".utf8)
        }
        let states = try await hash(state, in: place.gitDirectory)
        for (name, object) in zip(state, states) { lines += IndexListing.line(mode: "100644".utf8, object: object.utf8, path: "state/\(name)".utf8) }
        // So that the staged contents stay alive: one folder for each stage.
        for entry in entries {
            lines += IndexListing.line(mode: entry.mode, object: entry.object, path: "stage".utf8 + [entry.stage, UInt8(ascii: "/")] + entry.path)
        }
        try await git.run(raw(["update-index", "-z", "--index-info"], input: lines, index: Self.bundleIndex))
        let named = try await git.commitsNamed(in: GitState.contents(of: place.gitDirectory, state), repository: place.workTree)
        return try await commit(try await writeTree(index: Self.bundleIndex), "index", parents: ([head].compactMap(\.self) + named).unique)
    }

    private func isIndexSpecial(_ entries: [IndexEntry]) async throws(GitError) -> Bool {
        if entries.contains(where: { $0.isSpecial || $0.isEmptyBlob }) { return true }
        guard head != nil else { return !entries.isEmpty }
        guard !entries.isEmpty else { return try await git.run(real(["ls-tree", "HEAD"])).isEmpty == false }
        let difference = real(["diff-index", "--cached", "--quiet", "--ignore-submodules=none", "HEAD"], index: Self.savedIndex, expected: [0, 1])
        return try await git.finish(difference).status == 1
    }

    private func hash(_ paths: [String], in directory: String) async throws(GitError) -> [String] {
        guard !paths.isEmpty else { return [] }
        var call = raw(
            ["hash-object", "-w", "--no-filters", "--stdin-paths"], input: Array((paths.joined(separator: "\n") + "\n").utf8), index: Self.bundleIndex)
        call.directory = directory
        let objects = try await git.run(call).split(separator: UInt8(ascii: "\n")).map { $0.text }
        guard objects.count == paths.count else { throw .failed(what: "hash-object", directory: directory, status: 0, detail: "an answer is missing") }
        return objects
    }

    // MARK: the files

    /// Starts from the person's index, so that only files whose bytes may differ from it are read.
    private func workTreeTree(_ entries: [IndexEntry], untracked: [Path]) async throws(GitError) -> String {
        if !entries.isEmpty, let bytes = try RawFile.read(scratch.path(Self.savedIndex)) { try RawFile.write(bytes, to: scratch.path(Self.treeIndex)) }
        let paths = entries.map(\.path).unique + untracked
        let converted = try await conversions(paths)
        var parents = ParentDirectories(workTree: place.workTree)
        let isHidden = Set(entries.filter { parents.hasLink($0.path) }.map(\.path))
        let doubtful = entries.filter { $0.isSpecial || converted.contains($0.path) || isHidden.contains($0.path) }.map(\.path).unique
        try await git.run(raw(["update-index", "--force-remove", "-z", "--stdin"], input: Records.joined(doubtful), index: Self.treeIndex))
        let present = paths.filter { !isHidden.contains($0) }
        try await git.run(raw(["update-index", "--add", "--remove", "--replace", "-z", "--stdin"], input: Records.joined(present), index: Self.treeIndex))
        return try await writeTree(index: Self.treeIndex)
    }

    private func conversions(_ paths: [Path]) async throws(GitError) -> Set<Path> {
        let setting = try await git.value("core.autocrlf", in: place.workTree)?.lowercased()
        let attributes = try await git.run(real(["check-attr", "-z", "-a", "--stdin"], input: Records.joined(paths)))
        return Conversions.paths(attributes, among: paths, converting: !(setting == nil || setting == "false"))
    }

    private func ignoredCommit() async throws(GitError) -> String? {
        guard !options.ignored.isEmpty else { return nil }
        let index = "index.ignored"
        try await git.run(raw(["update-index", "--add", "-z", "--stdin"], input: Records.joined(options.ignored), index: index))
        return try await commit(try await writeTree(index: index), "ignored files", parents: [])
    }

    private func refuseDirtySubmodules(_ entries: [IndexEntry]) async throws(GitError) {
        guard !options.losesSubmoduleWork, entries.contains(where: \.isSubmodule) else { return }
        let dirty = try await git.submodulesWithOwnWork(of: place.workTree)
        guard dirty.isEmpty else { throw .dirtySubmodules(directory: place.workTree, paths: dirty.map(\.text)) }
    }
}

/// Answers whether a path lies behind a symbolic link: such a file of the index is gone from the work tree.
struct ParentDirectories {
    let workTree: String
    private var known: [Path: Bool] = [[]: false]

    init(workTree: String) { self.workTree = workTree }

    mutating func hasLink(_ path: Path) -> Bool { isLink(path.parent) }

    private mutating func isLink(_ directory: Path) -> Bool {
        if let answer = known[directory] { return answer }
        var status = stat()
        let found = (Array(workTree.utf8) + [UInt8(ascii: "/")] + directory).withCString { lstat($0, &status) } == 0
        let answer = isLink(directory.parent) || (found && (status.st_mode & S_IFMT) == S_IFLNK)
        known[directory] = answer
        return answer
    }
}

extension Sequence where Element: Hashable {
    /// In order, each once.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
