import HTTP
import JSON
import Testing

@testable import StandIn

@Suite(.timeLimit(.minutes(2))) struct ScriptedModelTests {
    let client = HTTPClient()

    private func start(_ change: (inout ModelOptions) -> Void = { _ in }) throws -> RunningStandIn {
        var options = ModelOptions()
        options.rate = 0
        change(&options)
        let final = options
        return try RunningStandIn.start { reactor throws(StandInError) in try ScriptedModel.listen(final, reactor) }
    }

    private func request(_ server: RunningStandIn, _ prompt: String, stream: Bool = true, results: Int = 0) -> HTTPRequest {
        let messages: [JSONTree] =
            [["role": "system", "content": "s"], ["role": "user", "content": .string(prompt)]]
            + (0..<results).map { _ in ["role": "tool", "content": "done"] }
        let body: JSONTree = ["model": "m", "stream": .bool(stream), "messages": .array(messages)]
        return HTTPRequest("POST", server.url + "/v1/chat/completions", body: body.serialized(), timeoutMs: 5000)
    }

    private func chunks(_ text: String) -> [JSONTree] {
        text.split(separator: "\n\n").map { (try? JSONTree(parsing: String($0.dropFirst(6)))) ?? .string(String($0)) }
    }

    @Test func anAnswerIsStreamedWordByWord() async throws {
        let server = try start()
        let (text, error) = await client.stream(request(server, "[[think 1]] [[say 2]] [[usage 12 34]]"))
        #expect(error == nil)
        let chunks = chunks(text)
        #expect(chunks.count == 6)
        #expect(chunks[0].at("choices", 0, "delta") == ["role": "assistant", "reasoning_content": "word1"])
        #expect(chunks[1].at("choices", 0, "delta") == ["content": "word1"])
        #expect(chunks[2].at("choices", 0, "delta") == ["content": " word2"])
        #expect(chunks[3].at("choices", 0, "finish_reason") == "stop")
        #expect(chunks[4].at("usage") == ["prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46])
        #expect(chunks[5] == "data: [DONE]")
    }

    @Test func toolResultsSayHowFarItGot() async throws {
        let server = try start()
        let prompt = #"[[tool bash {"command":"ls"}]] [[also read {}]] [[say 1]]"#
        let first = chunks(await client.stream(request(server, prompt)).text)
        #expect(first[0].at("choices", 0, "delta", "tool_calls", 0, "function", "name") == "bash")
        #expect(first[1].at("choices", 0, "delta", "tool_calls", 0, "function", "arguments") == #"{"command":"ls"}"#)
        #expect(first[2].at("choices", 0, "delta", "tool_calls", 0, "index") == 1)
        #expect(first[4].at("choices", 0, "finish_reason") == "tool_calls")
        let then = await client.stream(request(server, prompt, results: 2)).text
        #expect(chunks(then)[0].at("choices", 0, "delta", "content") == "word1")
        let after = try await client.answer(request(server, "[[tool a]]", stream: false, results: 1)).get()
        #expect(after.json.at("choices", 0, "message", "content") == "Done.")
    }

    @Test func errorsCountTheirAttempts() async throws {
        let server = try start()
        let request = request(server, "[[error 429 retry-after 2 times 2]] [[say 1]]")
        for _ in 0..<2 {
            let refused = try await client.answer(request).get()
            #expect(refused.status == 429 && refused.header("retry-after") == "2")
            #expect(refused.json.at("error", "type") == "rate_limit_error")
        }
        #expect(try await client.answer(request).get().status == 200)
    }

    @Test func aCutBreaksTheStream() async throws {
        let server = try start()
        let (text, error) = await client.stream(request(server, "[[say 2]] [[cut]]"))
        #expect(error == .reset && chunks(text).count == 2)
    }

    @Test func aHangSaysNothingMore() async throws {
        let server = try start()
        #expect(await client.answer(request(server, "[[say 1]] [[hang]]").with { $0.timeoutMs = 80 }) == .failure(.timedOut))
    }

    @Test func theRateIsKept() async throws {
        let server = try start()
        let clock = ContinuousClock()
        let took = await clock.measure { _ = await client.stream(request(server, "[[rate 100]] [[say 20]]")) }
        #expect(took >= .milliseconds(190))
    }

    @Test func titlesSummariesAndModels() async throws {
        let server = try start { ($0.models, $0.key) = (["a", "b"], "secret") }
        let key = HTTPHeader("Authorization", "Bearer secret")
        #expect(try await client.answer(request(server, "[[say 1]]")).get().status == 401)
        let models = try await client.answer(HTTPRequest("GET", server.url + "/v1/models", headers: [key])).get()
        #expect(models.json.at("data", 1, "id") == "b")
        let body: JSONTree = ["messages": [["role": "system", "content": "You are a title generator. x"], ["role": "user", "content": "[[say 3]]"]]]
        let title = try await client.answer(HTTPRequest("POST", server.url + "/v1/chat/completions", headers: [key], body: body.serialized())).get()
        #expect(title.json.at("choices", 0, "message", "content") == "Scripted session title")
        #expect(try await client.answer(HTTPRequest("GET", server.url + "/v2", headers: [key])).get().status == 404)
        #expect(try await client.answer(HTTPRequest("POST", server.url, headers: [key], body: Array("{".utf8))).get().status == 400)
    }
}

extension HTTPRequest {
    func with(_ change: (inout HTTPRequest) -> Void) -> HTTPRequest {
        var copy = self
        change(&copy)
        return copy
    }
}
