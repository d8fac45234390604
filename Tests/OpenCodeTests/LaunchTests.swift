import Foundation
import Testing

@testable import Domain
@testable import HTTP
@testable import OpenCode

@Suite struct LaunchTests {
    @Test func thePasswordIsInTheEnvironmentOnly() {
        let launch = ServerLaunch(port: 41233, password: "secret")
        #expect(launch.arguments == ["serve", "--hostname", "127.0.0.1", "--port", "41233"])
        #expect(launch.environment["OPENCODE_SERVER_PASSWORD"] == "secret")
        #expect(launch.environment["XDG_DATA_HOME"] == nil)
        let apart = ServerLaunch(port: 1, password: "secret", privateDirectory: "/d")
        #expect(apart.environment["XDG_DATA_HOME"] == "/d/data")
        #expect(apart.configurationDirectory == "/d/config/opencode")
    }

    /// Texts of 1.18.33 itself.
    @Test(arguments: [
        ("", false, ServerLaunch.Progress.starting),
        ("Warning: OPENCODE_SERVER_PASSWORD is not set; server is unsecured.\n", false, .starting),
        ("opencode server listening on http://127.0.0.1:4", false, .starting),
        ("opencode server listening on http://127.0.0.1:41233\n", false, .listening(url: "http://127.0.0.1:41233")),
        ("Warning: x\nopencode server listening on http://127.0.0.1:41233/\nmore\n", false, .listening(url: "http://127.0.0.1:41233")),
        (
            "Warning: OPENCODE_SERVER_PASSWORD is not set; server is unsecured.\n\u{1B}[91m\u{1B}[1mError: \u{1B}[0mUnexpected error\n\nServeError\n", true,
            .portTaken
        ),
        ("\u{1B}[91m\u{1B}[1mError: \u{1B}[0mUnexpected error\n\nSQLiteError: disk full\n", true, .failed("Error: Unexpected error / SQLiteError: disk full")),
        ("", true, .failed("it ended without a word")),
        ("opencode server listening on http://127.0.0.1:41233\nkilled\n", true, .failed("opencode server listening on http://127.0.0.1:41233 / killed")),
    ])
    func followsTheLog(log: String, hasExited: Bool, progress: ServerLaunch.Progress) {
        #expect(ServerLaunch.progress(log: log, hasExited: hasExited) == progress)
    }

    @Test func seedsOnlyWhatIsEmpty() throws {
        let version = try #require(ServerVersion("1.18.33"))
        let seeds = ServerLaunch.seeds(version: version, present: ["opencode.json"])
        #expect(seeds.map(\.path).sorted() == ["node_modules", "package-lock.json", "package.json"])
        for seed in seeds {
            guard let content = seed.content else { continue }
            let json = try #require(try JSONSerialization.jsonObject(with: Data(content.utf8)) as? [String: Any])
            let packages = (json["packages"] as? [String: Any])?[""] as? [String: Any] ?? json
            #expect(packages["dependencies"] as? [String: String] == ["@opencode-ai/plugin": "1.18.33"])
        }
        #expect(ServerLaunch.seeds(version: version, present: ["package.json"]) == [])
    }

    @Test(arguments: [
        ("1.18.33\n", "1.18.33"), ("v1.15.0", "1.15.0"), ("warning: x\nopencode 1.19.2-beta.1", "1.19.2-beta.1"),
    ])
    func supportedVersions(said: String, text: String) {
        guard case .supported(let version) = VersionVerdict(said) else {
            Issue.record("\(VersionVerdict(said))")
            return
        }
        #expect(version.text == text)
    }

    @Test(arguments: [
        ("1.14.9", "too old"), ("0.3.1", "too old"), ("2.0.1", "yet"), ("10.0.0", "yet"), ("", "nothing"), ("command not found", "command not found"),
        ("1.2", "1.2"),
    ])
    func refusedVersions(said: String, word: String) {
        guard case .refused(let why) = VersionVerdict(said) else {
            Issue.record("\(VersionVerdict(said))")
            return
        }
        #expect(why.contains(word))
        #expect(why.contains("npm install -g opencode-ai@1"))
    }

    @Test func newerOnesAreTriedWithAWarning() {
        guard case .untried(let version, let warning) = VersionVerdict("1.27.0") else {
            Issue.record("not tried")
            return
        }
        #expect(version.minor == 27 && warning.contains("1.15 to 1.19"))
    }
}

@Suite struct DetectionTests {
    private func json(_ text: String, _ status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json", body: Array(text.utf8))
    }
    private let page = HTTPResponse(status: 200, contentType: "text/html;charset=UTF-8", body: Array("<!doctype html>".utf8))

    @Test func theFirstGenerationIsFound() throws {
        #expect(try Detection.read(info: page) == .askHealth)
        #expect(try Detection.read(info: json("{}", 404)) == .askHealth)
        #expect(try Detection.read(info: json(#"{"version":"1.18.33"}"#)) == .askHealth)
        #expect(try Detection.read(health: json(#"{"healthy":true,"version":"1.18.33"}"#)) == .v1(version: "1.18.33", warning: nil))
        guard case .v1("local", _?) = try Detection.read(health: json(#"{"healthy":true,"version":"local"}"#)) else {
            Issue.record("local")
            return
        }
    }

    @Test(arguments: [
        (#"{"version":"2.1.4","pid":5}"#, 200, "2.1.4"), (#"{"version":"next","pid":5}"#, 200, "next"), ("", 401, "password"),
    ])
    func infoRefuses(body: String, status: Int, word: String) {
        let error = #expect(throws: Refusal.self) { try Detection.read(info: json(body, status)) }
        #expect(error?.message.contains(word) == true)
    }

    @Test(arguments: [(#"{"healthy":true,"version":"1.18.33"}"#, 200), ("<html>", 200), ("", 403), ("", 500)])
    func whoAsksForNoPasswordIsRefused(body: String, status: Int) throws {
        let error = #expect(throws: Refusal.self) { try Detection.read(stranger: json(body, status)) }
        #expect(error?.message.contains("without a password") == true)
        #expect(try Detection.read(stranger: json("", 401)) == .askInfo)
        #expect(Detection.strangerRequest(url: "http://h").headers.isEmpty)
    }

    @Test(arguments: [
        (#"{"healthy":true,"version":"1.2.3"}"#, 200, "too old"), ("", 401, "password"), ("{}", 200, "not an opencode server"),
        ("[1", 200, "not an opencode server"),
        ("x", 503, "503"), ("<html>", 200, "web page"),
    ])
    func healthRefuses(body: String, status: Int, word: String) {
        let error = #expect(throws: Refusal.self) { try Detection.read(health: json(body, status)) }
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "-")")
    }
}

@Suite struct V1RequestTests {
    private let server = V1(url: "http://127.0.0.1:4096", password: "pä:ss", version: "1.18.33")

    @Test func everyRequestCarriesThePassword() {
        let expected = "Basic " + Data("opencode:pä:ss".utf8).base64EncodedString()
        for request in [
            server.request(for: .health), server.request(for: .dispose), server.eventStream(), Detection.healthRequest(url: "http://h", password: "pä:ss"),
        ] {
            #expect(request.headers.contains(HTTPHeader("Authorization", expected)))
            #expect(!request.url.contains("ss"))
        }
    }

    @Test(arguments: 0..<50) func base64IsFoundations(length: Int) {
        let text = String((0..<length).map { "aZ9/ü🐑~"["aZ9/ü🐑~".index("aZ9/ü🐑~".startIndex, offsetBy: $0 % 7)] })
        #expect(Words.base64(text) == Data(text.utf8).base64EncodedString())
    }

    @Test func directoriesAreEncoded() {
        let url = server.request(for: .phases(directory: "/home/a b/ü&x=1#?%+/p")).url
        #expect(url == "http://127.0.0.1:4096/session/status?directory=/home/a%20b/%C3%BC%26x%3D1%23%3F%25%2B/p")
        #expect(URLComponents(string: url)?.queryItems?.first?.value == "/home/a b/ü&x=1#?%+/p")
        #expect(server.request(for: .abort(SessionID("../x?"), directory: "/p")).url == "http://127.0.0.1:4096/session/..%2Fx%3F/abort?directory=/p")
    }

    @Test func timeLimits() {
        #expect(server.request(for: .health).timeoutMs == 1_000 && server.request(for: .health).freshConnection)
        #expect(server.request(for: .sessions(directory: "/")).timeoutMs == 15_000)
        #expect(server.request(for: .messages(SessionID("s"), directory: "/", limit: nil)).timeoutMs == 60_000)
        let input = PromptInput(message: MessageID("msg_1"), part: PartID("prt_1"), text: "/x")
        #expect(server.request(for: .command(SessionID("s"), directory: "/", input)).timeoutMs == nil)
        #expect(server.eventStream().timeoutMs == nil && server.eventStream().silenceLimitMs == 25_000)
    }

    @Test func aPromptHasItsIdentity() throws {
        let input = PromptInput(message: MessageID("msg_1"), part: PartID("prt_1"), text: "say \"hi\"\n\u{1B}", model: "openrouter/a/b", mode: "plan")
        let request = server.request(for: .prompt(SessionID("ses_1"), directory: "/p", input))
        #expect(request.method == "POST" && request.timeoutMs == 30_000)
        let body = try JSONSerialization.jsonObject(with: Data(request.body ?? [])) as? NSDictionary
        #expect(
            body == [
                "messageID": "msg_1", "model": ["providerID": "openrouter", "modelID": "a/b"], "agent": "plan",
                "parts": [["id": "prt_1", "type": "text", "text": "say \"hi\"\n\u{1B}"]],
            ] as NSDictionary)
    }

    /// As OpenCode's own screen sends them (read in 1.18.33).
    @Test func filesAndAgentsArePartsOfAPrompt() throws {
        var input = PromptInput(message: MessageID("msg_1"), part: PartID("prt_1"), text: "@a b.c#3-4 @helper")
        input.files = [
            PromptFile(
                part: PartID("prt_2"), path: "/p/a b.c", mime: "text/plain", mention: Mention(name: "a b.c", written: "@a b.c#3-4", start: 0, lines: 3...4)),
            PromptFile(part: PartID("prt_3"), path: "/x/é.png", mime: "image/png", mention: Mention(name: "/x/é.png", written: "@/x/é.png", start: 5)),
        ]
        input.agents = [PromptAgent(part: PartID("prt_4"), mention: Mention(name: "helper", written: "@helper", start: 11))]
        let files: [NSDictionary] = [
            [
                "id": "prt_2", "type": "file", "mime": "text/plain", "filename": "a b.c#3-4", "url": "file:///p/a%20b.c?start=3&end=4",
                "source": ["type": "file", "path": "a b.c", "text": ["value": "@a b.c#3-4", "start": 0, "end": 10]],
            ],
            [
                "id": "prt_3", "type": "file", "mime": "image/png", "filename": "/x/é.png", "url": "file:///x/%C3%A9.png",
                "source": ["type": "file", "path": "/x/é.png", "text": ["value": "@/x/é.png", "start": 5, "end": 14]],
            ],
        ]
        let prompt = server.request(for: .prompt(SessionID("ses_1"), directory: "/p", input))
        let body = try JSONSerialization.jsonObject(with: Data(prompt.body ?? [])) as? NSDictionary
        #expect(
            body?["parts"] as? [NSDictionary] == [["id": "prt_1", "type": "text", "text": "@a b.c#3-4 @helper"]] + files + [
                ["id": "prt_4", "type": "agent", "name": "helper", "source": ["value": "@helper", "start": 11, "end": 18]]
            ])
        input.command = PromptCommand(name: "review", arguments: "all\nof it")
        input.model = "openrouter/a/b"
        input.mode = "plan"
        let command = server.request(for: .command(SessionID("ses_1"), directory: "/p", input))
        #expect(command.url == "http://127.0.0.1:4096/session/ses_1/command?directory=/p")
        let words = try JSONSerialization.jsonObject(with: Data(command.body ?? [])) as? NSDictionary
        #expect(
            words == [
                "messageID": "msg_1", "command": "review", "arguments": "all\nof it", "model": "openrouter/a/b", "agent": "plan", "parts": files,
            ] as NSDictionary)
    }

    @Test(arguments: [
        (
            400, #"{"name":"ConfigJsonError","data":{"path":"OPENCODE_CONFIG_CONTENT","message":"unexpected end"}}"#,
            CallFailure.rejected("OPENCODE_CONFIG_CONTENT is not valid JSON: unexpected end")
        ),
        (
            400, #"{"name":"ConfigInvalidError","data":{"path":"/p/opencode.json","issues":[{"message":"Expected string","path":["provider","x"]}]}}"#,
            .rejected("/p/opencode.json is not valid: provider.x: Expected string")
        ),
        (
            400, #"{"name":"ConfigDirectoryTypoError","data":{"path":"/p/.opencode","dir":"agents","suggestion":"agent"}}"#,
            .rejected(#"/p/.opencode: rename the directory "agents" to "agent""#)
        ),
        (400, #"{"_tag":"BadRequest"}"#, .rejected("BadRequest")),
        (400, "", .rejected("the server refused this (400)")),
        (400, #"{"data":null,"errors":[{"message":"no"}],"success":false}"#, .rejected("no")),
        (401, "", .unauthorised), (404, #"{"name":"NotFoundError","data":{"message":"Session not found: x"}}"#, .notFound("Session not found: x")),
        (404, "<html>", .notFound("")), (409, #"{"_tag":"SessionBusyError","message":"Session is busy"}"#, .busy("Session is busy")),
        (500, "plain words", .serverError(500, "plain words")), (502, "<html>gateway</html>", .serverError(502, "")),
        (200, "<!doctype html>", .unreadable("it sent a web page: opencode 1.18.33 does not have this route")),
    ])
    func failuresKeepTheServersWords(status: Int, body: String, failure: CallFailure) {
        let response = HTTPResponse(status: status, contentType: "", body: Array(body.utf8))
        #expect(throws: failure) { try server.answer(to: .phases(directory: "/"), response, now: Timestamp(milliseconds: 0)) }
    }

    @Test(arguments: ["", "null", "7", "\"x\"", "[[", "{\"a\":", "[{}]", "{}", "[1,\"a\",null,[],{\"id\":5},{\"info\":[]}]"]) func oddAnswersDoNotTrap(
        body: String
    ) {
        let session = SessionID("s")
        let calls: [ServerCall] = [
            .health, .configuration(directory: "/"), .sessions(directory: "/"), .phases(directory: "/"), .permissions(directory: "/"),
            .questions(directory: "/"),
            .messages(session, directory: "/", limit: 3), .todos(session, directory: "/"), .create(directory: "/", title: nil),
            .diff(session, directory: "/", message: MessageID("m")),
            .models(directory: "/"), .modes(directory: "/"), .subAgents(directory: "/"), .commands(directory: "/"),
            .message(session, directory: "/", MessageID("m")),
        ]
        for call in calls {
            _ = Result {
                try server.answer(to: call, HTTPResponse(status: 200, contentType: "application/json", body: Array(body.utf8)), now: Timestamp(milliseconds: 0))
            }
        }
    }
}
