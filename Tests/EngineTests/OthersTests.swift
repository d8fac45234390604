import Domain
import TestKit
import Testing

@testable import Engine

/// Sessions that an opencode of somebody else runs on the same data: never shown as what they may not be, never driven by two.
@Suite struct OthersTests {
    private func other(_ world: EngineWorld, pid: Int = 4242, directory: String = api, isAnywhere: Bool = false, age: Int64 = 60_000) -> OtherOpenCode {
        OtherOpenCode(pid: pid, directory: directory, isAnywhere: isAnywhere, started: Timestamp(milliseconds: world.now.wall.milliseconds - age))
    }

    /// What another process does to the database: our server says nothing of it.
    private func elsewhere<Value>(_ world: inout EngineWorld, _ body: (inout FakeOpenCode) -> Value) throws -> Value {
        let value = world.at(apiServer) { server in
            let value = body(&server)
            server.forgetPhases()
            server.outgoing = []
            return value
        }
        world.enqueue(.places(-1), .sessionsTouched)
        world.pass(.seconds(3))
        return try #require(value)
    }

    private func typeElsewhere(_ world: inout EngineWorld, _ session: SessionID) throws {
        try elsewhere(&world) { server in
            server.typed(session, "go on")
            server.answers(session)
            server.uses(session, "bash", "make")
            server.change(session) { _ in }
        }
    }

    private func world() throws -> (EngineWorld, AgentID) {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        world.others = [other(world)]
        world.pass(.seconds(10))
        return (world, id)
    }

    @Test func aSessionOfPlainOpenCodeIsUnknownWithItsProcessThenDone() throws {
        var world = makeWorld()
        _ = world.obey(.addProject(path: api))
        world.others = [other(world)]
        let session = try elsewhere(&world) { server in
            let session = server.create(in: api, title: "by hand").id
            server.typed(session, "go")
            server.answers(session)
            server.uses(session, "bash", "make")
            return session
        }
        let id = try #require(world.engine.owners[session])
        #expect(world.status(id) == .unknown)
        #expect(world.agent(id)?.evidence.what == "another opencode (pid 4242) runs it; drover reads it from the database")
        #expect(world.agent(id)?.activity.text == "pid 4242: bash make")
        // However long a tool takes: nothing is written meanwhile.
        world.pass(.minutes(20))
        #expect(world.status(id) == .unknown)
        try elsewhere(&world) { $0.endsElsewhere(session) }
        #expect(world.status(id) == .done)
        #expect(world.agent(id)?.evidence.what == "its newest message is complete")
        world.finish()
    }

    @Test func anAgentOfOursThatIsContinuedByHandIsNotCalledInterrupted() throws {
        var (world, id) = try world()
        let count = world.shownCount(id)
        try typeElsewhere(&world, world.session(id))
        #expect(world.status(id) == .unknown)
        #expect(world.agent(id)?.evidence.what.contains("pid 4242") == true)
        #expect(!world.shown(id, since: count).contains(.failed))
        world.finish()
    }

    @Test func whenThatProcessEndsWhatItLeftIsRead() throws {
        var (world, id) = try world()
        try typeElsewhere(&world, world.session(id))
        // It wrote the end and went; of the first nobody was told.
        world.at(apiServer) { $0.endsElsewhere($0.order[0]) }
        world.others = []
        world.enqueue(.places(-2), .othersFound([]))
        world.run()
        #expect(world.status(id) == .done)
        world.finish()
    }

    @Test func whatThatProcessLeftUnfinishedIsInterruptedAndCanBeResumed() throws {
        var (world, id) = try world()
        try typeElsewhere(&world, world.session(id))
        world.others = []
        world.enqueue(.places(-2), .othersFound([]))
        world.run()
        #expect(world.status(id) == .failed)
        #expect(world.agent(id)?.error == "interrupted: the opencode that ran it (pid 4242) ended")
        #expect(world.agent(id)?.evidence.what == "the opencode that ran it (pid 4242) ended")
        #expect(world.obey(.resume([id])) == .success(.done))
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func oneSessionIsDrivenByOneOnly() throws {
        var (world, id) = try world()
        try typeElsewhere(&world, world.session(id))
        let before = world.effects.count
        let orders: [ClientOrder] = [.send(id, text: "more", model: nil, mode: nil), .resume([id]), .retry([id]), .stop([id]), .remove([id])]
        for order in orders {
            guard case .failure(let refusal)? = world.obey(order) else {
                Issue.record("\(order) was done")
                continue
            }
            #expect(refusal.reason == .refused && refusal.message.contains("pid 4242") && !refusal.remedy.isEmpty)
        }
        let calls = world.effects[before...].filter { if case .call(_, _, _, .prompt) = $0 { true } else { false } }
        #expect(calls.isEmpty)
        #expect(world.engine.outbox.isEmpty)
        world.finish()
    }

    /// The prompt was taken while the server did not run: then it is not sent, and said so.
    @Test func aPromptThatWaitedForTheServerIsNotSentBesideAnother() throws {
        var (world, id) = try world()
        let session = world.session(id)
        _ = world.obey(.stopServer(apiServer))
        world.at(apiServer) { server in
            server.typed(session, "by hand")
            server.answers(session)
            server.forgetPhases()
            server.change(session) { _ in }
            server.outgoing = []
        }
        #expect(world.obey(.send(id, text: "and you", model: nil, mode: nil)) == .success(.done))
        world.pass(.seconds(5))
        #expect(world.servers[apiServer]?.deliveries.count == 1 + 1)
        #expect(world.engine.outbox.isEmpty)
        #expect(world.engine.herd.notices.contains { $0.agent == id && $0.text.contains("pid 4242") && $0.remedy.contains("and you") })
        #expect(world.status(id) == .unknown)
        world.finish()
    }

    @Test func whatIsOpenElsewhereAndIdleIsSentToWithAWarning() throws {
        var (world, id) = try world()
        try typeElsewhere(&world, world.session(id))
        try elsewhere(&world) { $0.endsElsewhere($0.order[0]) }
        #expect(world.status(id) == .done)
        #expect(world.obey(.send(id, text: "more", model: nil, mode: nil)) == .success(.done))
        #expect(world.status(id) == .running)
        #expect(world.engine.herd.notices.contains { $0.agent == id && $0.level == .warning && $0.text.contains("pid 4242") })
        world.finish()
    }

    /// A process in another directory, or one that began after the message, did not run it.
    @Test(arguments: [
        OtherOpenCode(pid: 1, directory: web, started: Timestamp(milliseconds: 0)),
        OtherOpenCode(pid: 2, directory: api, started: Timestamp(milliseconds: 9_000_000_000_000)),
    ]) func whoCannotHaveRunItIsNotSuspected(process: OtherOpenCode) throws {
        var (world, id) = try world()
        world.others = [process]
        try typeElsewhere(&world, world.session(id))
        #expect(world.agent(id)?.evidence.what.contains("pid") == false)
        #expect(world.status(id) == .unknown)  // its database changed a moment ago: somebody unseen may be at it
        world.pass(.minutes(6))
        #expect(world.status(id) == .failed)
        world.finish()
    }

    @Test func aServerOfSomebodyRunsSessionsOfAnyDirectory() throws {
        var (world, id) = try world()
        world.others = [other(world, pid: 77, directory: "/", isAnywhere: true)]
        try typeElsewhere(&world, world.session(id))
        #expect(world.agent(id)?.evidence.what.contains("pid 77") == true)
        world.finish()
    }

    /// What was cut by the end of our own server is known to be: a screen that is open in the same directory has nothing to do with it.
    @Test func whatWeCutOurselvesIsResumedAlthoughSomebodyIsThere() throws {
        var (world, id) = try world()
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        world.kill(apiServer)
        world.pass(.seconds(10))
        #expect(world.status(id) == .failed)
        #expect(world.obey(.resume([id])) == .success(.done))
        #expect(world.status(id) == .running)
        world.crash(keeping: 1000)
        world.kill(apiServer)
        world.restart()
        world.run()
        _ = world.obey(.wake(apiID))
        #expect(world.status(id) == .failed)
        #expect(world.obey(.resume([id])) == .success(.done))
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func aLaterDaemonFindsItAsItIs() throws {
        var (world, id) = try world()
        try typeElsewhere(&world, world.session(id))
        world.crash(keeping: 1000)
        world.restart()
        world.pass(.seconds(3))
        #expect(world.status(id) == .unknown)
        #expect(world.agent(id)?.evidence.what.contains("pid 4242") == true)
        world.finish()
    }
}
