extension GitTool {
    /// What lies below a directory: files that git knows, and those that it would take. Relative to it; what is ignored is left out.
    /// Nil: it is in no repository.
    package func files(below directory: String) async throws(GitError) -> [[UInt8]]? {
        let all: [UInt8], gone: [UInt8]
        do throws(GitError) {
            all = try await run(
                GitCall(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"], in: directory, reads: true))
            gone = try await run(GitCall(["ls-files", "-z", "--deleted"], in: directory, reads: true))
        } catch .notARepository {
            return nil
        }
        let files = Records.zeroTerminated(all).map { Array($0) }
        guard !gone.isEmpty else { return files }
        let missing = Set(Records.zeroTerminated(gone).map { Array($0) })
        return files.filter { !missing.contains($0) }
    }
}
