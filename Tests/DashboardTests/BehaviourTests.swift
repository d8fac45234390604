import Dashboard
import Domain
import Foundation
import Screen
import Testing

private func id(_ raw: String) -> AgentID { AgentID(raw) }
private let oauth = id("oauth-login")

@Suite struct SelectionTests {
    @Test func theSelectionFollowsTheAgent() {
        var harness = Harness()
        harness.press("jjj")
        #expect(harness.dashboard.ui.selected == id("translate"))
        var change = HerdChange()
        change.agents = [harness.dashboard.model.herd.agents[id("translate")]].compactMap { $0 }.map {
            var agent = $0; agent.status = .done; return agent
        }
        harness.take(.changed(change))
        #expect(harness.dashboard.ui.selected == id("translate"))
        #expect(harness.dashboard.ui.selectedRow > 3)
    }

    @Test func theNeighbourTakesOver() {
        var harness = Harness()
        harness.press("jj")
        var change = HerdChange()
        change.removedAgents = [id("db-layer")]
        harness.take(.changed(change))
        #expect(harness.dashboard.ui.selected == id("translate"))
        change.removedAgents = Array(Sample.herd.agents.keys)
        harness.take(.changed(change))
        #expect(harness.dashboard.ui.selected == nil)
        #expect(harness.shows("No agent yet"))
    }

    @Test func newAttentionNeverStealsTheSelection() {
        var harness = Harness()
        harness.press("jjjjj")
        let before = harness.dashboard.ui.selected
        var change = HerdChange()
        change.agents = [harness.dashboard.model.herd.agents[id("typos")]].compactMap { $0 }.map {
            var agent = $0; agent.status = .failed; agent.error = "boom"; return agent
        }
        harness.take(.changed(change))
        #expect(harness.dashboard.ui.selected == before)
    }

    @Test func whatIsFilteredOutIsNotSelected() {
        var harness = Harness()
        harness.press("/flaky")
        #expect(harness.dashboard.ui.selected == id("flaky-ci"))
        harness.press("<esc>")
        #expect(harness.dashboard.ui.selected == oauth)
        #expect(harness.dashboard.listing.rows.count == 9)
    }

    @Test func aBadFilterKeepsTheLastGoodOne() {
        var harness = Harness()
        harness.press("/status:waiting stauts:")
        #expect(harness.dashboard.ui.filter.error != nil)
        #expect(harness.shows("no key stauts"))
        #expect(harness.dashboard.listing.rows.count == 2)
        harness.press("<enter>")
        #expect(harness.dashboard.ui.filter.error == nil)
        #expect(harness.dashboard.ui.filter.editor.text.trimmingCharacters(in: [" "]) == "status:waiting")
        #expect(harness.dashboard.listing.rows.count == 2)
        harness.press("/<c-u>st<tab>wai<tab>")
        #expect(harness.dashboard.ui.filter.editor.text == "status:waiting")
    }

    @Test func projectsFilter() {
        var harness = Harness()
        harness.press("Pj")
        #expect(harness.dashboard.ui.scope == .project(Sample.api.id))
        #expect(harness.dashboard.listing.rows.count == 3)
        harness.press("<esc><esc>")
        #expect(harness.dashboard.ui.scope == .all)
    }

    @Test func escapeGoesBackOneStepEverywhere() {
        var harness = Harness()
        harness.press("/api<enter><space><enter>kz")
        for _ in 0..<12 { harness.press("<esc>") }
        #expect(
            harness.dashboard.ui.selected == nil && harness.dashboard.ui.marks.isEmpty && harness.dashboard.ui.filter.editor.isEmpty
                && !harness.dashboard.ui.isZoomed)
        #expect(!harness.effects.contains(.quit))
    }

    @Test func marksMeanAllOfThemAfterAPreview() {
        var harness = Harness()
        harness.press("<space><space>a")
        #expect(harness.shows("Archive 2 agents") && harness.orders.isEmpty)
        harness.press("y")
        #expect(harness.orders == [.archive([oauth, id("flaky-ci")], true)])
        #expect(harness.dashboard.ui.marks.isEmpty)
    }

    @Test func moreThanFiveHaveToBeCounted() {
        var harness = Harness()
        harness.press("*D")
        #expect(harness.shows("type 9"))
        harness.press("<enter>y8<enter>")
        #expect(harness.orders.isEmpty)
        harness.press("<c-u>9<enter>")
        #expect(harness.orders.count == 1)
    }
}

@Suite struct AnswerTests {
    @Test func theQueueGoesOnToTheNext() {
        var harness = Harness()
        harness.press("!y")
        #expect(harness.orders == [.answer(RequestID("per_1"), .once)])
        #expect(harness.dashboard.ui.queue?.selected == RequestID("que_1"))
        harness.press("2")
        #expect(harness.orders.last == .answer(RequestID("que_1"), .choices([["Postgres in docker"]])))
        var change = HerdChange()
        change.removedRequests = [RequestID("per_1"), RequestID("que_1")]
        harness.take(.changed(change))
        #expect(harness.shows("Nothing waits for an answer"))
    }

    @Test func aCardThatJustAppearedTakesNoKey() {
        var harness = Harness()
        var change = HerdChange()
        let permission = Request.Permission(name: "bash", patterns: [], always: [], detail: "rm -rf /")
        change.requests = [Request(id: RequestID("per_9"), session: SessionID("s"), agent: oauth, kind: .permission(permission), asked: Sample.wall)]
        change.agents = [harness.dashboard.model.herd.agents[oauth]].compactMap { $0 }.map {
            var agent = $0; agent.requests = [RequestID("per_9")]; return agent
        }
        harness.take(.changed(change))
        harness.pass(100)
        harness.take(.terminal(.key(.char("y"))))
        #expect(harness.orders.isEmpty)
        #expect(harness.shows("just appeared"))
        harness.press("y")
        #expect(harness.orders == [.answer(RequestID("per_9"), .once)])
    }

    @Test func aCardThatThePersonWentToTakesKeysAtOnce() {
        for keys in ["N", "!"] {
            var harness = Harness()
            var change = HerdChange()
            change.agents = [harness.dashboard.model.herd.agents[oauth]].compactMap { $0 }.map {
                var agent = $0; agent.requests = [RequestID("per_9")]; return agent
            }
            let permission = Request.Permission(name: "bash", patterns: [], always: [], detail: "make")
            change.requests = [Request(id: RequestID("per_9"), session: SessionID("s"), agent: oauth, kind: .permission(permission), asked: Sample.ago(900))]
            change.removedRequests = [RequestID("per_1")]
            // Nobody else needs the person: N comes to the agent that is chosen already.
            change.removedAgents = [id("flaky-ci"), id("db-layer")]
            harness.take(.changed(change))
            for key in Key.parse(keys + "y") ?? [] {
                harness.pass(60)
                harness.take(.terminal(.key(key)))
            }
            #expect(harness.orders == [.answer(RequestID("per_9"), .once)], "after \(keys)")
        }
    }

    // MARK: Many at once

    /// Three of a kind, of three agents.
    private func crowdOfRequests() -> Harness {
        var herd = Sample.herd
        for (number, agent) in ["db-layer", "update-deps"].enumerated() {
            let request = RequestID("per_\(number + 2)")
            let permission = Request.Permission(name: "bash", patterns: [], always: [], detail: "npm install package\(number)")
            herd.requests[request] = Request(
                id: request, session: SessionID("s"), agent: id(agent), kind: .permission(permission), asked: Sample.ago(60 - Int64(number)))
            herd.agents[id(agent)]?.requests = [request]
            herd.agents[id(agent)]?.status = .waiting
        }
        return Harness(herd: herd)
    }

    private let three = ["per_1", "per_2", "per_3"].map { ClientOrder.answer(RequestID($0), .once) }

    @Test func answersGivenTogetherCanBeTakenBackUntilTheyAreSent() {
        var harness = crowdOfRequests()
        harness.press("!ay")
        #expect(harness.shows("Allow once: 3 requests") && harness.shows("npm install package1"))
        harness.press("<enter>")
        #expect(harness.orders.isEmpty && harness.shows("3 answers go out in a moment") && harness.shows("answered"))
        harness.press("u")
        #expect(harness.orders.isEmpty && harness.shows("nothing was sent") && !harness.shows("go out in a moment"))
        harness.pass(60_000)
        harness.take(.tick)
        #expect(harness.orders.isEmpty)
        harness.press("ay<enter>")
        harness.pass(Int64(6_000))
        harness.take(.tick)
        #expect(harness.orders == three)
        harness.press("u")
        #expect(harness.orders == three && harness.shows("no answers were given together"))
    }

    @Test func leavingTheQueueSendsWhatIsHeld() {
        for keys in ["<esc>", "N", "q", "<enter>"] {
            var harness = crowdOfRequests()
            harness.press("!ay<enter>" + keys)
            #expect(harness.orders == three, "after \(keys)")
        }
    }

    @Test func whatIsHeldWakesUpByItself() throws {
        var harness = crowdOfRequests()
        harness.press("!ay<enter>")
        let due = try #require(harness.dashboard.nextDeadline)
        #expect((due - harness.now.instant).milliseconds <= 5_000)
        // One of them is answered elsewhere meanwhile.
        var change = HerdChange()
        change.removedRequests = [RequestID("per_2")]
        harness.take(.changed(change))
        harness.pass(5_000)
        harness.take(.tick)
        #expect(harness.orders == [three[0], three[2]])
    }

    @Test func anEmptyQueueCountsNothing() {
        var harness = Harness()
        harness.press("!")
        var change = HerdChange()
        change.removedRequests = [RequestID("per_1"), RequestID("que_1")]
        harness.take(.changed(change))
        #expect(harness.shows("Requests   none") && !harness.shows("0 of"))
    }

    @Test(arguments: [Size(columns: 60, rows: 20), Size(columns: 80, rows: 24), Size(columns: 44, rows: 12)])
    func whatIsAskedIsSeenHoweverLongItIs(_ size: Size) {
        var herd = Sample.herd
        let options = (1...9).map { Request.Option(label: "Option number \($0)", description: "which is described at some length, number \($0)") }
        herd.requests[RequestID("per_1")]?.kind = .question([
            Request.Question(header: "Choice", text: "Which way shall it go?", options: options, multiple: false, custom: true)
        ])
        for keys in ["<enter>", "!"] {
            var harness = Harness(size.columns, size.rows, herd: herd)
            harness.press(keys)
            #expect(harness.shows("Which way shall it go?") && harness.shows("Option number 1") && harness.shows("choose"), "\(harness.screen)")
            #expect(!harness.shows("Option number 9"))
            #expect(harness.shows("scroll") || size.rows < 20)
            guard size.rows >= 20 else { continue }
            harness.press("JJJJJJJJJJJJ")
            #expect(harness.shows("Which way shall it go?") && harness.shows("Option number 9") && harness.shows("choose"), "\(harness.screen)")
            harness.press("KKKKKKKKKKKK")
            #expect(harness.shows("Option number 1") && !harness.shows("Option number 9"))
        }
    }

    @Test func oneAnswerIsEnough() {
        var harness = Harness()
        harness.press("yyY")
        #expect(harness.orders.count == 1)
        harness.reply(.failure(Refusal(.notFound, "the request is gone", remedy: "look again")))
        #expect(harness.shows("the request is gone"))
        harness.press("y")
        #expect(harness.orders.count == 2)
    }

    @Test func severalQuestionsOneAfterTheOther() {
        var herd = Sample.herd
        let first = Request.Question(header: "", text: "First?", options: [.init(label: "A"), .init(label: "B")], multiple: false, custom: false)
        let second = Request.Question(header: "", text: "Second?", options: [.init(label: "C"), .init(label: "D")], multiple: true, custom: true)
        herd.requests[RequestID("que_1")]?.kind = .question([first, second])
        var harness = Harness(herd: herd)
        harness.press("jt")
        #expect(harness.shows("only the options can be chosen"))
        harness.press("2")
        #expect(harness.shows("Second?") && harness.shows("2 of 2") && harness.orders.isEmpty)
        harness.press("12S")
        #expect(harness.orders == [.answer(RequestID("que_1"), .choices([["B"], ["C", "D"]]))])
    }

    @Test func inOneColumnTheQuestionIsShownFirst() {
        var harness = Harness(60, 20)
        harness.press("y")
        #expect(harness.orders.isEmpty && harness.shows("wants to run"))
        harness.press("y")
        #expect(harness.orders == [.answer(RequestID("per_1"), .once)])
    }

    @Test func markedRequestsAreAnsweredTogetherAfterAPreview() {
        var herd = Sample.herd
        for number in 2...4 {
            var request = herd.requests[RequestID("per_1")]
            request = request.map { Request(id: RequestID("per_\(number)"), session: $0.session, agent: $0.agent, kind: $0.kind, asked: $0.asked) }
            herd.requests[RequestID("per_\(number)")] = request
        }
        var harness = Harness(herd: herd)
        harness.press("!ay")
        #expect(harness.shows("Allow once: 4 requests") && harness.orders.isEmpty)
        harness.press("<enter><esc>")
        #expect(harness.orders.count == 4)
    }
}

@Suite struct TypingTests {
    @Test func draftsStay() {
        var harness = Harness()
        harness.press("phello<esc>jkp")
        #expect(harness.dashboard.ui.drafts[oauth]?.text == "hello")
        harness.press(" world<enter>")
        #expect(harness.orders == [.send(oauth, text: "hello world", model: nil, mode: nil)])
        harness.reply(.failure(Refusal(.unreachable, "the server does not answer")))
        #expect(harness.dashboard.ui.drafts[oauth]?.text == "hello world")
    }

    @Test func editing() {
        var editor = TextEditor("one two three", multiline: true)
        for key in Key.parse("<c-w>3<c-left><left><left>-<home>!<end><a-enter>x<backspace><c-j>y") ?? [] { _ = editor.handle(key, width: 40) }
        #expect(editor.text == "!one two- 3\n\ny" || editor.text == "!one tw-o 3\n\ny")
        editor = TextEditor(String(repeating: "abcdefghi ", count: 5), multiline: true)
        #expect(editor.rows(width: 21).count == 3)
        #expect(editor.handle(.up, width: 21) && editor.handle(.up, width: 21) && !editor.handle(.up, width: 21))
        editor = TextEditor("a\nb\n", multiline: false)
        #expect(editor.text == "a b ")
    }

    @Test func theEditorComesBack() {
        var harness = Harness()
        harness.press("pone<c-e>")
        harness.take(.edited("one\ntwo\n"))
        #expect(harness.dashboard.ui.drafts[oauth]?.text == "one\ntwo")
        harness.press("<esc>n<c-e>")
        harness.take(.edited(nil))
        harness.press("<c-e>")
        harness.take(.edited("from the editor"))
        #expect(harness.shows("from the editor"))
    }

    @Test func aPasteIsTextNeverKeys() {
        var harness = Harness()
        harness.take(.terminal(.paste("q\nD\u{1b}[31m")))
        #expect(!harness.effects.contains(.quit) && harness.dashboard.ui.dialog == nil)
        #expect(harness.dashboard.ui.drafts[oauth]?.text == "q\nD\u{1b}[31m")
    }

    @Test func nothingTypedInTheDialogIsLost() {
        var harness = Harness()
        harness.press("nFix it<tab><tab><right><esc>")
        #expect(harness.dashboard.ui.dialog == nil)
        harness.press("n")
        #expect(harness.shows("Fix it"))
        harness.press("<enter>")
        harness.reply(.failure(Refusal(.refused, "the branch is checked out elsewhere", remedy: "choose another branch")))
        #expect(harness.shows("checked out elsewhere") && harness.shows("choose another branch") && harness.shows("Fix it"))
        harness.press("<enter>")
        var agent = Agent(
            id: id("new001"), project: Sample.api.id, place: PlaceID("p"), title: "Fix it", status: .starting, at: Sample.wall,
            evidence: Evidence(.action, "made", at: Sample.wall))
        agent.activity = Activity(verb: "creating", target: "worktree")
        harness.reply(.success(.agent(agent)))
        #expect(harness.dashboard.ui.dialog == nil && harness.dashboard.ui.selected == id("new001"))
    }

    @Test func choicesNarrowAsLettersAreTyped() {
        var harness = Harness()
        harness.press("nDo it")
        if let tag = harness.dashboard.model.pending.keys.max() {
            let models = ["anthropic/claude-sonnet-4-5", "anthropic/claude-haiku", "openai/gpt"].map { ModelInfo(id: $0, name: $0, context: 0) }
            harness.take(
                .replied(
                    tag: tag, .success(.choices(models: models, fallback: "openai/gpt", modes: ["build", "plan"], commands: [], branches: ["main", "dev"]))))
        }
        #expect(harness.shows("openai/gpt (default)"))
        harness.press("<tab><tab><tab><tab><tab><tab>hai<tab><right><tab><space><enter>")
        guard case .new(let new)? = harness.orders.last else { Issue.record("\(harness.screen)"); return }
        #expect(new.model == "anthropic/claude-haiku" && new.mode == "build" && new.copiesUncommitted && new.base == nil)
    }

    @Test func aFolderThatIsNoRepositoryHasNoWorktree() {
        var herd = Herd()
        let plain = Project(path: "/tmp/notes", isRepository: false, added: Sample.wall)
        herd.projects[plain.id] = plain
        var harness = Harness(herd: herd)
        harness.press("nTidy up")
        #expect(harness.shows("worktree not a git repository"))
        harness.press("<enter>")
        guard case .new(let new)? = harness.orders.last else { return }
        #expect(new.kind == .folder)
    }
}

@Suite struct TimeTests {
    @Test func aQuietScreenSleeps() {
        var harness = Harness()
        harness.pass(5_000)
        harness.take(.tick)
        var wakes = 0
        var screen = harness.screen
        let end = harness.now.instant + .minutes(10)
        while let next = harness.dashboard.nextDeadline, next < end {
            harness.pass((next - harness.now.instant).milliseconds)
            harness.take(.tick)
            #expect(harness.screen != screen, "woke up for nothing")
            screen = harness.screen
            wakes += 1
        }
        // Ten minutes, and the first minute of the youngest in steps of five seconds.
        #expect(wakes <= 11 + 9 && wakes >= 9)
        #expect(wakes > 11)
    }

    @Test func whatIsOldIsStillForAMinute() throws {
        var harness = Harness()
        harness.pass(120_000)
        harness.take(.tick)
        let due = try #require(harness.dashboard.nextDeadline)
        #expect((due - harness.now.instant).milliseconds > 5_000)
    }

    @Test func aMomentThatPassedIsStillDue() throws {
        var harness = Harness()
        harness.take(.tick)
        let due = try #require(harness.dashboard.nextDeadline)
        harness.pass((due - harness.now.instant).milliseconds + 5)
        #expect(harness.dashboard.nextDeadline == due, "who wakes up late must still see that it is time")
        harness.take(.tick)
        #expect(try #require(harness.dashboard.nextDeadline) > harness.now.instant)
    }

    @Test func agesAreExactEnough() {
        var harness = Harness()
        // The sample's moment is a full five seconds.
        #expect(harness.shows("4m") && harness.shows(" 8s "))
        harness.pass(4_999)
        #expect(harness.shows(" 8s "))
        harness.pass(1)
        #expect(harness.shows("13s"))
        harness.pass(56_000)
        harness.take(.tick)
        #expect(harness.shows("5m") && harness.shows(" 1m "))
    }

    @Test func whatIsLookedAtCountsAsSeen() {
        var harness = Harness()
        harness.press("jjjjjjj")
        #expect(harness.dashboard.ui.selected == id("typos"))
        harness.effects = []
        harness.pass(500)
        harness.take(.tick)
        #expect(harness.effects.isEmpty)
        harness.pass(700)
        harness.take(.tick)
        #expect(harness.effects.contains { if case .order(.seen([id("typos")]), _) = $0 { true } else { false } })
    }

    @Test func aHeldKeyAsksForFewTranscripts() {
        var harness = Harness()
        var looks = 0
        for _ in 0..<8 {
            harness.pass(20)
            harness.take(.terminal(.key(.char("j"))))
        }
        looks = harness.effects.filter { if case .look = $0 { true } else { false } }.count
        #expect(looks <= 2)
        harness.pass(200)
        harness.take(.tick)
        #expect(harness.effects.last == .look(harness.dashboard.ui.selected))
    }

    @Test func aLostConnectionComesBack() {
        var harness = Harness()
        harness.press("pkeep me")
        harness.take(.lost(why: "the daemon ended"))
        harness.press("<enter>")
        #expect(harness.orders.isEmpty && harness.dashboard.ui.drafts[oauth]?.text == "keep me" && harness.shows("connection lost"))
        harness.effects = []
        harness.take(.snapshot(Sample.herd, live: true))
        #expect(harness.effects.contains(.look(oauth)) && !harness.shows("connection lost"))
    }

    @Test func theStoresCopyNeverReplacesWhatTheDaemonSaid() {
        var harness = Harness()
        harness.take(.snapshot(Herd(), live: false))
        #expect(harness.dashboard.listing.total == 9)
    }
}

@Suite struct ActivityTests {
    private func long(_ columns: Int = 120, _ rows: Int = 36) -> Harness {
        var items = Sample.transcript
        for number in 0..<200 { items.append(Sample.tool("n\(number)", "bash", "make step\(number)", at: 100)) }
        items.append(Sample.tool("bad", "bash", "make check", "exit 2", at: 50, .failed, output: (1...30).map { "line \($0)" }.joined(separator: "\n")))
        return Harness(columns, rows, transcript: items)
    }

    @Test func itSticksToTheEndUntilScrolled() {
        var harness = long()
        #expect(harness.shows("wants to run") && harness.shows("line 30") && !harness.shows("line 22"))
        harness.press("<enter><pageup>")
        #expect(!harness.shows("wants to run") && harness.shows("waits for you below"))
        let before = harness.screen
        harness.take(.transcript(oauth, .put(Sample.tool("late", "bash", "late", at: 1))))
        #expect(harness.screen == before)
        harness.press("G")
        #expect(harness.shows("wants to run"))
    }

    @Test func enterExpandsAndCollapses() {
        var harness = Harness()
        harness.press("<enter>kkk")
        #expect(harness.dashboard.ui.activity.chosen == "t4" || harness.dashboard.ui.activity.chosen == "x1")
        harness.press("g")
        for _ in 0..<4 { harness.press("j") }
        #expect(harness.dashboard.ui.activity.chosen == "t3")
        harness.press("<enter>")
        #expect(harness.shows("withSession"))
        harness.press("<enter>")
        #expect(!harness.shows("withSession"))
    }

    @Test func everyLineOfALongActivityIsReached() {
        var harness = long(80, 24)
        harness.press("<enter>g")
        var seen: Set<String> = []
        for _ in 0..<40 {
            for word in harness.screen.split(whereSeparator: { $0 == " " || $0 == "|" }) where word.hasPrefix("step") { seen.insert(String(word)) }
            harness.press("<pagedown>")
        }
        #expect(seen.count == 200)
        #expect(harness.shows("wants to run"))
    }

    @Test func textGrowsInPlace() {
        var harness = Harness()
        harness.take(.transcript(oauth, .append(id: "x1", text: " More words.")))
        #expect(harness.shows("words."))
        harness.take(.transcript(oauth, .remove(id: "x1")))
        #expect(!harness.shows("words.") && harness.shows("npm test"))
        // Of another agent: not what is looked at.
        harness.take(.transcript(id("typos"), .reset([])))
        #expect(harness.shows("npm test"))
    }

    @Test func aDiffShowsItsChangedWords() {
        let lines = diffLines(of: Sample.diff)
        let deleted = lines.first { $0.kind == .deleted }
        let added = lines.first { $0.kind == .added }
        #expect(deleted?.number == 13 && added?.number == 13)
        #expect(lines.contains { if case .gap(9, _) = $0.kind { true } else { false } } || lines.contains { if case .gap = $0.kind { true } else { false } })
        #expect(added.map(changedWords) == ["authorization"])
        let pair = diffLines(of: "@@ -1 +1 @@\n-let token = header(\"auth\")\n+let token = header(\"authorization\")\n")
        #expect(pair.map(changedWords) == [["auth"], ["authorization"]])
    }
}

@Suite struct MouseTests {
    @Test func everythingThatIsSeenCanBeClicked() {
        var harness = Harness()
        harness.click(on: "Fix flaky CI")
        #expect(harness.dashboard.ui.selected == id("flaky-ci"))
        harness.click(on: "Postgres in docker")
        #expect(harness.orders == [.answer(RequestID("que_1"), .choices([["Postgres in docker"]]))])
        harness.click(on: "Info")
        #expect(harness.dashboard.ui.tab == .info)
        harness.click(on: "limited ")
        #expect(harness.dashboard.ui.scope == .status(.limited))
        harness.click(on: "All ")
        harness.click(on: "help")
        #expect(harness.shows("type to search"))
        harness.click(on: "esc back")
        #expect(harness.dashboard.ui.dialog == nil)
        harness.click(on: "2 need you")
        #expect(harness.dashboard.ui.queue != nil)
    }

    @Test func cardKeysCanBeClicked() {
        var harness = Harness()
        harness.click(on: "y once")
        #expect(harness.orders == [.answer(RequestID("per_1"), .once)])
        harness.click(on: "Send a message")
        #expect(harness.dashboard.ui.isComposing)
    }

    @Test func theWheelScrollsWhatIsUnderIt() {
        var harness = Harness(120, 36, herd: Sample.crowd())
        harness.take(.terminal(.mouse(Mouse(.wheelDown, .none, at: Point(40, 10)))))
        #expect(harness.dashboard.ui.listTop == 3 && harness.dashboard.ui.selectedRow == 0)
        harness.press("j")
        #expect(harness.dashboard.ui.listTop <= 1)
    }
}
