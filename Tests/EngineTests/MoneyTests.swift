import Domain
import TestKit
import Testing

@testable import Engine

/// Money is counted once, whatever is read again.
@Suite struct MoneyTests {
    @Test func costsAreCountedOnceOverReadingsAndRestarts() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1, cost: 0.5, tokens: Tokens(input: 10, output: 5)) }
        #expect(world.agent(id)?.cost == 0.5)
        #expect(world.engine.herd.today.cost == 0.5)
        for _ in 0..<3 {
            world.cutStream(apiServer)
            world.pass(.seconds(2))
        }
        #expect(world.engine.herd.today.cost == 0.5)
        world.restart()
        world.run()
        #expect(world.engine.herd.today.cost == 0.5)
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        world.on(id) { $0.finish($1, cost: 0.25, tokens: Tokens(input: 1)) }
        #expect(world.agent(id)?.cost == 0.75)
        #expect(world.engine.herd.today.cost == 0.75)
        #expect(world.engine.herd.today.tokens == Tokens(input: 11, output: 5))
        #expect(world.engine.herd.today.byProject == [apiID: 0.75])
        world.store.close()
        #expect(world.store.total(of: world.engine.herd.today.day) == world.engine.herd.today)
        world.finish()
    }

    @Test func subAgentsCountForTheirAgentOnceAlsoWhenTheyAreReadAfterIt() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let child = try #require(
            world.on(id) { server, session in
                let child = server.create(in: api, parent: session).id
                server.typed(child, "look")
                server.finish(child, cost: 1, tokens: Tokens(output: 100))
                return child
            })
        world.on(id) { $0.finish($1, cost: 0.5, tokens: Tokens(output: 1)) }
        #expect(world.agent(id)?.cost == 1.5)
        world.restart()
        world.at(apiServer) { [session = world.session(id)] server in
            server.change(session) { $0.cost = 3 }
            server.change(child) { $0.cost = 1.25 }
        }
        world.run()
        #expect(world.agent(id)?.cost == 4.25)
        #expect(world.agent(id)?.tokens == Tokens(output: 101))
        #expect(world.engine.herd.today.cost == 4.25)
        world.finish()
    }

    /// The machine dies at any moment: what was spent and what the agent had cost are never apart.
    @Test(arguments: 0..<6) func aCrashCountsNothingTwice(keeping kept: Int) throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1, cost: 0.5) }
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        world.on(id) { $0.finish($1, cost: 0.25) }
        world.crash(keeping: kept)
        world.restart()
        world.run()
        #expect(world.agent(id)?.cost == 0.75)
        world.store.close()
        #expect(world.store.total(of: world.engine.herd.today.day).cost == 0.75)
        #expect(world.engine.herd.today.cost == 0.75)
        world.finish()
    }

    @Test func aNewDayBeginsAtZeroInThePersonsOwnZone() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1, cost: 0.5) }
        let first = world.engine.herd.today
        world.pass(.minutes(24 * 60))
        #expect(world.engine.herd.today.cost == 0)
        #expect(world.engine.herd.today.day > first.day)
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        world.on(id) { $0.finish($1, cost: 0.25) }
        #expect(world.engine.herd.today.cost == 0.25)
        #expect(world.agent(id)?.cost == 0.75)
        world.finish()
    }

    @Test func theContextInUseIsThatOfTheNewestAnswer() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { server, session in
            let message = server.answers(session)
            let now = server.wall
            server.outgoing.append(
                .message(
                    MessageInfo(id: message, session: session, role: .assistant, created: now, model: "test/large", tokens: Tokens(input: 400, output: 100))))
        }
        #expect(world.agent(id)?.contextUse == 0.5)
        world.finish()
    }
}
