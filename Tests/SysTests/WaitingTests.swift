import Glibc
import Sys
import Testing

@Suite struct Waiting {
    @Test func aMailboxLosesNothingAndKeepsEachSendersOrder() async {
        let mailbox = Mailbox<(sender: Int, number: Int)>()
        let senders = 4
        let each = 50_000
        for sender in 0..<senders {
            startThread(named: "sender") {
                for number in 0..<each {
                    if number % 100 == 0 {
                        mailbox.post(contentsOf: [(sender, number)])
                    } else {
                        mailbox.post((sender, number))
                    }
                }
            }
        }
        let inOrder = await withCheckedContinuation { continuation in
            startThread(named: "receiver") {
                let poller = Poller()
                try? poller.add(mailbox.descriptor, token: 7)
                var next = [Int](repeating: 0, count: senders)
                var good = true
                while next.reduce(0, +) < senders * each {
                    let ready = poller.wait(untilMonotonicMs: Clock.monotonicMilliseconds() + 10_000)
                    if ready.isEmpty { break }
                    for letter in mailbox.drain() {
                        good = good && next[letter.sender] == letter.number
                        next[letter.sender] += 1
                    }
                }
                continuation.resume(returning: good && next == [Int](repeating: each, count: senders))
            }
        }
        #expect(inOrder)
        #expect(mailbox.drain().isEmpty && mailbox.count == 0)
    }

    @Test func aPollerKeepsDeadlinesAndTokens() throws {
        let poller = Poller()
        let before = Clock.monotonicMilliseconds()
        #expect(poller.wait(untilMonotonicMs: before - 1000).isEmpty)
        #expect(poller.wait(untilMonotonicMs: before + 20).isEmpty)
        #expect(Clock.monotonicMilliseconds() >= before + 20)

        let pipe = try Pipe()
        try poller.add(pipe.read.number, token: 1 << 63 | 5)
        try poller.add(pipe.write.number, token: 6, .write)
        #expect(poller.wait(untilMonotonicMs: nil).map(\.token) == [6])
        try poller.modify(pipe.write.number, token: 6, [])
        #expect(try pipe.write.write([1, 2, 3]) == .bytes(3))
        let ready = poller.wait(untilMonotonicMs: .max)
        #expect(ready.map(\.token) == [1 << 63 | 5] && ready.allSatisfy { $0.readable && !$0.writable && !$0.hangup })
        poller.remove(pipe.read.number)
        poller.remove(pipe.read.number)
        #expect(poller.wait(untilMonotonicMs: .min).isEmpty)
    }

    @Test func descriptorsTellAnEndFromNothingYet() async throws {
        func end(of read: borrowing Descriptor) throws -> [Transfer] {
            var bytes: [UInt8] = []
            return [try read.read(appendingTo: &bytes), try read.read(appendingTo: &bytes)]
        }
        let pipe = try Pipe()
        try pipe.read.setNonBlocking()
        #expect(try end(of: pipe.read) == [.wouldBlock, .wouldBlock])
        _ = try pipe.write.write([9])
        #expect(try end(of: pipe.read) == [.bytes(1), .wouldBlock])
        #expect(fcntl(pipe.write.number, F_GETFD) & FD_CLOEXEC != 0)
        let read = pipe.closingWrite()
        // A child that another test starts just now holds a copy until it runs its program.
        #expect(await becomesReadable(read.number))
        #expect(try end(of: read) == [.end, .end])
        #expect(throws: SysError.self) { _ = try Descriptor.open("/no/such/file", O_RDONLY) }
    }

    @Test func signalsAreReadAndDoNotInterrupt() async {
        // On a thread of its own, which alone then blocks them.
        let seen = await withCheckedContinuation { continuation in
            startThread(named: "signals") {
                guard let signals = try? Signals([SIGUSR1, SIGUSR2, SIGWINCH]) else { return continuation.resume(returning: [[Int32]]()) }
                let poller = Poller()
                try? poller.add(signals.descriptor, token: 3)
                let before = signals.read()
                raise(SIGUSR2)
                raise(SIGWINCH)
                raise(SIGWINCH)
                let ready = poller.wait(untilMonotonicMs: nil).map { Int32($0.token) }
                continuation.resume(returning: [before, ready, signals.read().sorted(), signals.read()])
            }
        }
        #expect(seen == [[], [3], [SIGUSR2, SIGWINCH], []])
    }

    @Test func threadsKnowEachOther() async {
        let here = ThreadOwner()
        #expect(here.isHere)
        let elsewhere = await withCheckedContinuation { continuation in
            startThread(named: "a name that is longer than fits") { continuation.resume(returning: here.isHere) }
        }
        #expect(!elsewhere)
    }

    @Test func aFollowedFileTellsGrowthAndTruncation() async throws {
        let scratch = Scratch()
        try Files.appendLine(scratch("log"), "one")
        let follow = try FollowFile(scratch("log"))
        #expect(try follow.read() == Array("one\n".utf8))
        #expect(try follow.read() == [])
        try Files.appendLine(scratch("log"), "two")
        #expect(await becomesReadable(follow.descriptor))
        #expect(try follow.read(limit: 2) == Array("tw".utf8))
        #expect(try follow.read() == Array("o\n".utf8))
        #expect(truncate(scratch("log"), 0) == 0)
        try Files.appendLine(scratch("log"), "3")
        #expect(await becomesReadable(follow.descriptor))
        #expect(try follow.read() == Array("3\n".utf8))
        #expect(try FollowFile(scratch("log"), from: nil).read() == [])
    }

    @Test func clocks() {
        let local = Clock.localTime(Clock.wallMilliseconds())
        #expect(local.year >= 2024 && (1...12).contains(local.month) && (1...31).contains(local.day))
        #expect(Clock.localTime(-1).second == 59)
        #expect(Clock.wallMilliseconds(of: Clock.localTime(1_700_000_000_000)) == 1_700_000_000_000)
    }
}
