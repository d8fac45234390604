import Testing

@testable import Domain
@testable import JSON
@testable import OpenCode

@Suite struct ToolTests {
    private func tool(_ name: String, _ state: String, directory: String? = "/p") throws -> (ToolUse, output: String) {
        let parser = JSONParser()
        return V1.tool(try parser.parse(#"{"tool":"\#(name)","callID":"c","state":\#(state)}"#), directory: directory)
    }

    @Test(arguments: [
        ("bash", #"{"command":"npm test\nnpm run lint","description":"Run tests"}"#, "npm test"),
        ("bash", #"{"description":"Run tests"}"#, "Run tests"),
        ("bash", #"{"command":"\n  ls -l  \n"}"#, "ls -l"),
        ("read", #"{"filePath":"/p/src/a.swift"}"#, "src/a.swift"),
        ("read", #"{"filePath":"/pq/a.swift"}"#, "/pq/a.swift"),
        ("write", #"{"content":"x","filePath":"/p/b.txt"}"#, "b.txt"),
        ("edit", #"{"filePath":"/elsewhere/c"}"#, "/elsewhere/c"),
        ("grep", #"{"path":"/p","pattern":"login handler"}"#, "login handler"),
        ("glob", #"{"pattern":"**/*.swift"}"#, "**/*.swift"),
        ("list", #"{"path":"/p/src"}"#, "src"),
        ("list", #"{}"#, "."),
        ("webfetch", #"{"url":"https://example.com/x","format":"markdown"}"#, "https://example.com/x"),
        ("websearch", #"{"query":"swift curses"}"#, "swift curses"),
        ("task", #"{"description":"Count lines","prompt":"…"}"#, "Count lines"),
        ("skill", #"{"name":"release"}"#, "release"),
        (
            "todowrite", #"{"todos":[{"content":"a","status":"completed"},{"content":"b","status":"pending"},{"content":"c","status":"cancelled"}]}"#,
            "1 of 3 done"
        ),
        ("question", #"{"questions":[{"question":"Which one?","header":"One"},{"question":"And then?"}]}"#, "Which one?"),
        ("invalid", #"{"tool":"nosuchtool","error":"Model tried to call unavailable tool"}"#, "nosuchtool"),
        (
            "apply_patch", #"{"patchText":"*** Begin Patch\n*** Update File: /p/web/a.js\n@@\n-x\n+y\n*** Add File: b.js\n+z\n*** End Patch"}"#,
            "web/a.js and 1 more"
        ),
        ("github_search_code", #"{"limit":5,"query":"foo\nbar","owner":"me"}"#, "foo"),
        ("mcp_read", #"{"uri":"/p/notes.md"}"#, "notes.md"),
        ("mcp_nothing", #"{"a":1}"#, ""),
        ("bash", #"{}"#, ""),
    ])
    func saysWhatItIsAbout(name: String, input: String, target: String) throws {
        #expect(try tool(name, #"{"status":"running","input":\#(input)}"#).0.target == target)
    }

    @Test(arguments: [
        ("bash", #""output":"x","metadata":{"exit":0}"#, ""),
        ("bash", #""output":"x","metadata":{"exit":3}"#, "exit 3"),
        ("bash", #""output":"begin\n\n\n<shell_metadata>\nUser aborted the command\n</shell_metadata>","metadata":{"exit":null}"#, "aborted"),
        (
            "bash",
            #""output":"<shell_metadata>\nshell tool terminated command after exceeding timeout 1000 ms. If\n</shell_metadata>","metadata":{"exit":null}"#,
            "timed out"
        ),
        ("bash", #""output":"x""#, ""),
        ("read", #""metadata":{"display":{"type":"file","lineStart":1,"lineEnd":45,"totalLines":90}}"#, "1-45"),
        ("read", #""metadata":{"display":{"type":"directory","entries":["a"],"totalEntries":12}}"#, "12 entries"),
        ("grep", #""metadata":{"matches":3}"#, "3 hits"),
        ("grep", #""metadata":{"matches":1}"#, "1 hit"),
        ("glob", #""metadata":{"count":4}"#, "4 files"),
        ("question", #""metadata":{"answers":[["Spanish"],["Library","Web"]]}"#, "Spanish, Library, Web"),
        ("webfetch", #""output":"x""#, ""),
    ])
    func saysHowItEnded(name: String, fields: String, result: String) throws {
        let (use, _) = try tool(name, #"{"status":"completed","input":{},\#(fields)}"#)
        #expect(use.result == result)
        #expect(use.state == .completed)
    }

    @Test func failuresSayWhy() throws {
        let (use, output) = try tool(
            "read", #"{"status":"error","input":{},"error":"File not found: /p/missing.txt\n\nDid you mean…","time":{"start":1,"end":2}}"#)
        #expect(use.state == .failed)
        #expect(use.result == "File not found: /p/missing.txt")
        #expect(output == "File not found: /p/missing.txt\n\nDid you mean…")
        #expect(use.started == Timestamp(milliseconds: 1) && use.ended == Timestamp(milliseconds: 2))
        let (invalid, _) = try tool("invalid", #"{"status":"completed","input":{"tool":"bash","error":"Invalid input for tool bash: x\nmore"},"output":"…"}"#)
        #expect(invalid.state == .failed)
        #expect(invalid.result == "Invalid input for tool bash: x")
    }

    @Test func countsWhatItChanged() throws {
        let diff = #"--- a\n+++ a\n@@ -1,3 +1,4 @@\n same\n--- old\n+++ new\n+more\n same\n@@ -9 +10 @@\n-x\n+y\n\\ No newline at end of file\n"#
        #expect(
            try tool("edit", #"{"status":"completed","metadata":{"diff":"\#(diff)","filediff":{"additions":24,"deletions":3}}}"#).0.changes
                == Changes(files: 1, additions: 24, deletions: 3))
        let counted = try tool("edit", #"{"status":"completed","metadata":{"diff":"\#(diff)"}}"#).0
        #expect(counted.changes == Changes(files: 1, additions: 3, deletions: 2))
        #expect(counted.diff?.hasPrefix("--- a\n") == true)
        #expect(
            try tool("apply_patch", #"{"status":"completed","metadata":{"diff":"d","files":[{"additions":1,"deletions":2},{"additions":3,"deletions":0}]}}"#).0
                .changes == Changes(files: 2, additions: 4, deletions: 2))
        #expect(
            try tool("write", #"{"status":"completed","input":{"content":"a\nb"},"metadata":{"exists":false}}"#).0.changes
                == Changes(files: 1, additions: 2, deletions: 0))
        #expect(try tool("write", #"{"status":"completed","input":{"content":"a\nb"},"metadata":{"exists":true}}"#).0.changes == nil)
        #expect(try tool("edit", #"{"status":"running","metadata":{"diff":"\#(diff)"}}"#).0.changes == nil)
    }

    @Test func keepsTheEndOfALongOutput() throws {
        let long = String(repeating: "ü", count: 40_000)
        let (_, output) = try tool("bash", #"{"status":"running","metadata":{"output":"x\#(long)"}}"#)
        #expect(output == String(repeating: "ü", count: 15_000))
    }

    @Test(arguments: [
        ("/p/a", "/p", "a"), ("/p/a", "/p/", "a"), ("/p", "/p", "."), ("/pq", "/p", "/pq"), ("/p/ü/b", "/p/ü", "b"), ("a", "/p", "a"), ("/a", "/", "/a"),
        ("/a", "", "/a"),
    ])
    func pathsInsideAreRelative(path: String, directory: String, short: String) {
        #expect(shorten(path, directory) == short)
        #expect(shorten(path, nil) == path)
    }

    @Test(arguments: [
        (#"{"name":"APIError","data":{"message":"scripted error 401","statusCode":401}}"#, "the provider refused the key (401): scripted error 401"),
        (#"{"name":"APIError","data":{"message":"","statusCode":500,"responseBody":"\noverloaded\n"}}"#, "the provider failed (500): overloaded"),
        (#"{"name":"APIError","data":{"message":"slow down","statusCode":429}}"#, "the provider's rate limit is reached (429): slow down"),
        (#"{"name":"APIError","data":{"message":"no connection"}}"#, "no connection"),
        (#"{"name":"APIError"}"#, "the provider failed"),
        (#"{"name":"ProviderAuthError","data":{"providerID":"anthropic","message":"no key"}}"#, "the provider anthropic refused the key: no key"),
        (#"{"name":"MessageAbortedError","data":{"message":"Aborted"}}"#, "stopped"),
        (#"{"name":"MessageOutputLengthError","data":{}}"#, "the answer became longer than the model may write"),
        (#"{"name":"UnknownError","data":{"message":"Model not found: a/b."}}"#, "Model not found: a/b."),
        (
            #"{"name":"UnknownError","data":{"message":"ProviderModelNotFoundError: Model not found: a/b.\n    at <anonymous> (/$bunfs/x.js:1:2)\n    at y"}}"#,
            "Model not found: a/b."
        ),
        (#"{"name":"NewError","data":{}}"#, "NewError"),
        (#"{}"#, "UnknownError"),
    ])
    func errorsAreSentences(json: String, message: String) throws {
        let parser = JSONParser()
        #expect(V1.turnError(try parser.parse(json))?.message == message)
    }

    /// Numbers that are 0 in every recording.
    @Test func everyCountHasItsPlace() throws {
        let parser = JSONParser()
        let tokens = V1.tokens(try parser.parse(#"{"total":15,"input":1,"output":2,"reasoning":3,"cache":{"read":4,"write":5}}"#))
        #expect(tokens == Tokens(input: 1, output: 2, reasoning: 3, cacheRead: 4, cacheWrite: 5))
        let session = V1.session(
            try parser.parse(
                #"{"id":"ses_1","parentID":"ses_0","directory":"/p","title":"t","cost":0.25,"summary":{"files":1,"additions":2,"deletions":3},"time":{"created":1,"updated":2.9,"archived":0}}"#
            ))
        #expect(session?.cost == 0.25 && session?.changes == Changes(files: 1, additions: 2, deletions: 3))
        #expect(session?.parent == SessionID("ses_0") && session?.updated == Timestamp(milliseconds: 2) && session?.archived == false)
        #expect(V1.session(try parser.parse(#"{"id":"ses_1","cost":"NaN","tokens":null,"time":{"archived":5}}"#))?.archived == true)
        let retry = V1.phase(
            try parser.parse(#"{"type":"retry","attempt":3,"message":"raw","next":99,"action":{"message":"wait until noon"}}"#), now: Timestamp(milliseconds: 7)
        )
        #expect(retry == .retry(attempt: 3, message: "wait until noon", next: Timestamp(milliseconds: 99)))
    }

    @Test(arguments: [
        (#"{"command":"git log | head","directories":["/x"]}"#, "git log | head"), (#"{"filepath":"docs/notes.md","diff":"d"}"#, "docs/notes.md"),
        (#"{"url":"https://x","format":"text"}"#, "https://x"), (#"{}"#, "a\nb"), (#"{"tool":"bash","input":{}}"#, "bash"),
    ])
    func permissionsShowWhatTheyAskFor(metadata: String, detail: String) throws {
        let parser = JSONParser()
        let json = try parser.parse(#"{"id":"per_1","sessionID":"ses_1","permission":"x","patterns":["a","b"],"always":["*"],"metadata":\#(metadata)}"#)
        guard case .permission(let asked)? = V1.permission(json, asked: Timestamp(milliseconds: 7))?.kind else {
            Issue.record("no permission")
            return
        }
        #expect(asked.detail == detail)
    }
}
