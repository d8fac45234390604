import Domain
import TestKit
import Testing

@testable import Engine

/// Starting agents: every way that works, every way that does not, and nothing half-made after either.
@Suite struct LaunchTests {
    private func create(_ call: ServerCall) -> Bool { if case .create = call { true } else { false } }
    private func prompt(_ call: ServerCall) -> Bool { if case .prompt = call { true } else { false } }

    /// What an engine leaves when nothing is on its way.
    private func expectNothingHalfMade(_ world: EngineWorld, _ location: SourceLocation = #_sourceLocation) {
        #expect(world.engine.launches.isEmpty, sourceLocation: location)
        #expect(world.engine.outbox.isEmpty, sourceLocation: location)
        let agents = world.engine.herd.agents.values
        for place in world.disk.values where place.isOurs {
            #expect(agents.contains { $0.place == place.id }, "the worktree \(place.directory) belongs to nobody", sourceLocation: location)
        }
        for server in world.servers.values {
            for session in server.sessions.values where session.info.parent == nil {
                #expect(agents.contains { $0.session == session.info.id }, "the session \(session.info.id) belongs to nobody", sourceLocation: location)
            }
        }
    }

    @Test func aRepositoryGetsAWorktreeOnABranchOfItsOwn() throws {
        var world = makeWorld()
        let id = try world.mustStart("Fix the login, please", kind: nil)
        let place = try #require(world.agent(id).flatMap { world.engine.herd.places[$0.place] })
        #expect(place.kind == .worktree)
        #expect(place.branch == "drover/fix-the-login-please")
        #expect(world.agent(id)?.title == "Fix the login, please")
        #expect(world.servers[apiServer]?.sessions[world.session(id)]?.info.directory == place.directory)
        #expect(world.statuses[id] == [.provisioning, .starting, .running])
        expectNothingHalfMade(world)
        world.finish()
    }

    @Test func eachStepIsShownAsAPhrase() {
        var world = makeWorld()
        world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "x")))
        var shown: [String] = []
        while !world.isQuiet, world.engine.launches.count == 1 || shown.isEmpty {
            world.step()
            guard let agent = world.engine.herd.agents.values.first, world.engine.launches[agent.id] != nil else { continue }
            if shown.last != agent.activity.text { shown.append(agent.activity.text) }
        }
        #expect(shown == ["making the worktree", "starting the server", "creating the session", "sending the prompt"])
        world.run()
        world.finish()
    }

    @Test func aDirectoryWithoutARepositoryIsUsedAsItIs() throws {
        var world = makeWorld()
        let id = try world.mustStart(in: "/p/notes", kind: nil)
        #expect(world.agent(id).flatMap { world.engine.herd.places[$0.place]?.kind } == .folder)
        world.finish()
    }

    @Test func aRepositoryWithoutCommitsIsUsedAsItIs() throws {
        var world = makeWorld()
        let id = try world.mustStart(in: "/p/empty", kind: nil)
        #expect(world.agent(id).flatMap { world.engine.herd.places[$0.place]?.kind } == .folder)
        world.finish()
    }

    @Test func aClientThatAsksAgainGetsTheAgentItAskedFor() throws {
        var world = makeWorld()
        let wish = NewAgent(id: AgentID("abc234"), directory: api, kind: .worktree, prompt: "fix the bug")
        // On its way, there, and of another client, as after a reconnection.
        let first = world.order(.new(wish), by: ClientID("one"))
        world.step()
        world.step()
        world.leave(ClientID("one"))
        let second = world.order(.new(wish), by: ClientID("two"))
        world.run()
        let third = world.obey(.new(wish))
        for reply in [world.reply(to: second), third] {
            guard case .success(.agent(let agent))? = reply else {
                Issue.record("\(String(describing: reply))")
                continue
            }
            #expect(agent.id == AgentID("abc234"))
        }
        #expect(world.reply(to: first) == nil)
        #expect(world.engine.herd.agents.count == 1)
        expectNothingHalfMade(world)
        world.finish()
    }

    @Test(arguments: ["", "../../x", "ABCDEF", "abc2345", "2abcde"]) func anIdentifierThatIsNoneStartsNothing(id: String) {
        var world = makeWorld()
        guard case .failure(let refusal)? = world.obey(.new(NewAgent(id: AgentID(id), directory: api, kind: .folder, prompt: "x"))) else {
            Issue.record("it was taken")
            return
        }
        #expect(refusal.reason == .refused && world.engine.herd.agents.isEmpty)
        world.finish()
    }

    @Test func aLiveServerStartsTheNextAgentAtOnce() throws {
        var world = makeWorld()
        _ = try world.mustStart("one")
        let two = try world.mustStart("two", kind: .worktree)
        #expect(world.spawned == 1)
        #expect(world.status(two) == .running)
        expectNothingHalfMade(world)
        world.finish()
    }

    @Test(arguments: ["/p/notes", "/p/empty"]) func noWorktreeWhereThereCanBeNone(directory: String) {
        var world = makeWorld()
        #expect(world.new(in: directory, kind: .worktree) == nil)
        #expect(world.engine.herd.agents.isEmpty)
        world.finish()
    }

    @Test func anEmptyPromptOrAMissingDirectoryStartsNothing() {
        var world = makeWorld()
        #expect(world.new(" \n") == nil)
        #expect(world.new(in: "/nowhere") == nil)
        #expect(world.engine.herd.agents.isEmpty)
        #expect(world.spawned == 0)
        world.finish()
    }

    @Test func aPlaceThatCannotBeMadeLeavesNoAgent() {
        var world = makeWorld()
        world.refusesPlaces = Refusal(.failed, "no space left")
        #expect(world.new(kind: .worktree) == nil)
        #expect(world.engine.herd.agents.isEmpty)
        expectNothingHalfMade(world)
        world.finish()
    }

    @Test func aServerThatCannotStartLeavesNoAgentAndNoWorktree() {
        var world = makeWorld()
        world.failsToStart = ("there is no opencode", isFinal: true)
        let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "x")))
        world.run()
        guard case .failure(let refusal)? = world.reply(to: errand) else { return #expect(Bool(false)) }
        #expect(refusal.message == "there is no opencode")
        #expect(world.engine.herd.agents.isEmpty)
        expectNothingHalfMade(world)
        // A later wish tries again.
        world.failsToStart = nil
        #expect(world.new() != nil)
        world.finish()
    }

    @Test func aServerThatFailsForNowIsTriedAgainUntilItWorks() throws {
        var world = makeWorld()
        world.failsToStart = ("port in use", isFinal: false)
        let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "x")))
        world.run()
        #expect(world.reply(to: errand) == nil)
        #expect(world.engine.herd.agents.values.map(\.status) == [.starting])
        world.pass(.seconds(10))
        world.failsToStart = nil
        world.pass(.seconds(70))
        guard case .success(.agent)? = world.reply(to: errand) else { return #expect(Bool(false)) }
        expectNothingHalfMade(world)
        world.finish()
    }

    @Test func theCreationEventBeforeItsAnswerMakesNoSecondAgent() throws {
        var world = makeWorld()
        world.holdsAnswer = { _, call in self.create(call) }
        let errand = world.order(.new(NewAgent(directory: api, kind: .folder, prompt: "x")))
        world.run()
        #expect(world.engine.herd.agents.count == 1)
        world.release()
        world.run()
        #expect(world.engine.herd.agents.count == 1)
        #expect(world.statuses.count == 1)
        #expect(world.reply(to: errand) != nil)
        world.finish()
    }

    @Test(arguments: [Place.Kind.folder, .worktree]) func aSessionWhoseAnswerWasLostIsFoundAndNotMadeTwice(kind: Place.Kind) throws {
        var world = makeWorld()
        world.losesAnswer = { _, call in self.create(call) ? .timedOut : nil }
        let errand = world.order(.new(NewAgent(directory: api, kind: kind, prompt: "x")))
        world.run()
        world.losesAnswer = nil
        world.pass(.seconds(10))
        guard case .success(.agent)? = world.reply(to: errand) else { return #expect(Bool(false), "never answered") }
        #expect(world.servers[apiServer]?.sessions.count == 1)
        #expect(world.engine.herd.agents.count == 1)
        expectNothingHalfMade(world)
        world.finish()
    }

    @Test func aCreationThatNeverArrivedIsDoneAgain() throws {
        var world = makeWorld()
        world.refusesCall = { _, call in self.create(call) ? .unreachable("reset") : nil }
        let errand = world.order(.new(NewAgent(directory: api, kind: .folder, prompt: "x")))
        world.run()
        world.refusesCall = nil
        world.pass(.seconds(10))
        guard case .success(.agent)? = world.reply(to: errand) else { return #expect(Bool(false), "never answered") }
        #expect(world.servers[apiServer]?.sessions.count == 1)
        world.finish()
    }

    @Test func aPersonsOwnNewSessionIsNotTakenForTheLostOne() throws {
        var world = makeWorld()
        world.losesAnswer = { _, call in self.create(call) ? .timedOut : nil }
        world.refusesCall = nil
        let errand = world.order(.new(NewAgent(directory: api, kind: .folder, prompt: "mine")))
        world.run()
        world.losesAnswer = nil
        world.at(apiServer) { server in
            let own = server.create(in: api).id
            server.typed(own, "by hand")
        }
        world.pass(.seconds(10))
        guard case .success(.agent(let agent))? = world.reply(to: errand) else { return #expect(Bool(false), "never answered") }
        #expect(world.engine.herd.agents.count == 2)
        #expect(world.servers[apiServer]?.sessions[world.session(agent.id)]?.messages.count == 1)
        world.finish()
    }

    @Test func aRefusedSessionOrPromptLeavesNothing() {
        for isPrompt in [false, true] {
            var world = makeWorld()
            world.refusesCall = { _, call in (isPrompt ? self.prompt(call) : self.create(call)) ? .rejected("no such thing") : nil }
            let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "x")))
            world.run()
            guard case .failure(let refusal)? = world.reply(to: errand) else { return #expect(Bool(false)) }
            #expect(refusal.message.contains("no such thing"))
            #expect(world.engine.herd.agents.isEmpty)
            expectNothingHalfMade(world)
            world.finish()
        }
    }

    @Test func whatWasRefusedStaysAwayThoughTheDaemonDies() {
        var world = makeWorld()
        world.files = ["shot.png": "shot.png is empty"]
        let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "look at @shot.png")))
        world.run()
        guard case .failure? = world.reply(to: errand) else { return #expect(Bool(false), "it was not refused") }
        world.crash()
        world.restart()
        world.pass(.minutes(1))
        #expect(world.engine.herd.agents.isEmpty && world.engine.outbox.isEmpty)
        expectNothingHalfMade(world)
        world.finish()
    }

    @Test func aPromptWhoseAnswerWasLostRunsOnce() throws {
        var world = makeWorld()
        world.losesAnswer = { _, call in self.prompt(call) ? .timedOut : nil }
        let errand = world.order(.new(NewAgent(directory: api, kind: .folder, prompt: "x")))
        world.run()
        #expect(world.reply(to: errand) == nil)
        world.losesAnswer = nil
        world.pass(.seconds(10))
        guard case .success(.agent(let agent))? = world.reply(to: errand) else { return #expect(Bool(false), "never answered") }
        #expect(world.servers[apiServer]?.turns.values.map { $0 } == [1])
        world.on(agent.id) { $0.finish($1) }
        #expect(world.status(agent.id) == .done)
        world.finish()
    }

    /// Stopped after any number of handled events: refused, and nothing stays.
    @Test(arguments: 0..<14) func stoppingAnAgentThatIsBeingStartedLeavesNothing(after steps: Int) {
        var world = makeWorld()
        let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "x")))
        for _ in 0..<steps { world.step() }
        guard let id = world.engine.herd.agents.keys.first else { return }
        let wasAccepted = world.reply(to: errand) != nil
        let stop = world.order(.stop([id]))
        world.run()
        world.pass(.seconds(5))
        #expect(world.reply(to: stop) == .success(.done))
        if wasAccepted || world.agent(id) != nil {
            #expect(world.status(id) == .paused)
        } else {
            guard case .failure? = world.reply(to: errand) else { return #expect(Bool(false)) }
            expectNothingHalfMade(world)
        }
        world.finish()
    }

    /// A person was quicker than drover: their session is in the worktree, and it stays.
    @Test func stoppingALaunchLeavesTheWorktreeInWhichSomebodyWorks() throws {
        var world = makeWorld()
        world.holdsAnswer = { _, call in if case .create = call { true } else { false } }
        world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "x")))
        world.run()
        let id = try #require(world.engine.herd.agents.keys.first)
        let place = try #require(world.agent(id).flatMap { world.engine.herd.places[$0.place] })
        let session = try #require(
            world.at(apiServer) { server in
                let session = server.create(in: place.directory, title: "mine").id
                server.typed(session, "mine")
                return session
            })
        world.run()
        _ = world.obey(.stop([id]))
        world.holdsAnswer = nil
        world.release()
        world.run()
        #expect(world.disk[place.directory] != nil)
        let theirs = try #require(world.engine.owners[session])
        #expect(world.status(theirs) == .running)
        #expect(world.engine.herd.agents.count == 1)
        world.finish()
    }

    @Test func whatIsSentWhileItStartsComesAfterItsFirstPrompt() throws {
        var world = makeWorld()
        let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: "first")))
        while world.engine.herd.agents.isEmpty { world.step() }
        let id = try #require(world.engine.herd.agents.keys.first)
        world.order(.send(id, text: "second", model: nil, mode: nil))
        world.run()
        #expect(world.reply(to: errand) != nil)
        let texts = world.servers[apiServer]?.sessions[world.session(id)]?.messages.flatMap(\.parts).map(\.content)
        #expect(texts == [.text("first", synthetic: false), .text("second", synthetic: false)])
        world.finish()
    }

    @Test func theListOfWorktreesThatWasMadeBeforeOursDoesNotTakeItAway() throws {
        var world = makeWorld()
        let id = try world.mustStart(kind: .worktree)
        world.enqueue(.places(-2), .placesListed(apiID, .success([])))
        world.run()
        #expect(world.agent(id).flatMap { world.engine.herd.places[$0.place] }?.trouble == nil)
        #expect(world.obey(.send(id, text: "go on", model: nil, mode: nil)) == .success(.done))
        world.finish()
    }

    /// The daemon dies before the k-th effect of a launch, and the server with it or not; the next one finishes what was written down.
    @Test(arguments: 0..<45, [true, false]) func dyingAnywhereMakesOneSessionAndRunsThePromptOnce(after effects: Int, serverSurvives: Bool) throws {
        for kind in [Place.Kind.worktree, .folder] {
            var world = makeWorld()
            world.effectsLeft = effects
            let errand = world.order(.new(NewAgent(directory: api, kind: kind, prompt: "build it")))
            world.run()
            let wasAnswered = world.reply(to: errand) != nil
            if !world.isDead { world.crash() }
            if !serverSurvives { world.kill(apiServer) }
            world.restart()
            world.run()
            world.pass(.seconds(90))
            #expect(world.engine.launches.isEmpty)
            #expect(world.engine.outbox.isEmpty)
            expectNothingHalfMade(world)
            #expect(world.engine.herd.agents.count <= 1)
            if wasAnswered { #expect(world.engine.herd.agents.count == 1) }
            if let id = world.engine.herd.agents.keys.first {
                let messages = world.servers[apiServer]?.sessions[world.session(id)]?.messages.filter { $0.info.role == .user } ?? []
                #expect(messages.count == 1)
                #expect(messages.first?.parts.count == 1)
                let turns = world.servers[apiServer]?.turns.values.max() ?? 0
                #expect(turns >= 1 && turns <= (serverSurvives ? 1 : 2))
                if serverSurvives { #expect(world.status(id) == .running) }
            }
            #expect(world.problems == [])
        }
    }

    /// The client whose answer was lost with the daemon asks the next one for the same again.
    @Test(arguments: 0..<45) func dyingAnywhereAndAskingAgainMakesOneAgent(after effects: Int) throws {
        var world = makeWorld()
        let wish = NewAgent(id: AgentID("abc234"), directory: api, kind: .worktree, prompt: "build it")
        world.effectsLeft = effects
        _ = world.order(.new(wish))
        world.run()
        if !world.isDead { world.crash() }
        world.restart()
        let again = world.order(.new(wish))
        world.run()
        world.pass(.seconds(90))
        guard case .success(.agent(let agent))? = world.reply(to: again) else {
            Issue.record("\(String(describing: world.reply(to: again)))")
            return
        }
        #expect(Array(world.engine.herd.agents.keys) == [agent.id])
        let messages = world.servers[apiServer]?.sessions[world.session(agent.id)]?.messages.filter { $0.info.role == .user } ?? []
        #expect(messages.count == 1)
        expectNothingHalfMade(world)
        #expect(world.problems == [])
    }

    /// The server goes on meanwhile: its turn ends before, or after the next daemon has come; nothing of that is a failure.
    @Test(arguments: 0..<30, [true, false]) func dyingWhileTheServerRunsShowsNoFailure(after effects: Int, endsMeanwhile: Bool) throws {
        for kind in [Place.Kind.worktree, .folder] {
            var world = makeWorld()
            let warm = try world.mustStart("warm")
            world.on(warm) { $0.finish($1) }
            world.effectsLeft = effects
            world.order(.new(NewAgent(directory: api, kind: kind, prompt: "build it")))
            world.run()
            if !world.isDead { world.crash() }
            if endsMeanwhile, let busy = world.servers[apiServer]?.sessions.keys.first(where: { world.servers[apiServer]?.isBusy($0) == true }) {
                world.at(apiServer) { $0.finish(busy) }
            }
            world.restart()
            world.run()
            world.pass(.seconds(20))
            guard let id = world.engine.herd.agents.keys.first(where: { $0 != warm }) else { continue }
            if world.status(id) == .running { world.on(id) { $0.finish($1) } }
            #expect(world.status(id) == .done, "\(world.agent(id)?.error ?? "")")
            #expect(!world.shown(id, since: 0).contains(.failed) && !world.shown(warm, since: 0).contains(.failed))
            world.finish()
        }
    }
}
