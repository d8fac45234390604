import Dashboard
import Domain
import Screen
import Testing

/// What happened in the herd: where it is at its end, where a person has gone, and what a new connection tells.
@Suite struct FeedTests {
    private func opened(_ herd: Herd = Sample.afterAnHour) -> Harness {
        var harness = Harness(120, 36, herd: herd)
        harness.press("L")
        harness.reply(.success(.feed(Sample.feed)))
        harness.effects = []
        return harness
    }

    private func entry(_ number: Int, _ text: String) -> FeedEntry {
        FeedEntry(number: number, at: Sample.ago(0), agent: AgentID("update-deps"), project: Sample.api.id, title: "Update deps", kind: .command, text: text)
    }

    private func change(_ entries: FeedEntry...) -> DashboardInput {
        var change = HerdChange()
        change.feed = entries
        return .changed(change)
    }

    @Test func whatComesIsAddedOnceAndTheEndIsKeptInSight() {
        var harness = opened()
        harness.take(change(entry(13, "make first")))
        harness.take(change(entry(13, "make first"), entry(14, "make second")))
        #expect(harness.dashboard.model.feed.map(\.number) == Array(1...14))
        #expect(harness.dashboard.ui.feed?.chosen == nil && harness.shows("make second"))
    }

    @Test func aChosenEntryStaysChosenWhenMoreCome() {
        var harness = opened()
        harness.press("kk")
        #expect(harness.dashboard.ui.feed?.chosen == 10)
        harness.take(change(entry(13, "make more")))
        #expect(harness.dashboard.ui.feed?.chosen == 10)
        harness.press("jjj")
        #expect(harness.dashboard.ui.feed?.chosen == nil)
        harness.press("g")
        #expect(harness.dashboard.ui.feed?.chosen == 1)
        harness.press("G")
        #expect(harness.dashboard.ui.feed?.chosen == nil)
    }

    @Test func enterOpensTheAgentAndOneThatIsGoneIsSaidToBe() {
        var harness = opened()
        harness.press("k<enter>")
        #expect(harness.dashboard.ui.feed == nil && harness.dashboard.ui.selected == AgentID("update-deps") && harness.dashboard.ui.focus == .detail)
        harness = opened()
        harness.press("g<enter>")
        #expect(harness.dashboard.ui.feed != nil && harness.shows("that agent is gone"))
    }

    @Test func theFilterLooksIntoWhatHappened() {
        var harness = opened()
        harness.press("/npm<enter>")
        #expect(harness.shows("3 of 12") && harness.shows("npm install passport") && !harness.shows("handbook"))
        harness.press("<esc>")
        #expect(harness.dashboard.ui.feed == nil)
    }

    @Test func escapeGoesToTheEndFirstAndThenOut() {
        var harness = opened()
        harness.press("kk<esc>")
        #expect(harness.dashboard.ui.feed != nil && harness.dashboard.ui.feed?.chosen == nil)
        harness.press("<esc>")
        #expect(harness.dashboard.ui.feed == nil)
    }

    @Test func aNewConnectionIsAskedAgain() {
        var harness = opened()
        harness.take(.lost(why: "the daemon ended"))
        harness.take(.snapshot(Sample.afterAnHour, live: true))
        #expect(harness.orders == [.feed(limit: 1100, follows: true)])
        // What the new daemon knows is what is shown.
        harness.reply(.success(.feed(Sample.feed + [entry(13, "make meanwhile")])))
        #expect(harness.dashboard.model.feed.count == 13 && harness.shows("make meanwhile"))
    }

    @Test func aClickChoosesAndTheNextOpens() {
        var harness = opened()
        harness.click(on: "npm install passport")
        #expect(harness.dashboard.ui.feed?.chosen == 10)
        harness.click(on: "npm install passport")
        #expect(harness.dashboard.ui.feed == nil && harness.dashboard.ui.selected == AgentID("oauth-login"))
    }

    @Test func nobodyIsLookedAtMeanwhile() {
        var harness = Harness(120, 36)
        harness.pass(500)
        harness.take(.tick)
        harness.effects = []
        harness.press("L")
        harness.pass(500)
        harness.take(.tick)
        #expect(harness.effects.contains(.look(nil)))
    }
}
