import Dashboard
import Domain
import Screen
import Testing

@Suite struct DraggingTests {
    private func mouse(_ harness: inout Harness, _ action: Mouse.Action, _ column: Int, _ row: Int = 10) {
        harness.take(.terminal(.mouse(Mouse(action, .left, at: Point(column, row)))))
    }

    /// Column where the word begins in the first row that has it.
    private func column(of word: String, _ harness: Harness) -> Int? {
        harness.screen.split(separator: "\n").lazy.compactMap { line in line.range(of: word).map { line.distance(from: line.startIndex, to: $0.lowerBound) } }
            .first
    }

    @Test func bordersFollowTheMouseAndAreKept() throws {
        var harness = Harness()
        let agents = try #require(column(of: "Agents", harness))
        mouse(&harness, .press, 21)
        mouse(&harness, .drag, 25)
        #expect(column(of: "Agents", harness) == agents + 4)
        mouse(&harness, .release, 25)
        #expect(harness.effects == [.keepColumns(UI.Columns(projects: 26))])
        // The detail begins at 72 of 120.
        mouse(&harness, .press, 72)
        mouse(&harness, .drag, 60)
        mouse(&harness, .release, 60)
        #expect(harness.effects.last == .keepColumns(UI.Columns(projects: 26, detail: 60)))
        #expect(column(of: "Activity", harness) == 62)
    }

    @Test func nobodyLosesAllRoom() {
        for (from, to) in [(21, 119), (21, 0), (72, 0), (72, 119)] {
            var harness = Harness()
            mouse(&harness, .press, from)
            mouse(&harness, .drag, to)
            mouse(&harness, .release, to)
            #expect(harness.shows("Agents") && harness.shows("PROJECTS") && harness.shows("Act"), "\(from) to \(to)\n\(harness.screen)")
            #expect(harness.dashboard.ui.columns != UI.Columns())
        }
    }

    /// A press that does not move is a click.
    @Test func aClickOnABorderIsAClick() {
        var harness = Harness()
        mouse(&harness, .press, 21, 4)
        mouse(&harness, .release, 21, 4)
        #expect(harness.dashboard.ui.scope == .project(Sample.api.id) && harness.effects.allSatisfy { $0 != .keepColumns(UI.Columns()) })
    }

    @Test func theConfigurationSaysHowWideTheyAre() {
        var harness = Harness()
        harness.take(.preferences(Preferences(columns: UI.Columns(projects: 30, detail: 50)), problems: []))
        #expect(column(of: "Agents", harness) == 32 && column(of: "Activity", harness) == 72)
    }
}
