import Domain
import TestKit
import Testing

@testable import Engine

/// Written to the audit log before it takes effect; not done when it cannot be written, and said so.
@Suite struct AuditTests {
    private let full = "the disk is full"

    private func expectUndone(_ reply: Result<ClientReply, Refusal>?, _ location: SourceLocation = #_sourceLocation) {
        guard case .failure(let refusal)? = reply else {
            Issue.record("it was done: \(String(describing: reply))", sourceLocation: location)
            return
        }
        #expect(refusal.reason == .refused, sourceLocation: location)
        #expect(refusal.message.contains(full), sourceLocation: location)
        #expect(!refusal.remedy.isEmpty, sourceLocation: location)
    }

    /// What was carried out since, besides telling.
    private func acts(_ world: EngineWorld, since: Int) -> [Effect] {
        world.effects[since...].filter { effect in
            switch effect {
            case .audit, .reply, .save, .forget, .inspectProject, .measureServer: false
            case .call(_, _, _, let call): call.changes
            default: true
            }
        }
    }

    @Test func noAgentIsStartedAndNoPlaceIsMade() {
        var world = makeWorld()
        world.failsAudit = full
        let before = world.effects.count
        expectUndone(world.obey(.new(NewAgent(directory: api, kind: .worktree, prompt: "x"))))
        #expect(acts(world, since: before) == [])
        #expect(world.engine.herd.agents.isEmpty && world.disk.isEmpty && world.store.records.isEmpty)
        world.failsAudit = nil
        #expect(world.new(kind: .worktree) != nil)
        #expect(world.store.audit.map(\.action) == ["new"])
        world.finish()
    }

    @Test func noRequestIsAnswered() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let request = try #require(world.on(id) { $0.asks($1) })
        world.failsAudit = full
        let before = world.effects.count
        expectUndone(world.obey(.answer(request, .once)))
        #expect(acts(world, since: before) == [])
        #expect(world.status(id) == .waiting)
        world.failsAudit = nil
        #expect(world.obey(.answer(request, .once)) == .success(.done))
        #expect(world.status(id) == .running)
        #expect(world.store.audit.map(\.action) == ["new", "answer"])
        world.finish()
    }

    @Test func nothingIsRemovedOrBroughtBack() throws {
        var world = makeWorld()
        let ids = [try world.mustStart("one", kind: .worktree), try world.mustStart("two", kind: .worktree)]
        for id in ids { world.on(id) { $0.finish($1) } }
        world.failsAudit = full
        let before = world.effects.count
        expectUndone(world.obey(.remove(ids)))
        #expect(acts(world, since: before) == [])
        #expect(world.engine.herd.agents.count == 2 && world.disk.count == 2)
        world.failsAudit = nil
        #expect(world.obey(.remove([ids[0]])) == .success(.done))
        world.failsAudit = full
        expectUndone(world.obey(.undo))
        #expect(world.agent(ids[0]) == nil && world.disk.count == 1)
        world.failsAudit = nil
        _ = world.obey(.undo)
        #expect(world.agent(ids[0]) != nil && world.disk.count == 2)
        #expect(world.store.audit.map(\.action) == ["new", "new", "remove", "undo remove"])
        world.finish()
    }

    @Test func noPlaceIsTakenAwayAndNoScriptTrusted() throws {
        var world = makeWorld()
        _ = try world.mustStart()
        world.addForeignWorktree("/p/api-other", project: apiID)
        let project = try #require(world.engine.herd.projects[apiID])
        world.enqueue(.places(-4), .placesListed(apiID, .success([Place.folder(of: project)] + world.disk.values)))
        world.run()
        let place = try #require(world.engine.herd.places.values.first { $0.directory == "/p/api-other" })
        world.failsAudit = full
        let before = world.effects.count
        expectUndone(world.obey(.removePlace(place.id)))
        expectUndone(world.obey(.trust(apiID)))
        #expect(acts(world, since: before) == [])
        world.failsAudit = nil
        #expect(world.obey(.removePlace(place.id)) == .success(.done))
        #expect(world.disk.isEmpty)
        world.finish()
    }

    /// The worktree of a launch that came to nothing: without a line in the log it stays, and both are said.
    @Test func aWorktreeThatCannotBeClearedAwayIsNamed() {
        var world = makeWorld()
        world.refusesCall = { _, call in if case .create = call { .serverError(500, "no") } else { nil } }
        world.failsAudit = nil
        let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "x")))
        for _ in 0..<3 { world.step() }  // its own line is written
        world.failsAudit = full
        world.run()
        guard case .failure(let refusal)? = world.reply(to: errand) else { return #expect(Bool(false)) }
        #expect(refusal.message.contains("500"))
        #expect(world.disk.count == 1)
        #expect(world.engine.herd.notices.contains { $0.remedy.hasPrefix("drover place rm") && $0.text.contains(full) })
        world.failsAudit = nil
        let place = world.disk.values.first?.id ?? PlaceID("")
        #expect(world.obey(.removePlace(place)) == .success(.done))
        world.finish()
    }

    /// The refusal of a `new` is the last thing: whoever has it finds nothing left.
    @Test(arguments: ["create", "prompt", "stop"]) func whenALaunchIsRefusedItsWorktreeIsGone(why: String) {
        var world = makeWorld()
        world.refusesCall = { _, call in
            switch call {
            case .create where why == "create", .prompt where why == "prompt": .serverError(500, "no")
            default: nil
            }
        }
        let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "x")))
        var hadPlace = false
        while world.reply(to: errand) == nil, !world.isQuiet {
            world.step()
            if why == "stop", let id = world.engine.launches.keys.first, !hadPlace {
                world.order(.stop([id]))
                world.step { $0 - 1 }  // while the place is being made
            }
            hadPlace = hadPlace || !world.disk.isEmpty
        }
        guard case .failure? = world.reply(to: errand) else { return #expect(Bool(false)) }
        #expect(hadPlace && world.disk.isEmpty)
        world.run()
        world.finish()
    }

    @Test func aDaemonThatEndsDoesNothingMore() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let request = try #require(world.on(id) { $0.asks($1) })
        let errand = world.order(.answer(request, .once))
        world.step()  // the line is on its way
        world.order(.shutdown)
        world.step { $0 - 1 }  // before the line is there
        world.run()
        guard case .failure? = world.reply(to: errand) else { return #expect(Bool(false)) }
        #expect(world.hasExited)
        #expect(world.problems == [])
    }

    @Test func anotherStoreGetsEverythingOnceMore() throws {
        var world = makeWorld()
        let kept = try world.mustStart(kind: .worktree)
        let gone = try world.mustStart()
        world.on(gone) { $0.finish($1) }
        _ = world.obey(.remove([gone]))
        world.crash(keeping: 1000)
        world.restart()
        world.run()
        world.store = FakeStore()
        world.enqueue(.clients, .storeReplaced)
        world.run()
        world.restart()
        world.run()
        #expect(world.agent(kept) != nil)
        _ = world.obey(.undo)
        #expect(world.agent(gone) != nil)
        world.finish()
    }
}

extension ServerCall {
    /// It is more than a question.
    fileprivate var changes: Bool {
        switch self {
        case .create, .rename, .archive, .delete, .prompt, .abort, .answer, .command, .dispose: true
        default: false
        }
    }
}
