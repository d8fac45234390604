import Domain
import TestKit
import Testing

@testable import Engine

/// What clients ask for: each order does what it says, or says why not; always once.
@Suite struct OrderTests {
    private func refusal(_ reply: Result<ClientReply, Refusal>?) -> Refusal? { if case .failure(let refusal)? = reply { refusal } else { nil } }

    // MARK: Stop, resume, retry

    @Test func resumingAnInterruptedTurnSendsTheSameMessageAndPart() throws {
        var world = makeWorld()
        let id = try world.mustStart("build it")
        world.on(id) { $0.uses($1, "bash", "make") }
        let first = try #require(world.servers[apiServer]?.sessions[world.session(id)]?.messages.first)
        world.kill(apiServer)
        world.pass(.seconds(5))
        #expect(world.status(id) == .failed)
        let before = world.shownCount(id)
        #expect(world.obey(.resume([id])) == .success(.done))
        let prompts = world.effects.compactMap { effect -> PromptInput? in if case .call(_, _, _, .prompt(_, _, let input)) = effect { input } else { nil } }
        #expect(prompts.count == 2)
        #expect(prompts.last?.message == first.info.id)
        #expect(prompts.last?.part == first.parts.first?.id)
        #expect(prompts.last?.text == "build it")
        #expect(world.servers[apiServer]?.sessions[world.session(id)]?.messages.filter { $0.info.role == .user }.count == 1)
        #expect(world.shown(id, since: before).last == .running)
        world.on(id) { server, session in
            server.answers(session)
            server.finish(session)
        }
        #expect(world.status(id) == .done)
        world.finish()
    }

    @Test func resumingATurnThatWasCutBeforeItsFirstAnswerSendsTheSameMessage() throws {
        var world = makeWorld()
        let id = try world.mustStart("one")
        world.on(id) { $0.finish($1) }
        _ = world.obey(.send(id, text: "two", model: nil, mode: nil))
        world.kill(apiServer)
        world.pass(.seconds(5))
        _ = world.obey(.resume([id]))
        let server = try #require(world.servers[apiServer])
        #expect(server.sessions[world.session(id)]?.messages.filter { $0.info.role == .user }.count == 2)
        #expect(server.turns.values.max() == 2)
        world.finish()
    }

    @Test func resumingAPausedTurnSendsANewPrompt() throws {
        var world = makeWorld()
        let id = try world.mustStart("build it")
        world.on(id) { $0.says($1, "half", ends: false) }
        _ = world.obey(.stop([id]))
        #expect(world.status(id) == .paused)
        #expect(world.obey(.resume([id])) == .success(.done))
        #expect(world.servers[apiServer]?.sessions[world.session(id)]?.messages.filter { $0.info.role == .user }.count == 2)
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func retryingSendsTheLastPromptAgainAsANewOne() throws {
        var world = makeWorld()
        let id = try world.mustStart("build it")
        world.on(id) { $0.fails($1, TurnError(name: "APIError", message: "no credit")) }
        #expect(world.obey(.retry([id])) == .success(.done))
        let texts = world.servers[apiServer]?.sessions[world.session(id)]?.messages.filter { $0.info.role == .user }.flatMap(\.parts).map(\.content)
        #expect(texts == [.text("build it", synthetic: false), .text("build it", synthetic: false)])
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func resumingTwiceAtOnceSendsOnce() throws {
        var world = makeWorld()
        let id = try world.mustStart("build it")
        world.on(id) { $0.uses($1, "bash", "make") }
        world.kill(apiServer)
        world.pass(.seconds(5))
        let errands = [world.order(.resume([id])), world.order(.resume([id]))]
        world.run()
        #expect(errands.compactMap { world.reply(to: $0) }.count == 2)
        #expect(world.servers[apiServer]?.deliveries.values.max() == 2)
        world.finish()
    }

    @Test func whatRunsCannotBeResumedAndNoneOfThemIs() throws {
        var world = makeWorld()
        let done = try world.mustStart("done")
        let busy = try world.mustStart("busy")
        world.on(done) { $0.finish($1) }
        #expect(refusal(world.obey(.retry([done, busy])))?.reason == .refused)
        #expect(world.status(done) == .done)
        world.finish()
    }

    @Test func severalAreStoppedTogether() throws {
        var world = makeWorld()
        let one = try world.mustStart("one", in: api)
        let two = try world.mustStart("two", in: web)
        let done = try world.mustStart("done", in: web)
        world.on(done) { $0.finish($1) }
        #expect(world.obey(.stop([one, two, done])) == .success(.done))
        #expect([one, two, done].map { world.status($0) } == [.paused, .paused, .done])
        world.finish()
    }

    @Test func aStopThatCouldNotBeDoneIsNoPause() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.refusesCall = { _, call in if case .abort = call { .timedOut } else { nil } }
        #expect(refusal(world.obey(.stop([id])))?.reason == .unreachable)
        world.refusesCall = nil
        world.on(id) { $0.finish($1) }
        #expect(world.status(id) == .done)
        world.finish()
    }

    @Test func aStopWhileTheLinkIsDownIsDoneWhenItIsBack() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.holdsAnswer = { _, call in if case .abort = call { false } else { true } }
        world.cutStream(apiServer)
        world.pass(.seconds(3))
        let errand = world.order(.stop([id]))
        world.run()
        #expect(world.reply(to: errand) == nil)
        world.holdsAnswer = nil
        world.release()
        world.pass(.seconds(1))
        #expect(world.reply(to: errand) == .success(.done))
        #expect(world.status(id) == .paused)
        world.finish()
    }

    @Test func aStopWhileThePromptIsOnItsWayEndsTheTurnWhenItBegins() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        world.order(.send(id, text: "more", model: nil, mode: nil))
        world.step()
        let errand = world.order(.stop([id]))
        world.run()
        #expect(world.reply(to: errand) == .success(.done))
        #expect(world.status(id) == .paused)
        #expect(world.servers[apiServer]?.isBusy(world.session(id)) == false)
        world.finish()
    }

    /// The turn that was to be ended is over before its prompt is said to be accepted.
    @Test(arguments: [false, true]) func aStopEndsNoLaterTurn(wasRead: Bool) throws {
        var world = makeWorld()
        let id = try world.mustStart("one")
        world.on(id) { $0.finish($1) }
        world.holdsAnswer = { _, call in if case .prompt = call { true } else { false } }
        world.obey(.send(id, text: "two", model: nil, mode: nil))
        world.obey(.stop([id]))
        #expect(world.servers[apiServer]?.phases == [:])
        world.holdsAnswer = nil
        if wasRead {
            world.cutStream(apiServer)
            world.pass(.seconds(5))
        }
        world.release()
        world.run()
        world.pass(.minutes(1))
        world.obey(.send(id, text: "three", model: nil, mode: nil))
        #expect(world.status(id) == .running)
        world.pass(.minutes(1))
        #expect(world.status(id) == .running)
        world.finish()
    }

    /// Its turn may be running: an agent that was taken from the list would run on unseen.
    @Test(arguments: [false, true]) func aStopOfAnAgentWhosePromptMayHaveArrivedKeepsItAndEndsItsTurn(daemonDies: Bool) throws {
        var world = makeWorld()
        world.losesAnswer = { _, call in if case .prompt = call { .timedOut } else { nil } }
        world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "go")))
        world.run()
        let id = try #require(world.engine.herd.agents.keys.first)
        world.losesAnswer = nil
        if daemonDies {
            world.crash()
            world.freeze(apiServer)
            world.restart()
            world.run()
        }
        let errand = world.order(.stop([id]))
        world.run()
        #expect(world.agent(id) != nil)
        if daemonDies { world.thaw(apiServer) }
        world.pass(.minutes(1))
        #expect(world.reply(to: errand) == .success(.done))
        #expect(world.status(id) == .paused)
        #expect(world.servers[apiServer]?.phases == [:])
        #expect(world.servers[apiServer]?.sessions.count == 1)
        world.finish()
    }

    @Test func aPromptForAPlaceThatIsGoneIsGivenUp() throws {
        var world = makeWorld()
        let id = try world.mustStart("one", kind: .worktree)
        world.on(id) { $0.finish($1) }
        let directory = try #require(world.engine.herd.places[world.agent(id)?.place ?? PlaceID("")]?.directory)
        world.kill(apiServer)
        world.failsToStart = ("port in use", isFinal: false)
        world.obey(.send(id, text: "two", model: nil, mode: nil))
        world.destroyPlace(directory)
        world.failsToStart = nil
        world.restart()
        world.pass(.minutes(1))
        #expect(world.engine.outbox.isEmpty)
        #expect(world.engine.herd.notices.contains { $0.agent == id && $0.remedy == "it was not sent: two" })
        guard case .success? = world.obey(.remove([id])) else { return #expect(Bool(false), "it cannot be removed") }
        world.finish()
    }

    @Test func promptsThatWaitForAServerAreTakenBackByAStop() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        _ = world.obey(.stopServer(apiServer))
        world.failsToStart = ("port in use", isFinal: false)
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        #expect(world.status(id) == .starting)
        #expect(world.obey(.stop([id])) == .success(.done))
        #expect(world.agent(id)?.queued.isEmpty == true)
        #expect(world.status(id) != .starting)
        world.failsToStart = nil
        world.pass(.minutes(2))
        #expect(world.servers[apiServer]?.deliveries.count == 1)
        world.finish()
    }

    @Test func aPromptCanBeTakenBackUntilItIsSent() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.holdsAnswer = { _, call in if case .prompt = call { true } else { false } }
        _ = world.obey(.send(id, text: "two", model: nil, mode: nil))
        _ = world.obey(.send(id, text: "three", model: nil, mode: nil))
        let queued = try #require(world.agent(id)?.queued)
        #expect(queued.map(\.text) == ["two", "three"])
        #expect(refusal(world.obey(.unqueue(id, queued[0].message)))?.reason == .refused)
        #expect(world.obey(.unqueue(id, queued[1].message)) == .success(.done))
        world.holdsAnswer = nil
        world.release()
        world.run()
        #expect(world.servers[apiServer]?.deliveries.count == 2)
        world.finish()
    }

    @Test func aPromptThatIsNotAcceptedIsSaidSo() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        world.refusesCall = { _, call in if case .prompt = call { .rejected("too long") } else { nil } }
        #expect(world.obey(.send(id, text: "a very long story", model: nil, mode: nil)) == .success(.done))
        #expect(world.engine.herd.notices.last?.text.contains("too long") == true)
        #expect(world.engine.herd.notices.last?.agent == id)
        #expect(world.status(id) == .done)
        #expect(world.agent(id)?.queued.isEmpty == true)
        world.finish()
    }

    // MARK: Removing and bringing back

    @Test func aSessionThatTheServerLostTakesNoPrompts() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        world.crash(keeping: 1000)
        world.kill(apiServer)
        let session = try #require(world.engine.herd.agents[id]?.session)
        world.at(apiServer) { $0.delete(session) }
        world.restart()
        world.run()
        // The server does not run: nothing is known yet, and the prompt is taken.
        #expect(world.obey(.send(id, text: "more", model: nil, mode: nil)) == .success(.done))
        world.run()
        #expect(world.agent(id)?.queued == [])
        #expect(world.engine.herd.notices.contains { $0.agent == id && $0.remedy.contains("more") })
        guard case .failure(let refusal)? = world.obey(.send(id, text: "and more", model: nil, mode: nil)) else { return #expect(Bool(false)) }
        #expect(refusal.reason == .notFound)
        world.finish()
    }

    @Test func undoTakesBackTheLastArchivingOrRemovalWhicheverWasLater() throws {
        var world = makeWorld()
        let ids = try (0..<3).map { _ in
            let id = try world.mustStart()
            world.on(id) { $0.finish($1) }
            return id
        }
        #expect(world.obey(.remove([ids[2]])) == .success(.done))
        world.pass(.seconds(1))
        #expect(world.obey(.archive([ids[0], ids[1]], true)) == .success(.done))
        #expect(world.agent(ids[0])?.archived == true && world.agent(ids[1])?.archived == true)
        #expect(world.obey(.undo) == .success(.done))
        #expect(world.agent(ids[0])?.archived == false && world.agent(ids[1])?.archived == false)
        guard case .success(.words)? = world.obey(.undo) else { return #expect(Bool(false)) }
        #expect(world.agent(ids[2])?.archived == false)
        #expect(refusal(world.obey(.undo))?.reason == .notFound)
        // One that a person has taken out of the archive already is not archived: there is nothing to undo.
        #expect(world.obey(.archive([ids[0]], true)) == .success(.done))
        #expect(world.obey(.archive([ids[0]], false)) == .success(.done))
        #expect(refusal(world.obey(.undo))?.reason == .notFound)
        world.finish()
    }

    @Test func removingCapturesThePlaceAndUndoBringsTheSameBack() throws {
        var world = makeWorld()
        let id = try world.mustStart("fix it", kind: .worktree)
        world.on(id) { $0.finish($1) }
        let agent = try #require(world.agent(id))
        let directory = try #require(world.engine.herd.places[agent.place]?.directory)
        #expect(world.obey(.remove([id])) == .success(.done))
        #expect(world.agent(id) == nil)
        #expect(world.disk[directory] == nil)
        #expect(world.removedPlaces[agent.place] != nil)
        #expect(world.servers[apiServer]?.sessions[agent.session ?? SessionID("")]?.info.archived == true)
        world.restart()
        world.run()
        #expect(world.agent(id) == nil)
        guard case .success(.words)? = world.obey(.undo) else { return #expect(Bool(false)) }
        #expect(world.agent(id)?.session == agent.session)
        #expect(world.agent(id)?.title == agent.title)
        #expect(world.disk[directory] != nil)
        _ = world.obey(.wake(apiID))
        world.pass(.seconds(10))
        #expect(world.status(id) == .done)
        #expect(world.servers[apiServer]?.sessions[agent.session ?? SessionID("")]?.info.archived == false)
        #expect(refusal(world.obey(.undo))?.reason == .notFound)
        world.finish()
    }

    @Test func aPlaceThatWasRemovedAloneComesBack() throws {
        var world = makeWorld()
        _ = try world.mustStart()
        world.addForeignWorktree("/p/api-other", project: apiID)
        world.enqueue(.places(-4), .placesListed(apiID, .success(Array(world.disk.values))))
        world.run()
        let place = try #require(world.engine.herd.places.values.first { $0.directory == "/p/api-other" })
        #expect(world.obey(.removePlace(place.id)) == .success(.done))
        #expect(world.disk.isEmpty && world.engine.herd.places[place.id] == nil)
        world.crash(keeping: 1000)
        world.restart()
        world.run()
        #expect(world.obey(.undo) == .success(.words("/p/api-other is back")))
        #expect(world.disk.count == 1 && world.engine.herd.places[place.id] != nil)
        #expect(refusal(world.obey(.undo))?.reason == .notFound)
        world.finish()
    }

    @Test func whatWentTogetherComesBackOneByOneThePlaceFirst() throws {
        var world = makeWorld()
        let one = try world.mustStart("one", kind: .worktree)
        let place = try #require(world.agent(one)?.place)
        let directory = try #require(world.engine.herd.places[place]?.directory)
        world.on(one) { $0.finish($1) }
        let second = try #require(world.at(apiServer) { $0.create(in: directory, title: "second") }).id
        world.run()
        let two = try #require(world.engine.owners[second])
        #expect(world.obey(.remove([one, two])) == .success(.done))
        #expect(world.engine.herd.agents.isEmpty)
        #expect(world.disk.isEmpty)
        _ = world.obey(.undo)
        #expect(world.disk[directory] != nil)
        _ = world.obey(.undo)
        #expect(Set(world.engine.herd.agents.keys) == [one, two])
        #expect(world.engine.herd.places[place] != nil)
        world.finish()
    }

    @Test func whatRunsIsNotRemoved() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        #expect(refusal(world.obey(.remove([id])))?.reason == .refused)
        #expect(world.agent(id) != nil)
        world.finish()
    }

    @Test func whoseSubAgentRunsIsNotRemoved() throws {
        var world = makeWorld()
        let id = try world.mustStart(kind: .worktree)
        let directory = try #require(world.engine.sessions[world.session(id)]?.info.directory)
        world.on(id) { server, session in
            let child = server.create(in: directory, parent: session).id
            server.typed(child, "look")
            server.finish(session)
        }
        #expect(world.status(id) == .running)
        guard case .failure(let refusal)? = world.obey(.remove([id])) else { return #expect(Bool(false), "it was removed") }
        #expect(refusal.message.contains("is running"))
        world.finish()
    }

    /// Typed into OpenCode's own screen in the moment when its place was taken away.
    @Test func whatAskedWhileItWasRemovedIsReadWhenItComesBack() throws {
        var world = makeWorld()
        let id = try world.mustStart(kind: .worktree)
        world.on(id) { $0.finish($1) }
        let session = world.session(id)
        let errand = world.order(.remove([id]))
        while world.removedPlaces.isEmpty { world.step() }
        world.at(apiServer) { server in
            server.typed(session, "by hand")
            server.wonders(session)
        }
        world.run { $0 - 1 }
        #expect(world.reply(to: errand) == .success(.done) && world.agent(id) == nil)
        world.restart()
        world.pass(.seconds(10))
        let before = world.shownCount(id)
        world.obey(.undo)
        #expect(world.shown(id, since: before) == [.unknown, .waiting])
        #expect(world.agent(id)?.requests.count == 1)
        world.finish()
    }

    @Test func aPlaceThatCannotBeCapturedKeepsItsAgent() throws {
        var world = makeWorld()
        let id = try world.mustStart(kind: .worktree)
        world.on(id) { $0.finish($1) }
        world.refusesPlaces = Refusal(.failed, "git says no")
        #expect(refusal(world.obey(.remove([id])))?.message == "git says no")
        #expect(world.agent(id) != nil)
        world.finish()
    }

    @Test func undoTwiceAtOnceIsAnsweredTwice() throws {
        var world = makeWorld()
        let id = try world.mustStart(kind: .worktree)
        world.on(id) { $0.finish($1) }
        _ = world.obey(.remove([id]))
        world.order(.undo)
        world.order(.undo)
        world.run()
        #expect(world.agent(id) != nil)
        world.finish()
    }

    @Test func aProjectThatHasWorkOrWorktreesStays() throws {
        var world = makeWorld()
        let busy = try world.mustStart("busy")
        #expect(refusal(world.obey(.removeProject(apiID)))?.reason == .refused)
        world.on(busy) { $0.finish($1) }
        let tree = try world.mustStart("tree", kind: .worktree)
        world.on(tree) { $0.finish($1) }
        #expect(refusal(world.obey(.removeProject(apiID)))?.reason == .refused)
        #expect(world.obey(.remove([tree])) == .success(.done))
        #expect(world.obey(.removeProject(apiID)) == .success(.done))
        #expect(world.engine.herd.agents.isEmpty)
        #expect(world.engine.herd.projects.isEmpty)
        #expect(world.engine.herd.places.isEmpty)
        #expect(world.engine.herd.servers.isEmpty)
        #expect(world.processes.isEmpty)
        #expect(refusal(world.obey(.undo))?.reason == .notFound)
        // And comes again with all that OpenCode kept.
        _ = world.obey(.addProject(path: api))
        #expect(world.engine.herd.agents.values.map(\.session) == [world.servers[apiServer]?.order.first])
        world.finish()
    }

    @Test func aPlaceWithAnAgentIsNotRemovedAlone() throws {
        var world = makeWorld()
        let id = try world.mustStart(kind: .worktree)
        let place = try #require(world.agent(id)?.place)
        #expect(refusal(world.obey(.removePlace(place)))?.reason == .refused)
        #expect(refusal(world.obey(.removePlace(apiID.raw.isEmpty ? place : PlaceID(apiID.raw + ".folder"))))?.reason == .refused)
        world.finish()
    }

    // MARK: Small ones

    @Test func renamingArchivingAndAttaching() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        #expect(world.obey(.rename(id, "A better name")) == .success(.done))
        #expect(world.agent(id)?.title == "A better name")
        #expect(world.obey(.archive([id], true)) == .success(.done))
        #expect(world.agent(id)?.archived == true)
        #expect(world.obey(.archive([id], false)) == .success(.done))
        #expect(world.agent(id)?.archived == false)
        guard case .success(.attach(_, let directory, let session, _))? = world.obey(.attach(id)) else { return #expect(Bool(false)) }
        #expect(directory == api && session == world.session(id))
        guard case .success(.choices(let models, let fallback, let modes, let commands, let branches))? = world.obey(.choices(apiID)) else {
            return #expect(Bool(false))
        }
        #expect(
            models.map(\.id) == ["test/large"] && fallback == "test/large" && modes == ["build", "plan"] && commands == ["init", "review"]
                && branches == ["main"])
        guard case .success(.diff(let changes))? = world.obey(.diff(id)) else { return #expect(Bool(false)) }
        #expect(changes.map(\.file) == ["of " + (world.agent(id)?.place.raw ?? "")])
        guard case .success(.transcript(let items))? = world.obey(.transcript(id)) else { return #expect(Bool(false)) }
        #expect(items.first?.text == "fix the bug")
        world.finish()
    }

    /// The work tree tells what differs, whether the server runs or not; without a repository its turns do.
    @Test func whatDiffersIsReadFromTheWorkTree() throws {
        var world = makeWorld()
        let id = try world.mustStart("do it", kind: .worktree)
        world.on(id) { $0.finish($1) }
        _ = world.obey(.stopServer(apiServer))
        guard case .success(.diff(let changes))? = world.obey(.diff(id)) else { return #expect(Bool(false)) }
        #expect(changes.map(\.file) == ["of " + (world.agent(id)?.place.raw ?? "")] && world.engine.servers[apiServer]?.isUp == false)
        world.refusesLooks = Refusal(.failed, "the disk cannot be read")
        #expect(world.obey(.diff(id)) == .failure(Refusal(.failed, "the disk cannot be read")))
        let plain = try world.mustStart("do it", in: "/p/notes")
        world.on(plain) { $0.finish($1) }
        guard case .success(.diff(let told))? = world.obey(.diff(plain)) else { return #expect(Bool(false)) }
        #expect(told.map(\.file) == ["a"])
        world.finish()
    }

    @Test func ordersThatNeedAServerWakeItAndAreAnsweredWhenItIsThere() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        _ = world.obey(.stopServer(apiServer))
        let errands = [
            world.order(.attach(id)), world.order(.diff(id)), world.order(.transcript(id)), world.order(.choices(apiID)), world.order(.rename(id, "x")),
            world.order(.archive([id], true)), world.order(.retry([id])),
        ]
        world.run()
        for errand in errands { #expect(world.reply(to: errand) != nil) }
        #expect(world.spawned == 2)
        world.finish()
    }

    @Test func ordersThatWaitAreRefusedWhenTheServerCannotBeStarted() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        _ = world.obey(.stopServer(apiServer))
        world.failsToStart = ("there is no opencode", isFinal: true)
        #expect(refusal(world.obey(.attach(id)))?.message == "there is no opencode")
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        #expect(world.status(id) == .failed)
        #expect(world.agent(id)?.error == "there is no opencode")
        #expect(world.engine.outbox[id]?.count == 1)
        // It is not lost: the next wish tries again.
        world.failsToStart = nil
        _ = world.obey(.wake(apiID))
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test(arguments: [
        ClientOrder.send(AgentID("nobody"), text: "x", model: nil, mode: nil), .stop([AgentID("nobody")]), .resume([AgentID("nobody")]),
        .retry([AgentID("nobody")]),
        .archive([AgentID("nobody")], true), .remove([AgentID("nobody")]), .rename(AgentID("nobody"), "x"), .attach(AgentID("nobody")),
        .transcript(AgentID("nobody")),
        .diff(AgentID("nobody")), .removeProject(ProjectID("none")), .removePlace(PlaceID("none")), .choices(ProjectID("none")), .wake(ProjectID("none")),
        .stopServer(ServerID("none")), .answer(RequestID("none"), .once), .look(AgentID("nobody")), .undo,
    ]) func whatIsNotThereIsNotFound(order: ClientOrder) {
        var world = makeWorld()
        #expect(refusal(world.obey(order))?.reason == .notFound)
        world.finish()
    }

    @Test func nobodyIsAnsweredWhoLeft() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let client = ClientID("gone")
        world.enqueue(.clients, .clientJoined(client))
        world.holdsAnswer = { _, call in if case .abort = call { true } else { false } }
        let errand = world.order(.stop([id]), by: client)
        world.run()
        world.leave(client)
        world.run()
        world.release()
        world.run()
        #expect(world.reply(to: errand) == nil)
        #expect(world.engine.gatherings.isEmpty)
        world.finish()
    }

    @Test func theEndStopsEveryServerAndAnswersEverybody() throws {
        var world = makeWorld()
        let busy = try world.mustStart("busy")
        _ = try world.mustStart("other", in: web)
        let new = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "later")))
        world.step()
        let end = world.order(.shutdown)
        world.order(.addProject(path: "/p/notes"))
        world.run()
        #expect(world.hasExited)
        #expect(world.reply(to: end) == .success(.done))
        #expect(world.reply(to: new) != nil)
        #expect(world.processes.isEmpty)
        #expect(world.status(busy) == .paused)
        world.finish()
    }

    @Test func aServerThatDoesNotStopDoesNotHoldUpTheEnd() throws {
        var world = makeWorld()
        _ = try world.mustStart()
        world.ignoresStop = true
        world.order(.shutdown)
        world.run()
        #expect(!world.hasExited)
        world.pass(.seconds(31))
        #expect(world.hasExited)
        world.finish()
    }

    @Test func aLaunchThatTheEndCutGoesOnAtTheNextStart() throws {
        var world = makeWorld()
        world.holdsAnswer = { _, _ in true }
        world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "later")))
        world.run()
        world.order(.shutdown)
        world.run()
        world.release()
        world.run()
        world.pass(.seconds(31))
        #expect(world.hasExited)
        world.finish()
        world.holdsAnswer = nil
        world.store.close()
        world.restart()
        world.run()
        world.pass(.seconds(10))
        #expect(world.engine.herd.agents.values.map(\.status) == [.running])
        world.finish()
    }

    @Test func settingsCountAtOnce() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.pass(.minutes(2))
        #expect(world.status(id) == .running)
        world.enqueue(.places(-5), .settingsChanged(EngineSettings(quietAfter: .minutes(1))))
        world.run()
        #expect(world.status(id) == .quiet)
        world.enqueue(.places(-5), .settingsChanged(EngineSettings(quietAfter: .minutes(10))))
        world.run()
        #expect(world.status(id) == .running)
        world.pass(.minutes(9))
        #expect(world.status(id) == .quiet)
        world.finish()
    }
}
