import Dashboard
import Domain
import Foundation
import Screen
import Testing

private let oauth = AgentID("oauth-login")

extension Harness {
    static let files = [
        "src/main.c", "src/domain/mail.c", "src/domain/", "README.md", "docs/shot.png", "docs/shot main.png", "docs/lie.png",
        "src/very/long/path/of/a/file/that/does/not/fit/main.swift",
    ]

    /// Answers what was asked about names, as a daemon would.
    mutating func tellNames() {
        for _ in 0..<8 {
            for (tag, pending) in dashboard.model.pending.sorted(by: { $0.key < $1.key }) {
                switch pending.order {
                case .files(_, let letters):
                    let found = Self.files.sorted { $0.count < $1.count }.filter { name in
                        var rest = letters.lowercased()[...]
                        for letter in name.lowercased() where letter == rest.first { rest.removeFirst() }
                        return rest.isEmpty
                    }
                    // The short ones first.
                    take(
                        .replied(
                            tag: tag,
                            .success(.files(letters == "ma" ? found.filter { $0.contains("ma") && !$0.contains("long") && !$0.hasSuffix("/") } : found))))
                case .facts(_, let names):
                    let facts = names.compactMap { name -> FileFact? in
                        let short = name.hasPrefix("/home/me/") ? String(name.dropFirst(9)) : name
                        guard Self.files.contains(short) else { return nil }
                        let isImage = short.hasSuffix(".png")
                        return FileFact(
                            name: name, path: name.hasPrefix("/") ? name : "/src/api/" + name,
                            kind: short.hasSuffix("/") ? .directory : isImage ? .image : .file,
                            mime: isImage ? "image/png" : "text/plain", size: 120_400,
                            trouble: short.contains("lie") ? "\(short) has the name of an image, but it is no PNG, JPEG, GIF or WebP" : nil)
                    }
                    take(.replied(tag: tag, .success(.facts(facts))))
                case .offers:
                    let commands = [
                        CommandInfo(name: "init", description: "guided AGENTS.md setup"), CommandInfo(name: "review", description: "review changes\nwith care"),
                        CommandInfo(name: "release-notes", description: "What is new since the last tag, in words that people understand, by area"),
                    ]
                    take(.replied(tag: tag, .success(.offers(commands: commands, agents: ["general", "explore"]))))
                default: break
                }
            }
        }
    }

    func draft(_ id: AgentID = oauth) -> String? { dashboard.ui.drafts[id]?.text }
}

/// Names are taken into prompts, and nothing is asked for at more than the speed of the answers.
@Suite struct CompletionTests {
    private func composing(_ keys: String, _ columns: Int = 120, _ rows: Int = 36) -> Harness {
        var harness = Harness(columns, rows)
        harness.press("p" + keys)
        harness.tellNames()
        return harness
    }

    private func asked(_ harness: Harness) -> [ClientOrder] {
        harness.effects.compactMap {
            if case .order(let order, _) = $0 {
                switch order {
                case .files, .facts, .offers: return order
                default: return nil
                }
            }
            return nil
        }
    }

    // MARK: Files

    @Test func aFastTypistAsksForTheLastLetters() {
        var harness = Harness()
        harness.press("p@main")
        #expect(asked(harness) == [.offers(.agent(oauth)), .files(.agent(oauth), like: "")])
        harness.tellNames()
        #expect(asked(harness).last == .files(.agent(oauth), like: "main"))
        #expect(asked(harness).count == 3)
    }

    @Test(arguments: [
        ("@ma<enter>", "@src/main.c "), ("@ma<down><enter>", "@src/domain/mail.c "), ("@ma<up><enter>", "@\"docs/shot main.png\" "),
        ("see @ma<tab>it", "see @src/main.c it"), ("(@READ<tab>", "(@README.md "), ("@gen<tab>", "@general "), ("@\"shot ma<tab>", "@\"docs/shot main.png\" "),
    ])
    func oneIsTaken(keys: String, text: String) {
        var harness = Harness()
        harness.press("p")
        for key in Key.parse(keys) ?? [] {
            harness.take(.terminal(.key(key)))
            harness.tellNames()
        }
        #expect(harness.draft() == text)
        #expect(harness.orders == [])
    }

    @Test func aDirectoryIsGoneInto() {
        var harness = composing("@domain")
        harness.press("<tab>")
        #expect(harness.draft() == "@src/domain/")
        harness.tellNames()
        #expect(harness.shows("src/domain/mail.c"))
        harness.press("<down><tab>")
        #expect(harness.draft() == "@src/domain/mail.c ")
    }

    @Test(arguments: ["me@ma", "a@", "see ma"]) func otherTextHasNoList(text: String) {
        let harness = composing(text)
        #expect(harness.dashboard.ui.completion == nil && asked(harness) == [])
    }

    @Test func enterOnAWholeNameSends() {
        var harness = composing("@src/main.c")
        harness.press("<enter>")
        #expect(harness.orders == [.send(oauth, text: "@src/main.c", model: nil, mode: nil)])
    }

    @Test func escapeClosesTheListUntilAnotherNameBegins() {
        var harness = composing("@ma")
        harness.press("<esc>i")
        #expect(harness.dashboard.ui.completion == nil && harness.dashboard.ui.isComposing)
        harness.press(" @ma")
        harness.tellNames()
        #expect(harness.dashboard.ui.completion != nil)
        harness.press("<esc><enter>")
        #expect(harness.orders == [.send(oauth, text: "@mai @ma", model: nil, mode: nil)])
    }

    @Test func aLineThatIsTypedInTheMiddleIsCompleted() {
        var harness = composing("@ma now<c-left><left>")
        #expect(harness.dashboard.ui.completion != nil)
        harness.press("<tab>")
        #expect(harness.draft() == "@src/main.c now")
    }

    @Test func aListIsClicked() {
        var harness = composing("@ma")
        harness.click(on: "src/domain/mail.c")
        #expect(harness.draft() == "@src/domain/mail.c " && harness.dashboard.ui.isComposing)
    }

    @Test func arrowsGoThroughTheTextAgainWithoutAList() {
        var harness = composing("one<enter>p@zzz")
        #expect(harness.dashboard.ui.completion != nil)
        harness.press("<up>")
        #expect(harness.draft() == "one")
    }

    @Test func theNewAgentsPromptIsCompletedToo() {
        var harness = Harness()
        harness.press("nlook at @ma")
        #expect(asked(harness).allSatisfy { if case .files(.project, _) = $0 { true } else if case .offers(.project) = $0 { true } else { false } })
        harness.tellNames()
        #expect(harness.shows("src/domain/mail.c"))
        harness.press("<tab>")
        harness.tellNames()
        guard case .newAgent(let form)? = harness.dashboard.ui.dialogs.last else { return #expect(Bool(false)) }
        #expect(form.prompt.text == "look at @src/main.c " && form.field == .prompt)
        harness.press("@ma<esc>")
        #expect(!harness.dashboard.ui.dialogs.isEmpty)
        harness.press("<enter>")
        guard case .new(let new)? = harness.orders.last else { return #expect(Bool(false)) }
        #expect(new.prompt == "look at @src/main.c @ma")
    }

    // MARK: Commands

    @Test func commandsAreListedAndTaken() {
        var harness = composing("/re")
        #expect(harness.shows("/review") && harness.shows("review changes") && !harness.shows("guided"))
        harness.press("view<tab>all of it<enter>")
        #expect(harness.orders == [.send(oauth, text: "/review all of it", model: nil, mode: nil)])
    }

    @Test func aRefusedCommandComesBackToBeMended() {
        var harness = composing("/reveiw")
        harness.press("<enter>")
        #expect(harness.orders == [.send(oauth, text: "/reveiw", model: nil, mode: nil)])
        harness.reply(
            .failure(Refusal(.usage, "the server has no command /reveiw; did you mean /review?", remedy: "with a space before the / it is sent as text")))
        #expect(harness.draft() == "/reveiw" && harness.dashboard.ui.isComposing && harness.dashboard.ui.toast?.text.hasSuffix("did you mean /review?") == true)
        harness.press("<home> <enter>")
        #expect(harness.orders.last == .send(oauth, text: " /reveiw", model: nil, mode: nil))
    }

    // MARK: What goes along

    @Test func whatGoesAlongIsShown() {
        var harness = composing("see @docs/shot.png @README.md @nobody @general ", 200, 50)
        #expect(harness.shows("[image shot.png 120 kB]") && harness.shows("[README.md 120 kB]") && harness.shows("[agent general]"))
        harness.press("<esc>j")
        #expect(!harness.shows("[image"))
        harness.press("kp")
        harness.tellNames()
        #expect(harness.draft() == "see @docs/shot.png @README.md @nobody @general " && harness.shows("[image shot.png 120 kB]"))
        harness.press("@docs/lie.png ")
        harness.tellNames()
        #expect(harness.shows("[docs/lie.png has the name"))
    }

    @Test func aModelThatSeesNoImagesIsTold() {
        var harness = composing("see @docs/shot.png ", 200, 50)
        let agent = harness.dashboard.model.herd.agents[oauth]?.model ?? ""
        for (tag, pending) in harness.dashboard.model.pending {
            guard case .choices = pending.order else { continue }
            let models = [ModelInfo(id: agent, name: "m", context: 0, seesImages: false)]
            harness.take(.replied(tag: tag, .success(.choices(models: models, fallback: nil, modes: [], commands: [], branches: []))))
        }
        #expect(harness.shows("[image shot.png 120 kB, but sonnet-4.5 sees no images]"))
        harness.press("<enter>")
        #expect(harness.orders == [.send(oauth, text: "see @docs/shot.png", model: nil, mode: nil)])
    }

    @Test(arguments: [
        ("/home/me/docs/shot.png", "@/home/me/docs/shot.png "), ("'/home/me/docs/shot main.png' ", "@\"/home/me/docs/shot main.png\" "),
        ("/home/me/docs/shot\\ main.png", "@\"/home/me/docs/shot main.png\" "), ("file:///home/me/docs/shot%20main.png", "@\"/home/me/docs/shot main.png\" "),
        ("/home/me/docs/shot.png '/home/me/docs/shot main.png'", "@/home/me/docs/shot.png @\"/home/me/docs/shot main.png\" "),
        ("/home/me/docs/nothing.png", "/home/me/docs/nothing.png"), ("/home/me/README.md", "/home/me/README.md"), ("docs/shot.png", "docs/shot.png"),
        ("look at /home/me/docs/shot.png", "look at /home/me/docs/shot.png"), ("'/home/me/docs/shot.png", "'/home/me/docs/shot.png"),
    ])
    func aDroppedImageIsMentioned(pasted: String, text: String) {
        var harness = composing("")
        harness.take(.terminal(.paste(pasted)))
        harness.tellNames()
        #expect(harness.draft() == text)
    }

    @Test func whatIsTypedMeanwhileStays() {
        var harness = composing("see ")
        harness.take(.terminal(.paste("/home/me/docs/shot.png")))
        harness.press(" and more")
        harness.tellNames()
        #expect(harness.draft() == "see @/home/me/docs/shot.png  and more")
        harness.press("!")
        #expect(harness.draft() == "see @/home/me/docs/shot.png  and more!")
    }

    @Test func aLostDaemonIsAskedNothing() {
        var harness = Harness()
        harness.press("p")
        harness.take(.lost(why: "gone"))
        harness.press("@ma")
        #expect(asked(harness) == [] && harness.draft() == "@ma")
    }

    /// A log of a megabyte is looked through by the daemon, when it is sent.
    @Test func aPastedMegabyteCostsNothing() {
        var harness = composing("")
        harness.take(.terminal(.paste(String(repeating: "@src/main.c ", count: 90_000))))
        harness.press("x")
        #expect(asked(harness) == [])
    }

    // MARK: Screens

    @Test(arguments: ["files", "commands", "chips", "new", "long"], [Size(columns: 60, rows: 20), Size(columns: 80, rows: 24), Size(columns: 120, rows: 36)])
    func screens(_ name: String, _ size: Size) throws {
        var harness = Harness(size.columns, size.rows)
        let keys = [
            "files": "pread @ma<down>", "commands": "p/re", "chips": "pcompare @docs/shot.png with @README.md, @src/domain/ and @docs/lie.png, ask @general ",
            "new": "nlook at @ma", "long": "p@",
        ]
        harness.press((keys[name] ?? "").replacing("<down>", with: ""))
        harness.tellNames()
        if name == "files" { harness.press("<down>") }
        try GoldenTests().check(harness, "names-\(name)-\(size.columns)x\(size.rows)")
    }
}
