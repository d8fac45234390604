import Domain
import Query
import Testing

private let now = Timestamp(milliseconds: 1_000_000_000)

private func agent(_ id: String, _ title: String, _ status: Status, minutes: Int64 = 5, _ change: (inout Agent) -> Void = { _ in }) -> Agent {
    let at = Timestamp(milliseconds: now.milliseconds - minutes * 60_000)
    var agent = Agent(
        id: AgentID(id), project: Project.identifier(of: "/w/api"), place: PlaceID("p." + id), title: title, status: status, at: at,
        evidence: Evidence(.event, "session.status busy", at: at))
    change(&agent)
    return agent
}

private func herd() -> Herd {
    var herd = Herd()
    for path in ["/w/api", "/w/api-gateway", "/w/web"] {
        let project = Project(path: path, branch: "main", isRepository: true, added: now)
        herd.projects[project.id] = project
    }
    let agents = [
        agent("k3fabc", "Add OAuth login", .waiting, minutes: 4) {
            $0.requests = [RequestID("r1")]; $0.cost = 0.18; $0.changes = Changes(files: 4, additions: 142, deletions: 9);
            $0.model = "anthropic/claude-sonnet-4-5"
        },
        agent("m9zabc", "Fix flaky CI", .waiting, minutes: 1) {
            $0.requests = [RequestID("r2")]; $0.project = Project.identifier(of: "/w/web")
        },
        agent("a1zabc", "Refactor DB layer", .failed, minutes: 15) {
            $0.error = "context window exceeded"; $0.cost = 2.5; $0.contextUse = 0.97
        },
        agent("b2zabc", "Update dependencies", .running, minutes: 3) {
            $0.activity = Activity(verb: "bash", target: "npm test"); $0.tokens = Tokens(input: 150_000)
        },
        agent("c3zabc", "Ship the gateway", .done, minutes: 130) { $0.project = Project.identifier(of: "/w/api-gateway") },
        agent("d4zabc", "Überarbeite die Doku", .done, minutes: 200) { $0.unseen = true },
        agent("e5zabc", "Old work", .done, minutes: 9000) { $0.archived = true },
    ]
    for (index, agent) in agents.enumerated() {
        herd.agents[agent.id] = agent
        herd.places[agent.place] = Place(
            id: agent.place, project: agent.project, kind: index == 0 ? .docker : .worktree, directory: "/data/\(agent.id)", branch: "drover/\(agent.id)")
    }
    let permission = Request.Kind.permission(.init(name: "bash", patterns: [], always: [], detail: "npm install"))
    herd.requests[RequestID("r1")] = Request(
        id: RequestID("r1"), session: SessionID("s1"), kind: permission, asked: Timestamp(milliseconds: now.milliseconds - 240_000))
    let question = Request.Question(header: "", text: "Which?", options: [], multiple: false, custom: true)
    herd.requests[RequestID("r2")] = Request(
        id: RequestID("r2"), session: SessionID("s2"), kind: .question([question]), asked: Timestamp(milliseconds: now.milliseconds - 60_000))
    return herd
}

private func found(_ text: String) throws -> [String] {
    try Query(text).select(from: herd(), now: now).map { String($0.raw.prefix(2)) }
}

@Suite struct QueryTests {
    @Test(arguments: [
        ("", "k3 m9 a1 b2 d4 c3"), ("oauth", "k3"), ("OAUTH login", "k3"), ("login oauth", "k3"), ("\"login oauth\"", ""), ("npm", "b2"), ("aol", "k3"),
        ("flci", "m9"),
        ("web", "m9"), ("drover/m9", "m9"), ("über", "d4"), ("ÜBER", "d4"), ("e5zabc", ""), ("id:e5", "e5"), ("id:k3f", "k3"),
        ("status:waiting", "k3 m9"), ("status:waiting,failed", "k3 m9 a1"), ("status:wait", "k3 m9"), ("-status:waiting", "a1 b2 d4 c3"),
        ("status:waiting -oauth", "m9"),
        ("project:api", "k3 a1 b2 d4"), ("project:ap", "k3 a1 b2 d4 c3"), ("project:api-gateway", "c3"), ("project:web or project:api-gateway", "m9 c3"),
        ("project:\"web\"", "m9"),
        ("place:docker", "k3"), ("place:docker,worktree oauth", "k3"), ("age:>2h", "d4 c3"), ("age:<2m", "m9"), ("age:1h30m", "d4 c3"), ("age:<=1", "m9"),
        ("cost:>1", "a1"), ("cost:$0.18", "k3 a1"), ("cost:<=0", "m9 b2 d4 c3"), ("tokens:>100k", "b2"), ("context:>80%", "a1"), ("context:<1", ""),
        ("has:diff", "k3"), ("has:request", "k3 m9"), ("has:question", "m9"), ("has:error", "a1"), ("is:unseen", "d4"), ("is:archived", "e5"),
        ("is:working", "b2"), ("is:idle -status:done", "k3 m9 a1"),
        ("model:sonnet", "k3"), ("branch:b2z", "b2"), ("title:npm", ""), ("(oauth or flaky) status:waiting", "k3 m9"), ("oauth or flaky status:failed", "k3"),
        ("-(oauth or flaky)", "a1 b2 d4 c3"), ("--oauth", "k3"), ("http://nowhere", ""), ("12:30", ""), ("order", ""), ("STATUS:Waiting", "k3 m9"),
        ("directory:/data/k3", "k3"),
    ])
    func finds(_ query: String, _ expected: String) throws {
        #expect(try found(query).joined(separator: " ") == expected)
    }

    @Test(arguments: [
        ("stauts:done", 0, 6, "no key stauts; did you mean status?"), ("oauth status:wating", 13, 6, "status: knows no wating; did you mean waiting?"),
        ("status:s", 7, 1, "status:s is not clear: starting or stopped"),
        ("status:", 0, 7, "status: needs a value, waiting, failed, limited, quiet, running, moving, starting, provisioning, unknown, paused, done, stopped"),
        ("age:>soon", 4, 5, "age: wants a number like 30m, 2h, 1d12h"), ("cost:nan", 5, 3, "cost: wants a number like 0.5, 20"),
        ("\"open", 0, 5, "this quote is never closed"),
        ("(a or b", 0, 1, "this ( is never closed"), ("a)", 1, 1, "this ) has no ("), ("a or", 4, 1, "something is missing after or"),
        ("()", 0, 2, "there is nothing between the parentheses"),
        ("place:dokcer", 6, 6, "place: knows no dokcer; did you mean docker?"), ("xyzzy:1", 0, 5, "no key xyzzy"),
        ("age:", 0, 4, "age: needs a value, like age:>2h"),
    ])
    func saysWhatIsWrongAndWhere(_ query: String, _ position: Int, _ length: Int, _ sentence: String) {
        do throws(QueryError) {
            _ = try Query(query)
            Issue.record("\(query) was read")
        } catch {
            #expect(error.sentence == sentence)
            #expect(error.position == position)
            #expect(error.length == length)
        }
    }

    @Test func everyTextIsReadOrRefusedButNeverTraps() {
        var seed: UInt64 = 42
        let alphabet = Array("ab:\"()-, or><0k$%\u{1b}ü✓status\n")
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<12 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text.append(alphabet[Int(seed >> 33) % alphabet.count])
            }
            if let query = try? Query(text) { _ = query.select(from: herd0, now: now) }
        }
        #expect(throws: QueryError.self) { try Query(String(repeating: "(", count: 100_000)) }
        #expect(throws: QueryError.self) { try Query(String(repeating: "-", count: 100_000) + "a") }
    }
    private let herd0 = herd()

    @Test(arguments: [
        (Order.attention, "k3 m9 a1 b2 d4 c3"), (.title, "k3 m9 a1 c3 b2 d4"), (.cost, "a1 k3 b2 c3 d4 m9"), (.age, "d4 c3 a1 k3 b2 m9"),
        (.project, "k3 a1 b2 d4 c3 m9"),
    ])
    func sorts(_ order: Order, _ expected: String) {
        #expect(Query.everything.select(from: herd(), by: order, now: now).map { String($0.raw.prefix(2)) }.joined(separator: " ") == expected)
    }

    @Test(arguments: [
        ("", ""), ("st", "status:"), ("oauth pl", "place:"), ("status:wa", "waiting"), ("status:waiting,fa", "failed"), ("-is:a", "archived"),
        ("project:a", "api api-gateway"), ("xyz", ""), ("age:", ""), ("status:waiting ", ""),
    ])
    func completes(_ text: String, _ expected: String) {
        #expect(Query.completions(of: text, in: herd()).joined(separator: " ") == expected)
    }

    @Test func whatCannotBeReadIsLeftOut() {
        do throws(QueryError) { _ = try Query("status:waiting stauts:x oauth") } catch {
            #expect(error.remainder(of: "status:waiting stauts:x oauth") == "status:waiting  oauth")
        }
    }

    @Test func theQueueIsOldestFirst() { #expect(requestQueue(of: herd()) == [RequestID("r1"), RequestID("r2")]) }

    @Test func aHostileTitleCostsNothing() throws {
        var herd = herd()
        herd.agents[AgentID("zz")] = agent("zz", String(repeating: "a ", count: 50_000), .running)
        #expect(try Query(String(repeating: "a", count: 40) + "b").select(from: herd, now: now).isEmpty)
    }
}

@Suite struct FuzzyTests {
    private func shown(_ pattern: String, _ text: String) -> String? {
        fuzzyMatch(pattern, in: text)?.pieces(of: text).map { $0.matched ? "[" + $0.text + "]" : $0.text }.joined()
    }

    @Test func prefersBeginningsOfWords() {
        #expect(shown("nag", "New agent…") == "[N]ew [ag]ent…")
        #expect(shown("stop", "Stop the turn") == "[Stop] the turn")
        #expect(shown("ag st", "Stop agent") == "[St]op [ag]ent")
        #expect(shown("ol", "AddOauthLogin") == "Add[O]auth[L]ogin")
        #expect(shown("üb", "die Übersicht") == "die [Üb]ersicht")
        #expect(shown("xyz", "Stop") == nil)
        #expect(shown("", "Stop") == "Stop")
        #expect(shown("stops", "stop") == nil)
    }

    @Test func ranksTheBetterOneHigher() throws {
        let texts = ["Reject with a message", "Rename", "Retry the last prompt", "Answer: reject"]
        let best = texts.compactMap { text in fuzzyMatch("ret", in: text).map { (text, $0.score) } }.max { $0.1 < $1.1 }
        #expect(best?.0 == "Retry the last prompt")
    }
}
