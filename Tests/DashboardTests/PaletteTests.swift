import Dashboard
import Domain
import Screen
import Testing

/// The palette as a command line: completed, and with what was used last in front.
@Suite struct PaletteTests {
    @Test(arguments: [
        (":stop sta<tab>", "stop status:"), (":stop status:wai<tab>", "stop status:waiting"), (":new we<tab>", "new web"),
        (":why oauth<tab>", "why oauth-login"),
        (":answer al<tab>", "answer always"), (":project wake in<tab>", "project wake infra"), (":mark -place:wo<tab>", "mark -place:worktree"),
        (":send oauth-login go<tab>", "send oauth-login go"),
    ])
    func argumentsAreCompleted(_ keys: String, _ line: String) {
        var harness = Harness()
        harness.press(keys)
        guard case .palette(let palette)? = harness.dashboard.ui.dialogs.last else {
            Issue.record("no palette")
            return
        }
        #expect(palette.editor.text == line)
    }

    @Test func tabWithoutCompletionsGoesDown() {
        var harness = Harness()
        harness.press(":<tab><tab>")
        guard case .palette(let palette)? = harness.dashboard.ui.dialogs.last else { return }
        #expect(palette.selected == 2)
    }

    @Test func whatWasUsedLastStandsFirst() {
        var harness = Harness()
        harness.press(":density<enter>")
        harness.press(":mark status:done<enter>")
        harness.press(":")
        let lines = harness.screen.split(separator: "\n").map(String.init)
        let marked = lines.firstIndex { $0.contains("mark 2 agents") } ?? 0, density = lines.firstIndex { $0.contains("One, two or three lines") } ?? 0
        #expect(marked > 0 && density == marked + 1)
    }

    @Test func queriesMarkAndFilter() {
        var harness = Harness()
        harness.press(":mark project:api<enter>")
        #expect(harness.dashboard.ui.marks.count == 3)
        harness.press(":filter status:done<enter>")
        #expect(harness.dashboard.listing.rows.count == 2)
        harness.press(":feed npm<enter>")
        #expect(harness.dashboard.ui.feed != nil && harness.dashboard.ui.filter.editor.text == "npm")
        harness.press("<esc>:mark status:quiet<enter>")
        #expect(harness.shows("no agent matches"))
    }
}
