extension GitTool {
    /// Local branches, sorted.
    package func branchNames(in repository: String) async throws(GitError) -> [String] {
        try await branchTips(in: repository).map(\.name)
    }

    package func branchTips(in repository: String) async throws(GitError) -> [(name: String, commit: String)] {
        let listing = try await run(GitCall(["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/"], in: repository, reads: true))
        return listing.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let (commit, ref) = line.cut(at: " "), ref.has(prefix: "refs/heads/") else { return nil }
            return (ref.dropFirst("refs/heads/".utf8.count).text, commit.text)
        }
    }

    package func isValidBranchName(_ name: String, in directory: String) async throws(GitError) -> Bool {
        guard !name.hasPrefix("-"), !name.contains("\0") else { return false }
        let call = GitCall(["check-ref-format", "--branch", name], in: directory, reads: true, expected: [0, 1, 128, 129])
        let answer = try await finish(call)
        // `@{-1}` is valid there, and another branch's name.
        return answer.status == 0 && answer.output.withoutFinalNewline.text == name
    }

    /// Remote branches of that name: `origin/feature` for `feature`.
    package func remoteBranches(named name: String, in repository: String) async throws(GitError) -> [String] {
        let remotes = try await run(GitCall(["remote"], in: repository, reads: true)).split(separator: UInt8(ascii: "\n")).map { $0.text }
        var found: [String] = []
        for remote in remotes where try await commit("refs/remotes/\(remote)/\(name)", in: repository) != nil { found.append("\(remote)/\(name)") }
        return found
    }

    /// Deletes a branch that is where we think it is. Its configuration (upstream) goes with it.
    package func deleteBranch(_ name: String, at commit: String, in repository: String) async throws(GitError) {
        guard try await self.commit("refs/heads/" + name, in: repository) == commit else { throw .branchMoved(name) }
        try await run(GitCall(["update-ref", "-d", "refs/heads/" + name, commit], in: repository, reads: false))
        // 5: there is no such section. A branch without its section is harmless, so other trouble is not reported.
        _ = try? await finish(GitCall(["config", "--remove-section", "branch." + name], in: repository, reads: false, expected: [0, 5, 128]))
    }

    /// True when deleting the branch would lose no commit: another branch, tag or remote branch contains its tip.
    package func isKeptElsewhere(_ commit: String, besides branch: String, in repository: String) async throws(GitError) -> Bool {
        let listing = try await run(
            GitCall(["for-each-ref", "--format=%(refname)", "--contains", commit, "refs/heads/", "refs/tags/", "refs/remotes/"], in: repository, reads: true))
        return listing.split(separator: UInt8(ascii: "\n")).contains { $0.text != "refs/heads/" + branch }
    }

    package func mergeBase(_ left: String, _ right: String, in repository: String) async throws(GitError) -> String? {
        let answer = try await finish(GitCall(["merge-base", "--end-of-options", left, right], in: repository, reads: true, expected: [0, 1, 128]))
        let line = answer.output.split(separator: UInt8(ascii: "\n")).last?.text
        return answer.status == 0 ? line : nil
    }
}
