import Dashboard
import Domain
import Screen
import Testing

/// Views: queries with a name, in the left column and in the filter.
@Suite struct ViewTests {
    private func harness(_ views: [String: String]) -> Harness {
        var harness = Harness(120, 36)
        harness.take(.preferences(Preferences(views: views), problems: []))
        harness.effects = []
        return harness
    }

    @Test func theyStandInTheLeftColumnWithTheirCounts() {
        var harness = harness(["needy": "status:waiting,failed", "api": "project:api"])
        #expect(harness.screen.contains("VIEWS"))
        let lines = harness.screen.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("    needy          3") } && lines.contains { $0.hasPrefix("    api            3") })
        harness.click(on: "needy")
        #expect(harness.dashboard.ui.scope == .view("needy") && harness.dashboard.listing.rows.count == 3)
    }

    @Test func theyAreWordsOfTheFilter() {
        var harness = harness(["needy": "status:waiting,failed"])
        harness.press("/view:nee<tab>")
        #expect(harness.dashboard.ui.filter.editor.text == "view:needy" && harness.dashboard.listing.rows.count == 3)
        harness.press(" -flaky")
        #expect(harness.dashboard.listing.rows.count == 2)
    }

    @Test func whatTheListShowsIsKeptWithScopeAndFilter() {
        var harness = harness([:])
        harness.press("h")
        harness.press("j")
        harness.press("/flaky or oauth<enter>V")
        harness.press("two words<enter>")
        #expect(harness.shows("a view's name has letters"))
        for _ in 0..<9 { harness.press("<bs>") }
        harness.press("mine<enter>")
        #expect(harness.effects.contains(.keepView("mine", query: "project:api (flaky or oauth)")))
        #expect(harness.dashboard.ui.filter.editor.isEmpty && harness.dashboard.ui.scope == .view("mine"))
    }

    @Test func aViewThatIsChosenIsForgottenAfterAQuestion() {
        var harness = harness(["needy": "status:waiting"])
        harness.click(on: "needy")
        harness.press("V")
        #expect(harness.shows("Forget the view needy?") && harness.shows("status:waiting"))
        harness.press("<enter>")
        #expect(harness.effects.contains(.keepView("needy", query: nil)))
        harness.take(.preferences(Preferences(), problems: []))
        #expect(harness.dashboard.ui.scope == .all)
    }

    @Test func narrowingAViewUnderItsOwnNameNeverMeansItself() {
        var harness = harness(["needy": "status:waiting or status:failed"])
        harness.click(on: "needy")
        harness.press("/project:api<enter>Vneedy<enter>")
        #expect(harness.effects.contains(.keepView("needy", query: "(status:waiting or status:failed) project:api")))
    }

    @Test func whatCannotBeReadIsTold() {
        let harness = harness(["loop": "view:loop", "wrong": "stauts:x", "a b": "x"])
        #expect(harness.dashboard.ui.toast?.remedy.contains("drover config check") == true)
        #expect(!harness.screen.contains("VIEWS"))
    }
}
