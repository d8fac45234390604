import Dashboard
import Domain
import Screen
import Testing

@Suite struct KeyMapTests {
    private func command(_ name: String) throws -> Command { try #require(Command.named(name)) }

    @Test func theTableHasNoClashes() {
        #expect(KeyMap.standard.problems.isEmpty)
        for command in Command.table { #expect(KeyMap.standard.keys(of: command) == command.keys, "\(command.name)") }
    }

    @Test func aWishTakesThePlaceOfAllKeysOfItsCommand() throws {
        let map = KeyMap(["agent.stop": "<c-x> <f9>"])
        #expect(map.problems.isEmpty)
        let stop = try command("agent.stop")
        #expect(map.keys(of: stop).map(\.description) == ["<c-x>", "<f9>"] && map.label(of: stop) == "ctrl-x")
        let f9 = try #require(Key("<f9>"))
        #expect(map.command(for: f9, in: .agents)?.name == "agent.stop")
        #expect(map.command(for: .char("."), in: .agents) == nil)
        #expect(map.command(for: .char("j"), in: .agents)?.name == "move.down")
    }

    @Test func whoLosesAKeyToAWishIsTold() throws {
        let map = KeyMap(["agent.stop": "s"])
        #expect(map.command(for: .char("s"), in: .detail)?.name == "agent.stop")
        let order = try command("sort")
        #expect(map.keys(of: order).isEmpty)
        #expect(map.problems.count == 1 && map.problems[0].contains("sort") && map.problems[0].contains("no key any more"), "\(map.problems)")
        // One that keeps another key has lost nothing worth telling.
        let other = KeyMap(["agent.stop": "<down>"])
        #expect(other.problems.isEmpty)
        let down = try command("move.down")
        #expect(other.keys(of: down).map(\.description) == ["j"])
    }

    @Test func twoWishesForOneKeyAreToldAndTheFirstHasIt() throws {
        let map = KeyMap(["agent.resume": "x", "agent.stop": "x <c-x>"])
        #expect(map.command(for: .char("x"), in: .agents)?.name == "agent.resume")
        let stop = try command("agent.stop")
        #expect(map.keys(of: stop).map(\.description) == ["<c-x>"])
        #expect(map.problems.contains { $0.contains("agent.resume") && $0.contains("agent.stop") }, "\(map.problems)")
    }

    @Test(arguments: [
        (["agent.stopp": "s"], "no command"), (["agent.stop": "<c-xx>"], "no key"), (["compose.send": "s"], "typed in the composer"),
        (["filter.clear": "<space>"], "typed in the filter"),
    ])
    func whatCannotBeIsSaidAndChangesNothing(_ wishes: [String: String], _ words: String) {
        let map = KeyMap(wishes)
        #expect(map.problems.count == 1 && map.problems[0].contains(words), "\(map.problems)")
        #expect(map == KeyMap.standard)
    }

    @Test func noKeyAtAllIsAWishToo() throws {
        let map = KeyMap(["agent.remove": ""])
        let remove = try command("agent.remove")
        #expect(map.problems.isEmpty && map.keys(of: remove).isEmpty)
        #expect(map.command(for: .char("D"), in: .agents) == nil)
    }

    /// The key works, and every place that names it has the new name.
    @Test func footerCardHelpAndPaletteNameTheKeysAsTheyAre() {
        var harness = Harness()
        harness.take(.preferences(Preferences(keys: ["answer.once": "<f6>", "help": "<c-h> ?", "palette": "<c-p>"]), problems: []))
        #expect(harness.shows("F6 once") && !harness.shows("y once") && harness.shows("ctrl-h help") && harness.shows("ctrl-p command"))
        harness.press("y")
        #expect(harness.orders.isEmpty)
        harness.press("<c-h>F6")
        #expect(harness.shows("Allow once"))
        harness.press("<esc><esc><f6>")
        #expect(harness.orders.count == 1)
    }

    @Test func whatIsWrongIsTold() {
        var harness = Harness()
        harness.take(.preferences(Preferences(keys: ["nothing": "x"]), problems: ["theme: there is none"]))
        #expect(harness.shows("theme: there is none") && harness.shows("and 1 more"))
    }
}
