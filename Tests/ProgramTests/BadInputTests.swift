import Foundation
import JSON
import Testing

/// What is wrong is said clearly, with what to do next; nothing crashes and nothing is half-made. Repositories and git are real, the server
/// is the stand-in: it is up in no time, and what is tried here ends before it is asked.
@Suite(.serialized, .timeLimit(.minutes(3)), .sandbox(server: .standIn))
struct BadInputTests {
    @Test func orders() async throws {
        let box = try Sandbox.shared
        box.refused(try await box.drover("new", "-w", "moon", "x"), [2], "moon")
        box.refused(try await box.drover("new", ""), [2], "empty")
        box.refused(try await box.drover("new", "-", input: " \n"), [2], "empty")
        box.refused(try await box.drover("new", "--model", "nobody", "x"), [2], "provider/model")
        box.refused(try await box.drover("show", "zzzz"), [3], "zzzz")
        box.refused(try await box.drover("answer", "per_nothing", "once"), [3], "per_nothing")
        box.refused(try await box.drover("frobnicate"), [2], "frobnicate")
        box.refused(try await box.drover("ls", "status:sleepy"), [2], "sleepy")
        box.refused(try await box.drover("attach", "zzzz"), [3], "zzzz")
        box.refused(try await box.drover("wait", "zzzz"), [3], "zzzz")
        #expect(try await box.list().isEmpty)
    }

    @Test func directoriesAndBranchesThatCannotBeUsed() async throws {
        let box = try Sandbox.shared
        let plain = box.root + "/src/plain", empty = box.root + "/src/empty", bare = box.root + "/src/bare.git", fresh = box.root + "/src/fresh"
        for path in [plain, empty, bare] { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        try await box.git("init", "-q", in: empty)
        try await box.git("init", "-q", "--bare", in: bare)
        try await box.repository(fresh)
        box.refused(try await box.drover("new", "-p", plain, "-w", "worktree", "x"), [1, 5], "repository")
        box.refused(try await box.drover("new", "-p", empty, "-w", "worktree", "x"), [1, 5], "no commits")
        box.refused(try await box.drover("new", "-p", bare, "-w", "worktree", "x"), [1, 5], "bare")
        box.refused(try await box.drover("new", "-p", box.root + "/nowhere", "x"), [3], "nowhere")
        box.refused(try await box.drover("new", "-p", fresh + "/README.md", "x"), [1, 2, 3], "README.md")
        box.refused(try await box.drover("new", "-p", fresh, "-w", "worktree", "--branch", "main", "x"), [1, 5], "main")
        box.refused(try await box.drover("new", "-p", fresh, "-w", "worktree", "--branch", "../..", "x"), [1, 2, 5], "../..")
        box.refused(try await box.drover("new", "-p", fresh, "-w", "worktree", "--base", "no-such-base", "x"), [1, 3, 5], "no-such-base")
        #expect(try await box.list().isEmpty)
        #expect(try await box.git("worktree", "list", in: fresh).split(separator: "\n").count == 1)
        #expect(try await box.git("branch", in: fresh).split(separator: "\n").count == 1)

        // A branch that is there is taken; while an agent has it no other can.
        try await box.git("branch", "topic", in: fresh)
        let topic = try await box.new("[[say 2 words]]", in: fresh, "-w", "worktree", "--branch", "topic")
        #expect(try await box.agent(topic)["place"]?["branch"]?.string == "topic")
        box.refused(try await box.drover("new", "-p", fresh, "-w", "worktree", "--branch", "topic", "x"), [1, 5], "topic")

        // A directory that is no repository is a project of kind folder; below a repository is the repository.
        let folder = try await box.new("[[say 2 words]]", in: plain)
        #expect(try await box.agent(folder)["place"]?["kind"]?.string == "folder")
        try FileManager.default.createDirectory(atPath: fresh + "/sub/dir", withIntermediateDirectories: true)
        let sub = try await box.new("[[say 2 words]]", in: fresh + "/sub/dir", "-w", "folder")
        #expect(try await box.agent(sub)["projectPath"]?.string == fresh)

        // A prefix of several ids does not do.
        let ids = [topic, folder, sub]
        for letter in Set(ids.compactMap(\.first)) where ids.filter({ $0.first == letter }).count > 1 {
            box.refused(try await box.drover("show", String(letter)), [2, 3], String(letter))
        }
        #expect(try await box.drover("show", "").code != 0)
        for id in ids { try await box.wait(id, "done") }
    }

    /// What only a submodule's checkout holds cannot be brought along: said, instead of left out. Without it all goes as ever.
    @Test func aDirtySubmodule() async throws {
        let box = try Sandbox.shared
        let path = box.root + "/src/with-submodule"
        try await box.repository(path)
        try await box.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", box.web, "part", in: path)
        try await box.git("commit", "-q", "-m", "Part", in: path)
        try Sandbox.write("dirty\n", path + "/part/README.md")
        try Sandbox.write("changed\n", path + "/README.md")
        let before = try await box.git("status", "--porcelain", in: path)
        box.refused(try await box.drover("new", "-p", path, "-w", "worktree", "--copy-changes", "x"), [5], "part")
        let id = try await box.new("[[say 2 words]]", in: path, "-w", "worktree")
        try await box.wait(id, "done")
        let directory = try #require(try await box.agent(id)["place"]?["directory"]?.string)
        try Sandbox.write("new\n", directory + "/new.txt")
        try await box.done("rm", id)
        #expect(!FileManager.default.fileExists(atPath: directory))
        try await box.done("undo")
        #expect(try String(contentsOfFile: directory + "/new.txt", encoding: .utf8) == "new\n")
        #expect(try await box.git("status", "--porcelain", in: path) == before, "what is dirty stays as it is")
    }

    @Test func aDirectoryThatGoesAwayUnderItsAgent() async throws {
        let box = try Sandbox.shared
        let id = try await box.new("[[say 2 words]]", "-w", "worktree")
        try await box.wait(id, "done")
        let directory = try #require(try await box.agent(id)["place"]?["directory"]?.string)
        try FileManager.default.removeItem(atPath: directory)
        let sent = try await box.drover("send", id, "[[say 2 words]]")
        if sent.code == 0 { try await box.wait(id, "failed,done") } else { box.refused(sent, [1, 5], directory) }
        #expect(try await box.drover("rm", id).code == 0)
        #expect(try await !box.list().contains { $0["id"]?.string == id })
    }

    /// Paths of bytes that are no UTF-8 cannot be written in JSON: that is said, and nothing is done.
    @Test func aPathThatIsNotUTF8() async throws {
        let box = try Sandbox.shared
        let script =
            "d=\"$0/src/$(printf 'odd\\377name')\"; mkdir -p \"$d\" && cd \"$d\" && git init -q && git commit -q --allow-empty -m x && exec \"$1\" new x"
        box.refused(try await box.run("/bin/sh", ["-c", script, box.root, box.program]), [1, 2, 5], "UTF-8")
        #expect(try await box.drover("ls").code == 0)
    }

    @Test func helpOfEveryVerb() async throws {
        let box = try Sandbox.shared
        try await box.done("daemon", "stop")
        let verbs = [
            "new", "ls", "show", "why", "log", "diff", "send", "answer", "requests", "stop", "resume", "retry", "archive", "rm", "undo", "attach", "wait",
            "watch", "project add", "project scan", "project ls", "project rm", "place ls", "place rm", "daemon start", "daemon stop", "daemon status",
            "doctor", "demo", "bench", "completions", "project", "daemon", "place",
        ]
        for verb in verbs {
            let help = try await box.run(box.program, verb.split(separator: " ").map(String.init) + ["--help"])
            #expect(help.code == 0 && help.out.contains("drover") && help.err.isEmpty, "\(verb): \(help)")
        }
        #expect(try await box.drover("--help").code == 0)
        #expect(try await box.drover("--version").out.hasPrefix("drover "))
        // None of that needs a daemon.
        #expect(box.marked.isEmpty)
    }
}

extension OneHerd {
    @Suite struct HostileTextTests {
        @Test func hostileTextGoesThroughUnharmedAndUnobeyed() async throws {
            let box = try Sandbox.shared
            // 1 MB through standard input; names with control characters, spaces and a line end.
            let long = String(repeating: "word ", count: 210_000) + "[[text got it]]"
            let outcome = try await box.drover("new", "-w", "folder", "--json", "-", input: long)
            #expect(outcome.code == 0, "\(outcome.err)")
            let big = try #require(try outcome.json()["id"]?.string)
            let odd = box.root + "/src/a b\n\u{1B}[31mc"
            try await box.repository(odd)
            let made = try await box.drover("new", "-p", odd, "--title", "bell\u{07} \u{1B}]0;owned\u{07} end", "[[text \u{1B}[2Jcleared]]")
            #expect(made.code == 0, "\(made.err)")
            let id = try #require(made.out.split(separator: " ").first.map(String.init))
            try await box.wait(id, "done")
            for arguments in [["ls"], ["show", id], ["why", id], ["log", id], ["place", "ls"], ["project", "ls"], ["daemon", "status"], ["doctor"]] {
                let shown = try await box.run(box.program, arguments)
                #expect(!shown.out.utf8.contains { $0 == 0x1B || $0 == 0x07 }, "\(arguments): control characters reach the terminal")
            }
            #expect(try await box.agent(id)["projectPath"]?.string == odd)
            try await box.wait(big, "done,failed")
            #expect(try await box.log(big).first?["text"]?.string?.utf8.count == long.utf8.count)
        }
    }
}
