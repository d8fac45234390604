import Glibc
import Sys
import Testing

@Suite struct Commands {
    @Test func outputErrorsAndCode() async throws {
        let result = try await runner.run(shell("cat; echo problem >&2; exit 3") { $0.input = Array("given\n".utf8) })
        #expect(result.status == .exited(3))
        #expect(result.text == "given\n")
        #expect(result.errorText == "problem\n")
        #expect(!result.truncated)
    }

    @Test(arguments: [SIGKILL, SIGTERM, SIGPIPE, SIGINT, SIGQUIT, SIGCHLD + 200])
    func oddEndings(_ signal: Int32) async throws {
        if signal > 100 {
            #expect(try await runner.run(shell("exit 217")).status == .exited(217))
        } else {
            // Would not end it if the child had inherited a blocked or ignored signal.
            #expect(try await runner.run(shell("kill -\(signal) $$; exit 9")).status == .signalled(signal))
        }
    }

    @Test func nothingIsBlockedIgnoredOrLeftOpen() async throws {
        let leak = open("/dev/null", O_RDONLY)  // not close-on-exec
        defer { close(leak) }
        let result = try await runner.run(shell("cat /proc/self/status | grep -E '^Sig(Blk|Ign|Cgt)'; ls /proc/self/fd"))
        let lines = result.text.split(separator: "\n").map(String.init)
        #expect(lines.prefix(3).map { $0.split(separator: "\t").last } == Array(repeating: "0000000000000000", count: 3))
        // 3 is the directory that ls reads.
        #expect(lines.dropFirst(3) == ["0", "1", "2", "3"])
    }

    @Test func moreThanAPipeHolds() async throws {
        let input = [UInt8](repeating: 0x61, count: 3_000_000)
        let result = try await runner.run(shell("cat; head -c 500000 /dev/zero >&2") { $0.input = input })
        #expect(result.output == input)
        #expect(result.errorOutput.count == 500_000)
    }

    @Test func theLimitKeepsTheBeginning() async throws {
        let result = try await runner.run(shell("seq 1 200000; echo end >&2") { $0.outputLimit = 10 })
        #expect(result.text == "1\n2\n3\n4\n5\n")
        #expect(result.errorText == "end\n")
        #expect(result.truncated)
        #expect(result.status.isSuccess)
    }

    @Test func inputThatIsNotReadIsNoError() async throws {
        let result = try await runner.run(shell("exit 0") { $0.input = [UInt8](repeating: 0, count: 1_000_000) })
        #expect(result.status.isSuccess)
    }

    @Test func aDescendantThatKeepsThePipeIsNotWaitedFor() async throws {
        let result = try await runner.run(shell("echo done; sleep 600 & echo $!"))
        let lines = result.text.split(separator: "\n")
        #expect(lines.first == "done")
        kill(try #require(lines.last.flatMap { Int32($0) }), SIGKILL)
    }

    @Test func directoryAndEnvironment() async throws {
        let result = try await runner.run(
            shell("pwd; echo $ONE-$HOME") {
                $0.directory = "/usr"
                $0.environment = ["ONE=1"]
            })
        #expect(result.text == "/usr\n1-\n")
    }

    @Test func sessions() async throws {
        let script = "cut -d' ' -f1,5,6 /proc/$$/stat"
        let own = try await runner.run(shell(script)).text.split(whereSeparator: \.isWhitespace)
        #expect(own.count == 3 && Set(own).count == 1)
        let group = try await runner.run(shell(script) { $0.newSession = false }).text.split(whereSeparator: \.isWhitespace)
        #expect(group[0] == group[1] && group[2] == "\(getsid(0))")
    }

    @Test func whatCannotRunNamesTheFile() async throws {
        let scratch = Scratch()
        try Files.writeAtomically(scratch("text"), Array("x".utf8))
        try Files.writeAtomically(scratch("script"), Array("#!/no/such/interpreter\n".utf8), mode: 0o700)
        for (command, code, words) in [
            (Command("/no/such/program"), ENOENT, "run /no/such/program: No such file or directory"),
            (Command("drover-no-such-name"), ENOENT, "run drover-no-such-name: No such file or directory: not found in PATH"),
            (Command(scratch("text")), EACCES, "run \(scratch("text")): Permission denied"),
            (Command(scratch.path), EISDIR, "run \(scratch.path): Is a directory"),
            (Command(scratch("script")), ENOENT, "run \(scratch("script")): No such file or directory: its interpreter is missing"),
            (Command("/bin/sh", directory: "/no/dir"), ENOENT, "enter /no/dir: No such file or directory: to run /bin/sh"),
            (Command("/bin/sh", ["-c", "a\0b"]), EINVAL, "run /bin/sh: Invalid argument: an argument contains a zero byte"),
        ] {
            let error = await #expect(throws: SysError.self) { try await runner.run(command) }
            #expect(error?.code == code)
            #expect(error?.message == words)
        }
    }

    @Test func namesAreLookedForInPath() async throws {
        let scratch = Scratch()
        try Files.writeAtomically(scratch("tool"), Array("#!/bin/sh\necho found\n".utf8), mode: 0o700)
        #expect(findExecutable("tool", path: "/nowhere:\(scratch.path)") == scratch("tool"))
        #expect(findExecutable("tool", path: "/nowhere") == nil)
        #expect(findExecutable("", path: scratch.path) == nil)
        #expect(findExecutable("sh") != nil)
        let result = try await runner.run(Command("tool", environment: ["PATH=\(scratch.path):/bin:/usr/bin"]))
        #expect(result.text == "found\n")
    }

    @Test func theTimeLimitEndsTheGroup() async throws {
        let marker = "DROVER_TEST=" + Random.hex(bytes: 8)
        let error = await #expect(throws: SysError.self) {
            try await runner.run(
                shell("echo words >&2; sleep 600 & sleep 600") {
                    $0.environment = [marker, "PATH=/bin:/usr/bin"]
                    $0.timeoutMs = 100
                })
        }
        #expect(error?.isTimeout == true)
        #expect(error?.detail == "words")
        for process in ProcessFacts.processes(withEnvironment: marker) { #expect(await ends(process)) }
    }

    @Test func cancellationEndsTheGroupAlsoWhenItIgnoresIt() async throws {
        let scratch = Scratch()
        let marker = "DROVER_TEST=" + Random.hex(bytes: 8)
        let follow = try watchDirectory(scratch.path)
        let task = Task {
            try await runner.run(
                shell("trap '' TERM; sleep 600 & touch \(scratch("up")); wait; wait; sleep 600") {
                    $0.environment = [marker, "PATH=/bin:/usr/bin"]
                })
        }
        #expect(await becomesReadable(follow.descriptor))
        let processes = ProcessFacts.processes(withEnvironment: marker)
        #expect(processes.count >= 1)
        task.cancel()
        let error = await #expect(throws: SysError.self) { try await task.value }
        #expect(error?.isCancelled == true)
        for process in processes { #expect(await ends(process)) }
    }

    private func watchDirectory(_ path: String) throws -> WatchPath { try WatchPath([path]) }

    @Test func aTaskThatIsCancelledBeforeRunsNothingToItsEnd() async throws {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await runner.run(shell("sleep 600"))
        }
        task.cancel()
        let error = await #expect(throws: SysError.self) { try await task.value }
        #expect(error?.isCancelled == true)
    }

    @Test func manyAtOnce() async throws {
        try await withThrowingTaskGroup(of: Int32.self) { group in
            for code in 0..<40 {
                group.addTask {
                    if case .exited(let seen) = try await runner.run(shell("exit \(code)")).status { seen } else { -1 }
                }
            }
            var seen: Set<Int32> = []
            for try await code in group { seen.insert(code) }
            #expect(seen == Set(0..<40))
        }
    }

    @Test func piecesAreToldAsTheyCome() async throws {
        let scratch = Scratch()
        // The program goes on only after its first line has been seen.
        let result: CommandRunner.Outcome = await withCheckedContinuation { continuation in
            runner.start(
                shell("echo first; while [ ! -e \(scratch("go")) ]; do :; done; echo last"),
                output: { bytes, isError in
                    if bytes.starts(with: "first".utf8), !isError { try? Files.writeAtomically(scratch("go"), []) }
                }, done: { continuation.resume(returning: $0) })
        }
        #expect(try result.get().text == "first\nlast\n")
    }

    @Test func aRunnerThatGoesEndsItsCommands() async throws {
        let result: CommandRunner.Outcome = await withCheckedContinuation { continuation in
            let short = CommandRunner()
            short.start(shell("sleep 600")) { continuation.resume(returning: $0) }
        }
        #expect(throws: SysError.self) { try result.get() }
    }
}
