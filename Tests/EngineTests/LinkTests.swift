import Domain
import TestKit
import Testing

@testable import Engine

/// Servers that die, hang, break and forget; and what is said of their agents meanwhile.
@Suite struct LinkTests {
    @Test func aKilledServerFailsItsBusyAgentsAndKeepsTheDone() throws {
        var world = makeWorld()
        let busy = try world.mustStart("busy")
        let done = try world.mustStart("done")
        world.on(done) { $0.finish($1) }
        world.on(busy) { $0.uses($1, "bash", "npm test") }
        let before = (world.shownCount(busy), world.shownCount(done))
        world.kill(apiServer)
        world.run()
        #expect(world.status(busy) == .failed)
        #expect(world.agent(busy)?.error?.hasPrefix("interrupted: ") == true)
        #expect(world.agent(busy)?.error?.contains("npm test") == true)
        #expect(world.agent(busy)?.unseen == true)
        #expect(world.status(done) == .done)
        #expect(world.engine.herd.servers[apiServer]?.state == .backingOff)
        #expect(world.engine.herd.servers[apiServer]?.restarts == 1)
        world.pass(.seconds(5))
        #expect(world.engine.herd.servers[apiServer]?.state == .live)
        #expect(world.shown(busy, since: before.0) == [.failed])
        #expect(world.shown(done, since: before.1) == [])
        world.finish()
    }

    @Test func aNewServerThatCannotBeListenedToIsGivenUpAndWhoWaitsIsTold() throws {
        var world = makeWorld()
        world.refusesStreams = true
        let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "fix it")))
        world.pass(.seconds(20))
        guard case .failure(let refusal)? = world.reply(to: errand) else { return #expect(Bool(false), "nobody was told") }
        #expect(refusal.message.contains("500"))
        #expect(world.engine.herd.agents.isEmpty && world.processes.isEmpty)
        world.refusesStreams = false
        let id = try world.mustStart()
        #expect(world.status(id) == .running)
        // One that was live is another matter: its agents are unknown, and it is waited for.
        world.refusesStreams = true
        world.cutStream(apiServer)
        world.pass(.minutes(2))
        #expect(world.status(id) == .unknown && !world.processes.isEmpty)
        world.refusesStreams = false
        world.pass(.seconds(15))
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func aServerThatComesBackSlowlyLeavesWhatIsKnown() throws {
        var world = makeWorld()
        let done = try world.mustStart()
        world.on(done) { $0.finish($1) }
        let before = world.shownCount(done)
        world.kill(apiServer)
        world.holdsAnswer = { _, _ in true }
        world.pass(.seconds(10))
        world.holdsAnswer = nil
        world.release()
        world.pass(.seconds(1))
        #expect(world.shown(done, since: before) == [])
        world.finish()
    }

    @Test func aKilledServersRequestsAreGone() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let request = try #require(world.on(id) { $0.asks($1) })
        world.kill(apiServer)
        world.run()
        #expect(world.engine.herd.requests.isEmpty)
        #expect(world.status(id) == .failed)
        guard case .failure? = world.obey(.answer(request, .once)) else { return #expect(Bool(false)) }
        world.finish()
    }

    @Test func promptsThatWereSentMeanwhileRunOnceAfterTheRestart() throws {
        var world = makeWorld()
        let id = try world.mustStart("one")
        world.on(id) { $0.finish($1) }
        world.kill(apiServer)
        world.run()
        _ = world.obey(.send(id, text: "two", model: nil, mode: nil))
        _ = world.obey(.send(id, text: "three", model: nil, mode: nil))
        #expect(world.status(id) == .starting)
        world.pass(.seconds(10))
        let server = try #require(world.servers[apiServer])
        #expect(server.sessions[world.session(id)]?.messages.filter { $0.info.role == .user }.count == 3)
        #expect(server.deliveries.values.allSatisfy { $0 == 1 })
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func aPromptThatWasOnItsWayWhenTheServerDiedGoesAgainWithTheSameNames() throws {
        var world = makeWorld()
        let id = try world.mustStart("one")
        world.on(id) { $0.finish($1) }
        world.holdsAnswer = { _, call in if case .prompt = call { true } else { false } }
        _ = world.obey(.send(id, text: "two", model: nil, mode: nil))
        world.holdsAnswer = nil
        world.kill(apiServer)
        world.run()
        world.pass(.seconds(10))
        world.release()
        world.run()
        let server = try #require(world.servers[apiServer])
        #expect(server.sessions[world.session(id)]?.messages.filter { $0.info.role == .user }.count == 2)
        #expect(world.engine.outbox.isEmpty)
        #expect(world.status(id) == .running)
        world.finish()
    }

    /// Whether another opencode is at it is looked for first; that it is none, as before, settles it.
    @Test func aTurnThatWasLostIsToldAlthoughNobodyElseAppeared() throws {
        var world = makeWorld()
        let id = try world.mustStart("one")
        world.on(id) { server, session in
            server.answers(session)
            server.forgetPhases()
        }
        world.holdsLooks = true
        world.cutStream(apiServer)
        world.pass(.seconds(5))
        #expect(world.status(id) == .running)
        world.release()
        world.run()
        #expect(world.status(id) == .failed)
        world.finish()
    }

    /// Whatever is heard of the session meanwhile: a server that takes prompts and never says so is not sent the same one again and again.
    @Test func aPromptWhoseAnswerWasLostWaitsUntilEverythingWasRead() throws {
        var world = makeWorld()
        let id = try world.mustStart("one")
        world.on(id) { $0.finish($1) }
        world.losesAnswer = { _, call in if case .prompt = call { .timedOut } else { nil } }
        world.order(.send(id, text: "two", model: nil, mode: nil))
        world.run()
        let message = try #require(world.engine.outbox[id]?.first?.input.message)
        world.on(id) { server, session in
            server.finish(session)
            server.typed(session, "by hand")
            server.failsWithoutMessage(session, "Model not found")
        }
        #expect(world.servers[apiServer]?.deliveries[message] == 1)
        world.pass(.minutes(1))
        #expect(world.servers[apiServer]?.deliveries[message] ?? 0 < 10)
        world.losesAnswer = nil
        world.pass(.minutes(1))
        #expect(world.servers[apiServer]?.turns[message] == 1)
        #expect(world.engine.outbox.isEmpty)
        world.finish()
    }

    @Test func anotherServersDeathDoesNotTouchPromptsOnTheirWay() throws {
        var world = makeWorld()
        let one = try world.mustStart("one", in: api)
        _ = try world.mustStart("two", in: web)
        world.on(one) { $0.finish($1) }
        world.holdsAnswer = { _, call in if case .prompt = call { true } else { false } }
        _ = world.obey(.send(one, text: "more", model: nil, mode: nil))
        world.kill(webServer)
        world.run()
        let message = try #require(world.engine.outbox[one]?.first?.input.message)
        guard case .failure? = world.obey(.unqueue(one, message)) else { return #expect(Bool(false), "it is on its way") }
        world.release()
        world.run()
        #expect(world.servers[apiServer]?.deliveries[message] == 1)
        world.finish()
    }

    @Test func aBrokenStreamThatComesBackSoonIsNoNews() throws {
        var world = makeWorld()
        let busy = try world.mustStart("busy")
        let waiting = try world.mustStart("waiting")
        let done = try world.mustStart("done")
        world.on(waiting) { $0.asks($1) }
        world.on(done) { $0.finish($1) }
        let before = [busy, waiting, done].map { world.shownCount($0) }
        for _ in 0..<5 {
            world.cutStream(apiServer)
            world.pass(.milliseconds(700))
        }
        #expect([busy, waiting, done].map { world.shownCount($0) } == before)
        world.finish()
    }

    @Test func aStreamThatStaysAwayMakesItsAgentsUnknownWithTheirAge() throws {
        var world = makeWorld()
        let busy = try world.mustStart("busy")
        let waiting = try world.mustStart("waiting")
        let asked = try #require(world.on(waiting) { $0.asks($1) })
        world.holdsAnswer = { _, _ in true }
        world.cutStream(apiServer)
        world.run()
        let lost = world.now.wall
        world.pass(.seconds(1))
        #expect(world.status(busy) == .running)
        world.pass(.seconds(2))
        #expect(world.status(busy) == .unknown)
        #expect(world.agent(busy)?.lastKnown == .running)
        #expect(world.status(waiting) == .unknown)
        #expect(abs((world.agent(busy)?.evidence.at.milliseconds ?? 0) - lost.milliseconds) < 100)
        guard case .failure(let refusal)? = world.obey(.answer(asked, .once)) else { return #expect(Bool(false)) }
        #expect(refusal.reason == .unreachable)
        world.holdsAnswer = nil
        world.release()
        world.pass(.seconds(1))
        #expect(world.status(busy) == .running)
        #expect(world.status(waiting) == .waiting)
        world.finish()
    }

    @Test func aTurnThatEndedWhileNobodyListenedIsDoneAndUnseen() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.says($1, "soon done") }
        let before = world.shownCount(id)
        world.cutStream(apiServer)
        world.at(apiServer) { [session = world.session(id)] in $0.finish(session) }
        world.pass(.seconds(1))
        #expect(world.shown(id, since: before) == [.done])
        #expect(world.agent(id)?.unseen == true)
        world.finish()
    }

    @Test func aTurnThatFailedWhileNobodyListenedIsNeverDone() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.says($1, "soon broken") }
        let before = world.shownCount(id)
        world.cutStream(apiServer)
        world.at(apiServer) { [session = world.session(id)] in $0.fails(session, TurnError(name: "APIError", message: "no credit")) }
        world.pass(.seconds(1))
        #expect(world.shown(id, since: before) == [.failed])
        #expect(world.agent(id)?.error == "no credit")
        world.finish()
    }

    @Test func aTurnThatEndedWhileTheLinkWasSilentIsUnseenToo() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.says($1, "soon done") }
        world.freeze(apiServer)
        world.pass(.seconds(20))
        #expect(world.status(id) == .unknown)
        world.at(apiServer) { [session = world.session(id)] in $0.finish(session) }
        world.thaw(apiServer)
        world.run()
        #expect(world.status(id) == .done)
        #expect(world.agent(id)?.unseen == true)
        world.finish()
    }

    @Test func aStoppedProcessIsUnknownAfterTwelveSecondsAndRightAgainWhenItGoesOn() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.pass(.seconds(10))
        world.freeze(apiServer)
        world.pass(.seconds(11))
        #expect(world.status(id) == .running)
        world.pass(.seconds(3))
        #expect(world.status(id) == .unknown)
        #expect(world.engine.herd.servers[apiServer]?.state == .silent)
        world.pass(.minutes(10))
        world.thaw(apiServer)
        world.run()
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func eventsDuringTheReadingAreAppliedAfterItInOrder() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.holdsAnswer = { _, call in if case .messages = call { false } else { true } }
        world.cutStream(apiServer)
        world.pass(.milliseconds(100))
        // The answers are those of now, held back; then this happens.
        world.on(id) { server, session in
            server.asks(session)
            server.abort(session)
            server.typed(session, "again")
            server.asks(session, "the second")
        }
        world.holdsAnswer = nil
        world.release()
        world.run()
        #expect(world.status(id) == .waiting)
        #expect(world.engine.herd.requests.values.map(\.title) == ["bash the second"])
        world.finish()
    }

    @Test func theLateEndOfAnOldStreamDoesNotDisturbTheReadingOfTheNew() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.holdsAnswer = { _, _ in true }
        world.cutStream(apiServer)
        world.pass(.milliseconds(100))
        world.deliver(.streamClosed(apiServer, generation: 1, stream: 1, why: "once more"))
        world.holdsAnswer = nil
        world.release()
        world.pass(.seconds(1))
        #expect(world.engine.herd.servers[apiServer]?.state == .live)
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func aTruthThatCannotBeReadIsReadAgain() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.refusesCall = { _, call in if case .phases = call { .timedOut } else { nil } }
        world.cutStream(apiServer)
        world.pass(.seconds(5))
        #expect(world.status(id) == .unknown)
        world.refusesCall = nil
        world.pass(.seconds(15))
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func aDirectoryWithABrokenConfigurationDoesNotHideTheOthers() throws {
        var world = makeWorld()
        let folder = try world.mustStart("folder")
        let tree = try world.mustStart("tree", kind: .worktree)
        let directory = try #require(world.agent(tree).flatMap { world.engine.herd.places[$0.place]?.directory })
        world.on(tree) { $0.asks($1) }
        world.at(apiServer) { $0.brokenDirectories = [directory] }
        world.cutStream(apiServer)
        world.pass(.seconds(2))
        #expect(world.status(folder) == .running)
        #expect(world.status(tree) == .unknown)
        #expect(world.agent(tree)?.evidence.what.contains("ConfigJsonError") == true)
        let notices = world.engine.herd.notices.count
        world.cutStream(apiServer)
        world.pass(.seconds(2))
        #expect(world.engine.herd.notices.count == notices)
        world.at(apiServer) { $0.brokenDirectories = [] }
        world.pass(.minutes(1))
        #expect(world.status(tree) == .waiting)
        world.finish()
    }

    @Test func whatIsHeardOfADirectoryThatCannotBeReadCounts() throws {
        var world = makeWorld()
        let tree = try world.mustStart("tree", kind: .worktree)
        let directory = try #require(world.agent(tree).flatMap { world.engine.herd.places[$0.place]?.directory })
        world.at(apiServer) { $0.brokenDirectories = [directory] }
        world.cutStream(apiServer)
        world.pass(.seconds(1))
        #expect(world.status(tree) == .unknown)
        world.on(tree) { $0.finish($1) }
        #expect(world.status(tree) == .done)
        world.finish()
    }

    @Test func aDirectoryThatStaysBrokenIsTriedAgainLessAndLessOften() throws {
        var world = makeWorld()
        let tree = try world.mustStart("tree", kind: .worktree)
        let directory = try #require(world.agent(tree).flatMap { world.engine.herd.places[$0.place]?.directory })
        world.at(apiServer) { $0.brokenDirectories = [directory] }
        world.cutStream(apiServer)
        world.pass(.seconds(1))
        let calls = world.effects.count
        world.pass(.minutes(10))
        let tries = world.effects[calls...].count { if case .call(_, _, _, .sessions(directory)) = $0 { true } else { false } }
        #expect((10...16).contains(tries))
        world.finish()
    }

    @Test func aForeignWorktreeThatAppearsIsReadWithItsPhasesAndRequests() throws {
        var world = makeWorld()
        _ = try world.mustStart()
        world.addForeignWorktree("/p/api-other", project: apiID)
        let session = try #require(
            world.at(apiServer) { server in
                let session = server.create(in: "/p/api-other", title: "over there").id
                server.typed(session, "do it")
                server.asks(session)
                return session
            })
        world.run()
        let project = try #require(world.engine.herd.projects[apiID])
        world.enqueue(.places(-4), .placesListed(apiID, .success([Place.folder(of: project)] + world.disk.values.filter { $0.project == apiID })))
        world.run()
        let id = try #require(world.engine.owners[session])
        #expect(world.status(id) == .waiting)
        world.finish()
    }

    @Test func aServerOfAnEarlierDaemonIsUnknownUntilItWasReadThenRight() throws {
        var world = makeWorld()
        let busy = try world.mustStart("busy")
        let waiting = try world.mustStart("waiting")
        let failed = try world.mustStart("failed")
        world.on(waiting) { $0.asks($1) }
        world.on(failed) { $0.fails($1, TurnError(name: "APIError", message: "no credit")) }
        world.crash(keeping: 1000)
        world.restart()
        #expect([busy, waiting, failed].map { world.status($0) } == [.unknown, .unknown, .unknown])
        world.run()
        #expect([busy, waiting, failed].map { world.status($0) } == [.running, .waiting, .failed])
        #expect(world.agent(failed)?.error == "no credit")
        #expect(world.spawned == 1)
        world.finish()
    }

    @Test func aServerOfAnEarlierDaemonThatIsGoneFailsWhatItRan() throws {
        var world = makeWorld()
        let busy = try world.mustStart("busy")
        let done = try world.mustStart("done")
        world.on(done) { $0.finish($1) }
        world.crash(keeping: 1000)
        world.kill(apiServer)
        world.restart()
        world.run()
        #expect(world.status(busy) == .failed)
        #expect(world.status(done) == .stopped)
        #expect(world.agent(busy)?.error?.hasPrefix("interrupted") == true)
        _ = world.obey(.wake(apiID))
        #expect(world.status(busy) == .failed)
        #expect(world.status(done) == .done)
        world.finish()
    }

    @Test(arguments: [false, true]) func aTurnThatEndedWhileNoDaemonRanIsDone(endsFirst: Bool) throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let session = world.session(id)
        world.crash(keeping: 1000)
        if endsFirst { world.at(apiServer) { $0.finish(session) } }
        world.restart()
        if !endsFirst { world.at(apiServer) { $0.finish(session) } }
        world.run()
        world.pass(.seconds(90))
        #expect(world.status(id) == .done)
        #expect(world.agent(id)?.error == nil)
        #expect(world.statuses[id]?.contains(.failed) != true, "\(world.statuses[id] ?? [])")
        world.finish()
    }

    @Test func whatWentWrongWithoutATraceIsStillKnownAfterARestart() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.failsWithoutMessage($1, "Model not found: test/none") }
        world.crash(keeping: 1000)
        world.kill(apiServer)
        world.restart()
        world.run()
        _ = world.obey(.wake(apiID))
        #expect(world.status(id) == .failed)
        #expect(world.agent(id)?.error == "Model not found: test/none")
        world.finish()
    }

    /// Its process is not to be seen (in a container, say): for a while nothing is claimed.
    @Test func aSessionThatSomebodyUnseenRunsIsNotCalledInterruptedAtOnce() throws {
        var world = makeWorld()
        _ = world.obey(.addProject(path: api))
        let session = try #require(
            world.at(apiServer) { server in
                let session = server.create(in: api, title: "elsewhere").id
                server.typed(session, "go")
                server.answers(session)
                server.forgetPhases()
                server.outgoing = []
                return session
            })
        world.enqueue(.places(-1), .sessionsTouched)
        world.pass(.seconds(3))
        let id = try #require(world.engine.owners[session])
        #expect(world.status(id) == .unknown)
        world.pass(.minutes(6))
        #expect(world.status(id) == .failed)
        world.finish()
    }

    @Test func anIdleServerIsStoppedAndItsAgentsWithIt() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.pass(.minutes(40))
        #expect(world.engine.herd.servers[apiServer]?.state == .live)
        world.on(id) { $0.asks($1) }
        world.pass(.minutes(40))
        #expect(world.engine.herd.servers[apiServer]?.state == .live)
        world.on(id) { $0.abort($1) }
        world.pass(.minutes(29))
        #expect(world.engine.herd.servers[apiServer]?.state == .live)
        world.pass(.minutes(3))
        #expect(world.engine.herd.servers[apiServer]?.state == .down)
        #expect(world.engine.herd.servers[apiServer]?.pid == nil)
        #expect(world.processes.isEmpty)
        #expect(world.status(id) == .paused)
        world.finish()
    }

    @Test func anIdleServerIsWokenByAPrompt() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        world.pass(.minutes(40))
        #expect(world.status(id) == .stopped)
        let before = world.shownCount(id)
        _ = world.obey(.send(id, text: "go on", model: nil, mode: nil))
        #expect(world.status(id) == .running)
        #expect(!world.shown(id, since: before).contains { !$0.isWorking }, "\(world.shown(id, since: before))")
        world.finish()
    }

    @Test func anIdleServerThatHoldsTooMuchMemoryIsStopped() throws {
        var world = makeWorld(settings: EngineSettings(memoryLimit: 200 << 20))
        let id = try world.mustStart()
        world.pass(.minutes(3))
        #expect(world.engine.herd.servers[apiServer]?.state == .live)
        world.on(id) { $0.finish($1) }
        world.pass(.minutes(3))
        #expect(world.engine.herd.servers[apiServer]?.state == .down)
        world.finish()
    }

    @Test func aServerThatAPersonStopsPausesItsAgents() throws {
        var world = makeWorld()
        let busy = try world.mustStart("busy")
        let waiting = try world.mustStart("waiting")
        world.on(waiting) { $0.asks($1) }
        #expect(world.obey(.stopServer(apiServer)) == .success(.done))
        #expect(world.status(busy) == .paused)
        #expect(world.status(waiting) == .paused)
        #expect(world.processes.isEmpty)
        world.pass(.minutes(10))
        #expect(world.obey(.resume([busy])) == .success(.done))
        #expect(world.status(busy) == .running)
        world.finish()
    }

    @Test func aFrozenServerThatIsStoppedAnswersNobodyAndLeavesNobodyWaiting() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.freeze(apiServer)
        let stop = world.order(.stop([id]))
        let attach = world.order(.attach(id))
        world.run()
        world.timeOutCalls(apiServer)
        _ = world.obey(.stopServer(apiServer))
        world.run()
        #expect(world.reply(to: stop) != nil)
        #expect(world.reply(to: attach) != nil)
        world.finish()
    }
}
