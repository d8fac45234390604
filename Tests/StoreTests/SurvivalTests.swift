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
        let openings = Mailbox<([String], Bool)>()
        let worker = StoreWorker(scratch.database) { openings.post(($0, $1)) }
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
        #expect(openings.drain().map(\.1) == [true, true])
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
        // Durable work fails too, and is not tried behind the back of who asked for it.
        guard case .failed(.full) = await worker.ask(put("promise", String(repeating: "x", count: 50_000), durable: true)) else {
            Issue.record("a full disk was not noticed")
            return
        }
        guard case .records(let kept) = await worker.ask(.all(kind: "agent")) else { return }
        #expect(kept.texts == ["small=old"])

        try Files.remove(disk + "/filler")
        #expect(await worker.ask(put("other", "1")) == .done)
        guard case .records(let all) = await worker.ask(.all(kind: "agent")) else { return }
        #expect(all.map(\.id) == ["other", "small"] && all.last?.body.count == 50_004)
        await worker.close()
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
