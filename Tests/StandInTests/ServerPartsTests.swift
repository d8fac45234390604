import Testing

@testable import StandIn

@Suite struct ServerPartsTests {
    private func requests(_ pieces: [[UInt8]]) -> [String] {
        var parser = RequestParser(), found: [String] = []
        for piece in pieces {
            piece.withUnsafeBytes { parser.append($0) }
            while true {
                switch parser.next() {
                case .incomplete: break
                case .malformed: return found + ["malformed"]
                case .request(let request):
                    let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
                    found.append("\(request.method) \(request.path) \(query) \(request.header("x") ?? "") \(String(decoding: request.body, as: UTF8.self))")
                    continue
                }
                break
            }
        }
        return found
    }

    @Test func requestsAreReadAtEverySplit() {
        let bytes = Array("POST /a%20b?x=1&y=%2F+z HTTP/1.1\r\nX:  1 \r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n".utf8)
        let expected = ["POST /a b x=1&y=/ z 1 hello", "GET /   "]
        for cut in 0...bytes.count { #expect(requests([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected, "cut at \(cut)") }
        #expect(requests(bytes.map { [$0] }) == expected)
    }

    @Test(arguments: ["garbage\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\nnocolon\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"])
    func whatIsNoRequestIsMalformed(_ text: String) { #expect(requests([Array(text.utf8)]) == ["malformed"]) }

    @Test func theOutputQueueKeepsItsOrder() {
        var queue = OutputQueue(), expected: [UInt8] = [], taken: [UInt8] = []
        var number = 1
        for round in 0..<400 {
            number = (number * 75 + 74) % 65_537
            let piece = (0..<(number % 3000)).map { UInt8(truncatingIfNeeded: $0 &+ round) }
            queue.append(piece)
            expected += piece
            for _ in 0..<3 where !queue.isEmpty {
                let size = queue.withNext { front in
                    let size = min(front.count, 1 + number % 1500)
                    taken += Array(front[..<size])
                    return size
                }
                queue.drop(size)
            }
        }
        while !queue.isEmpty {
            let size = queue.withNext { front in
                taken += Array(front)
                return front.count
            }
            queue.drop(size)
        }
        #expect(taken == expected && queue.count == 0)
    }

    @Test func timersComeInOrderAndCanBeTakenBack() {
        var timers = Timers(), calls: [Int] = []
        var numbers: [UInt64] = []
        for at in [5, 3, 9, 3, 1, 7] { numbers.append(timers.add(atNs: Int64(at)) { calls.append(at) }) }
        timers.cancel(numbers[4])
        timers.cancel(numbers[2])
        timers.cancel(numbers[2])
        #expect(timers.nextNs == 3)
        while let call = timers.take(nowNs: 6) { call() }
        timers.cancel(numbers[0])
        #expect(calls == [3, 3, 5] && timers.nextNs == 7)
        while let call = timers.take(nowNs: 100) { call() }
        #expect(calls == [3, 3, 5, 7] && timers.nextNs == nil)
    }

    @Test(arguments: [
        ("git *", "git status", true), ("git *", "git", true), ("git *", "gitk", false), ("*", "", true), ("*.env", "a/.env", true), ("a*c*e", "abcde", true),
        ("a*c*e", "abde", false), ("src/*", "src/a/b", true), ("", "", true), ("", "a", false),
    ]) func patternsMatch(_ pattern: String, _ text: String, _ fits: Bool) { #expect(FakeRule.matches(pattern, text) == fits) }

    @Test func theLastRuleThatFitsDecides() throws {
        let config = """
            {"*":"ask","bash":{"*":"deny","git *":"allow"}}
            """
        let rules = FakeRule.rules(ofConfig: try .init(parsing: config))
        #expect(FakeRule.action("bash", "rm -rf /", rules) == "deny")
        #expect(FakeRule.action("bash", "git log", rules) == "allow")
        #expect(FakeRule.action("edit", "a", rules) == "ask")
        #expect(FakeRule.action("edit", "a", []) == "allow")
    }

    @Test func diffsAreUnified() {
        let diff = FakeDiff(file: "a", before: "1\n2\n3\n4\n5\n6\n", after: "1\n2\n3\n4\nfive\n6\n", isNew: false)
        #expect(diff.unified(name: "a").patch.hasSuffix("@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+five\n 6\n"))
        let new = FakeDiff(file: "b", before: "", after: "x\ny\n", isNew: true).unified(name: "b")
        #expect(new.patch.hasSuffix("@@ -0,0 +1,2 @@\n+x\n+y\n") && new.additions == 2 && new.deletions == 0)
    }

    @Test(arguments: [(0, "1970-01-01T00:00:00.000Z"), (951_782_400_123, "2000-02-29T00:00:00.123Z"), (1_795_249_916_986, "2026-11-21T08:31:56.986Z")])
    func momentsAreWritten(_ ms: Int64, _ text: String) { #expect(ISOTime.text(ms) == text) }
}
