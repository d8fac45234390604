import Foundation
import HTTP
import JSON
import Testing

@testable import StandIn

@Suite(.timeLimit(.minutes(2))) struct FakeFaultTests {
    private func fault(_ world: FakeWorld, _ wish: JSONTree) async throws {
        #expect(try await world.post("/__fault", wish).json == true)
    }

    @Test func passwordsAreChecked() async throws {
        let world = try await FakeWorld()
        let locked = try await RunningLocked()
        let refused = try await world.answer(HTTPRequest("GET", locked.url + "/global/health")).get()
        #expect(refused.status == 401 && refused.body.isEmpty && refused.header("www-authenticate") == "Basic realm=\"Secure Area\"")
        let header = HTTPHeader("Authorization", "Basic " + Data("opencode:secret".utf8).base64EncodedString())
        #expect(try await world.answer(HTTPRequest("GET", locked.url + "/global/health", headers: [header])).get().json["healthy"] == true)
    }

    @Test func unknownRoutesGiveThePage() async throws {
        let world = try await FakeWorld()
        let page = try await world.get("/no/such/route")
        #expect(page.status == 200 && page.contentType == "text/html" && page.text.hasPrefix("<!doctype html>"))
        #expect(try await world.get("/session/ses_none").status == 404)
        #expect(try await world.get("/session/none").status == 500)
    }

    @Test func aBrokenConfigurationShowsInTheDirectoryOnly() async throws {
        let world = try await FakeWorld { $0.config = "{broken" }
        #expect(try await world.get("/global/health").status == 200)
        let answer = try await world.get("/config")
        #expect(answer.status == 400 && answer.json["name"] == "ConfigJsonError")
    }

    @Test func itCanHangLieAndBeSlow() async throws {
        let world = try await FakeWorld()
        try await fault(world, ["lie": "errors"])
        #expect(try await world.get("/session").status == 500)
        #expect(try await world.get("/global/health").status == 200)
        try await fault(world, ["lie": "html"])
        #expect(try await world.get("/session").contentType == "text/html")
        try await fault(world, ["lie": "broken"])
        #expect(try await world.get("/session").json == .null)
        try await fault(world, ["lie": nil, "hang": true])
        #expect(await world.answer(world.request("GET", "/session").with { $0.timeoutMs = 60 }) == .failure(.timedOut))
        try await fault(world, ["hang": false, "dripMs": 0])
        #expect(try await world.get("/agent").json.array?.count == 7)
    }

    @Test func eventsCanBeForgottenBrokenUnknownAndHuge() async throws {
        let world = try await FakeWorld()
        try await fault(world, ["forget": "session.created"])
        _ = try await world.session()
        try await fault(world, ["forget": nil, "brokenFrames": 2, "unknownEvents": 3, "bigLine": 500_000])
        let seen = try await world.until("fake.big")
        #expect(seen == ["fake.unknown.0", "fake.unknown.1", "fake.unknown.2", "fake.big"])
        #expect(world.frames.brokenCount == 2)
        #expect(world.frames.all.last?.at("properties", "filler").string?.utf8.count == 500_000)
    }

    @Test(arguments: [("cutFrame", HTTPError?.some(.reset)), ("cutStreams", nil), ("crash", .reset)])
    func streamsEndInEveryWay(_ how: String, _ error: HTTPError?) async throws {
        let world = try await FakeWorld()
        try await fault(world, .object(JSONObject([.init(key: how, value: true)])))
        await world.frames.untilClosed()
        #expect(world.frames.error == error)
    }

    @Test func aBurstSendsWhatItPromises() async throws {
        let world = try await FakeWorld()
        try await fault(world, ["burst": ["perSecond": 5000, "sessions": 4, "seconds": 0.2]])
        var deltas = 0, idles = 0
        while idles < 4 {
            let frames = try await world.frames.next { $0 == "session.idle" }
            deltas += frames.count { FakeWorld.name($0) == "message.part.delta" }
            idles += 1
        }
        #expect(deltas == 1000)
        #expect(try await world.get("/session").json.array?.count == 4)
    }

    @Test func aRestartFindsWhatWasStored() async throws {
        let before = try await FakeWorld()
        let session = try await before.session(["title": "Kept"])
        try await before.prompt(session, "[[say 2]]")
        _ = try await before.untilIdle()
        try await before.prompt(session, #"[[ask bash {"command":"ls"}]] [[say 1]]"#)
        _ = try await before.event("permission.asked")
        let text = try await before.session(["title": "Text"])
        try await before.prompt(text, "[[rate 50]] [[say 500]]")
        _ = try await before.until("message.part.delta")
        _ = try await before.post("/__fault", ["crash": true])
        await before.frames.untilClosed()

        let after = try await FakeWorld(dataHome: before.dataHome)
        #expect(try await after.get("/session").json.array?.map { $0["title"] } == ["Text", "Kept"])
        #expect(try await after.get("/session/status").json == [:])
        #expect(try await after.get("/permission").json == [])
        let kept = try await after.get("/session/\(session)/message").json
        #expect(kept.at(1, "parts", 1, "text") == "word1 word2")
        #expect(kept.at(3, "parts", 1, "state", "status") == "running" && kept.at(3, "info", "time", "completed") == .null)
        #expect(try await after.get("/session/\(text)/message").json.at(1, "parts", 1, "text") == "")

        // The same prompt with the same ids takes the turn up where it was.
        let user = kept.at(2, "info", "id").string ?? "", part = kept.at(2, "parts", 0)
        try await after.prompt(session, part["text"]?.string ?? "", more: ["messageID": .string(user)], part: part["id"]?.string)
        _ = try await after.untilIdle()
        let messages = try await after.get("/session/\(session)/message").json
        #expect(messages.array?.count == 5 && messages.at(4, "parts", 1, "text") == "word1")
    }

    @Test func disposingEndsTurnsAndStreams() async throws {
        let world = try await FakeWorld()
        let session = try await world.session()
        try await world.prompt(session, "[[hang]]")
        _ = try await world.until("message.updated assistant")
        #expect(try await world.post("/global/dispose", [:]).json == true)
        await world.frames.untilClosed()
        #expect(world.frames.error == nil && FakeWorld.name(world.frames.all.last ?? .null) == "server.instance.disposed")
        #expect(try await world.get("/session/\(session)/message").json.at(1, "info", "error", "name") == "MessageAbortedError")
    }

    @Test func revertForkAndArchive() async throws {
        let world = try await FakeWorld()
        let session = try await world.session()
        try await world.prompt(session, "one [[say 1]]")
        _ = try await world.untilIdle()
        try await world.prompt(session, #"two [[tool write {"filePath":"a","content":"b\n"}]] [[say 1]]"#)
        _ = try await world.untilIdle()
        let second = try await world.get("/session/\(session)/message").json.at(2, "info", "id").string ?? ""
        let fork = try await world.post("/session/\(session)/fork", ["messageID": .string(second)]).json
        #expect(fork["title"] == "one (fork #1)" && fork["parentID"] == nil)
        #expect(try await world.get("/session/\(fork["id"]?.string ?? "")/message").json.array?.count == 2)
        let reverted = try await world.post("/session/\(session)/revert", ["messageID": .string(second)]).json
        #expect(reverted.at("revert", "messageID").string == second)
        try await world.prompt(session, "three [[say 1]]")
        _ = try await world.untilIdle()
        #expect(try await world.get("/session/\(session)/message").json.array?.count == 4)
        let path = "/session/\(session)?directory=\(world.directory)"
        let archived = try await world.answer(world.request("PATCH", path, ["time": ["archived": 5]])).get()
        #expect(archived.json.at("time", "archived") == 5)
    }
}

/// A server with a password.
private struct RunningLocked {
    let server: RunningStandIn
    var url: String { server.url }

    init() async throws {
        var options = FakeOptions(dataHome: FileManager.default.temporaryDirectory.appendingPathComponent("fake-\(UUID().uuidString)").path)
        options.password = "secret"
        let final = options
        server = try RunningStandIn.start { reactor throws(StandInError) in try FakeProgram.listen(inside: final, reactor) }
    }
}
