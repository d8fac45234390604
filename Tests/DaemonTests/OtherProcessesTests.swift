import Synchronization
import Sys
import Testing

@testable import Daemon

@Suite struct OtherProcessesTests {
    @Test(arguments: [
        ("", "directory"), (".", "directory"), ("-s ses_1 /work", "directory"), ("run hello", "directory"), ("serve --port 1", "anywhere"), ("web", "anywhere"),
        ("attach http://127.0.0.1:1", "nil"), ("--version", "nil"), ("export ses_1", "nil"), ("run --help", "nil"),
    ]) func onlyWhatRunsTurnsCounts(line: String, reach: String) {
        let found = OtherProcesses.reach(of: line.split(separator: " ").map(String.init))
        #expect(found.map { "\($0)" } ?? "nil" == reach)
    }

    /// A program of that name, in a directory, on this data.
    @Test func aProcessIsFoundByItsNameDirectoryAndData() async throws {
        let root = try Files.realPath(Files.makeTemporaryDirectory("/tmp/drover-others-"))
        defer { try? Files.removeTree(root) }
        try Files.makeDirectories(root + "/work")
        let runner = CommandRunner()
        // Not written by us: a child that another test starts just then would hold it open for writing, and it could not be run.
        #expect(try await runner.run(Command("/bin/cp", ["/bin/sleep", root + "/opencode"])).status.isSuccess)
        let before = Clock.wallMilliseconds()
        let hasEnded = Mutex(false)
        let command = Command(root + "/opencode", ["100"], environment: ["XDG_DATA_HOME=\(root)/data", "HOME=/nowhere"], directory: root + "/work")
        let running = runner.start(command, output: { _, _ in }, done: { _ in hasEnded.withLock { $0 = true } })
        defer { runner.cancel(running) }
        func find(_ data: String, ours: Set<Int32> = []) -> [OtherProcesses.Found] { OtherProcesses.find(data: data, ours: ours) }
        var found: [OtherProcesses.Found] = []
        while found.isEmpty, !hasEnded.withLock({ $0 }) {  // its environment shows microseconds after its start
            found = find(root + "/data/opencode")
            await Task.yield()
        }
        let other = try #require(found.first?.other)
        #expect(found.count == 1 && other.directory == root + "/work" && !other.isAnywhere)
        #expect(abs(other.started.milliseconds - before) < 2000)
        #expect(find(root + "/elsewhere").isEmpty)
        #expect(find(root + "/data/opencode", ours: [Int32(other.pid)]).isEmpty)
    }
}
