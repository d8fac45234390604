import HTTP
import JSON
import Testing

@testable import StandIn

@Suite(.timeLimit(.minutes(2))) struct FakeServerTests {
    @Test func aTextTurnHasTheMeasuredOrder() async throws {
        let world = try await FakeWorld()
        let session = try await world.session()
        try await world.prompt(session, "Hello there [[usage 1200 40]] [[say 3 words]]")
        #expect(
            try await world.untilIdle() == [
                "session.created", "session.updated", "message.updated user", "message.part.updated text", "session.updated",
                "session.status busy", "message.updated assistant", "session.updated", "session.updated", "session.diff", "message.updated user",
                "session.status busy", "message.part.updated step-start", "message.part.updated text", "message.part.delta", "message.part.delta",
                "message.part.delta", "message.part.updated text end", "message.part.updated step-finish", "message.updated assistant finish",
                "message.updated assistant finish completed", "session.status busy", "session.status idle", "session.idle",
            ])
        let messages = try await world.get("/session/\(session)/message").json
        #expect(messages.at(1, "parts", 1, "text") == "word1 word2 word3")
        #expect(messages.at(1, "info", "tokens", "total") == 1240)
        #expect(try await world.get("/session/\(session)").json["title"] == "Hello there")
    }

    @Test func toolsGoFromPendingToCompleted() async throws {
        let world = try await FakeWorld()
        let session = try await world.session()
        try await world.prompt(session, #"[[output 2 tests\n ok]] [[exit 1]] [[tool bash {"command":"npm test"}]] [[also grep {"pattern":"x"}]]"#)
        let seen = try await world.untilIdle().filter { $0.contains("tool") }
        #expect(seen.filter { $0.hasSuffix("pending") }.count == 2 && seen.last == "message.part.updated tool completed")
        let messages = try await world.get("/session/\(session)/message").json
        #expect(messages.at(1, "parts", 1, "state", "output") == "2 tests\n ok\n")
        #expect(messages.at(1, "parts", 1, "state", "metadata", "exit") == 1)
        #expect(messages.at(1, "info", "finish") == "tool-calls")
        #expect(messages.at(2, "parts", 1, "text") == "Done.")
    }

    @Test func editsTellTheirDiffs() async throws {
        let world = try await FakeWorld()
        let session = try await world.session()
        try await world.prompt(
            session, #"[[tool edit {"filePath":"src/a.ts","oldString":"a\nb","newString":"a\nc\nd"}]] [[tool write {"filePath":"b.md","content":"B\n"}]]"#)
        _ = try await world.untilIdle()
        let messages = try await world.get("/session/\(session)/message").json
        #expect(messages.at(1, "parts", 1, "state", "metadata", "filediff", "additions") == 2)
        let user = try #require(messages.at(0, "info", "id").string)
        let diffs = try await world.get("/session/\(session)/diff?messageID=\(user)").json
        #expect(diffs.at(0, "file") == "src/a.ts" && diffs.at(0, "additions") == 2 && diffs.at(0, "deletions") == 1)
        #expect(diffs.at(1, "status") == "added")
        #expect(try await world.get("/session/\(session)/diff").json == [])
        #expect(try await world.get("/vcs/status").json.at(1, "file") == "b.md")
    }

    @Test(arguments: ["once", "reject"]) func permissionsAreAskedAndAnswered(_ reply: String) async throws {
        let world = try await FakeWorld()
        let session = try await world.session(["permission": [["permission": "bash", "pattern": "*", "action": "ask"]]])
        try await world.prompt(session, #"[[tool bash {"command":"npm install x && ls"}]] [[say 1]]"#)
        let asked = try await world.event("permission.asked")
        #expect(asked["patterns"] == ["npm install x", "ls"] && asked["always"] == ["npm install *", "ls *"])
        #expect(try await world.get("/session/status").json[session] == ["type": "busy"])
        #expect(try await world.get("/permission").json.at(0, "id") == asked["id"])
        let id = try #require(asked["id"]?.string)
        #expect(try await world.post("/permission/\(id)/reply", ["reply": .string(reply)], directory: "/elsewhere").status == 404)
        #expect(try await world.post("/permission/\(id)/reply", ["reply": .string(reply)]).json == true)
        _ = try await world.untilIdle()
        #expect(try await world.post("/permission/\(id)/reply", ["reply": .string(reply)]).status == 404)
        let messages = try await world.get("/session/\(session)/message").json
        #expect(messages.at(1, "parts", 1, "state", "status") == (reply == "once" ? "completed" : "error"))
        #expect(messages.array?.count == (reply == "once" ? 3 : 2))
    }

    @Test func alwaysHoldsForTheDirectory() async throws {
        let world = try await FakeWorld { $0.config = #"{"permission":{"bash":"ask"}}"# }
        let first = try await world.session(), second = try await world.session()
        try await world.prompt(first, #"[[tool bash {"command":"git status"}]] [[say 1]]"#)
        let id = try #require(try await world.event("permission.asked")["id"]?.string)
        _ = try await world.post("/permission/\(id)/reply", ["reply": "always"])
        _ = try await world.untilIdle()
        try await world.prompt(second, #"[[tool bash {"command":"git status --short"}]] [[say 1]]"#)
        #expect(try await world.untilIdle().contains("permission.asked") == false)
    }

    @Test func questionsTodosAndSubAgents() async throws {
        let world = try await FakeWorld()
        let session = try await world.session()
        try await world.prompt(
            session,
            """
            [[tool question {"questions":[{"question":"Which?","header":"H","options":[{"label":"A","description":""}]}]}]]
            [[tool todowrite {"todos":[{"content":"x","status":"pending","priority":"high"}]}]]
            [[tool task {"description":"Look","prompt":"[[ask bash {\\"command\\":\\"ls\\"}]] [[say 2 words]]","subagent_type":"explore"}]] [[say 1]]
            """)
        let id = try #require(try await world.event("question.asked")["id"]?.string)
        #expect(try await world.get("/question").json.array?.count == 1)
        _ = try await world.post("/question/\(id)/reply", ["answers": [["A"]]])
        let permission = try await world.event("permission.asked")
        let children = try await world.get("/session/\(session)/children").json
        #expect(permission["sessionID"] == children.at(0, "id") && children.at(0, "title") == "Look (@explore subagent)")
        #expect(try await world.get("/session?roots=true").json.array?.count == 1)
        #expect(try await world.get("/session/\(session)/todo").json.at(0, "content") == "x")
        _ = try await world.post("/permission/\(permission["id"]?.string ?? "")/reply", ["reply": "once"])
        _ = try await world.untilIdle(session)
        let messages = try await world.get("/session/\(session)/message").json
        #expect(messages.at(1, "parts", 1, "state", "metadata", "answers") == [["A"]])
        #expect(messages.at(3, "parts", 1, "state", "output").string?.contains("word1 word2") == true)
    }

    @Test func failuresAreRetriedOrEndTheTurn() async throws {
        let world = try await FakeWorld { $0.retryMs = 20 }
        let session = try await world.session()
        try await world.prompt(session, "[[error 429 times 2 too many requests]] [[say 1]]")
        let seen = try await world.untilIdle()
        #expect(seen.filter { $0 == "session.status retry" }.count == 2 && seen.contains("message.updated assistant finish completed"))
        try await world.prompt(session, "[[error 400]]")
        let failed = try await world.until("message.updated assistant completed error")
        #expect(failed.suffix(4) == ["session.error", "session.status idle", "session.idle", "message.updated assistant completed error"])
    }

    @Test func abortEndsInTwoIdles() async throws {
        let world = try await FakeWorld()
        let session = try await world.session()
        try await world.prompt(session, "[[rate 50]] [[say 500 words]]")
        _ = try await world.until("message.part.delta")
        #expect(try await world.get("/session/\(session)/message").json.at(1, "parts", 1, "text") == "")
        #expect(try await world.post("/session/\(session)/abort", [:]).json == true)
        let seen = try await world.until("message.updated assistant completed error").filter { $0 != "message.part.delta" }
        #expect(
            seen == [
                "session.error", "session.status idle", "session.idle", "message.part.updated text end", "message.updated assistant completed error",
            ])
        #expect(try await world.get("/session/status").json == [:])
        _ = try await world.until("session.idle")
    }

    @Test func promptsQueueAndTheSamePromptRunsOnce() async throws {
        let world = try await FakeWorld()
        let session = try await world.session()
        try await world.prompt(session, "[[rate 100]] [[say 600 words]]")  // six seconds: time for the others to queue, on a busy machine too
        try await world.prompt(session, "second [[say 1]]")
        try await world.prompt(session, "third [[say 2]]", more: ["messageID": "msg_mine"], part: "prt_mine")
        _ = try await world.untilIdle()
        let messages = try await world.get("/session/\(session)/message").json.array ?? []
        #expect(messages.map { $0.at("info", "role") } == ["user", "assistant", "user", "user", "assistant"])
        #expect(messages.last?.at("info", "parentID") == "msg_mine")
        try await world.prompt(session, "third [[say 2]]", more: ["messageID": "msg_mine"], part: "prt_mine")
        _ = try await world.untilIdle()
        #expect(try await world.get("/session/\(session)/message").json.array?.count == 5)
    }

    @Test func pagesGoBackwards() async throws {
        let world = try await FakeWorld()
        let session = try await world.session()
        for number in 1...3 {
            try await world.prompt(session, "p\(number) [[say 1]]")
            _ = try await world.untilIdle()
        }
        let last = try await world.get("/session/\(session)/message?limit=4")
        #expect(last.json.at(0, "parts", 0, "text") == "p2 [[say 1]]")
        let cursor = try #require(last.header("X-Next-Cursor"))
        let first = try await world.get("/session/\(session)/message?limit=4&before=\(cursor)")
        #expect(first.json.array?.count == 2 && first.header("X-Next-Cursor") == nil)
    }

    @Test func globalEventsAreWrappedAndCopied() async throws {
        let world = try await FakeWorld(global: true)
        _ = try await world.session()
        _ = try await world.until("sync")
        let frames = world.frames.all
        #expect(frames[0]["payload"]?["type"] == "server.connected" && frames[0]["directory"] == nil)
        let created = try #require(frames.first { $0["payload"]?["type"] == "session.created" })
        let copy = try #require(frames.first { $0["payload"]?["type"] == "sync" }).at("payload", "syncEvent")
        #expect(created["directory"]?.string == world.directory)
        #expect(copy["type"] == "session.created.1" && copy["seq"] == 0 && copy["data"] == created.at("payload", "properties"))
    }
}
