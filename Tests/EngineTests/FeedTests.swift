import Domain
import TestKit
import Testing

@testable import Engine

/// What happened is told once, and counted since a person last looked.
@Suite struct FeedTests {
    private func told(_ world: EngineWorld, _ id: AgentID) -> [String] {
        world.engine.feed.filter { $0.agent == id }.map { $0.kind.rawValue + " " + $0.text }
    }

    @Test func aDayOfAnAgent() throws {
        var world = makeWorld()
        let id = try world.mustStart("fix the bug\nand the others")
        world.on(id) { server, session in
            if let call = server.uses(session, "read", "a.ts") { server.ends(session, call) }
            if let call = server.uses(session, "bash", "ls -l") { server.ends(session, call) }
            if let call = server.uses(session, "bash", "npm test") { server.ends(session, call, state: .failed) }
            if let call = server.uses(session, "edit", "a.ts") { server.ends(session, call) }
            if let call = server.uses(session, "edit", "a.ts") { server.ends(session, call) }
            server.finish(session, cost: 0.5)
        }
        #expect(told(world, id) == ["new fix the bug", "command ls -l", "test npm test", "edit a.ts", "edit a.ts", "done a.ts"])
        let digest = try #require(world.agent(id)?.digest)
        #expect(digest.words.map(\.all) == ["1 turn", "1 file", "1 test run failed", "1 command"])
        #expect(world.agent(id)?.costSinceLooked == 0.5)
        world.finish()
    }

    @Test func aRequestAndItsAnswerAreToldOnceHoweverOftenTheyAreRead() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let request = try #require(world.on(id) { $0.asks($1, "npm install") })
        for _ in 0..<2 {
            world.cutStream(apiServer)
            world.pass(.seconds(2))
        }
        world.restart()
        world.run()
        world.pass(.seconds(3))
        _ = world.obey(.answer(request, .once))
        #expect(told(world, id).filter { $0.hasPrefix("request") } == ["request bash npm install"])
        #expect(world.engine.feed.filter { $0.kind == .answer }.map(\.result) == ["once"])
        #expect(world.agent(id)?.digest.deeds.requests == 1)
        world.finish()
    }

    /// Servers send old calls again when they tidy up their conversations.
    @Test func aCallThatWasNotSeenToBeginIsNoNews() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let call = try #require(world.on(id) { server, session in server.uses(session, "bash", "make") } ?? nil)
        world.on(id) { $0.ends($1, call) }
        world.on(id) { $0.ends($1, call) }
        #expect(told(world, id).filter { $0 == "command make" }.count == 1)
        world.finish()
    }

    @Test func lookingLongEnoughBeginsANewDigest() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        world.on(id) { $0.finish($1, cost: 0.5) }
        let since = try #require(world.agent(id)?.digest.since)
        _ = world.obey(.look(id))
        world.pass(.seconds(1))
        _ = world.obey(.look(nil))
        #expect(world.agent(id)?.digest.since == since && world.agent(id)?.hasNews == true)
        _ = world.obey(.look(id))
        world.pass(.seconds(3))
        #expect(world.agent(id)?.hasNews == true)
        _ = world.obey(.look(nil))
        #expect(world.agent(id)?.hasNews == false)
        world.restart()
        world.run()
        #expect(world.agent(id)?.hasNews == false)
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        world.on(id) { $0.finish($1, cost: 0.25) }
        #expect(world.agent(id)?.digest.deeds.turns == 1 && world.agent(id)?.costSinceLooked == 0.25)
        world.finish()
    }

    @Test func theOldestGoAndNumbersGoOnOverRestarts() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        let most = Engine.feedLimit + Engine.feedSlack
        while world.engine.feed.count < most { _ = world.obey(.send(id, text: "again", model: nil, mode: nil)) }
        _ = world.obey(.send(id, text: "one too many", model: nil, mode: nil))
        let kept = world.engine.feed
        #expect(kept.count <= most && kept.count >= Engine.feedLimit && (kept.first?.number ?? 0) > Engine.feedSlack)
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.number + 1 == $1.number })
        world.restart()
        world.run()
        #expect(world.engine.feed.map(\.number).prefix(kept.count) == kept.map(\.number)[...])
        world.finish()
    }

    @Test func ordersAreAnsweredWithTheNewest() throws {
        var world = makeWorld()
        let id = try world.mustStart()
        _ = world.obey(.send(id, text: "more", model: nil, mode: nil))
        guard case .success(.feed(let entries))? = world.obey(.feed(limit: 1, follows: false)) else {
            Issue.record("no feed")
            return
        }
        #expect(entries.map(\.kind) == [.prompt])
        world.finish()
    }
}
