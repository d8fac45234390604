import Domain
import TestKit
import Testing

@testable import Engine

/// What was removed goes for good, but only when its time is over, at a quiet moment, and written down.
@Suite struct ExpiryTests {
    private func removedAgent(_ world: inout EngineWorld, _ kind: Place.Kind = .worktree) throws -> AgentID {
        let id = try world.mustStart(kind: kind)
        world.on(id) { $0.finish($1) }
        #expect(world.obey(.remove([id])) == .success(.done))
        return id
    }

    @Test(arguments: [Place.Kind.worktree, .folder]) func undoHoldsAsLongAsItPromises(kind: Place.Kind) throws {
        var world = makeWorld(settings: EngineSettings(keepRemoved: .days(3)))
        let id = try removedAgent(&world, kind)
        world.pass(.milliseconds(Span.days(3).milliseconds - 3_600_000))
        _ = world.obey(.undo)
        #expect(world.agent(id) != nil)
        #expect(world.obey(.remove([id])) == .success(.done))
        world.pass(.days(5))
        guard case .failure(let refusal)? = world.obey(.undo) else { return #expect(Bool(false)) }
        #expect(refusal.reason == .notFound)
        #expect(world.removedPlaces.isEmpty)
        #expect(world.store.audit.map(\.action).last == "drop")
        world.store.close()
        #expect(!world.store.records.contains { if case .removed = $0 { true } else { false } })
        world.finish()
    }

    @Test func aPlaceThatWentWithoutAnAgentIsDroppedToo() throws {
        var world = makeWorld(settings: EngineSettings(keepRemoved: .days(3)))
        _ = try world.mustStart()
        world.addForeignWorktree("/p/api-other", project: apiID)
        world.enqueue(.places(-4), .placesListed(apiID, .success(Array(world.disk.values))))
        world.run()
        let place = try #require(world.engine.herd.places.values.first { $0.directory == "/p/api-other" })
        #expect(world.obey(.removePlace(place.id)) == .success(.done))
        #expect(world.removedPlaces.count == 1)
        world.pass(.days(5))
        #expect(world.removedPlaces.isEmpty)
        world.finish()
    }

    @Test func nothingIsDroppedWhileSomebodyWorksOrForEver() throws {
        var world = makeWorld(settings: EngineSettings(quietAfter: .minutes(5), idleStop: nil, keepRemoved: .minutes(1)))
        _ = try removedAgent(&world)
        let busy = try world.mustStart()
        world.pass(.minutes(60))
        #expect(world.removedPlaces.count == 1)
        world.on(busy) { $0.finish($1) }
        world.pass(.minutes(11))
        #expect(world.removedPlaces.isEmpty)

        _ = try removedAgent(&world)
        var settings = world.settings
        settings.keepRemoved = nil
        world.enqueue(.clients, .settingsChanged(settings))
        world.kill(apiServer)
        world.pass(.minutes(200))
        #expect(world.removedPlaces.count == 1)
        world.finish()
    }

    @Test func whatCannotBeDroppedOrWrittenDownIsTriedAgain() throws {
        var world = makeWorld(settings: EngineSettings(keepRemoved: .days(3)))
        let id = try removedAgent(&world)
        world.refusesPlaces = Refusal(.failed, "no")
        world.pass(.days(5))
        #expect(world.removedPlaces.count == 1)
        world.refusesPlaces = nil
        world.failsAudit = "the disk is full"
        world.pass(.days(2))
        #expect(world.removedPlaces.count == 1)
        world.failsAudit = nil
        world.pass(.days(2))
        #expect(world.removedPlaces.isEmpty)
        #expect(world.agent(id) == nil)
        world.finish()
    }

    @Test func whatCannotBeListedOrLookedAtIsSaidOnce() throws {
        var world = makeWorld()
        let id = try world.mustStart(kind: .worktree)
        world.refusesLooks = Refusal(.failed, "bad config", remedy: "mend it")
        for _ in 0..<3 {
            world.on(id) { $0.finish($1) }
            _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        }
        let told = world.engine.herd.notices.filter { $0.text.contains("bad config") }
        #expect(told.count == 1 && told.first?.agent == id && told.first?.remedy == "mend it")
        world.refusesLooks = nil
        world.on(id) { $0.finish($1) }
        world.refusesLooks = Refusal(.failed, "bad config", remedy: "mend it")
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        world.on(id) { $0.finish($1) }
        #expect(world.engine.herd.notices.count { $0.text.contains("bad config") } == 2)
        world.finish()
    }
}
