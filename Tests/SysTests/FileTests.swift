import Glibc
import Sys
import Testing

@Suite struct FileTests {
    let scratch = Scratch()

    @Test func writingReplacesAsAWhole() throws {
        try Files.writeAtomically(scratch("f"), Array("one".utf8))
        try Files.writeAtomically(scratch("f"), Array("two".utf8), mode: 0o640)
        #expect(try Files.readText(scratch("f")) == "two")
        #expect(try Files.facts(scratch("f")).mode == 0o640)
        #expect(try Files.names(scratch.path) == ["f"])
    }

    @Test func whatCannotBeWrittenLeavesNothingBehind() throws {
        let error = #expect(throws: SysError.self) { try Files.writeAtomically(scratch("no/f"), [1]) }
        #expect(error?.message == "write \(scratch("no/f")): No such file or directory")
        try Files.makeDirectories(scratch("dir"))
        #expect(throws: SysError.self) { try Files.writeAtomically(scratch("dir"), [1]) }
        #expect(try Files.names(scratch.path) == ["dir"])
    }

    @Test func aFullDiskKeepsTheOldContent() async throws {
        // A tiny file system of our own; only root can mount one.
        try #require(getuid() == 0, "needs root to mount a small file system")
        let mount = scratch("full")
        try Files.makeDirectories(mount)
        let mounted = try await runner.run(Command("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount]))
        try #require(mounted.status.isSuccess, "cannot mount: \(mounted.errorText)")
        defer { umount2(mount, Int32(MNT_DETACH)) }

        try Files.writeAtomically(mount + "/f", Array("old".utf8))
        let error = #expect(throws: SysError.self) {
            try Files.writeAtomically(mount + "/f", [UInt8](repeating: 1, count: 200_000))
        }
        #expect(error?.isFull == true)
        #expect(error?.subject == mount + "/f")
        #expect(try Files.readText(mount + "/f") == "old")
        #expect(try Files.names(mount) == ["f"])
        // And what is mounted is not removed with the tree around it.
        let refused = #expect(throws: SysError.self) { try Files.removeTree(scratch.path) }
        #expect(refused?.code == EXDEV)
        #expect(try Files.readText(mount + "/f") == "old")
    }

    @Test func readingHasALimit() throws {
        try Files.writeAtomically(scratch("f"), [UInt8](repeating: 7, count: 100_000))
        #expect(try Files.read(scratch("f"), limit: 100_000).count == 100_000)
        let error = #expect(throws: SysError.self) { try Files.read(scratch("f"), limit: 99_999) }
        #expect(error?.code == EFBIG)
        #expect(try Files.read("/proc/self/stat").isEmpty == false)
        let directory = #expect(throws: SysError.self) { try Files.read(scratch.path) }
        #expect(directory?.message == "read \(scratch.path): Is a directory")
    }

    @Test func treesAreRemovedWithoutFollowingLinks() throws {
        let outside = Scratch()
        try Files.writeAtomically(outside("keep"), [1])
        try Files.makeDirectories(scratch("t/a/b/c"))
        try Files.writeAtomically(scratch("t/a/b/f"), [1])
        #expect(symlink(outside.path, scratch("t/a/link")) == 0)
        #expect(symlink("/no/where", scratch("t/dangling")) == 0)
        let name: [CChar] = Array((scratch.path + "/t/").utf8CString.dropLast()) + [-1, -2, 0]  // no UTF-8
        #expect(mkdir(name, 0o700) == 0)
        #expect(chmod(scratch("t/a/b"), 0) == 0)
        #expect(try Files.list(scratch("t")).count == 3)
        #expect(try Files.names(scratch("t")) == ["a", "dangling"])
        try Files.removeTree(scratch("t"))
        #expect(!Files.exists(scratch("t")))
        #expect(Files.exists(outside("keep")))
        try Files.removeTree(scratch("t"))
        // A link to a tree is only a link.
        #expect(symlink(outside.path, scratch("link")) == 0)
        try Files.removeTree(scratch("link"))
        #expect(Files.exists(outside("keep")))
    }

    @Test func directoriesAreMadeWithTheirParents() throws {
        try Files.makeDirectories(scratch("a/b/c"))
        try Files.makeDirectories(scratch("a/b/c/"))
        #expect(try Files.facts(scratch("a/b")).mode == 0o700)
        try Files.writeAtomically(scratch("file"), [])
        #expect(throws: SysError.self) { try Files.makeDirectories(scratch("file/x")) }
        #expect(throws: SysError.self) { try Files.makeDirectories(scratch("file")) }
    }

    @Test(arguments: [("/a/b", "/a"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b/", "a"), ("//a", "/"), ("", ".")])
    func parents(_ path: String, _ parent: String) { #expect(Files.parentDirectory(path) == parent) }

    @Test func aLockHasOneHolder() async throws {
        var first: FileLock? = try taken(FileLock.take(scratch("lock")))
        #expect(first != nil)
        #expect(try holder(FileLock.take(scratch("lock"))) == getpid())
        // Not the children's either.
        let other = try await runner.run(Command("flock", ["-n", scratch("lock"), "true"]))
        #expect(other.status == .exited(1))
        first = nil
        // Waits, since a child that another test starts just now holds a copy until it runs its program.
        let later = try await runner.run(Command("flock", ["-w", "10", scratch("lock"), "true"]))
        #expect(later.status.isSuccess)
        await eventually { if case .taken = try? FileLock.take(scratch("lock")) { true } else { false } }
    }

    @Test func anotherProcessHoldsTheLock() async throws {
        let child = try DetachedSpawn(
            "/usr/bin/flock", [scratch("lock"), "sh", "-c", "echo $$ > \(scratch("lock")); echo up; sleep 600"],
            output: .log(scratch("log"))
        ).start()
        let log = try FollowFile(scratch("log"))
        if try log.read().isEmpty { #expect(await becomesReadable(log.descriptor)) }
        let pid = try #require(try holder(FileLock.take(scratch("lock"))))
        #expect(ProcessFacts.descendants(of: child.pid).contains { $0.pid == pid })
        child.signalGroup(SIGKILL)
        #expect(await becomesReadable(child.descriptor))
        _ = child.poll()
    }

    private func taken(_ attempt: FileLock.Attempt) -> FileLock? { if case .taken(let lock) = attempt { lock } else { nil } }
    private func holder(_ attempt: FileLock.Attempt) -> Int32? { if case .held(let pid) = attempt { pid } else { nil } }

    @Test func directoriesFollowTheSpecification() throws {
        let plain = Directories(environment: { ["HOME": "/home/p"][$0] }, userID: 7)
        #expect(plain.config == "/home/p/.config/drover" && plain.data == "/home/p/.local/share/drover")
        #expect(plain.state == "/home/p/.local/state/drover" && plain.cache == "/home/p/.cache/drover")
        #expect(plain.runtime == "/home/p/.local/state/drover/run" && !plain.runtimeIsShared)
        let set = Directories(
            environment: { ["HOME": "/home/p", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "relative", "XDG_RUNTIME_DIR": "/run/user/7"][$0] },
            userID: 7)
        #expect(set.config == "/c/drover" && set.data == "/home/p/.local/share/drover" && set.runtime == "/run/user/7/drover")
        let long = Directories(environment: { ["HOME": "/" + String(repeating: "h", count: 100)][$0] }, userID: 7)
        #expect(long.runtime == "/tmp/drover-7" && long.runtimeIsShared)
        var shared = set
        shared.runtime = scratch("run")
        shared.runtimeIsShared = true
        try Files.makeDirectories(scratch("run"), mode: 0o755)
        try shared.prepareRuntime()
        #expect(try Files.facts(scratch("run")).mode == 0o700)
        #expect(symlink("/tmp", scratch("link")) == 0)
        shared.runtime = scratch("link")
        #expect(throws: SysError.self) { try shared.prepareRuntime() }
    }
}
