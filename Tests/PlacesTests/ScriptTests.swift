import Domain
import Foundation
import Git
import Sys
import Testing

@testable import Places

@Suite struct ScriptTests {
    private func place(_ sandbox: Sandbox, script: String, mode: UInt32 = 0o755) async throws -> (Place, Project) {
        let repository = try sandbox.repository()
        try Files.makeDirectories(repository.path + "/.drover", mode: 0o755)
        try await writeProgram(repository.path + "/.drover/setup", script)
        try Files.setMode(repository.path + "/.drover/setup", mode)
        try repository.commit("setup")
        let project = try await sandbox.project(repository)
        return (try await sandbox.worktrees.provision(sandbox.wish(project), project: project), project)
    }

    private func run(_ script: SetupScript, _ place: Place, _ project: Project, _ sandbox: Sandbox, timeoutMs: Int64 = 60_000) async throws(PlaceError) {
        try await script.run(
            in: ScriptSurroundings(place: place, project: project, portBase: 20_010), environment: ["PATH=/usr/bin:/bin", "DROVER_PASSWORD=secret"],
            log: sandbox.root + "/logs/setup.log", timeoutMs: timeoutMs, runner: CommandRunner())
    }

    @Test func itRunsInThePlaceAndLogs() async throws {
        let sandbox = try Sandbox()
        let (place, project) = try await place(
            sandbox, script: "#!/bin/sh\npwd\necho \"$DROVER_PLACE|$DROVER_PROJECT|$DROVER_PORT_BASE|$DROVER_BRANCH|$DROVER_PASSWORD\" >&2\ndirname \"$0\"\n")
        let script = try #require(try SetupScript.find(in: project))
        #expect(script.digest == SHA256.hex(script.content))
        try await run(script, place, project, sandbox)
        let log = try Files.readText(sandbox.root + "/logs/setup.log")
        #expect(log.contains(place.directory + "\n"))
        #expect(log.contains("\(place.directory)|\(project.path)|20010|drover/fix-login|\n"))
        #expect(log.contains(place.directory + "/.drover\n"))
        #expect(try Files.facts(sandbox.root + "/logs/setup.log").mode == 0o600)
    }

    @Test func onlyTheTrustedContentRuns() async throws {
        let sandbox = try Sandbox()
        let (place, project) = try await place(sandbox, script: "#!/bin/sh\ntouch trusted\n")
        let script = try #require(try SetupScript.find(in: project))
        // The agent changed its copy: the project's is run. Both changed: nothing is.
        try await writeProgram(place.directory + "/.drover/setup", "#!/bin/sh\ntouch evil\n")
        try await run(script, place, project, sandbox)
        #expect(Files.exists(place.directory + "/trusted"))
        try await writeProgram(project.path + "/.drover/setup", "#!/bin/sh\ntouch evil\n")
        await expect(place: .scriptChanged(script.path)) { try await run(script, place, project, sandbox) }
        #expect(!Files.exists(place.directory + "/evil"))
    }

    @Test func failuresNameTheLog() async throws {
        let sandbox = try Sandbox()
        let (place, project) = try await place(sandbox, script: "#!/bin/sh\necho oh no\nexit 3\n")
        let script = try #require(try SetupScript.find(in: project))
        await expect(place: .scriptFailed(path: script.path, status: .exited(3), log: sandbox.root + "/logs/setup.log")) {
            try await run(script, place, project, sandbox)
        }
        #expect(try Files.readText(sandbox.root + "/logs/setup.log") == "oh no\n")
    }

    @Test func aScriptThatHangsIsEnded() async throws {
        let sandbox = try Sandbox()
        let (place, project) = try await place(sandbox, script: "#!/bin/sh\necho started\nexec sleep 100\n")
        let script = try #require(try SetupScript.find(in: project))
        await expect(place: .scriptTimedOut(path: script.path, log: sandbox.root + "/logs/setup.log")) {
            try await run(script, place, project, sandbox, timeoutMs: 300)
        }
    }

    @Test func whatIsNoScript() async throws {
        let sandbox = try Sandbox()
        let (_, project) = try await place(sandbox, script: "#!/bin/sh\n", mode: 0o644)
        #expect(throws: PlaceError.scriptNotExecutable(project.path + "/.drover/setup")) { try SetupScript.find(in: project) }
        #expect(try SetupScript.find("nothing", in: project) == nil)
        for name in ["../x", "/bin/sh", "a/../../x"] { #expect(throws: PlaceError.scriptOutside(name)) { try SetupScript.find(name, in: project) } }
    }

    @Test func portsDoNotOverlap() {
        var taken: Set<Int> = []
        for number in 0..<300 {
            let base = PortRange.base(for: PlaceID("p.\(number)"), taken: taken)
            #expect(!taken.contains(base) && base.isMultiple(of: PortRange.size) && (20_000..<32_000).contains(base))
            taken.insert(base)
        }
        #expect(PortRange.base(for: PlaceID("p.1"), taken: []) == PortRange.base(for: PlaceID("p.1"), taken: []))
    }
}

@Suite struct ScannerTests {
    @Test func repositoriesAreFound() async throws {
        let sandbox = try Sandbox()
        let top = sandbox.root + "/work"
        for path in ["a", "b/c", "b/d/e/f", "b/d/e/g/h", "a/inner", "node_modules/x", ".hidden/x", "plain"] { try Files.makeDirectories(top + "/" + path) }
        for path in ["a", "b/c", "b/d/e/f", "b/d/e/g/h", "a/inner", "node_modules/x", ".hidden/x"] {
            try Repository(path: top + "/" + path, sandbox: sandbox).git("init", "-q")
        }
        let linked = Repository(path: top + "/b/c", sandbox: sandbox)
        try linked.write("x", "x")
        try linked.commit("x")
        try linked.git("worktree", "add", "-q", top + "/linked")
        try linked.git("init", "-q", "--separate-git-dir", sandbox.root + "/elsewhere", top + "/separate")
        symlink(top, top + "/loop")
        #expect(try await ProjectScanner().repositories(below: top) == ["a", "b/c", "b/d/e/f", "separate"].map { top + "/" + $0 })
        #expect(try await ProjectScanner().repositories(below: top + "/a") == [top + "/a"])
        #expect(try await ProjectScanner().repositories(below: "/nowhere").isEmpty)
    }

    @Test func itCanBeCancelled() async throws {
        let task = Task { () throws(PlaceError) in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await ProjectScanner().repositories(below: "/")
        }
        let result = await task.result
        #expect(throws: PlaceError.cancelled) { try result.get() }
    }
}
