import StandIn
import Synchronization
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(2))) struct HTTPStreamTests {
    let client = HTTPClient()

    @Test func aStreamOpensFlowsAndCloses() async throws {
        let server = try RunningStandIn.start { exchange in
            exchange.begin(200, type: "text/event-stream")
            exchange.send(Array("data: 1\n\n".utf8))
            exchange.send(Array("data: 2\n\n".utf8))
            exchange.finish()
        }
        let log = StreamLog()
        client.stream(HTTPRequest("GET", server.url)) { log.take($0) }
        await log.wait { $0.closed == 1 }
        #expect(log.state == StreamLog.State(opened: 1, status: 200, type: "text/event-stream", text: "data: 1\n\ndata: 2\n\n", closed: 1))
    }

    @Test func aRefusedStreamSaysItsStatus() async throws {
        let server = try RunningStandIn.start { $0.respond(401, headers: [("WWW-Authenticate", "Basic")]) }
        let log = StreamLog()
        client.stream(HTTPRequest("GET", server.url)) { log.take($0) }
        await log.wait { $0.closed == 1 }
        #expect(log.state == StreamLog.State(opened: 1, status: 401, closed: 1))
    }

    @Test func aCutStreamIsReset() async throws {
        let server = try RunningStandIn.start { exchange in
            exchange.begin(200, type: "text/event-stream")
            exchange.send(Array("data: 1\n\n".utf8))
            exchange.cut()
        }
        let log = StreamLog()
        client.stream(HTTPRequest("GET", server.url)) { log.take($0) }
        await log.wait { $0.closed == 1 }
        #expect(log.state.text == "data: 1\n\n" && log.state.error == .reset)
    }

    @Test func cancellingAStreamInTheMiddleEndsItOnce() async throws {
        let left = Seen<Bool>()
        let server = try RunningStandIn.start { exchange in
            exchange.onLeave = { left.add(true) }
            exchange.begin(200, type: "text/event-stream")
            exchange.send(Array("data: 1\n\n".utf8))
        }
        let log = StreamLog()
        let ticket = client.stream(HTTPRequest("GET", server.url)) { log.take($0) }
        await log.wait { !$0.text.isEmpty }
        ticket.cancel()
        await log.wait { $0.closed == 1 }
        await left.wait(for: 1)
        #expect(log.state.error == .cancelled && log.state.closed == 1)
    }

    @Test func aStreamMayCancelItselfInItsCallback() async throws {
        let server = try RunningStandIn.start { exchange in
            exchange.begin(200, type: "text/event-stream")
            for _ in 0..<50 { exchange.send([UInt8](repeating: 65, count: 30_000)) }
        }
        let log = StreamLog()
        let box = Seen<HTTPTicket>()
        box.add(
            client.stream(HTTPRequest("GET", server.url)) { signal in
                if case .bytes = signal { box.all.first?.cancel() }
                log.take(signal)
            })
        await log.wait { $0.closed == 1 }
        #expect(log.state.error == .cancelled)
    }

    @Test func silenceClosesAStreamAndBytesKeepItOpen() async throws {
        let server = try RunningStandIn.start { reactor throws(StandInError) in
            try StandInServer(reactor) { exchange in
                exchange.begin(200, type: "text/event-stream")
                guard exchange.request.path == "/beats" else { return }
                for beat in 1...6 {
                    reactor.after(ms: 40 * beat) { beat < 6 ? exchange.send(Array("b".utf8)) : exchange.finish() }
                }
            }
        }
        let silent = StreamLog(), beating = StreamLog()
        client.stream(HTTPRequest("GET", server.url + "/silent", silenceLimitMs: 150)) { silent.take($0) }
        client.stream(HTTPRequest("GET", server.url + "/beats", silenceLimitMs: 150)) { beating.take($0) }
        await silent.wait { $0.closed == 1 }
        await beating.wait { $0.closed == 1 }
        guard case .silent(let ms) = silent.state.error else {
            Issue.record("closed with \(String(describing: silent.state.error))")
            return
        }
        #expect(ms >= 150)
        #expect(beating.state.text == "bbbbb" && beating.state.error == nil)
    }

    @Test(arguments: [1, 7, 16_384, 100_000]) func pausingAndResumingLosesNothing(chunk: Int) async throws {
        let total = chunk < 100 ? 20_000 : 1 << 20
        let server = try RunningStandIn.start { exchange in
            exchange.begin(200, type: "text/event-stream")
            var at = 0
            while at < total {
                let size = min(chunk, total - at)
                exchange.send((at..<at + size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
                at += size
            }
            exchange.finish()
        }
        let received = Mutex<[UInt8]>([])
        let pieces = Seen<Int>()
        let log = StreamLog()
        let box = Mutex<HTTPTicket?>(nil)
        let ticket = client.stream(HTTPRequest("GET", server.url)) { signal in
            switch signal {
            case .bytes(let bytes):
                received.withLock { $0 += Array(bytes) }
                pieces.add(bytes.count)
                if pieces.all.count % 3 == 1 { box.withLock { $0 }?.pause() }
            case .opened, .closed: log.take(signal)
            }
        }
        box.withLock { $0 = ticket }
        while log.state.closed == 0 {
            ticket.resume()
            await Task.yield()
        }
        #expect(log.state.error == nil)
        let expected = (0..<total).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(received.withLock { $0 } == expected)
    }

    @Test func aPausedStreamTakesNothingAndIsNotSilent() async throws {
        let backlog = Seen<Int>()
        let server = try RunningStandIn.start { reactor throws(StandInError) in
            try StandInServer(reactor) { exchange in
                exchange.begin(200, type: "text/event-stream")
                exchange.send([65])
                reactor.after(ms: 30) { for _ in 0..<64 { exchange.send([UInt8](repeating: 66, count: 1 << 20)) } }
                reactor.after(ms: 700) {
                    backlog.add(exchange.backlog)
                    exchange.finish()
                }
            }
        }
        let count = Mutex(0)
        let log = StreamLog()
        let ticket = client.stream(HTTPRequest("GET", server.url, silenceLimitMs: 300)) { signal in
            if case .bytes(let bytes) = signal { count.withLock { $0 += bytes.count } } else { log.take(signal) }
        }
        ticket.pause()
        await backlog.wait(for: 1)
        #expect(backlog.all[0] > 32 << 20)
        #expect(count.withLock { $0 } < 1 << 20)
        ticket.resume()
        await log.wait { $0.closed == 1 }
        #expect(log.state.error == nil && count.withLock { $0 } == 1 + 64 << 20)
    }

    @Test func fiveHundredStreamsFlowAtOnce() async throws {
        let server = try RunningStandIn.start { exchange in
            exchange.begin(200, type: "text/event-stream")
            for number in 0..<20 { exchange.send(Array("data: \(number)\n\n".utf8)) }
            exchange.finish()
        }
        let expected = (0..<20).map { "data: \($0)\n\n" }.joined()
        let logs = (0..<500).map { _ in StreamLog() }
        for log in logs { client.stream(HTTPRequest("GET", server.url)) { log.take($0) } }
        for log in logs {
            await log.wait { $0.closed == 1 }
            #expect(log.state.text == expected && log.state.error == nil)
        }
    }
}
