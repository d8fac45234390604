import Dashboard
import Domain
import Screen
import Testing

@Suite struct NotifyTests {
    private func away(_ rules: NotifyRules = NotifyRules()) -> Harness {
        var harness = Harness()
        harness.take(.preferences(Preferences(notify: rules), problems: []))
        harness.take(.terminal(.focus(false)))
        harness.effects = []
        return harness
    }

    private func change(_ harness: Harness, _ changes: [(String, Status)]) -> DashboardInput {
        var change = HerdChange()
        for (id, status) in changes {
            guard var agent = harness.dashboard.model.herd.agents[AgentID(id)] else { continue }
            agent.status = status
            change.agents.append(agent)
        }
        return .changed(change)
    }

    private func told(_ harness: Harness) -> [String] {
        harness.effects.compactMap { if case .notify(let title, let body) = $0 { title + " | " + body } else { nil } }
    }

    @Test func oneAgentIsToldByNameAfterTheDelay() {
        var harness = away()
        harness.take(change(harness, [("update-deps", .failed)]))
        #expect(told(harness).isEmpty)
        #expect(harness.dashboard.nextDeadline.map { $0 <= harness.now.instant + .seconds(2) } == true)
        harness.pass(2000)
        harness.take(.tick)
        #expect(told(harness).count == 1 && told(harness)[0].hasPrefix("Update dependencies | failed"), "\(told(harness))")
        harness.pass(60_000)
        harness.take(.tick)
        #expect(told(harness).count == 1)
    }

    @Test func severalAreToldTogether() {
        var harness = away()
        harness.take(change(harness, [("update-deps", .failed)]))
        harness.pass(500)
        harness.take(change(harness, [("arm64", .waiting)]))
        harness.pass(1500)
        harness.take(.tick)
        #expect(told(harness).count == 1 && told(harness)[0].hasPrefix("2 agents need you | "), "\(told(harness))")
    }

    @Test func whatIsOverByThenIsNotTold() {
        var harness = away()
        harness.take(change(harness, [("update-deps", .waiting)]))
        harness.pass(1000)
        harness.take(change(harness, [("update-deps", .running)]))
        harness.pass(5000)
        harness.take(.tick)
        #expect(told(harness).isEmpty)
    }

    @Test func nobodyIsCalledWhoIsHere() {
        var harness = away()
        harness.take(.terminal(.focus(true)))
        harness.take(change(harness, [("update-deps", .done)]))
        harness.pass(3000)
        harness.take(.tick)
        #expect(told(harness).isEmpty)
        // A terminal that does not tell its focus: who typed a moment ago is here.
        var blind = Harness()
        blind.press("j")
        blind.take(change(blind, [("update-deps", .done)]))
        blind.pass(3000)
        blind.take(.tick)
        #expect(told(blind).isEmpty)
        blind.pass(40_000)
        blind.take(change(blind, [("update-deps", .running)]))
        blind.take(change(blind, [("update-deps", .done)]))
        blind.pass(3000)
        blind.take(.tick)
        #expect(told(blind).count == 1)
    }

    @Test func onlyWhatIsWantedAndNotWhileMuted() {
        var harness = away(NotifyRules(statuses: [.failed], delay: .seconds(0)))
        harness.take(change(harness, [("update-deps", .done)]))
        #expect(told(harness).isEmpty)
        harness.take(change(harness, [("update-deps", .failed)]))
        #expect(told(harness).count == 1)
        harness.press("M")
        harness.take(.terminal(.focus(false)))
        #expect(harness.shows("do not disturb"))
        harness.take(change(harness, [("update-deps", .running)]))
        harness.take(change(harness, [("update-deps", .failed)]))
        #expect(told(harness).count == 1)
    }
}
