import Domain
import TestKit
import Testing

@testable import Engine

/// What an agent is shown to be, through everything a turn can do. Names tell the measured trap.
@Suite struct StatusTests {
    /// Seen with the real server after a crash: what goes again has an answer already, the one that was cut.
    @Test func aResumedTurnRunsFromTheMomentItWasAccepted() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.says($1, "half of", ends: false) }
        world.kill(apiServer)
        world.run()
        #expect(world.status(id) == .failed)
        _ = world.obey(.wake(apiID))
        world.pass(.seconds(5))
        world.lags = [apiServer]
        let before = world.shownCount(id)
        #expect(world.obey(.resume([id])) == .success(.done))
        #expect(world.shown(id, since: before) == [.starting, .running])
        world.lags = []
        world.on(id) { $0.finish($1) }
        #expect(world.shown(id, since: before) == [.starting, .running, .done])
        world.finish()
    }

    /// Seen with the real server on a busy machine: seconds pass between a prompt's acceptance and the first event of its turn, and the directory is
    /// read meanwhile for the first time, because the database was written to. That nothing runs yet is no news.
    @Test(arguments: [false, true]) func aReadingBeforeTheTurnShowsSaysNothingOfIt(_ hasEnded: Bool) throws {
        var world = makeWorld()
        let first = try world.mustStart()
        world.on(first) { $0.finish($1) }
        world.lags = [apiServer]
        let id = try world.mustStart("do it", kind: .worktree)
        let session = world.session(id)
        world.at(apiServer) { server in
            server.answers(session)
            if hasEnded { server.finish(session) } else { server.forgetPhases() }
        }
        let before = world.shownCount(id)
        #expect(world.status(id) == .running)
        world.enqueue(.places(-1), .sessionsTouched)
        world.pass(.seconds(3))
        #expect(world.status(id) == (hasEnded ? .done : .running))
        #expect(world.shown(id, since: before) == (hasEnded ? [.done] : []))
        #expect(world.engine.feed.filter { $0.agent == id }.map(\.kind) == (hasEnded ? [.new, .done] : [.new]))
    }

    /// The answers of a turn are several, one for each step, and those of a turn that was cut never end.
    @Test(arguments: [false, true]) func aRequestAfterATurnOfManyStepsIsWaitedForAfterAReading(_ wasCut: Bool) throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { server, session in
            server.answers(session)
            server.answers(session)
        }
        if wasCut {
            world.kill(apiServer)
            world.pass(.seconds(10))
        } else {
            world.on(id) { $0.finish($1) }
        }
        for text in ["two", "three"] {
            world.obey(.send(id, text: text, model: nil, mode: nil))
            world.on(id) { server, session in
                server.asks(session)
                if text == "two" { server.finish(session) }
            }
        }
        #expect(world.status(id) == .waiting)
        world.cutStream(apiServer)
        world.pass(.seconds(3))
        #expect(world.status(id) == .waiting)
        world.finish()
    }

    @Test func aTurnRunsAndIsDoneAndUnseen() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        #expect(world.status(id) == .running)
        world.on(id) { $0.says($1, "looking around") }
        #expect(world.agent(id)?.activity == Activity(verb: "said", target: "looking around"))
        world.on(id) { $0.finish($1) }
        #expect(world.status(id) == .done)
        #expect(world.agent(id)?.unseen == true)
        #expect(world.statuses[id] == [.provisioning, .starting, .running, .done])
        world.finish()
    }

    @Test func aPermissionIsWaitingAtOnceAndRunningWhenAnswered() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let session = world.session(id)
        let request = try #require(world.at(apiServer) { $0.asks(session) })
        while world.status(id) == .running, !world.isQuiet { world.step() }
        #expect(world.status(id) == .waiting)
        #expect(world.agent(id)?.requests == [request])
        #expect(world.agent(id)?.activity == Activity(verb: "bash", target: "npm install"))
        #expect(world.obey(.answer(request, .once)) == .success(.done))
        #expect(world.status(id) == .running)
        #expect(world.engine.herd.requests.isEmpty)
        world.finish()
    }

    @Test func aQuestionIsAnsweredByItsOptions() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let request = try #require(world.on(id) { $0.wonders($1) })
        #expect(world.agent(id)?.activity == Activity(verb: "asks", target: "which database?"))
        guard case .failure(let refusal)? = world.obey(.answer(request, .once)) else { return #expect(Bool(false)) }
        #expect(refusal.reason == .usage)
        #expect(world.status(id) == .waiting)
        #expect(world.obey(.answer(request, .choices([["a"]]))) == .success(.done))
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func aSubAgentsRequestMakesItsAgentWait() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let child = try #require(
            world.on(id) { server, session in
                let child = server.create(in: api, title: "look", parent: session).id
                server.uses(session, "task", "look", child: child)
                _ = server.perform(.prompt(child, directory: api, PromptInput(message: MessageID("msg_c"), part: PartID("prt_c"), text: "look")))
                return child
            })
        #expect(world.agent(id)?.subAgents.map(\.session) == [child])
        #expect(world.agent(id)?.subAgents.first?.isBusy == true)
        let request = try #require(world.on(id) { server, _ in server.asks(child) })
        #expect(world.status(id) == .waiting)
        #expect(world.agent(id)?.requests == [request])
        #expect(world.obey(.answer(request, .always)) == .success(.done))
        world.on(id) { server, _ in server.finish(child) }
        #expect(world.agent(id)?.subAgents.first?.isBusy == false)
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func requestsAreSortedByTheirAge() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let first = try #require(world.on(id) { $0.asks($1, "one") })
        let second = try #require(world.on(id) { $0.asks($1, "two") })
        #expect(world.agent(id)?.requests == [first, second])
        _ = world.obey(.answer(first, .once))
        #expect(world.status(id) == .waiting)
        #expect(world.agent(id)?.requests == [second])
        _ = world.obey(.answer(second, .once))
        world.finish()
    }

    @Test func anAnswerThatComesTooLateIs404AndTheRequestGoes() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let request = try #require(world.on(id) { $0.asks($1) })
        world.refusesCall = { _, call in if case .answer = call { .notFound("PermissionNotFoundError") } else { nil } }
        guard case .failure(let refusal)? = world.obey(.answer(request, .once)) else { return #expect(Bool(false)) }
        #expect(refusal.reason == .notFound)
        #expect(world.engine.herd.requests.isEmpty)
        #expect(world.status(id) == .running)
        world.finish()
    }

    @Test func requestsStayListedAfterAnAbortButAreNotShown() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.asks($1) }
        #expect(world.obey(.stop([id])) == .success(.done))
        #expect(world.servers[apiServer]?.requests.count == 1)
        #expect(world.engine.herd.requests.isEmpty)
        #expect(world.status(id) == .paused)
        world.cutStream(apiServer)
        world.pass(.seconds(1))
        #expect(world.engine.herd.requests.isEmpty)
        #expect(world.status(id) == .paused)
        world.finish()
    }

    @Test func aRequestOfAnAbortedTurnIsNotShownInTheNextOneEither() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.asks($1) }
        _ = world.obey(.stop([id]))
        _ = world.obey(.send(id, text: "something else", model: nil, mode: nil))
        #expect(world.status(id) == .running)
        world.cutStream(apiServer)
        world.pass(.seconds(1))
        #expect(world.status(id) == .running)
        #expect(world.engine.herd.requests.isEmpty)
        world.finish()
    }

    @Test func aRequestWhoseToolCallIsOverIsNotShownByALaterDaemon() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { server, session in
            server.uses(session, "bash", "make")
            server.asks(session, callID: server.lastCallName)
        }
        #expect(world.status(id) == .waiting)
        _ = world.obey(.stop([id]))
        _ = world.obey(.send(id, text: "something else", model: nil, mode: nil))
        world.crash(keeping: 1000)
        world.restart()
        world.run()
        #expect(world.status(id) == .running)
        #expect(world.engine.herd.requests.isEmpty)
        world.finish()
    }

    @Test func aRequestOfASubAgentsEndedTurnIsNotShownByALaterDaemon() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let child = try #require(
            world.on(id) { server, session in
                let child = server.create(in: api, parent: session).id
                server.uses(session, "task", "look", child: child)
                server.typed(child, "look")
                server.asks(child)
                server.finish(child)
                server.typed(child, "look again")
                return child
            })
        #expect(world.status(id) == .running)
        world.crash(keeping: 1000)
        world.restart()
        world.run()
        #expect(world.servers[apiServer]?.isBusy(child) == true)
        #expect(world.status(id) == .running)
        #expect(world.engine.herd.requests.isEmpty)
        world.finish()
    }

    @Test func aRequestWithManyPromptsBehindItIsStillShownByALaterDaemon() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let request = try #require(
            world.on(id) { server, session in
                let request = server.asks(session)
                for number in 0..<6 { server.typed(session, "and \(number)") }
                return request
            })
        world.crash(keeping: 1000)
        world.restart()
        world.run()
        #expect(world.status(id) == .waiting)
        #expect(world.agent(id)?.requests == [request])
        world.finish()
    }

    /// The phases were read before the turn began, the requests after it had asked: the events that waited tell the rest.
    @Test func aRequestThatIsListedBeforeItsTurnIsSeenIsNoDeadOne() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        let session = world.session(id)
        var hasAsked = false
        world.before = { server, call in
            guard case .permissions = call, !hasAsked else { return }
            hasAsked = true
            server.typed(session, "go on")
            server.asks(session)
        }
        world.cutStream(apiServer)
        world.pass(.seconds(1))
        #expect(hasAsked)
        #expect(world.status(id) == .waiting)
        world.cutStream(apiServer)
        world.pass(.seconds(1))
        #expect(world.status(id) == .waiting)
        world.finish()
    }

    @Test func whoWaitsForAPersonIsShownSoAlsoWithAPromptOnItsWay() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.asks($1) }
        world.holdsAnswer = { _, call in if case .prompt = call { true } else { false } }
        _ = world.obey(.send(id, text: "by the way", model: nil, mode: nil))
        #expect(world.status(id) == .waiting)
        world.holdsAnswer = nil
        world.release()
        world.run()
        #expect(world.status(id) == .waiting)
        world.finish()
    }

    @Test func idleComesTwiceAndTheFirstBeforeTheLastWrite() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.says($1, "half a", ends: false) }
        let before = world.shownCount(id)
        let error = TurnError(name: "APIError", message: "no credit")
        world.on(id) { $0.fails($1, error, inTwo: true) }
        #expect(world.status(id) == .failed)
        world.on(id) { $0.close($1, error) }
        #expect(world.shown(id, since: before) == [.failed])
        #expect(world.agent(id)?.error == "no credit")
        #expect(world.agent(id)?.unseen == true)
        world.finish()
    }

    @Test func anAbortInTheMiddleIsPausedAndNeverFailedOrDone() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { server, session in
            server.says(session, "half a", ends: false)
            server.uses(session, "bash", "sleep 100")
        }
        let before = world.shownCount(id)
        #expect(world.obey(.stop([id])) == .success(.done))
        #expect(world.shown(id, since: before) == [.paused])
        world.finish()
    }

    @Test func aRetryIsLimitedAndSaysWhen() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let next = Timestamp(milliseconds: world.now.wall.milliseconds + 4_600)
        world.on(id) { $0.retries($1, "429 too many", next: next) }
        #expect(world.status(id) == .limited)
        #expect(world.agent(id)?.retryAt == next)
        #expect(world.agent(id)?.activity.target == "429 too many")
        world.on(id) { $0.goesOn($1) }
        #expect(world.status(id) == .running)
        #expect(world.agent(id)?.retryAt == nil)
        world.finish()
    }

    @Test(arguments: [
        ("rate limit: 40,000 tokens per minute", "rate limit 40,000 tokens per minute"), ("Rate limit exceeded", "rate limit exceeded"),
        ("Overloaded", "limited: Overloaded"),
    ]) func whatTheProviderSaidIsOnePhrase(said: String, shown: String) throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let next = Timestamp(milliseconds: world.now.wall.milliseconds + 2_000)
        world.on(id) { $0.retries($1, said, next: next) }
        #expect(world.agent(id)?.activity.text == shown)
        world.finish()
    }

    @Test func aSubAgentThatWaitsForTheProviderMakesItsAgentLimited() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let next = Timestamp(milliseconds: world.now.wall.milliseconds + 4_600)
        world.on(id) { server, session in
            let child = server.create(in: api, parent: session).id
            server.typed(child, "look")
            server.retries(child, next: next)
        }
        #expect(world.status(id) == .limited)
        #expect(world.agent(id)?.retryAt == next)
        world.finish()
    }

    @Test func anAbortWhileWaitingForARetryLeavesNoTraceButIsPaused() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.retries($1, next: Timestamp(milliseconds: 0)) }
        let before = world.shownCount(id)
        #expect(world.obey(.stop([id])) == .success(.done))
        #expect(world.shown(id, since: before) == [.paused])
        // Read back it looks like a normal end; what the person did still counts.
        world.cutStream(apiServer)
        world.pass(.seconds(3))
        #expect(world.status(id) == .paused)
        world.restart()
        world.run()
        #expect(world.status(id) == .paused)
        world.finish()
    }

    @Test func aBusySessionThatSaysNothingIsQuietAndComesBack() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.pass(.minutes(4))
        #expect(world.status(id) == .running)
        world.pass(.minutes(2))
        #expect(world.status(id) == .quiet)
        world.pass(.minutes(30))
        #expect(world.status(id) == .quiet)
        world.on(id) { $0.says($1, "ah") }
        #expect(world.status(id) == .running)
        world.on(id) { $0.finish($1) }
        #expect(world.status(id) == .done)
        world.finish()
    }

    @Test func aBusySubAgentKeepsItsAgentFromBeingQuiet() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let child = try #require(
            world.on(id) { server, session in
                let child = server.create(in: api, parent: session).id
                server.typed(child, "look")
                return child
            })
        for _ in 0..<4 {
            world.pass(.minutes(3))
            world.on(id) { server, _ in server.says(child, "still here") }
        }
        #expect(world.status(id) == .running)
        world.pass(.minutes(6))
        #expect(world.status(id) == .quiet)
        world.finish()
    }

    @Test func aProviderErrorIsFailedWithItsText() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.fails($1, TurnError(name: "APIError", message: "invalid_request_error: too long")) }
        #expect(world.status(id) == .failed)
        #expect(world.agent(id)?.error == "invalid_request_error: too long")
        world.cutStream(apiServer)
        world.pass(.seconds(3))
        #expect(world.status(id) == .failed)
        #expect(world.agent(id)?.error == "invalid_request_error: too long")
        world.finish()
    }

    @Test func anUnknownModelFailsAfterIdleAndWithoutAMessage() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let before = world.shownCount(id)
        world.on(id) { $0.failsWithoutMessage($1, "Model not found: test/none") }
        #expect(world.shown(id, since: before) == [.failed])
        #expect(world.agent(id)?.error == "Model not found: test/none")
        world.finish()
    }

    @Test func anUnknownModelInASecondTurnIsNotTheFirstTurnsDone() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        _ = world.obey(.send(id, text: "more", model: "test/none", mode: nil))
        let before = world.shownCount(id)
        world.on(id) { $0.failsWithoutMessage($1, "Model not found: test/none") }
        #expect(world.shown(id, since: before) == [.failed])
        world.finish()
    }

    @Test func theSummaryOfAPromptAfterTheTurnBeginsNoNewOne() throws {
        var world = makeWorld()
        let id = try world.mustStart("one")
        world.on(id) { $0.finish($1) }
        let first = try #require(world.servers[apiServer]?.sessions[world.session(id)]?.messages.first?.info)
        _ = world.obey(.send(id, text: "two", model: nil, mode: nil))
        world.on(id) { $0.fails($1, TurnError(name: "APIError", message: "no credit")) }
        #expect(world.status(id) == .failed)
        world.on(id) { server, _ in server.outgoing.append(.message(first)) }
        #expect(world.status(id) == .failed)
        world.finish()
    }

    @Test func sendNeverReadsDoneBeforeItsTurnBegan() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        #expect(world.status(id) == .done)
        world.holdsAnswer = { _, call in if case .prompt = call { true } else { false } }
        let before = world.shownCount(id)
        let errand = world.order(.send(id, text: "more", model: nil, mode: nil))
        while world.reply(to: errand) == nil { world.step() }
        #expect(world.status(id)?.isWorking == true)
        world.run()
        world.holdsAnswer = nil
        world.release()
        world.run()
        world.on(id) { $0.finish($1) }
        let shown = world.shown(id, since: before)
        #expect(shown.last == .done)
        #expect(!shown.dropLast().contains { !$0.isWorking }, "\(shown)")
        world.finish()
    }

    @Test func anAcceptanceThatComesAfterTheWholeTurnStartsNothing() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1) }
        world.holdsAnswer = { _, call in if case .prompt = call { true } else { false } }
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        world.on(id) { $0.finish($1) }
        world.release()
        world.run()
        #expect(world.status(id) == .done)
        world.finish()
    }

    @Test func promptsThatWereSentWhileBusyAreAnsweredByOne() throws {
        var world = makeWorld()
        let id = try world.mustStart("one")
        world.on(id) { $0.says($1, "working on one") }
        #expect(world.agent(id)?.queued.isEmpty == true)
        _ = world.obey(.send(id, text: "two", model: nil, mode: nil))
        _ = world.obey(.send(id, text: "three", model: nil, mode: nil))
        #expect(world.agent(id)?.queued.map(\.text) == ["two", "three"])
        #expect(world.status(id) == .running)
        world.on(id) { server, session in
            server.answers(session)
            server.says(session, "both")
        }
        #expect(world.agent(id)?.queued.isEmpty == true)
        world.on(id) { $0.finish($1) }
        #expect(world.status(id) == .done)
        world.finish()
    }

    @Test func aDeletedBusySessionIsGoneAlthoughItsTurnGoesOn() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let session = world.session(id)
        world.on(id) { $0.asks($1) }
        world.on(id) { $0.delete($1) }
        #expect(world.agent(id) == nil)
        #expect(world.engine.herd.requests.isEmpty)
        world.at(apiServer) {
            $0.outgoing.append(.session(SessionInfo(id: session, directory: api, title: "ghost", created: $0.wall, updated: $0.wall)))
            $0.outgoing.append(.phase(session, .retry(attempt: 2, message: "Failed query", next: $0.wall)))
        }
        world.run()
        #expect(world.engine.herd.agents.isEmpty)
        world.cutStream(apiServer)
        world.pass(.seconds(3))
        #expect(world.engine.herd.agents.isEmpty)
        world.finish()
    }

    @Test func aRequestOfAChildWhoseParentIsNotKnownYetIsAdopted() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let parent = world.session(id)
        let middle = SessionInfo(id: SessionID("ses_middle"), parent: parent, directory: api, title: "m", created: world.now.wall, updated: world.now.wall)
        let leaf = SessionInfo(id: SessionID("ses_leaf"), parent: middle.id, directory: api, title: "l", created: world.now.wall, updated: world.now.wall)
        let request = Request(
            id: RequestID("per_x"), session: leaf.id, kind: .permission(.init(name: "bash", patterns: ["ls"], always: [], detail: "ls")), asked: world.now.wall)
        world.at(apiServer) { $0.outgoing += [.asked(request)] }
        world.run()
        #expect(world.status(id) == .running)
        world.at(apiServer) { $0.outgoing += [.session(leaf), .phase(leaf.id, .busy)] }
        world.run()
        world.at(apiServer) { $0.outgoing += [.session(middle)] }
        world.run()
        #expect(world.status(id) == .waiting)
        #expect(world.agent(id)?.requests == [request.id])
        #expect(Set(world.agent(id)?.subAgents.map(\.session) ?? []) == [middle.id, leaf.id])
        world.finish()
    }

    @Test func twoAgentsInOneFolderDoNotMix() throws {
        var world = makeWorld()
        let one = try world.mustStart("one")
        let two = try world.mustStart("two")
        #expect(one != two)
        world.on(one) { $0.asks($1) }
        #expect(world.status(one) == .waiting)
        #expect(world.status(two) == .running)
        world.on(two) { $0.finish($1) }
        #expect(world.status(two) == .done)
        #expect(world.status(one) == .waiting)
        world.finish()
    }

    @Test func aSessionOfPlainOpenCodeAppearsWhenTheDatabaseWasTouched() throws {
        var world = makeWorld()
        _ = world.obey(.addProject(path: api))
        world.at(apiServer) { server in
            let made = server.create(in: api, title: "by hand", isAnnounced: false)
            server.outgoing = []
            return made
        }
        world.run()
        #expect(world.engine.herd.agents.isEmpty)
        world.enqueue(.places(-1), .sessionsTouched)
        world.enqueue(.places(-1), .sessionsTouched)
        world.pass(.seconds(3))
        #expect(world.engine.herd.agents.values.map(\.title) == ["by hand"])
        #expect(world.engine.herd.agents.values.map(\.status) == [.done])
        world.finish()
    }

    @Test func anAgentThatSomebodyLooksAtIsSeen() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        _ = world.obey(.look(id))
        world.on(id) { $0.finish($1) }
        #expect(world.agent(id)?.unseen == false)
        _ = world.obey(.look(nil))
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        world.on(id) { $0.finish($1) }
        #expect(world.agent(id)?.unseen == true)
        _ = world.obey(.seen([id]))
        #expect(world.agent(id)?.unseen == false)
        world.finish()
    }
}
