import Domain
import JSON
import Testing

@testable import CommandLine

@Suite struct Answers {
    private func bench() -> Bench {
        let bench = Bench()
        bench.daemon.herdNow = .sample()
        return bench
    }

    @Test func requestsAreListedOldestFirst() throws {
        let bench = bench()
        #expect(bench.run("requests") == 0)
        #expect(
            bench.output == """
                per_one  kaaaaa  Add OAuth login  4m
                  wants bash
                    npm install passport
                  always would allow: npm install *
                que_two  kbbbbb  Fix flaky CI  1m
                  Which database?
                    1  SQLite  small
                    2  Postgres
                    3  MySQL
                    --text is possible

                """)
        #expect(bench.run("requests", "--json") == 0)
        let requests = try #require(try JSONTree(parsing: bench.output).array)
        for request in requests {
            for key in ["id", "agent", "session", "kind", "title", "detail", "patterns", "options", "asked"] { #expect(request[key] != nil) }
        }
        #expect(requests[0]["kind"] == "permission" && requests[0]["patterns"] == ["npm install passport"])
        #expect(requests[0]["options"] == ["once", "always", "reject"])
        #expect(requests[1]["kind"] == "question" && requests[1]["options"] == ["SQLite", "Postgres", "MySQL"])
        #expect(bench.run("requests", "n") == 0 && bench.errors.contains("nothing is asked"))
    }

    @Test func permissions() {
        let bench = bench()
        bench.run("answer", "per_one", "once")
        bench.run("answer", "one", "always")
        bench.run("answer", "ka", "reject")
        bench.run("answer", "per", "reject", "--message", "use pnpm")
        bench.run("answer", "ka", "-m", "no")
        let id = RequestID("per_one")
        #expect(
            bench.daemon.orders == [
                .answer(id, .once), .answer(id, .always), .answer(id, .reject(message: nil)), .answer(id, .reject(message: "use pnpm")),
                .answer(id, .reject(message: "no")),
            ])
    }

    @Test func questions() {
        let bench = bench()
        bench.run("answer", "que_two", "--option", "2")
        bench.run("answer", "kb", "-o", "mysql")
        bench.run("answer", "two", "--text", "DuckDB")
        bench.run("answer", "two", "reject")
        let id = RequestID("que_two")
        #expect(
            bench.daemon.orders == [
                .answer(id, .choices([["Postgres"]])), .answer(id, .choices([["MySQL"]])), .answer(id, .choices([["DuckDB"]])),
                .answer(id, .reject(message: nil)),
            ])
    }

    @Test(arguments: [
        (["answer", "once"], 2, "2 requests are pending"), (["answer", "zz", "once"], 3, "there is no request \"zz\""),
        (["answer", "per_one", "maybe"], 2, "\"maybe\" is no answer"), (["answer", "per_one"], 2, "what is the answer"),
        (["answer", "per_one", "--option=1"], 2, "is a permission"), (["answer", "two", "--option=4"], 2, "1 SQLite, 2 Postgres, 3 MySQL"),
        (["answer", "n", "once"], 3, "asks nothing"), (["answer", "two", "-o1", "2"], 2, "only one answer"),
        (["answer", "per_one", "once", "-mx"], 2, "goes with reject only"),
    ]) func mistakesAreTold(arguments: [String], code: Int32, message: String) {
        let bench = bench()
        let result = bench.run(arguments)
        #expect(result == code)
        #expect((bench.errors).contains(message), "\(bench.errors)")
        #expect(bench.daemon.orders.isEmpty)
    }

    @Test func theOnlyOneNeedsNoName() {
        let bench = bench()
        bench.daemon.herdNow.requests[RequestID("que_two")] = nil
        #expect(bench.run("answer", "once") == 0)
        #expect(bench.daemon.orders == [.answer(RequestID("per_one"), .once)])
    }

    @Test func severalQuestionsAreAnsweredInTheirOrder() throws {
        let questions = [
            Request.Question(header: "", text: "A?", options: [.init(label: "x"), .init(label: "y")], multiple: false, custom: false),
            Request.Question(header: "", text: "B?", options: [.init(label: "1"), .init(label: "2"), .init(label: "3")], multiple: true, custom: true),
            Request.Question(header: "", text: "C?", options: [], multiple: false, custom: true),
        ]
        func choose(_ options: [String], _ texts: [String] = []) -> Result<[[String]], Refusal> {
            Result { () throws(Refusal) in try Choosing.choices(options: options, texts: texts, of: questions) }
        }
        #expect(try choose(["2", "1,3"], ["free"]).get() == [["y"], ["1", "3"], ["free"]])
        #expect(try choose(["2:3", "1:x", "2:1"], ["free"]).get() == [["x"], ["3", "1"], ["free"]])
        #expect(throws: Refusal(.usage, "there is no answer to question 3, \"C?\"", remedy: "answer with --option N or --text TEXT")) {
            try choose(["1", "1"]).get()
        }
        #expect(throws: Refusal.self) { try choose(["1", "2", "3", "4"]).get() }
        #expect(throws: Refusal.self) { try choose(["1"], ["a", "b", "c"]).get() }
        #expect(throws: Refusal.self) { try choose([], ["own", "b", "c"]).get() }
    }
}
