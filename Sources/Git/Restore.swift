import Glibc

extension GitTool {
    /// Puts captured files, index and state into a work tree that was made without a checkout and is at the same commit.
    /// Again gives the same. Files that are there and not in the capture stay. `withState` false: only files and index,
    /// for a copy, which is in no merge and has its own sparse patterns.
    package func restore(workTree: String, index: String?, withState: Bool = true, into path: String) async throws(GitError) {
        guard let place = try await locate(path) else { throw .notARepository(path) }
        let store = try await objectStore(path)
        let scratch = try Scratch.make(in: temporaryDirectory, workTree: place.workTree, objects: store.path, objectFormat: store.format)
        defer { scratch.remove() }
        let read = GitCall(["read-tree", "--reset", "-u", workTree], in: path, reads: false, environment: scratch.environment(index: "index"))
        try await run(read.patient())
        if let index {
            try await restoreIndex(index, place, withState: withState)
        } else {
            try await resetIndex(place)
        }
        // 1: something differs from the index, which is as it was.
        try await finish(GitCall(["update-index", "-q", "--refresh"], in: path, reads: false, expected: [0, 1]).patient())
    }

    private func resetIndex(_ place: Location) async throws(GitError) {
        let hasHead = try await commit("HEAD", in: place.workTree) != nil
        try await run(GitCall(["read-tree", hasHead ? "HEAD" : "--empty"], in: place.workTree, reads: false).patient())
    }

    private func restoreIndex(_ index: String, _ place: Location, withState: Bool) async throws(GitError) {
        let listing = try await run(GitCall(["ls-tree", "-r", "-z", "--name-only", "\(index)"], in: place.workTree, reads: true).patient())
        let names = Records.zeroTerminated(listing).filter { $0.elementsEqual("index".utf8) || (withState && $0.has(prefix: "state/")) }.map { $0.text }
        if !names.contains("index") { try await run(GitCall(["read-tree", "--empty"], in: place.workTree, reads: false)) }
        for name in names {
            let bytes = try await run(GitCall(["cat-file", "blob", "\(index):\(name)"], in: place.workTree, reads: true))
            let target = place.gitDirectory + "/" + (name == "index" ? name : String(name.dropFirst("state/".count)))
            // One level is all there is: `rebase-merge/onto`, `info/sparse-checkout`.
            if let slash = target.lastIndex(of: "/") { mkdir(String(target[..<slash]), 0o755) }
            try RawFile.write(bytes, to: target)
        }
    }
}
