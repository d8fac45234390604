import Domain
import Query
import Testing

/// Lines of the feed are found by what their agent is and by their own words.
@Suite struct FeedQueryTests {
    private let now = Timestamp(milliseconds: 1_000_000_000)
    private let api = Project(path: "/w/api", branch: "main", isRepository: true, added: Timestamp(milliseconds: 0))

    private func finds(_ text: String, _ agent: String = "kaaaaa") throws -> Bool {
        var herd = Herd()
        herd.projects[api.id] = api
        var one = Agent(
            id: AgentID("kaaaaa"), project: api.id, place: api.folder, title: "Add OAuth", status: .running, at: now,
            evidence: Evidence(.event, "busy", at: now))
        one.cost = 2
        herd.agents[one.id] = one
        let entry = FeedEntry(
            number: 1, at: now, agent: AgentID(agent), project: api.id, title: "Add OAuth", kind: .test, text: "npm test", result: "exit 1", isFailure: true)
        return try Query(text).matches(entry, in: herd, now: now)
    }

    @Test(arguments: [
        "", "npm", "exit", "oauth", "test", "api", "project:api", "status:running", "cost:>1", "npm -rust", "rust or npm", "title:oauth", "id:kaa",
    ])
    func meant(_ query: String) throws { #expect(try finds(query)) }

    @Test(arguments: ["rust", "command", "project:web", "status:done", "cost:>3", "-npm", "id:kb"])
    func notMeant(_ query: String) throws { #expect(try !finds(query)) }

    /// Of an agent that is gone only the line is left.
    @Test func theGoneAreFoundByTheirWords() throws {
        #expect(try finds("npm", "gone") && finds("project:api", "gone") && finds("oauth", "gone"))
        #expect(try !finds("status:running", "gone") && finds("-status:running", "gone"))
    }
}

@Suite struct ViewQueryTests {
    private let views = [
        "mine": "project:api or project:web", "Loud": "status:waiting", "both": "view:mine view:loud", "loop": "view:pool", "pool": "view:loop",
    ]

    @Test func viewsAreQueriesInBrackets() throws {
        #expect(try Query("view:mine status:done", views: views) == Query("view:mine status:done", views: ["mine": "(project:api or project:web)"]))
        #expect(throws: Never.self) { try Query("view:both -view:loud", views: views) }
    }

    @Test(arguments: [("view:mnie", "there is no view mnie; did you mean mine?"), ("view:loop", "the view loop: the view pool: there is no view loop")])
    func mistakes(_ text: String, _ sentence: String) {
        #expect { try Query(text, views: views) } throws: { ($0 as? QueryError)?.sentence == sentence }
    }

    @Test func names() {
        #expect(Query.problem(withViewName: "mine-2_b") == nil && Query.problem(withViewName: "größer") == nil)
        for name in ["", "a b", "a:b", "a,b", "a.b", "\"x\"", "(x)"] { #expect(Query.problem(withViewName: name) != nil) }
    }
}
