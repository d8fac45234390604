import Glibc
import Sys
import Testing

@testable import Store

@Suite struct Survival {
    let scratch = Scratch()

    /// A process of its own commits as fast as it can and notes each commit after it; another of its threads kills it.
    @Test(arguments: [-1, -1, 0, 1, 2, 3, 5, 8, 13, 30, 60]) func whatWasPutSurvivesAKill(_ commits: Int) async throws {
        let directory: String = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String, commits = commits as Int] in
            // Somewhere in the milliseconds after so many commits; -1: while the file is made.
            func die() {
                startThread(named: "killer") {
                    let moment = Clock.monotonicNanoseconds() + UInt64.random(in: 0..<5_000_000)
                    while Clock.monotonicNanoseconds() < moment {}
                    kill(getpid(), SIGKILL)
                }
            }
            if commits < 0 { die() }
            let store = Store.open(directory + "/state/drover.db")
            let body = [UInt8](repeating: 0x41, count: 20_000)
            for number in 0... {
                if number == commits { die() }
                try store.put(kind: "agent", id: "\(number)", body: body, durable: number % 3 == 0)
                try store.putSnapshot(Array("\(number)".utf8) + body)
                try store.append(AuditEntry(actor: "t", action: "put", subject: "\(number)"), at: 0)
                try Files.appendLine(directory + "/noted", "\(number)")
            }
        }
        let noted = (try? Files.readText(directory + "/noted").split(separator: "\n").count) ?? 0
        #expect(noted >= commits)
        // A client looks first, while the dead process' log is still there.
        let before = scratch.names
        let snapshot = StoredSnapshot.read(scratch.database)
        if noted > 0 { #expect(snapshot?.count ?? 0 > 20_000) }
        #expect(scratch.names == before)

        let store = Store.open(scratch.database)
        #expect(store.notices.isEmpty && store.isPersistent)
        let kept = try store.all(kind: "agent")
        #expect(kept.count >= noted && kept.count <= noted + 1)
        #expect(kept.allSatisfy { $0.body.count == 20_000 })
        guard case .intact(let lines) = try store.verifyAudit() else {
            Issue.record("the chain is broken")
            return
        }
        #expect(lines >= noted)
    }

    @Test(arguments: ["garbage", "empty head", "cut", "a directory of another program"])
    func whatCannotBeReadIsSetAside(_ damage: String) throws {
        try fill()
        let bytes = try Files.read(scratch.database)
        let damaged: [UInt8] =
            switch damage {
            case "garbage": Array("this is no database, but it may be dear to somebody. ".utf8) + bytes.reversed()
            case "empty head": [UInt8](repeating: 0, count: 100) + bytes.dropFirst(100)
            case "cut": Array(bytes.prefix(bytes.count / 2 + 100))
            default: Array("SQLite format 3\0".utf8)
            }
        try Files.writeAtomically(scratch.database, damaged)
        let store = Store.open(scratch.database, afterDamage: true)
        #expect(store.isPersistent)
        #expect(store.notices.count == 1)
        let aside = try #require(scratch.names.first { $0.hasPrefix("drover.db.unreadable-") })
        #expect(store.notices[0].contains(aside))
        #expect(try Files.read("\(scratch.path)/state/\(aside)") == damaged)
        #expect(try store.all(kind: "agent").isEmpty)
        #expect(try store.auditLines().map(\.entry.action) == ["store.started-fresh"])
        try store.put(kind: "agent", id: "new", body: [1], durable: true)
    }

    @Test func aLaterFormatIsSetAsideAndKept() throws {
        try fill()
        do {
            let database = try Database(scratch.database, .write)
            try database.execute("PRAGMA user_version=999")
        }
        let store = Store.open(scratch.database)
        #expect(store.notices.first?.contains("later version of drover (format 999)") == true)
        #expect(store.isPersistent)
        let aside = try #require(scratch.names.first { $0.hasPrefix("drover.db.unreadable-") })
        let kept = try Database("\(scratch.path)/state/\(aside)", .write)
        #expect(try kept.number("SELECT count(*) FROM records") == 50)
    }

    @Test func damageThatShowsWhileRunningIsSetAsideToo() async throws {
        try fill()
        let openings = Mailbox<StoreWorker.Opening>()
        let worker = StoreWorker(scratch.database) { openings.post($0) }
        _ = await worker.ask(.flush)
        // Pages in the middle, behind the back of the connection; what it has not read yet shows the damage.
        var bytes = try Files.read(scratch.database)
        for at in 8192..<bytes.count { bytes[at] = 0x5A }
        let file = try Descriptor.open(scratch.database, O_WRONLY)
        try Descriptor.writeAll(file.number, bytes)
        guard case .failed(.damaged) = await worker.ask(.all(kind: "agent")) else {
            Issue.record("the damage was not noticed")
            return
        }
        #expect(await worker.ask(put("again", "x", durable: true)) == .done)
        #expect(openings.drain().map { [$0.isPersistent, $0.isAnother] } == [[true, false], [true, true]])
        await worker.close()
        #expect(scratch.names.contains { $0.hasPrefix("drover.db.unreadable-") })
    }

    private func fill() throws {
        let store = Store.open(scratch.database)
        for number in 0..<50 { try store.put(kind: "agent", id: "\(number)", body: [UInt8](repeating: 1, count: 2000), durable: false) }
    }

    // MARK: Disks that do not want to. Only root can mount one.

    private func mount(_ options: String) async throws -> String {
        try #require(getuid() == 0, "needs root to mount a small file system")
        let path = scratch.path + "/disk"
        try Files.makeDirectories(path)
        let mounted = try await run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
        try #require(mounted.status.isSuccess, "cannot mount: \(mounted.errorText)")
        return path
    }

    @Test func aFullDiskIsToldAndLaterMadeUpFor() async throws {
        let disk = try await mount("size=512k,mode=700")
        let path = disk + "/drover.db"
        let worker = StoreWorker(path)
        #expect(await worker.ask(put("small", "old", durable: true)) == .done)
        try Files.writeAtomically(disk + "/filler", [])
        _ = try await run("sh", "-c", "head -c 10000000 /dev/zero > \(disk)/filler")

        guard case .failed(.full) = await worker.ask(put("small", "new " + String(repeating: "x", count: 50_000))) else {
            Issue.record("a full disk was not noticed")
            return
        }
        guard case .failed(.full) = await worker.ask(put("promise", String(repeating: "x", count: 50_000), durable: true)) else {
            Issue.record("a full disk was not noticed")
            return
        }
        let row = SpendRow(day: "2025-11-21", agent: "a", project: "p", model: String(repeating: "m", count: 50_000), spend: StoredSpend(cost: 1))
        guard case .failed(.full) = await worker.ask(.addSpend(row)) else {
            Issue.record("a full disk was not noticed")
            return
        }
        // What would be done when it is written down is not written down later: it was not done.
        let entry = AuditEntry(actor: "person", action: "answer", subject: "x", detail: String(repeating: "x", count: 50_000))
        guard case .failed(.full) = await worker.ask(.audit(entry, at: 1)) else {
            Issue.record("a full disk was not noticed")
            return
        }
        guard case .records(let kept) = await worker.ask(.all(kind: "agent")) else { return }
        #expect(kept.texts == ["small=old"])

        try Files.remove(disk + "/filler")
        #expect(await worker.ask(put("other", "1")) == .done)
        guard case .records(let all) = await worker.ask(.all(kind: "agent")) else { return }
        #expect(all.map(\.id) == ["other", "promise", "small"] && all.last?.body.count == 50_004)
        #expect(await worker.ask(.spend(from: "2025-11-21", to: "2025-11-21")) == .spend([row]))
        #expect(await worker.ask(.verifyAudit) == .verdict(.intact(lines: 0)))
        await worker.close()
    }

    @Test func aDiskThatWasFullFromTheStartIsWrittenToWhenThereIsRoom() async throws {
        let disk = try await mount("size=512k,mode=700")
        let path = disk + "/drover.db"
        func write() throws {
            let store = Store.open(path)
            for id in ["a", "b"] { try store.put(kind: "agent", id: id, body: [1], durable: true) }
            try store.addSpend(SpendRow(day: "2025-11-21", agent: "a", project: "p", model: "m", spend: StoredSpend(cost: 1)))
        }
        try write()
        _ = try await run("mount", "-o", "remount,ro", disk)

        let openings = Mailbox<StoreWorker.Opening>()
        let worker = StoreWorker(path) { openings.post($0) }
        #expect(await worker.ask(put("c", "new", durable: true)) == .done)
        #expect(await worker.ask(.delete(kind: "agent", id: "a", durable: true)) == .done)
        let row = SpendRow(day: "2025-11-21", agent: "a", project: "p", model: "m", spend: StoredSpend(cost: 2))
        #expect(await worker.ask(.addSpend(row)) == .done)
        let entry = AuditEntry(actor: "person", action: "answer", subject: "x")
        guard case .failed(.readOnly) = await worker.ask(.audit(entry, at: 1)) else {
            Issue.record("an audit line was written nowhere")
            return
        }
        _ = try await run("mount", "-o", "remount,rw", disk)
        guard case .audited(let line) = await worker.ask(.audit(entry, at: 2)) else {
            Issue.record("the disk was not looked at again")
            return
        }
        #expect(line.seq == 1)
        #expect(openings.drain().map { [$0.isPersistent, $0.isAnother] } == [[false, false], [true, true]])
        await worker.close()
        func look() throws {
            let store = Store.open(path)
            #expect(try store.all(kind: "agent").map(\.id) == ["b", "c"])
            #expect(try store.spend(from: "", to: "~").map(\.spend.cost) == [3])
            #expect(try store.verifyAudit() == .intact(lines: 1))
        }
        try look()
    }

    @Test func aDiskThatIsFullFromTheStartLeavesMemory() async throws {
        let disk = try await mount("size=16k,mode=700")
        _ = try await run("sh", "-c", "head -c 100000 /dev/zero > \(disk)/filler")
        func look() throws {
            let store = Store.open(disk + "/drover.db")
            #expect(!store.isPersistent && store.notices.count == 1)
            try store.put(kind: "agent", id: "a", body: [1], durable: true)
            #expect(try store.all(kind: "agent").count == 1)
        }
        try look()
    }

    @Test func aReadOnlyDiskIsReadAndGoneOnWithInMemory() async throws {
        let disk = try await mount("size=4m,mode=700")
        let path = disk + "/drover.db"
        func write() throws {
            let store = Store.open(path)
            try store.put(kind: "agent", id: "a", body: [1], durable: true)
        }
        func look() throws {
            let store = Store.open(path)
            #expect(!store.isPersistent)
            #expect(store.notices.first?.contains("Read-only file system") == true)
            #expect(try store.all(kind: "agent").map(\.id) == ["a"])
            try store.put(kind: "agent", id: "b", body: [1], durable: true)
            #expect(try store.all(kind: "agent").count == 2)
        }
        try write()
        _ = try await run("mount", "-o", "remount,ro", disk)
        try look()
        #expect(StoredSnapshot.read(path) == nil)
    }
}
