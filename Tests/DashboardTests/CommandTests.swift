import Dashboard
import Domain
import Query
import Screen
import Testing

/// What each row of the table does, tried with its first key. A new row without a line here fails.
private struct Trial: Sendable {
    var name: String
    /// Keys before; the command's own key follows.
    var before = ""
    var after = ""
    var herd: @Sendable (inout Herd) -> Void = { _ in }
    /// Happens after the keys before.
    var given: @Sendable (inout Harness) -> Void = { _ in }
    var check: @Sendable (inout Harness) -> Bool

    init(
        _ name: String, before: String = "", after: String = "", herd: @escaping @Sendable (inout Herd) -> Void = { _ in },
        given: @escaping @Sendable (inout Harness) -> Void = { _ in },
        _ check: @escaping @Sendable (inout Harness) -> Bool
    ) {
        self.name = name
        self.before = before
        self.after = after
        self.herd = herd
        self.given = given
        self.check = check
    }
}

private func id(_ raw: String) -> AgentID { AgentID(raw) }
private let oauth = id("oauth-login")

private let trials: [Trial] =
    [
        Trial("move.down") { $0.dashboard.ui.selected == id("flaky-ci") },
        Trial("move.up", before: "jj") { $0.dashboard.ui.selected == id("flaky-ci") },
        Trial("move.pageDown") { $0.dashboard.ui.selected == id("config-keys") },
        Trial("move.pageUp", before: "G") { $0.dashboard.ui.selected == oauth },
        Trial("move.top", before: "G") { $0.dashboard.ui.selected == oauth },
        Trial("move.bottom") { $0.dashboard.ui.selected == id("config-keys") },
        Trial("open") { $0.dashboard.ui.focus == .detail },
        Trial("right") { $0.dashboard.ui.focus == .detail },
        Trial("left") { $0.dashboard.ui.focus == .projects },
        Trial("back") { $0.dashboard.ui.selected == nil && $0.shows("NEEDS YOU") },
        Trial("tab.next") { $0.dashboard.ui.tab == .diff },
        Trial("tab.previous") { $0.dashboard.ui.tab == .info },
        Trial("next", before: "jjjj") { $0.dashboard.ui.selected == oauth },
        Trial("projects") { $0.dashboard.ui.focus == .projects },
        Trial("file.next", before: "d") { harness in
            harness.answerDiff()
            harness.press("J")
            return harness.dashboard.ui.diff.file == 1 && harness.shows("Bearer")
        },
        Trial("file.previous", before: "d") { harness in
            harness.answerDiff()
            harness.press("JJK")
            return harness.dashboard.ui.diff.file == 1
        },
        Trial("agent.new", after: "Fix the bug<enter>") { harness in
            guard case .new(let new)? = harness.orders.last else { return false }
            return new.prompt == "Fix the bug" && new.kind == .worktree && new.directory == Sample.api.path
        },
        Trial("agent.prompt", after: "go on<enter>") { $0.orders == [.send(oauth, text: "go on", model: nil, mode: nil)] },
        Trial("agent.stop") { $0.orders == [.stop([oauth])] },
        Trial("agent.resume", before: "/id:oauth<enter>", herd: { $0.agents[oauth]?.status = .paused }) { $0.orders == [.resume([oauth])] },
        Trial("agent.retry", before: "jj") { $0.orders == [.retry([id("db-layer")])] },
        Trial("agent.rename", after: "<c-u>Sign in<enter>") { $0.orders == [.rename(oauth, "Sign in")] },
        Trial("agent.archive") { $0.orders == [.archive([oauth], true)] },
        Trial("agent.remove", after: "<enter>") { $0.orders == [.remove([oauth])] },
        Trial("undo") { $0.orders == [.undo] },
        Trial("agent.mark") { $0.dashboard.ui.marks == [oauth] && $0.dashboard.ui.selected == id("flaky-ci") },
        Trial("agent.markAll") { $0.dashboard.ui.marks.count == 9 },
        Trial("agent.attach") { $0.effects.contains(.attach(oauth)) },
        Trial("agent.edit") { $0.effects.contains(.openDirectory(path: "/home/ana/.local/share/drover/worktrees/api/oauth-login")) },
        Trial("agent.unqueue", herd: { $0.agents[oauth]?.queued = [QueuedPrompt(message: MessageID("msg_1"), text: "and then this")] }) {
            $0.orders == [.unqueue(oauth, MessageID("msg_1"))] && $0.dashboard.ui.drafts[oauth]?.text == "and then this"
        },
        Trial("agent.copy") { $0.effects.contains { if case .copy(let text) = $0 { text.hasPrefix("I've added") } else { false } } },
        Trial("queue") { $0.dashboard.ui.queue != nil && $0.shows("oldest first") },
        Trial("feed") { $0.orders == [.feed(limit: 1100, follows: true)] && $0.shows("what happened, the newest last") },
        Trial("view.keep", before: "/status:done<enter>", after: "finished<enter>") {
            $0.effects.contains(.keepView("finished", query: "status:done")) && $0.dashboard.ui.scope == .view("finished") && $0.shows("VIEWS")
        },
        Trial("pressed", after: "k<c-k>") { $0.shows("Row before") && $0.shows("<c-k>") && $0.dashboard.ui.dialogs.count == 1 },
        Trial("answer.once") { $0.orders == [.answer(RequestID("per_1"), .once)] && $0.shows("answered: once") },
        Trial("answer.always") { $0.orders == [.answer(RequestID("per_1"), .always)] },
        Trial("answer.no") { $0.orders == [.answer(RequestID("per_1"), .reject(message: nil))] },
        Trial("answer.noBecause", after: "use oauth4webapi<enter>") { $0.orders == [.answer(RequestID("per_1"), .reject(message: "use oauth4webapi"))] },
        Trial("answer.words", before: "j", after: "MySQL<enter>") { $0.orders == [.answer(RequestID("que_1"), .choices([["MySQL"]]))] },
        Trial("answer.submit", herd: Trial.severalOptions) { harness in
            harness.press("j13S")
            return harness.orders == [.answer(RequestID("que_1"), .choices([["SQLite in memory", "The shared staging database"]]))]
        },
        Trial("queue.alike", before: "!") { $0.dashboard.ui.queue?.marks == [RequestID("per_1")] },
        Trial("queue.takeBack", before: "!ay<enter>", herd: Trial.twoAlike) {
            $0.orders.isEmpty && $0.dashboard.ui.held == nil && $0.shows("2 answers taken back")
        },
        Trial("card.down", herd: Trial.longQuestion) { $0.dashboard.ui.activity.cardTop == 3 && $0.shows("Which?") },
        Trial("card.up", before: "JJ", herd: Trial.longQuestion) { $0.dashboard.ui.activity.cardTop == 3 },
        Trial("queue.agent", before: "!") { $0.dashboard.ui.queue == nil && $0.dashboard.ui.selected == oauth && $0.dashboard.ui.focus == .detail },
        Trial("diff") { $0.dashboard.ui.tab == .diff && $0.orders == [.diff(oauth)] },
        Trial("activity", before: "w") { $0.dashboard.ui.tab == .activity },
        Trial("info") { $0.dashboard.ui.tab == .info && $0.shows("permission.asked") },
        Trial("term") { $0.dashboard.ui.tab == .term && $0.shows("No terminal here") },
        Trial("shell.new", before: "jjj$") { $0.shellActs.count == 1 && $0.dashboard.ui.shells.typing == ShellID(1) },
        Trial("shell.next", before: "jjj$<enter><c-]>+<c-]>") { $0.dashboard.ui.shells.chosen(of: id("translate"))?.id == ShellID(1) },
        Trial("shell.previous", before: "jjj$<enter><c-]>+<c-]>J") { $0.dashboard.ui.shells.chosen(of: id("translate"))?.id == ShellID(2) },
        Trial("shell.close", before: "jjj$<enter><c-]>") { $0.shellActs.last == .close },
        Trial("shell.leave", before: "jjj$<enter>") { $0.dashboard.ui.shells.typing == nil && $0.dashboard.ui.tab == .term },
        Trial("shell.send", before: "jjj$<enter><c-]>") { $0.shellActs.last == .key(.ctrl("]")) && $0.dashboard.ui.shells.typing == ShellID(1) },
        Trial("shell.up", before: "jjj$<enter>") { harness in
            harness.shell((1...200).map { "line \($0)\r\n" }.joined())
            harness.press("<s-pageup>")
            return harness.dashboard.ui.shells.scrolled > 10
        },
        Trial("shell.down", before: "jjj$<enter>") { harness in
            harness.shell((1...200).map { "line \($0)\r\n" }.joined())
            harness.press("<s-pageup><s-pageup><s-pagedown><s-pagedown>")
            return harness.dashboard.ui.shells.scrolled == 0
        },
        Trial("zoom") { $0.dashboard.ui.isZoomed && !$0.shows("PROJECTS") },
        Trial("density") { $0.dashboard.ui.density == .one },
        Trial("sort") { $0.dashboard.ui.order == .age && $0.shows("by age") },
        Trial("kinds", before: "<enter>") { $0.dashboard.ui.activity.kinds == .said && !$0.shows("src/auth/oauth.ts") },
        Trial("hunk.next", before: "d") { harness in
            harness.answerDiff()
            harness.press("}")
            return harness.dashboard.ui.diff.top > 0
        },
        Trial("hunk.previous", before: "d") { harness in
            harness.answerDiff()
            harness.press("}}{{{")
            return harness.dashboard.ui.diff.top == 0
        },
        Trial("diff.right", before: "dJ") { harness in
            harness.answerDiff()
            harness.press(">")
            return harness.dashboard.ui.diff.left > 0 && harness.shows("column ")
        },
        Trial("diff.left", before: "dJ") { harness in
            harness.answerDiff()
            harness.press(">>>>")
            let left = harness.dashboard.ui.diff.left
            harness.press("<lt>")
            return left > 0 && harness.dashboard.ui.diff.left < left
        },
        Trial("diff.sides", before: "dz") { harness in
            harness.answerDiff()
            harness.press("|")
            return harness.dashboard.ui.diff.isSideBySide && harness.shows("side by side")
        },
        Trial("diff.spaces", before: "d") { harness in
            harness.answerDiff()
            harness.press("W")
            return harness.dashboard.ui.diff.ignoresSpaces && harness.shows("spaces ignored")
        },
        Trial("diff.source", before: "d") { $0.dashboard.ui.diff.source == .turn && $0.shows("last turn") && $0.shows("auth.ts") },
        Trial("diff.fold", before: "d") { harness in
            harness.answerDiff()
            harness.press("Z")
            return harness.dashboard.ui.diff.folded.count == 4 && !harness.shows("Bearer")
        },
        Trial("kinds.previous", before: "<enter>") { $0.dashboard.ui.activity.kinds == .subagents && $0.shows("no sub-agents here") },
        Trial("find", before: "<enter>", after: "passport") { $0.dashboard.ui.find?.match != nil && $0.shows("/passport") },
        Trial("find.next", before: "<enter>/auth<enter>") { $0.dashboard.ui.find?.match != nil && $0.dashboard.ui.find?.isEditing == false },
        Trial("find.previous", before: "<enter>/auth<enter>n") { $0.dashboard.ui.find?.match != nil },
        Trial("find.keep", before: "<enter>/auth") { $0.dashboard.ui.find?.isEditing == false },
        Trial("find.below", before: "<enter>/auth") { $0.dashboard.ui.find?.isEditing == true },
        Trial("find.above", before: "<enter>/auth") { $0.dashboard.ui.find?.isEditing == true },
        Trial("find.clear", before: "<enter>/auth") { $0.dashboard.ui.find == nil && $0.dashboard.ui.focus == .detail },
        Trial("overview") { $0.dashboard.ui.selected == nil },
        Trial("filter", after: "flaky<enter>") { $0.dashboard.listing.rows == [id("flaky-ci")] && $0.dashboard.ui.selected == id("flaky-ci") },
        Trial("compose.send", before: "pyes") { $0.orders == [.send(oauth, text: "yes", model: nil, mode: nil)] },
        Trial("compose.newline", before: "pone", after: "two") { $0.dashboard.ui.drafts[oauth]?.text == "one\ntwo" },
        Trial("compose.editor", before: "pone") { $0.effects.contains(.openEditor(text: "one")) },
        Trial("compose.mode", before: "pplan it") { harness in
            harness.reply(.success(.choices(models: [], fallback: nil, modes: ["build", "plan"], commands: [], branches: [])))
            harness.press("<tab><enter>")
            return harness.orders == [.send(oauth, text: "plan it", model: nil, mode: "plan")]
        },
        Trial("compose.model", before: "p") { harness in
            guard harness.shows("looking for them") else { return false }
            let models = ["anthropic/opus", "openai/mini"].map { ModelInfo(id: $0, name: $0, context: 0) }
            harness.reply(.success(.choices(models: models, fallback: nil, modes: [], commands: [], branches: [])))
            harness.press("mini<enter>go on<enter>")
            guard case .send(_, "go on", "openai/mini", nil)? = harness.orders.last else { return false }
            return harness.shows("mini")
        },
        Trial("compose.older", before: "pone<enter>p") { $0.dashboard.ui.drafts[oauth]?.text == "one" },
        Trial("compose.newer", before: "pone<enter>pdraft<up>") { $0.dashboard.ui.drafts[oauth]?.text == "draft" },
        Trial("complete.take", before: "psee @ma", given: { $0.tellNames() }) { $0.dashboard.ui.drafts[oauth]?.text == "see @src/main.c " },
        Trial("complete.next", before: "psee @ma", after: "<tab>", given: { $0.tellNames() }) {
            $0.dashboard.ui.drafts[oauth]?.text == "see @src/domain/mail.c "
        },
        Trial("complete.previous", before: "psee @ma", after: "<tab>", given: { $0.tellNames() }) {
            $0.dashboard.ui.drafts[oauth]?.text == "see @\"docs/shot main.png\" "
        },
        Trial("complete.close", before: "psee @ma", given: { $0.tellNames() }) { harness in
            guard harness.dashboard.ui.isComposing, !harness.shows("src/main.c") else { return false }
            harness.press("<esc>")
            return !harness.dashboard.ui.isComposing
        },
        Trial("compose.leave", before: "pone") { !$0.dashboard.ui.isComposing && $0.dashboard.ui.drafts[oauth]?.text == "one" && $0.shows("draft") },
        Trial("filter.keep", before: "/status:failed") { !$0.dashboard.ui.filter.isEditing && $0.dashboard.listing.rows.count == 1 },
        Trial("filter.clear", before: "/status:failed") { $0.dashboard.listing.rows.count == 9 },
        Trial("filter.down", before: "/status:waiting") { $0.dashboard.ui.selected == id("flaky-ci") },
        Trial("filter.up", before: "/status:waiting<down>") { $0.dashboard.ui.selected == oauth },
        Trial("palette", after: "zoom<enter>") { $0.dashboard.ui.isZoomed || $0.shows("zoom") },
        Trial("help", after: "rename") { $0.shows("Give it another title") && !$0.shows("Stop the turn") },
        Trial("board") { $0.shows("Needs you") && $0.shows("Resting") },
        Trial("theme") { harness in
            guard harness.effects == [.listThemes] else { return false }
            harness.take(.themes(["auto", "default", "moss"], worn: "default"))
            harness.press("<down>")
            guard harness.effects.last == .wearTheme("moss"), harness.shows("moss") else { return false }
            harness.press("<esc>")
            guard harness.effects.last == .wearTheme("default"), harness.dashboard.ui.dialogs.isEmpty else { return false }
            harness.press("T")
            harness.take(.themes(["auto", "default", "moss"], worn: "default"))
            harness.press("aut<enter>")
            return harness.effects.last == .keepTheme("auto")
        },
        Trial("mute") { $0.shows("do not disturb") },
        Trial("quit") { $0.effects.contains(.quit) },
        Trial("suspend") { $0.effects.contains(.suspend) },
        Trial("redraw") { $0.effects.contains(.redraw) },
    ]
    + (1...9).map { number in
        Trial("answer.\(number)", before: "j") { harness in
            number <= 3
                ? harness.orders == [
                    .answer(RequestID("que_1"), .choices([[["SQLite in memory", "Postgres in docker", "The shared staging database"][number - 1]]]))
                ] : harness.orders.isEmpty && harness.shows("no option \(number)")
        }
    }

extension Trial {
    static let severalOptions: @Sendable (inout Herd) -> Void = { herd in
        if case .question(var questions)? = herd.requests[RequestID("que_1")]?.kind {
            questions[0].multiple = true
            herd.requests[RequestID("que_1")]?.kind = .question(questions)
        }
    }

    static let twoAlike: @Sendable (inout Herd) -> Void = { herd in
        let permission = Request.Permission(name: "bash", patterns: [], always: [], detail: "npm install left-pad")
        herd.requests[RequestID("per_2")] = Request(
            id: RequestID("per_2"), session: SessionID("s"), agent: id("update-deps"), kind: .permission(permission), asked: Sample.ago(10))
        herd.agents[id("update-deps")]?.requests = [RequestID("per_2")]
    }

    static let longQuestion: @Sendable (inout Herd) -> Void = { herd in
        let options = (1...9).map { Request.Option(label: "Option \($0)", description: String(repeating: "described at length ", count: 6)) }
        herd.requests[RequestID("per_1")]?.kind = .question([Request.Question(header: "", text: "Which?", options: options, multiple: false, custom: true)])
    }
}

@Suite struct CommandTests {
    @Test func everyRowIsComplete() {
        #expect(Set(Command.table.map(\.name)).count == Command.table.count)
        for command in Command.table {
            #expect(!command.keys.isEmpty, "\(command.name) has no key")
            #expect(command.help.count > 3 && command.help.first?.isUppercase == true && command.help.last != ".", "\(command.name): \(command.help)")
            #expect(!command.short.isEmpty && !command.contexts.isEmpty)
        }
        for (context, name) in Command.Contexts.all {
            var owners: [Key: String] = [:]
            for command in Command.table where command.contexts.contains(context) {
                for key in command.keys {
                    #expect(owners[key] == nil, "\(key) means \(owners[key] ?? "") and \(command.name) in \(name)")
                    owners[key] = command.name
                }
            }
        }
    }

    @Test func everyRowIsTried() {
        #expect(Set(trials.map(\.name)) == Set(Command.table.map(\.name)))
    }

    @Test(arguments: Command.table.map(\.name)) func does(_ name: String) throws {
        let trial = try #require(trials.first { $0.name == name })
        let command = try #require(Command.named(name))
        var herd = Sample.herd
        trial.herd(&herd)
        var harness = Harness(herd: herd)
        harness.press(trial.before)
        trial.given(&harness)
        harness.effects = harness.effects.filter { if case .order(.diff, _) = $0 { false } else { true } }
        harness.press(command.keys[0].description + trial.after)
        let isRight = trial.check(&harness)
        #expect(isRight, "\(name)\n\(harness.effects)\n\(harness.screen)")
    }

    @Test func aDisabledCommandSaysWhy() {
        var harness = Harness()
        harness.press("jjjR")
        #expect(harness.orders.isEmpty)
        #expect(harness.shows("only paused agents can be resumed"))
        harness.press("y")
        #expect(harness.shows("it asks nothing"))
    }

    @Test func theTableOfKeysIsMarkdown() {
        let text = keyTableMarkdown()
        for command in Command.table { #expect(text.contains("| " + command.help)) }
        #expect(text.contains("`drover stop QUERY`"))
    }

    @Test func theWordsOfTheCommandLine() {
        var harness = Harness()
        harness.press(":stop status:running<enter>")
        #expect(harness.shows("Stop 2 agents") && harness.shows("Port build to arm64"))
        harness.press("<enter>")
        #expect(harness.orders == [.stop([id("update-deps"), id("arm64")])])
        harness = Harness()
        harness.press(":archive status:done project:web<enter>")
        #expect(harness.orders == [.archive([id("typos")], true)])
        harness = Harness()
        harness.press(":send flaky \"look at the clock\"<enter>")
        #expect(harness.orders == [.send(id("flaky-ci"), text: "look at the clock", model: nil, mode: nil)])
        harness = Harness()
        harness.press(":new web \"fix the bug\"<enter>")
        #expect(harness.shows("in web") && harness.shows("fix the bug"))
        harness.press("<enter>")
        guard case .new(let new)? = harness.orders.last else { Issue.record("nothing was ordered"); return }
        #expect(new.directory == Sample.web.path)
        harness = Harness()
        harness.press(":stop stauts:x<enter>")
        #expect(harness.shows("did you mean status?") && harness.orders.isEmpty)
        harness.press("<c-u>rm nobody<enter>")
        #expect(harness.shows("no agent matches"))
        harness.press("<c-u>typos<enter>")
        #expect(harness.dashboard.ui.selected == id("typos") && harness.dashboard.ui.dialog == nil)
        harness.press(":answer reject<enter>")
        #expect(harness.orders.isEmpty)
        harness.press("<esc>:project add /srv/shop<enter>")
        #expect(harness.orders == [.addProject(path: "/srv/shop")])
        harness.press(":project rm web<enter>")
        #expect(harness.shows("Forget the project web") && harness.shows("4 agents leave the list"))
        harness.press("<enter>")
        #expect(harness.orders.last == .removeProject(Sample.web.id))
    }
}
