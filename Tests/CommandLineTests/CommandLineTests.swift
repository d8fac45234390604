import Domain
import Foundation
import JSON
import Testing
import Wire

@testable import CommandLine

private func bench(_ edit: (Bench) -> Void = { _ in }) -> Bench {
    let bench = Bench()
    bench.daemon.herdNow = .sample()
    edit(bench)
    return bench
}

@Suite struct Lists {
    @Test func theTableStandsInColumnsThoseFirstThatNeedAPerson() {
        let bench = bench()
        #expect(bench.run("ls") == 0)
        #expect(
            bench.output == """
                ID       STATUS     TITLE                PROJECT  PLACE         SINCE   COST  ACTIVITY
                kaaaaa   ! waiting  Add OAuth login      api      drover/oauth     4m  $0.18  wants npm install passport
                kbbbbb   ! waiting  Fix flaky CI         web      folder           1m
                mccccc   ✕ failed   Refactor ^[[31mDB^G  api      folder          15m         out of memory
                ndddddd  ● running  Update deps          web      folder           3m         bash npm test
                peeeee   ✓ done *   Fix typos            api      folder          25h

                """)
    }

    @Test func queriesSelect() {
        let bench = bench()
        #expect(bench.run("ls", "status:running,failed", "project:web") == 0)
        #expect(bench.output.split(separator: "\n").count == 2 && bench.output.contains("ndddddd"))
        #expect(bench.run("ls", "is:archived") == 0 && bench.output.contains("qfffff"))
        #expect(bench.run("ls", "nothing-like-it") == 0 && bench.output.isEmpty && bench.errors.contains("no agent fits"))
        #expect(bench.run("ls", "stauts:done") == 2 && bench.errors.contains("status"))
    }

    @Test func jsonHasTheFieldsOfTheContract() throws {
        let bench = bench()
        #expect(bench.run("ls", "--json") == 0)
        let agents = try #require(try JSONTree(parsing: bench.output).array)
        #expect(agents.count == 5)
        let first = try #require(agents.first)
        for key in [
            "id", "title", "project", "projectPath", "place", "status", "since", "activity", "requests", "unseen", "tokens", "cost", "model", "created",
            "updated", "session", "parent", "error",
        ] { #expect(first[key] != nil, "\(key)") }
        #expect(first["project"]?.string == "api" && first["projectPath"]?.string == "/src/api")
        #expect(first["place"]?["kind"]?.string == "worktree" && first["place"]?["branch"]?.string == "drover/oauth")
        #expect(first["since"]?.string == "2027-01-15T07:56:00.000Z")
        #expect(first["tokens"]?["input"]?.int == 45000 && first["tokens"]?["cacheWrite"]?.int == 0)
        #expect(first["requests"]?.array == ["per_one"])
        #expect(first["parent"]?.isNull == true)
    }

    @Test func colourOnlyForATerminalThatWantsIt() {
        let bench = bench()
        bench.isTerminal = true
        bench.columns = 60
        bench.run("ls")
        #expect(bench.output.contains("\u{1B}[33m! waiting\u{1B}[0m"))
        bench.environment["NO_COLOR"] = "1"
        bench.run("ls")
        #expect(!bench.output.contains("\u{1B}"))
        #expect(bench.output.split(separator: "\n").allSatisfy { $0.count <= 110 })
        bench.environment["LANG"] = "C"
        bench.run("ls")
        #expect(bench.output.contains("* running") && bench.output.unicodeScalars.allSatisfy(\.isASCII))
    }

    @Test func showAndWhyTellAll() throws {
        let bench = bench()
        #expect(bench.run("show", "ka") == 0)
        #expect(bench.output.contains("place    worktree  drover/oauth  /data/oauth"))
        #expect(bench.output.contains("request  per_one  bash npm install passport"))
        #expect(bench.run("why", "n") == 0)
        #expect(
            bench.output == """
                ndddddd  ● running  Update deps
                because  session.status busy (an event of the server)
                seen     2027-01-15T07:57:00.000Z  3m ago
                since    2027-01-15T07:57:00.000Z  3m
                server   opencode 1.18.33, pid 4711, 127.0.0.1:41233
                now      bash npm test
                also     it was asked before

                """)
        #expect(bench.run("why", "n", "--json") == 0)
        let why = try JSONTree(parsing: bench.output)
        #expect(why["evidence"]?["what"]?.string == "session.status busy" && why["status"]?.string == "running")
    }

    @Test func aReaderThatGoesAwayIsNoFailure() {
        let bench = bench { $0.readerIsGone = true }
        #expect(bench.run("ls") == 0 && bench.errors.isEmpty)
    }
}

@Suite struct Names {
    @Test func unknownAndAmbiguousOnesAreTold() {
        let bench = bench()
        #expect(bench.run("show", "zz") == 3)
        #expect(bench.errors == "drover: there is no agent \"zz\"\nhint: `drover ls` lists them\n")
        #expect(bench.run("show", "k") == 2)
        #expect(bench.errors == "drover: \"k\" could be 2 agents: kaaaaa (Add OAuth login), kbbbbb (Fix flaky CI)\nhint: type more of the id\n")
        #expect(bench.run("show", "") == 3)
    }

    @Test func ordersTakeSeveralAndQueries() {
        let bench = bench()
        #expect(bench.run("stop", "n", "ka", "ndddddd") == 0)
        #expect(bench.daemon.orders == [.stop([AgentID("ndddddd"), AgentID("kaaaaa")])])
        #expect(bench.run("archive", "status:done") == 0)
        #expect(bench.daemon.orders.last == .archive([AgentID("peeeee")], true))
        #expect(bench.run("archive", "--restore", "q") == 0)
        #expect(bench.daemon.orders.last == .archive([AgentID("qfffff")], false))
        #expect(bench.run("rm", "status:moving") == 3)
        #expect(bench.run("rm", "p") == 0 && bench.daemon.orders.last == .remove([AgentID("peeeee")]))
    }

    @Test func theRefusalOfTheDaemonBecomesTheExitCode() {
        let bench = bench { $0.daemon.replies = [.failure(Refusal(.refused, "it is \u{1B}[1m moving", remedy: "wait"))] }
        #expect(bench.run("rename", "p", "New") == 5)
        #expect(bench.errors == "drover: it is ^[[1m moving\nhint: wait\n")
    }
}

@Suite struct Starting {
    @Test func newSendsEverythingAndPrintsTheAgent() throws {
        let bench = bench()
        bench.daemon.replies = [.success(.agent(Herd.sample().agents[AgentID("kaaaaa")] ?? bench.daemon.herdNow.agents.values.first!))]
        #expect(
            bench.run(
                "new", "-p", "/src/api", "-w", "worktree", "--branch=b", "--base", "main", "--title", "T", "--model", "a/b/c", "--agent", "plan",
                "--copy-changes",
                "fix it") == 0)
        var wanted = NewAgent(id: AgentID(Derived.name(from: 77, count: 6)), directory: "/src/api", kind: .worktree, prompt: "fix it")
        wanted.branch = "b"
        wanted.base = "main"
        wanted.title = "T"
        wanted.model = "a/b/c"
        wanted.mode = "plan"
        wanted.copiesUncommitted = true
        #expect(bench.daemon.orders == [.new(wanted)])
        #expect(bench.output == "kaaaaa  drover/oauth  Add OAuth login\n")
    }

    @Test func thePromptComesFromStandardInputToo() {
        let bench = bench()
        bench.input = String(repeating: "x", count: 1 << 20) + "\n"
        bench.daemon.replies = [.success(.agent(bench.daemon.herdNow.agents[AgentID("peeeee")]!))]
        #expect(bench.run("new", "-", "--json") == 0)
        guard case .new(let new) = bench.daemon.orders[0] else { return #expect(Bool(false)) }
        #expect(new.prompt.utf8.count == 1 << 20 && new.directory == "/src/api" && new.kind == nil)
        #expect(bench.output.hasPrefix("{\"id\":\"peeeee\""))
    }

    @Test(arguments: [
        (["new"], 2, "PROMPT|- is missing"), (["new", "fix", "it"], 2, "\"it\" is one argument too many"), (["new", " "], 2, "the prompt is empty"),
        (["new", "-w", "moon", "x"], 2, "there is no kind of place \"moon\""), (["new", "--model", "gpt", "x"], 2, "provider/model"),
        (["new", "-p", "/none", "x"], 3, "the directory /none cannot be used"), (["new", "--titel", "T", "x"], 2, "did you mean \"--title\"?"),
        (["new", "-p"], 2, "-p needs a value: DIR"), (["new", "-x", "y"], 2, "has no option -x"), (["send", "ka", "-"], 2, "the prompt is empty"),
    ]) func mistakesAreTold(arguments: [String], code: Int32, message: String) {
        let bench = bench()
        #expect(bench.run(arguments) == code)
        #expect(bench.errors.contains(message), "\(bench.errors)")
        #expect(bench.daemon.orders.isEmpty)
    }

    @Test func aProjectMayBeNamed() {
        let bench = bench()
        bench.run("new", "-p", "none-web", "x")
        #expect(bench.errors.contains("cannot be used"))
        var herd = Herd.sample()
        let odd = Project(path: "/src/nonesuch", isRepository: true, added: Bench.now)
        herd.projects[odd.id] = odd
        bench.daemon.herdNow = herd
        bench.run("new", "-p", "nonesuch", "x")
        guard case .new(let new)? = bench.daemon.orders.last else { return #expect(Bool(false)) }
        #expect(new.directory == "/src/nonesuch")
    }

    @Test func textsThatBeginWithADashStandBehindTwo() {
        let bench = bench()
        #expect(bench.run("send", "ka", "--", "-v is missing") == 0)
        #expect(bench.daemon.orders == [.send(AgentID("kaaaaa"), text: "-v is missing", model: nil, mode: nil)])
    }

    @Test func attachRunsOpencodeWithThePasswordInItsEnvironment() {
        let bench = bench()
        bench.isTerminal = true
        bench.daemon.replies = [.success(.attach(url: "http://127.0.0.1:1", directory: "/d", session: SessionID("ses_1"), password: "secret"))]
        bench.run("attach", "ka")
        #expect(bench.executed?.program == "/bin/opencode")
        #expect(bench.executed?.arguments == ["attach", "http://127.0.0.1:1", "--dir", "/d", "-s", "ses_1"])
        #expect(bench.executed?.environment["OPENCODE_SERVER_PASSWORD"] == "secret")
        bench.programs = []
        #expect(bench.run("attach", "ka") == 1 && bench.errors.contains("npm i -g opencode-ai"))
    }
}

@Suite struct Dashboards {
    @Test func itOpensWhereThePersonStands() {
        let bench = bench { $0.isTerminal = true }
        #expect(bench.run() == 0 && bench.opened == "/src/api")
        #expect(bench.run("-p", "../web") == 0 && bench.opened == "/src/api/../web")
    }

    @Test func itNeedsATerminalAndAnOpencode() {
        let bench = bench()
        #expect(bench.run() == 1 && bench.errors.contains("needs a terminal"))
        bench.isTerminal = true
        bench.programs = []
        bench.isRunning = false
        let words = "drover: there is no opencode on PATH: get it with `npm i -g opencode-ai` or from https://opencode.ai, or look around with `drover demo`\n"
        for (typed, opens) in [(nil, false), ("n", false), ("", true), ("Y", true)] as [(String?, Bool)] {
            bench.typed = typed
            bench.demos = 0
            #expect(bench.run() == (opens ? 0 : 1) && bench.demos == (opens ? 1 : 0))
            #expect(bench.errors == words + "Open the demo herd now? [Y/n] ")
        }
        bench.environment["DROVER_OPENCODE"] = "/no/such"
        #expect(bench.run() == 1 && bench.errors.contains("DROVER_OPENCODE names /no/such") && bench.demos == 1)
        #expect(bench.opened == nil)
    }

    @Test func otherProgramsGetTheirArguments() {
        let bench = bench()
        #expect(bench.run("demo", "--agents", "5") == 2)
        #expect(bench.run("daemon", "run") == 9)
        #expect(bench.run("--version") == 0 && bench.output == "drover 0.1.0\n")
    }
}
