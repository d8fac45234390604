import Dashboard
import Domain
import Screen
import Testing

/// Links of answers lead where they say, in every line that they were wrapped to.
@Suite struct AnswerLinkTests {
    /// The words of each link on the screen, row after row.
    private func links(_ harness: Harness) -> [String: String] {
        let frame = harness.scene.frame
        var words: [String: String] = [:]
        for row in 0..<frame.size.rows {
            for column in 0..<frame.size.columns {
                guard let cell = frame[Point(column, row)], cell.link != 0, cell.width > 0 else { continue }
                words[frame.atlas.links[Int(cell.link)], default: ""].unicodeScalars.append(contentsOf: frame.atlas.scalars(of: cell.glyph))
            }
        }
        return words
    }

    private func harness(_ text: String, _ columns: Int = 120) -> Harness {
        Harness(columns, 36, herd: TextTests.quiet, transcript: TextTests.items(text))
    }

    @Test func wordsAndTargetsLead() {
        let text =
            "See [the docs](https://a.b/c), <https://d.e>, <me@f.org>, [it](file:///etc/passwd) and [that](javascript:x).\n\n| a | b |\n|---|---|\n| [x](https://t.u) | y |"
        let found = links(harness(text))
        #expect(found["https://a.b/c"] == "the docs (https://a.b/c)" && found["https://d.e"] == "https://d.e" && found["mailto:me@f.org"] == "me@f.org")
        #expect(found["https://t.u"]?.hasPrefix("x") == true && found.count == 4, "\(found)")
    }

    @Test func wrappedOnesAreOneLink() {
        let found = links(harness("[these are many words that are wrapped to some lines in a narrow column of an answer](https://a.b)", 80))
        #expect(found["https://a.b"]?.hasPrefix("these are many words") == true && found["https://a.b"]?.hasSuffix("(https://a.b)") == true, "\(found)")
    }

    @Test func aSearchLeavesThemAsTheyAre() {
        var harness = harness("See [the docs](https://a.b/c).")
        harness.press("<enter>/docs")
        #expect(links(harness)["https://a.b/c"] == "the docs (https://a.b/c)")
    }

    @Test func theScreenIsTheSame() {
        let one = harness("See [x](https://a.b)."), other = harness("See [x](https://a.c).")
        #expect(one.screen.contains("https://a.b") && other.screen.contains("https://a.c"))
        #expect(links(Harness()).isEmpty || links(Harness()).keys.allSatisfy { $0.hasPrefix("http") })
    }
}
