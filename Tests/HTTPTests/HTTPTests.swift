import StandIn
import Synchronization
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(2))) struct HTTPRequestTests {
    let client = HTTPClient()

    @Test func anAnswerComesWhole() async throws {
        let server = try RunningStandIn.start { exchange in
            let request = exchange.request
            let text = "\(request.method) \(request.path) \(request.query("q") ?? "-") \(request.header("authorization") ?? "-") "
            exchange.respond(
                200, type: "application/json; charset=utf-8", headers: [("X-Next-Cursor", " abc ")],
                body: Array(text.utf8) + request.body)
        }
        let answer = try await client.answer(
            HTTPRequest(
                "POST", server.url + "/a%20b?q=1+2", headers: [HTTPHeader("Authorization", "Basic xyz"), HTTPHeader("Content-Type", "application/json")],
                body: Array("{}".utf8))
        ).get()
        #expect(answer.status == 200)
        #expect(answer.contentType == "application/json; charset=utf-8")
        #expect(answer.header("x-next-cursor") == "abc")
        #expect(answer.header("x-other") == nil)
        #expect(answer.text == "POST /a b 1 2 Basic xyz {}")
    }

    @Test(arguments: ["GET", "POST", "PATCH", "DELETE", "PUT"]) func methodsArriveAsNamed(_ method: String) async throws {
        let server = try RunningStandIn.start {
            let type = $0.request.header("content-type") ?? "none"
            $0.respond(200, body: Array("\($0.request.method) \($0.request.body.count) \(type) \($0.request.header("expect") ?? "none")".utf8))
        }
        let empty = try await client.answer(HTTPRequest(method, server.url)).get()
        #expect(empty.text == "\(method) 0 none none")
        let full = try await client.answer(HTTPRequest(method, server.url, body: [UInt8](repeating: 0, count: 5000))).get()
        #expect(full.text == "\(method) 5000 none none")
    }

    @Test func aHeaderCannotSmuggleAnother() async throws {
        let server = try RunningStandIn.start { $0.respond(200, body: Array(($0.request.header("x-evil") ?? "clean").utf8)) }
        let answer = try await client.answer(HTTPRequest("GET", server.url, headers: [HTTPHeader("A", "b\r\nX-Evil: yes")])).get()
        #expect(answer.text == "clean")
    }

    @Test func connectionsAreKeptUnlessFreshOnesAreAskedFor() async throws {
        let counts = Seen<Int>()
        let server = try RunningStandIn.start { reactor throws(StandInError) in
            var accepted = { 0 }
            let server = try StandInServer(reactor) { $0.respond(200, body: Array("\(accepted())".utf8)) }
            accepted = { [weak server] in server?.acceptedCount ?? 0 }
            return server
        }
        for fresh in [false, false, false, true, true] {
            let answer = try await client.answer(HTTPRequest("GET", server.url, freshConnection: fresh)).get()
            counts.add(Int(answer.text) ?? 0)
        }
        #expect(counts.all == [1, 1, 1, 2, 3])
    }

    @Test func aRestartedServerIsReachedOnANewConnection() async throws {
        let first = try RunningStandIn.start { $0.respond(200, body: Array("one".utf8)) }
        #expect(try await client.answer(HTTPRequest("GET", first.url)).get().text == "one")
        let port = first.port
        first.stop()
        var second: RunningStandIn?
        while second == nil { second = try? RunningStandIn.start(port: port) { $0.respond(200, body: Array("two".utf8)) } }
        #expect(try await client.answer(HTTPRequest("GET", "http://127.0.0.1:\(port)")).get().text == "two")
        second?.stop()
    }

    @Test func noContentHasNoBody() async throws {
        let server = try RunningStandIn.start { $0.respond(204) }
        let answer = try await client.answer(HTTPRequest("POST", server.url, body: [])).get()
        #expect(answer.status == 204 && answer.body.isEmpty && answer.contentType == "")
    }

    @Test func aPageIsAnAnswerToo() async throws {
        let server = try RunningStandIn.start { $0.respond(200, type: "text/html", body: Array("<!doctype html>".utf8)) }
        let answer = try await client.answer(HTTPRequest("GET", server.url + "/api/nothing")).get()
        #expect(answer.contentType == "text/html" && answer.text == "<!doctype html>")
    }

    @Test func redirectsAreAnswersAndNotFollowed() async throws {
        let server = try RunningStandIn.start { $0.respond(302, headers: [("Location", "http://127.0.0.1:1/")]) }
        #expect(try await client.answer(HTTPRequest("GET", server.url)).get().status == 302)
    }

    @Test func aHugeBodyPassesUpToTheLimit() async throws {
        let server = try RunningStandIn.start { $0.respond(200, body: [UInt8](repeating: 7, count: 20 << 20)) }
        let whole = try await client.answer(HTTPRequest("GET", server.url)).get()
        #expect(whole.body.count == 20 << 20)
        let tooSmall = await client.answer(HTTPRequest("GET", server.url, responseLimit: (20 << 20) - 1))
        #expect(tooSmall == .failure(.tooLarge(limit: (20 << 20) - 1)))
    }

    @Test func chunksMayBeCutAnywhere() async throws {
        let server = try RunningStandIn.start { exchange in
            exchange.drip(everyMs: 0)  // one byte a packet
            exchange.begin(200, type: "text/plain")
            for word in ["a", "bc", "def", String(repeating: "x", count: 40)] { exchange.send(Array(word.utf8)) }
            exchange.finish()
        }
        #expect(try await client.answer(HTTPRequest("GET", server.url)).get().text == "abcdef" + String(repeating: "x", count: 40))
    }
}

@Suite(.timeLimit(.minutes(2))) struct HTTPFailureTests {
    let client = HTTPClient()

    @Test func nobodyListens() async throws {
        let server = try RunningStandIn.start { $0.respond(200) }
        let url = server.url
        server.stop()
        var result = await client.answer(HTTPRequest("GET", url))
        while case .success = result { result = await client.answer(HTTPRequest("GET", url, freshConnection: true)) }  // still closing
        #expect(result == .failure(.refused) || result == .failure(.reset))
        #expect(await client.answer(HTTPRequest("GET", url, freshConnection: true)) == .failure(.refused))
    }

    @Test func aMissingSocketIsRefused() async {
        #expect(await client.answer(HTTPRequest("GET", "http://x/", unixSocket: "/nonexistent/socket")) == .failure(.refused))
    }

    @Test func aServerThatNeverAnswersTimesOut() async throws {
        let server = try RunningStandIn.start { _ in }
        #expect(await client.answer(HTTPRequest("GET", server.url, timeoutMs: 60)) == .failure(.timedOut))
    }

    @Test func halfAnAnswerIsNoAnswer() async throws {
        let server = try RunningStandIn.start { exchange in
            if exchange.request.path == "/length" {
                exchange.sendRaw(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".utf8))
            } else {
                exchange.begin(200, type: "text/plain")
                exchange.send(Array("half".utf8))
            }
            exchange.cut()
        }
        #expect(await client.answer(HTTPRequest("GET", server.url + "/length")) == .failure(.reset))
        #expect(await client.answer(HTTPRequest("GET", server.url + "/chunks")) == .failure(.reset))
    }

    @Test func nothingAtAllIsAReset() async throws {
        let server = try RunningStandIn.start { $0.cut() }
        #expect(await client.answer(HTTPRequest("GET", server.url, freshConnection: true)) == .failure(.reset))
    }

    @Test func anotherProtocolIsRecognised() async throws {
        let server = try RunningStandIn.start { exchange in
            exchange.sendRaw(Array("SSH-2.0-OpenSSH_9.2\r\n\r\n\u{1}\u{2}garbage".utf8))
            exchange.cut()
        }
        guard case .failure(.notHTTP) = await client.answer(HTTPRequest("GET", server.url)) else {
            Issue.record("garbage was taken for HTTP")
            return
        }
    }

    @Test(arguments: ["", "nonsense", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:99999/"]) func aWrongURLFails(_ url: String) async {
        guard case .failure(let error) = await client.answer(HTTPRequest("GET", url)) else {
            Issue.record("\(url) was answered")
            return
        }
        #expect(!error.message.isEmpty)
    }

    @Test func cancellingAnswersOnce() async throws {
        let server = try RunningStandIn.start { _ in }
        let results = Seen<Result<HTTPResponse, HTTPError>>()
        let ticket = client.send(HTTPRequest("GET", server.url)) { results.add($0) }
        ticket.cancel()
        ticket.cancel()
        await results.wait(for: 1)
        _ = await client.answer(HTTPRequest("GET", server.url, timeoutMs: 20))
        #expect(results.all == [.failure(.cancelled)])
    }

    @Test func theEndOfTheClientCancelsEverything() async throws {
        let server = try RunningStandIn.start { $0.begin(200, type: "text/event-stream") }
        let results = Seen<Result<HTTPResponse, HTTPError>>()
        let stream = StreamLog()
        var client: HTTPClient? = HTTPClient()
        client?.send(HTTPRequest("GET", server.url)) { results.add($0) }
        client?.stream(HTTPRequest("GET", server.url)) { stream.take($0) }
        await stream.wait { $0.opened == 1 }
        client = nil
        await results.wait(for: 1)
        await stream.wait { $0.closed == 1 }
        #expect(results.all == [.failure(.cancelled)] && stream.state.error == .cancelled)
    }
}
