import Domain
import TestKit
import Testing

@testable import Engine

/// What a prompt names goes along with it; what cannot is told before it is sent; and nothing is sent twice.
@Suite struct PreparingTests {
    private func refusal(_ reply: Result<ClientReply, Refusal>?) -> Refusal? { if case .failure(let refusal)? = reply { refusal } else { nil } }

    private func idle(_ files: [String: String?] = ["src/a.c": nil]) throws -> (EngineWorld, AgentID) {
        var world = makeWorld()
        world.files = files
        let id = try world.mustStart("build it")
        world.on(id) { $0.finish($1) }
        return (world, id)
    }

    private func inputs(_ world: EngineWorld) -> [PromptInput] {
        world.effects.compactMap {
            switch $0 {
            case .call(_, _, _, .prompt(_, _, let input)), .call(_, _, _, .command(_, _, let input)): input
            default: nil
            }
        }
    }

    private func saved(_ world: EngineWorld) -> PendingPrompt? {
        world.effects.reversed().lazy.compactMap { if case .save(.prompt(let prompt), true) = $0 { prompt } else { nil } }.first
    }

    @Test func aFileGoesAlongAndAWordStaysAWord() throws {
        var (world, id) = try idle()
        #expect(world.obey(.send(id, text: "see @src/a.c, @src/a.c and @nobody", model: nil, mode: nil)) == .success(.done))
        let input = try #require(inputs(world).last)
        #expect(input.text == "see @src/a.c, @src/a.c and @nobody")
        #expect(input.files.map(\.path) == [api + "/src/a.c"])
        #expect(input.files.map(\.mention.start) == [4])
        #expect(input.files.allSatisfy { $0.part.raw.hasPrefix("prt_") } && input.agents.isEmpty)
        #expect(saved(world)?.input == input)
        // In the order in which the server lists them.
        let parts = [input.part] + input.files.map(\.part)
        #expect(parts == parts.sorted() && Set(parts).count == parts.count)
        world.finish()
    }

    @Test func anAgentOfOpenCodeIsCalled() throws {
        var (world, id) = try idle()
        _ = world.obey(.send(id, text: "  @general look", model: nil, mode: nil))
        #expect(inputs(world).last?.agents.map(\.mention) == [Mention(name: "general", written: "@general", start: 2)])
        world.finish()
    }

    @Test func whatCannotBeSentIsToldAndNothingIsQueued() throws {
        var (world, id) = try idle(["shot.png": "shot.png is empty"])
        let before = inputs(world).count
        let answer = refusal(world.obey(.send(id, text: "@shot.png", model: nil, mode: nil)))
        #expect(answer?.message == "shot.png is empty" && answer?.remedy.isEmpty == false)
        #expect(inputs(world).count == before && world.agent(id)?.queued == [])
        world.finish()
    }

    @Test func aCommandIsRunAndAnUnknownOneIsTold() throws {
        var (world, id) = try idle()
        #expect(world.obey(.send(id, text: "/review all @src/a.c", model: "a/b", mode: "plan")) == .success(.done))
        let input = try #require(inputs(world).last)
        #expect(input.command == PromptCommand(name: "review", arguments: "all @src/a.c") && input.files.count == 1 && input.model == "a/b")
        #expect(world.status(id) == .running)
        world.on(id) { $0.finish($1) }
        let unknown = refusal(world.obey(.send(id, text: "/reveiw it", model: nil, mode: nil)))
        #expect(unknown?.message == "the server has no command /reveiw; did you mean /review?")
        #expect(unknown?.remedy == "it has /init /review; with a space before the / it is sent as text")
        #expect(refusal(world.obey(.send(id, text: "/xyzzy", model: nil, mode: nil)))?.message == "the server has no command /xyzzy")
        #expect(world.obey(.send(id, text: " /reveiw it", model: nil, mode: nil)) == .success(.done))
        #expect(inputs(world).last?.text == "/reveiw it" && inputs(world).last?.command == nil)
        world.on(id) { $0.finish($1) }
        #expect(world.obey(.send(id, text: "/etc/hosts is wrong", model: nil, mode: nil)) == .success(.done))
        #expect(inputs(world).last?.text == "/etc/hosts is wrong" && inputs(world).last?.command == nil)
        world.finish()
    }

    @Test func aCommandWithoutAServerWaitsForIt() throws {
        var (world, id) = try idle()
        _ = world.obey(.stopServer(apiServer))
        #expect(world.obey(.send(id, text: "/review", model: nil, mode: nil)) == .success(.done))
        #expect(inputs(world).last?.command?.name == "review")
        world.finish()
    }

    @Test func promptsKeepTheirOrder() throws {
        var (world, id) = try idle()
        let errands = ["look @src/a.c", "then this", "/init", "and that"].map { world.order(.send(id, text: $0, model: nil, mode: nil)) }
        world.run()
        for errand in errands { #expect(world.reply(to: errand) == .success(.done)) }
        #expect(inputs(world).suffix(4).map { $0.command?.name ?? $0.text } == ["look @src/a.c", "then this", "init", "and that"])
        world.finish()
    }

    @Test func theFirstPromptHasFilesAndCommandsToo() throws {
        var world = makeWorld()
        world.files = ["src/a.c": nil, "bad.png": "bad.png is empty"]
        _ = try world.mustStart("@src/a.c why?", kind: .worktree)
        #expect(inputs(world).last?.files.count == 1)
        _ = try world.mustStart("/review now", kind: .folder)
        #expect(inputs(world).last?.command?.name == "review")
        let agents = world.engine.herd.agents.count
        for (prompt, why) in [("@bad.png", "bad.png is empty"), ("/inti", "the server has no command /inti; did you mean /init?")] {
            let errand = world.order(.new(NewAgent(directory: api, kind: .worktree, prompt: prompt)))
            world.run()
            #expect(refusal(world.reply(to: errand))?.message == why)
        }
        #expect(world.engine.herd.agents.count == agents)
        world.finish()
    }

    // MARK: Once

    @Test(arguments: ["see @src/a.c", "/review it"]) func whatArrivedIsNotSentAgain(text: String) throws {
        var (world, id) = try idle()
        world.losesAnswer = { _, call in
            switch call {
            case .prompt, .command: .timedOut
            default: nil
            }
        }
        let errand = world.order(.send(id, text: text, model: nil, mode: nil))
        world.run()
        world.losesAnswer = nil
        world.pass(.seconds(30))
        #expect(world.reply(to: errand) == .success(.done))
        let message = try #require(saved(world)?.input.message)
        #expect(world.servers[apiServer]?.turns[message] == 1)
        #expect(world.servers[apiServer]?.expansions[message] ?? 1 == 1)
        #expect(inputs(world).filter { $0.message == message && $0.isCompound }.count == 1)
        #expect(world.store.records.allSatisfy { $0.key.kind != .prompt })
        world.finish()
    }

    @Test(arguments: ["see @src/a.c", "/review it"]) func whatDidNotArriveIsSentAgain(text: String) throws {
        var (world, id) = try idle()
        world.refusesCall = { _, call in
            switch call {
            case .prompt, .command: .unreachable("connection reset")
            default: nil
            }
        }
        let errand = world.order(.send(id, text: text, model: nil, mode: nil))
        world.run()
        world.refusesCall = nil
        world.pass(.seconds(30))
        #expect(world.reply(to: errand) == .success(.done))
        let message = try #require(saved(world)?.input.message)
        #expect(world.servers[apiServer]?.turns[message] == 1 && world.status(id) == .running)
        world.finish()
    }

    /// A command is answered when its turn is over; the daemon may die long before.
    @Test func aCommandIsAcceptedWhenItsMessageShows() throws {
        var (world, id) = try idle()
        world.holdsAnswer = { _, call in if case .command = call { true } else { false } }
        _ = world.obey(.send(id, text: "/review it", model: nil, mode: nil))
        let message = try #require(saved(world)?.input.message)
        #expect(world.status(id) == .running && world.store.records.allSatisfy { $0.key.kind != .prompt })
        #expect(world.obey(.send(id, text: "next", model: nil, mode: nil)) == .success(.done))
        #expect(inputs(world).last?.text == "next")
        world.release()
        world.run()
        #expect(world.servers[apiServer]?.turns[message] == 1)
        world.finish()
    }

    @Test(arguments: ["see @src/a.c", "/review it"], 0...12) func aDaemonThatDiesSendsItOnce(text: String, after: Int) throws {
        var (world, id) = try idle()
        world.order(.send(id, text: text, model: nil, mode: nil))
        world.effectsLeft = after
        world.run()
        world.effectsLeft = nil
        world.restart()
        world.pass(.seconds(30))
        let turns = world.servers[apiServer]?.turns.values.sorted() ?? []
        #expect(turns.allSatisfy { $0 == 1 }, "\(turns)")
        #expect(world.servers[apiServer]?.expansions.values.allSatisfy { $0 == 1 } == true)
        #expect(world.store.records.allSatisfy { $0.key.kind != .prompt })
    }

    // MARK: What can be mentioned

    @Test func filesAndOffersAreTold() throws {
        var (world, id) = try idle(["src/a.c": nil, "src/b.c": nil])
        #expect(world.obey(.files(.agent(id), like: "b.")) == .success(.files(["src/b.c"])))
        #expect(
            world.obey(.facts(.project(apiID), ["src/a.c", "no"]))
                == .success(
                    .facts([
                        FileFact(name: "src/a.c", path: api + "/src/a.c", kind: .file, mime: "text/plain", size: 1)
                    ])))
        let offers = ClientReply.offers(commands: [CommandInfo(name: "init"), CommandInfo(name: "review", description: "Look at it")], agents: ["general"])
        #expect(world.obey(.offers(.agent(id))) == .success(offers))
        #expect(refusal(world.obey(.offers(.agent(AgentID("zz")))))?.reason == .notFound)
        #expect(refusal(world.obey(.files(.project(ProjectID("zz")), like: "")))?.reason == .notFound)
        world.finish()
    }
}
