import Glibc
import Sys
import Testing

@Suite struct Processes {
    @Test func theStatLineIsReadPastAnyName() throws {
        let line = Array("42 (a) b (c)) S 1 40 39 0 -1 4194304 1 0 0 0 7 5 0 0 20 0 1 0 987654 1 1\n".utf8)
        let process = try #require(ProcessFacts.parse(line))
        #expect(process.pid == 42 && process.parent == 1 && process.group == 40 && process.session == 39)
        #expect(process.name == "a) b (c)" && process.startTime == 987_654 && !process.isZombie)
        #expect(process.cpuMs == 12 * 1000 / sysconf(Int32(_SC_CLK_TCK)))
        for end in 0..<line.count { _ = ProcessFacts.parse(Array(line[..<end])) }
        #expect(ProcessFacts.parse([]) == nil)
        #expect(ProcessFacts.parse(Array(")(".utf8)) == nil)
    }

    @Test func ourselves() throws {
        let me = getpid()
        let start = try #require(ProcessFacts.startTime(me))
        #expect(ProcessFacts.isAlive(pid: me, startTime: start))
        #expect(!ProcessFacts.isAlive(pid: me, startTime: start + 1))
        #expect((ProcessFacts.memoryKB(me) ?? 0) > 1000)
        #expect(ProcessFacts.commandLine(me)?.isEmpty == false)
        #expect(try ProcessFacts.directory(me) == Files.realPath("."))
        #expect(ProcessFacts.bootID()?.count == 36)
        #expect(ProcessFacts.process(me)?.parent == getppid())
    }

    @Test func aGrandchildThatLeftTheSessionIsFound() async throws {
        let scratch = Scratch()
        let child = try DetachedSpawn(
            "/bin/sh", ["-c", "setsid sleep 600 & sleep 600 & echo up; wait"], output: .log(scratch("log"))
        ).start()
        let log = try FollowFile(scratch("log"))
        var text = try log.read()
        while text.isEmpty, await becomesReadable(log.descriptor) { text = try log.read() }
        // The grandchild is a fork of the shell until it has executed setsid.
        var found: [ProcessFacts.Process] = []
        await eventually {
            found = ProcessFacts.descendants(of: child.pid)
            return Set(found.map(\.session)).count == 2 && found.count == 2
        }
        #expect(found.count == 2)
        #expect(found.contains { $0.session == child.pid } && found.contains { $0.session == $0.pid })
        child.signal(SIGKILL)
        for process in found { kill(process.pid, SIGKILL) }
        #expect(await becomesReadable(child.descriptor))
        #expect(child.poll() == .ended(.signalled(SIGKILL)))
        #expect(child.poll() == .ended(nil))
    }

    @Test func detachedProgramsLeadTheirSessionAndLogToAPrivateFile() async throws {
        let scratch = Scratch()
        let marker = "DROVER_TEST=" + Random.hex(bytes: 8)
        let child = try DetachedSpawn(
            "/bin/sh", ["-c", "echo out; echo err >&2; cut -d' ' -f6 /proc/$$/stat; read x || echo no input; exit 4"],
            environment: [marker, "PATH=/bin:/usr/bin"], output: .log(scratch("log"))
        ).start()
        #expect(await becomesReadable(child.descriptor))
        #expect(child.poll() == .ended(.exited(4)))
        #expect(try Files.readText(scratch("log")) == "out\nerr\n\(child.pid)\nno input\n")
        #expect(try Files.facts(scratch("log")).mode == 0o600)
    }

    @Test func anAdoptedProcessTellsItsEndButNoStatus() async throws {
        let child = try DetachedSpawn("/bin/sleep", ["600"], output: .nothing).start()
        #expect(ChildWatch.adopt(pid: child.pid, startTime: child.startTime + 1) == nil)
        let adopted = try #require(ChildWatch.adopt(pid: child.pid, startTime: child.startTime))
        #expect(adopted.poll() == .running && child.poll() == .running)
        #expect(adopted.signal(SIGTERM))
        #expect(await becomesReadable(adopted.descriptor))
        #expect(adopted.poll() == .ended(nil))
        #expect(child.poll() == .ended(.signalled(SIGTERM)))
        #expect(!adopted.signal(SIGTERM) && !child.signalGroup(SIGTERM))
        #expect(ChildWatch.adopt(pid: child.pid, startTime: child.startTime) == nil)
    }

    @Test func processesAreFoundByTheirEnvironment() async throws {
        let marker = "DROVER_TEST=" + Random.hex(bytes: 8)
        let child = try DetachedSpawn("/bin/sleep", ["600"], environment: ["A=b", marker, "C=d"], output: .nothing).start()
        // The kernel lets the starter go on a moment before the new environment can be seen.
        await eventually { ProcessFacts.processes(withEnvironment: marker).map(\.pid) == [child.pid] }
        #expect(ProcessFacts.processes(withEnvironment: marker).map(\.pid) == [child.pid])
        #expect(ProcessFacts.processes(withEnvironment: String(marker.dropLast())).isEmpty)
        child.signal(SIGKILL)
        #expect(await becomesReadable(child.descriptor))
        _ = child.poll()
    }

    @Test func whatCannotBeStartedIsAnError() throws {
        let error = #expect(throws: SysError.self) { try DetachedSpawn("/no/server", output: .nothing).start() }
        #expect(error?.isMissing == true)
    }

    @Test func aForegroundProgramIsWaitedFor() throws {
        #expect(try runInForeground("/bin/sh", ["-c", "exit 5"]) == .exited(5))
        #expect(try runInForeground("/bin/sh", ["-c", "kill -9 $$"]).shellCode == 137)
    }
}
