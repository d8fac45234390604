import Store
import Sys
import Testing

@Suite struct Worker {
    let scratch = Scratch()

    @Test func workIsDoneInOrderAndReadsSeeWhatWasWrittenBefore() async throws {
        let worker = StoreWorker(scratch.database)
        for number in 0..<100 { worker.submit(put("a", "\(number)")) }
        worker.submit(put("gone", "x"))
        worker.submit(.delete(kind: "agent", id: "gone", durable: false))
        #expect(await worker.ask(put("b", "last", durable: true)) == .done)
        guard case .records(let records) = await worker.ask(.all(kind: "agent")) else { throw StoreError.damaged("no records") }
        #expect(records.texts == ["a=99", "b=last"])

        guard case .audited(let line) = await worker.ask(.audit(AuditEntry(actor: "person", action: "x", subject: "y"), at: 5)) else {
            throw StoreError.damaged("no line")
        }
        #expect(line.seq == 1)
        #expect(await worker.ask(.auditLines(after: 0, limit: 10)) == .auditLines([line]))
        #expect(await worker.ask(.verifyAudit) == .verdict(.intact(lines: 1)))
        #expect(await worker.ask(.readSnapshot) == .snapshot(nil))
        #expect(await worker.ask(.snapshot([1, 2])) == .done)
        #expect(await worker.ask(.readSnapshot) == .snapshot([1, 2]))
        let row = SpendRow(day: "2025-11-21", agent: "a", project: "p", model: "m", spend: StoredSpend(cost: 1))
        #expect(await worker.ask(.addSpend(row)) == .done)
        #expect(await worker.ask(.spend(from: "2025-11-21", to: "2025-11-21")) == .spend([row]))
        await worker.close()
        #expect(scratch.names == ["drover.db"])
    }

    @Test func aStartCanWait() async {
        let worker = StoreWorker(scratch.database)
        let records: StoreOutcome = await withCheckedContinuation { continuation in
            startThread(named: "start") {
                worker.submit(.put(kind: "place", id: "p", body: [], durable: false))
                #expect(worker.wait(for: put("a", "1")) == .done)
                continuation.resume(returning: worker.wait(for: .everything))
            }
        }
        guard case .records(let all) = records else { return }
        #expect(all.map(\.kind) == ["agent", "place"])
        await worker.close()
    }

    @Test func eachWorkIsAnsweredOnceAlsoFromManyThreads() async {
        let worker = StoreWorker(scratch.database)
        let answers = Mailbox<Int>()
        await withTaskGroup(of: Void.self) { group in
            for sender in 0..<4 {
                group.addTask {
                    for number in 0..<500 {
                        worker.submit(put("\(sender)-\(number)", "x", durable: number % 100 == 0)) { outcome in
                            if outcome == .done { answers.post(sender * 500 + number) }
                        }
                    }
                }
            }
        }
        #expect(await worker.ask(.flush) == .done)
        #expect(answers.drain().sorted() == Array(0..<2000))
        await worker.close()
    }

    @Test func clientsReadTheSnapshotAndMakeNoFile() async throws {
        #expect(StoredSnapshot.read(scratch.database) == nil)
        #expect(StoredSnapshot.read("/no/such/place/drover.db") == nil)
        #expect(!Files.exists(scratch.path + "/state"))
        let worker = StoreWorker(scratch.database)
        _ = await worker.ask(.flush)
        #expect(StoredSnapshot.read(scratch.database) == nil)
        _ = await worker.ask(.snapshot(Array("live".utf8)))
        let live = scratch.names
        #expect(StoredSnapshot.read(scratch.database) == Array("live".utf8))
        #expect(scratch.names == live)
        await worker.close()
        #expect(StoredSnapshot.read(scratch.database) == Array("live".utf8))
        #expect(scratch.names == ["drover.db"])
        try Files.writeAtomically(scratch.database, Array("garbage".utf8))
        #expect(StoredSnapshot.read(scratch.database) == nil)
        try Files.writeAtomically(scratch.database, [])
        #expect(StoredSnapshot.read(scratch.database) == nil)
        #expect(scratch.names == ["drover.db"])
    }
}
