import Domain
import Foundation
import Git
import Sys
import Testing

/// What an agent changed, as patches: put together on what it began with they give what is there.
@Suite struct PatchTests {
    @Test func patchesOfAllKindsTakenTogetherGiveTheWorkTree() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        for (name, text) in [
            ("gone.txt", "one\ntwo\n"), ("moved.txt", "so\nmuch\nthat\nit is\nfound\n"), ("mode.sh", "echo\n"), ("sp ace.txt", "a\n"), ("ü.txt", "ä\n"),
        ] {
            try repository.write(name, text)
        }
        try repository.commit("more")
        let base = try repository.line("rev-parse", "HEAD")
        try repository.write("committed.txt", "is in\nby now\n")
        try repository.git("rm", "-q", "gone.txt")
        try repository.git("mv", "moved.txt", "elsewhere.txt")
        try repository.commit("of the agent")
        try repository.write("staged.txt", "@@ looks like a hunk\n--- a/x\n+++ b/x\ndiff --git a/x b/x\n")
        try repository.git("add", "staged.txt")
        try repository.write("sp ace.txt", "a\nb without an end")
        try repository.write("ü.txt", "ö\n")
        try repository.write("mode.sh", "echo\n", mode: 0o755)
        for (name, text) in [
            ("new.txt", "one\n"), ("new without end", "one\ntwo"), ("empty", ""), ("q\"uote\\.txt", "x\n"), ("tab\tname", "diff --git a/x b/x\n"),
            ("neu/größe.txt", "\n\n"),
        ] { try repository.write(name, text) }
        try repository.write("run.sh", "#!/bin/sh\n", mode: 0o755)

        let changes = try #require(try await sandbox.git.patches(in: repository.path, since: base))
        let status = Dictionary(uniqueKeysWithValues: changes.map { ($0.file, $0.status) })
        #expect(
            status == [
                "committed.txt": "added", "gone.txt": "deleted", "elsewhere.txt": "renamed", "staged.txt": "added", "sp ace.txt": "modified",
                "ü.txt": "modified",
                "mode.sh": "modified", "new.txt": "added", "new without end": "added", "empty": "added", "q\"uote\\.txt": "added", "tab\tname": "added",
                "neu/größe.txt": "added", "run.sh": "added",
            ])
        #expect(changes.first { $0.file == "sp ace.txt" }.map { [$0.additions, $0.deletions] } == [1, 0])

        try repository.git("clone", "-q", repository.path, sandbox.root + "/copy")
        let copy = Repository(path: sandbox.root + "/copy", sandbox: sandbox)
        try copy.git("checkout", "-q", base)
        try Data(changes.map(\.patch).joined().utf8).write(to: URL(fileURLWithPath: sandbox.root + "/all.patch"))
        try copy.git("apply", "--index", sandbox.root + "/all.patch")
        try repository.git("add", "-A")
        #expect(try copy.line("write-tree") == repository.line("write-tree"))
    }

    @Test func binariesHugeFilesAndLinksAreNamedWithoutTheirLines() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        try repository.write("data.bin", "a\u{0}b")
        try repository.write("huge.txt", String(repeating: "x\n", count: 2 << 20))
        try FileManager.default.createSymbolicLink(atPath: repository.path + "/link", withDestinationPath: "/etc/passwd")
        let changes = try #require(try await sandbox.git.patches(in: repository.path, since: nil))
        #expect(changes.map(\.file) == ["data.bin", "huge.txt", "link"])
        #expect(changes.allSatisfy { $0.additions == 0 && $0.patch.hasSuffix(" differ\n") && !$0.patch.contains("root:") })
    }

    @Test func aPersonsSettingsChangeNothing() async throws {
        let sandbox = try Sandbox()
        let repository = try sandbox.repository()
        for setting in [
            ["diff.noprefix", "true"], ["diff.mnemonicPrefix", "true"], ["color.ui", "always"], ["core.quotePath", "true"], ["diff.external", "/bin/false"],
            ["diff.orderFile", "/nowhere"], ["core.pager", "/bin/false"],
        ] { try repository.git("config", setting[0], setting[1]) }
        try repository.git("config", "--unset", "diff.orderFile")
        try repository.write("größe.txt", "new\n")
        try repository.git("add", "-A")
        let changes = try #require(try await sandbox.git.patches(in: repository.path, since: nil))
        #expect(changes.map(\.file) == ["größe.txt"] && changes[0].patch.contains("\n+++ b/größe.txt\n") && changes[0].additions == 1)
    }

    @Test func withoutCommitsAndWithoutARepository() async throws {
        let sandbox = try Sandbox()
        let unborn = try sandbox.repository("new", commits: false)
        try unborn.write("first.txt", "x\n")
        try unborn.git("add", "first.txt")
        #expect(try await sandbox.git.patches(in: unborn.path, since: nil)?.map(\.file) == ["first.txt"])
        #expect(try await sandbox.git.patches(in: sandbox.root + "/home", since: nil) == nil)
        await #expect(throws: GitError.self) { try await sandbox.git.patches(in: sandbox.root + "/nowhere", since: nil) }
    }
}
