import Markdown
import Testing

@Suite struct SectionsTests {
    /// The parts of a text, each with what stands before it.
    private func parts(_ text: String, chunks: [Int] = []) -> [String] {
        var sections = Sections()
        var fed = ""
        var rest = text[...]
        for chunk in chunks {
            let end = rest.utf8.index(rest.startIndex, offsetBy: chunk)
            fed += rest[..<end]
            rest = rest[end...]
            sections.read(fed)
            _ = sections.upToEnd(of: fed)
        }
        sections.read(text)
        let (count, last) = sections.upToEnd(of: text)
        var all = sections.all
        if let last, count > all.count { all.append(last) }
        let bytes = Array(text.utf8)
        return all.indices.map { index in
            let end = index + 1 < all.count ? all[index + 1].start : bytes.count
            return all[index].prefix + (all[index].isContinuation ? "…" : "") + String(decoding: bytes[all[index].start..<end], as: UTF8.self)
        }
    }

    @Test func paragraphsHeadingsAndFencesAreSections() {
        #expect(parts("a\nb\n\nc\n# d\ne\n```\nf\n\ng\n```\nh\n") == ["a\nb\n\n", "c\n", "# d\ne\n", "```\nf\n\ng\n```\n", "h\n"])
    }

    @Test func aListIsOneSection() {
        #expect(parts("a:\n\n- b\n\n- c\n\n  d\n\ne") == ["a:\n\n", "- b\n\n- c\n\n  d\n\n", "e"])
        #expect(parts("- ```\n  b\n\n  ```\n- c\n\n  ```\n  d\n\nplain\n\nmore") == ["- ```\n  b\n\n  ```\n- c\n\n  ```\n  d\n\n", "plain\n\n", "more"])
    }

    @Test func whatIsTooLongIsCutAndGoesOn() {
        let code = "```sh\n" + String(repeating: "echo 0123456789\n", count: 1200) + "```\n\nend\n"
        let cut = parts(code)
        #expect(cut.count == 4)
        #expect(cut[1].hasPrefix("```sh\n…echo") && cut[3] == "end\n")
        let table = "| a | b |\n|---|---|\n" + String(repeating: "| 1234567890 | 1234567890 |\n", count: 500)
        #expect(parts(table)[1].hasPrefix("| a | b |\n|---|---|\n…| 1234567890"))
        #expect(parts(String(repeating: "é", count: 20_000)).count > 3)
    }

    @Test func definitionsAreKept() {
        var sections = Sections()
        sections.read("[a]\n\n[a]: https://b.c\n\n```\n[d]: e\n```\n")
        #expect(sections.definitions == ["[a]: https://b.c"])
    }

    /// The parts together are the text, and however it arrives they are the same.
    @Test(arguments: 0..<40) func everySplitGivesTheSameSections(_ seed: Int) {
        var random = Seeded(UInt64(seed) + 1)
        let text = random.markdown(of: seed < 30 ? 400 : 40_000)
        let whole = parts(text)
        if seed < 30 {
            for cut in stride(from: 0, through: text.utf8.count, by: 1) where isBoundary(text, cut) { #expect(parts(text, chunks: [cut]) == whole) }
        }
        for _ in 0..<4 {
            var chunks: [Int] = [], left = text.utf8.count, at = 0
            while left > 0 {
                var size = min(left, Int.random(in: 1...60, using: &random))
                while !isBoundary(text, at + size) { size += 1 }
                chunks.append(size)
                at += size
                left -= size
            }
            #expect(parts(text, chunks: chunks) == whole)
        }
    }

    private func isBoundary(_ text: String, _ offset: Int) -> Bool {
        let index = text.utf8.index(text.startIndex, offsetBy: offset)
        return index.samePosition(in: text.unicodeScalars) != nil
    }

    /// Parts read one by one mean what the whole means.
    @Test(arguments: 0..<60) func sectionsMeanWhatTheWholeMeans(_ seed: Int) {
        var random = Seeded(UInt64(seed) + 100)
        let text = random.markdown(of: 600)
        let separately = parts(text).flatMap { markdownBlocks(of: $0) ?? [] }
        #expect(separately == markdownBlocks(of: text), "\(text.debugDescription)")
    }

    /// No bytes end in a trap, whole or in parts.
    @Test(arguments: 0..<60) func randomBytesAreRead(_ seed: Int) {
        var random = Seeded(UInt64(seed) + 500)
        let text = String(decoding: (0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) }, as: UTF8.self)
        _ = markdownBlocks(of: text)
        for part in parts(text) { _ = markdownBlocks(of: mendedEnd(of: part)) }
        let marks = Array("#>-*_`~|[]()!\\\n\n  \t1.ab:&;<é漢".unicodeScalars)
        var dense = ""
        for _ in 0..<3000 { dense.unicodeScalars.append(marks[Int.random(in: 0..<marks.count, using: &random)]) }
        _ = markdownBlocks(of: dense)
        for part in parts(dense) { _ = markdownBlocks(of: mendedEnd(of: part)) }
    }
}

/// Chance that comes back with its seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var value = state
        value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return value ^ (value >> 33)
    }

    /// What a model could write.
    mutating func markdown(of length: Int) -> String {
        let pieces = [
            "word ", "**bold** ", "`code` ", "\n", "\n\n", "\n\n", "\n# Heading\n", "\n- item\n", "\n- item\n\n- loose\n", "\n  - nested\n",
            "\n1. one\n2. two\n",
            "\n\n```swift\nlet a = 1\n\nlet b = 2\n```\n", "\n```\nno info\n```\n\n", "\n> quote\n> more\n\n", "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n",
            "\n---\n",
            "é漢👩‍👩‍👧 ", "- ", "[link](https://a.b) ", "\n\n    indented\n\n", "\n- ```\n  inner\n  ```\n", "\n* * *\n\n", "  \n",
        ]
        var text = ""
        while text.utf8.count < length { text += pieces[Int.random(in: 0..<pieces.count, using: &self)] }
        return text
    }
}
