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
        try Files.writeAtomically(root + "/opencode", try Files.read("/bin/sleep", limit: 1 << 24), mode: 0o755)
        let before = Clock.wallMilliseconds()
        let runner = CommandRunner()
        let command = Command(root + "/opencode", ["100"], environment: ["XDG_DATA_HOME=\(root)/data", "HOME=/nowhere"], directory: root + "/work")
        let running = runner.start(command, output: { _, _ in }, done: { _ in })
        defer { runner.cancel(running) }
        func find(_ data: String, ours: Set<Int32> = []) -> [OtherProcesses.Found] { OtherProcesses.find(data: data, ours: ours) }
        var found: [OtherProcesses.Found] = []
        while found.isEmpty {  // its environment shows microseconds after its start
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
