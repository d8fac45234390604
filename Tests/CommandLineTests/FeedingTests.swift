import Domain
import JSON
import Testing
import Wire

@testable import CommandLine

/// `drover feed` and `drover digest`: what is printed of what happened.
@Suite struct FeedingTests {
    private func entry(_ number: Int, _ agent: String, _ kind: FeedEntry.Kind, _ text: String, _ result: String = "", fails: Bool = false) -> FeedEntry {
        FeedEntry(
            number: number, at: Timestamp(milliseconds: Bench.now.milliseconds - 60_000), agent: AgentID(agent), project: ProjectID("p"),
            title: "Add\u{1b}[31m OAuth",
            kind: kind, text: text, result: result, isFailure: fails)
    }

    private func bench() -> Bench {
        let bench = Bench()
        bench.daemon.herdNow = .sample()
        let entries = [
            entry(1, "kaaaaa", .prompt, "go on"), entry(2, "kbbbbb", .test, "npm test", "exit 1", fails: true), entry(3, "kaaaaa", .done, "all is well"),
        ]
        bench.daemon.replies = [.success(.feed(entries))]
        return bench
    }

    @Test func entriesStandUnderEachOtherAndNothingOfThemIsObeyed() {
        let bench = bench()
        #expect(bench.run("feed") == 0)
        let lines = bench.output.split(separator: "\n")
        #expect(lines.count == 3 && lines[1].hasSuffix("test      npm test  exit 1") && !bench.output.contains("\u{1b}"))
        #expect(bench.daemon.orders == [.feed(limit: Int(Int32.max), follows: false)])
    }

    @Test func aQueryAndANumberChoose() throws {
        let chosen = bench()
        #expect(chosen.run("feed", "npm") == 0 && chosen.output.split(separator: "\n").count == 1)
        let last = bench()
        #expect(last.run("feed", "-n", "1", "--json") == 0)
        let tree = try #require(try JSONTree(parsing: last.output).array)
        #expect(tree.count == 1 && tree[0]["kind"] == "done" && tree[0]["number"] == 3)
        let wrong = bench()
        #expect(wrong.run("feed", "-n", "many") == 2)
        let none = bench()
        #expect(none.run("feed", "rust") == 0 && none.errors.contains("nothing of the last 3 entries fits"))
    }

    @Test func followingPrintsEachOnce() {
        let bench = bench()
        var change = HerdChange()
        change.feed = [entry(3, "kaaaaa", .done, "all is well"), entry(4, "kaaaaa", .command, "make more")]
        bench.daemon.replies.append(.success(.feed([entry(3, "kaaaaa", .done, "all is well")])))
        bench.daemon.says = [.herd(change)]
        #expect(bench.run("feed", "-f") == 6)
        #expect(bench.output.split(separator: "\n").count == 4 && bench.output.contains("make more"))
    }

    @Test func digests() throws {
        let bench = bench()
        var digest = Digest(since: Timestamp(milliseconds: Bench.now.milliseconds - 3_600_000))
        for one in [entry(1, "kaaaaa", .test, "npm test", fails: true), entry(2, "kaaaaa", .edit, "a.ts"), entry(3, "kaaaaa", .done, "")] { digest.count(one) }
        for id in bench.daemon.herdNow.agents.keys { bench.daemon.herdNow.agents[id]?.digest = Digest(since: Bench.now, costBefore: 1000) }
        bench.daemon.herdNow.agents[AgentID("kaaaaa")]?.digest = digest
        #expect(bench.run("digest") == 0)
        #expect(bench.output.contains("1 turn; 1 file; 1 test run failed"))
        #expect(bench.run("digest", "--json") == 0)
        let tree = try #require(try JSONTree(parsing: bench.output).array)
        #expect(tree.count == 1 && tree[0]["agent"] == "kaaaaa" && tree[0]["digest"]?["files"] == ["a.ts"])
        #expect(bench.run("digest", "id:kbbbbb") == 0 && bench.errors.contains("nothing has happened since you looked"))
    }
}
