import Domain
import Wire

/// Values of every kind from a seed, hostile strings included.
struct Generator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// SplitMix64.
    mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(bits() % UInt64(range.upperBound - range.lowerBound + 1)) }
    mutating func flag() -> Bool { bits() & 1 == 0 }
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[number(0...choices.count - 1)] }
    mutating func maybe<Value>(_ make: (inout Generator) -> Value) -> Value? { flag() ? make(&self) : nil }
    mutating func several<Value>(_ most: Int = 3, _ make: (inout Generator) -> Value) -> [Value] { (0..<number(0...most)).map { _ in make(&self) } }

    static let hostile = [
        "", " ", "plain", "\u{1B}[31mred\u{1B}[0m", "\u{0}\u{1}\u{7F}", "a\nb\r\nc\td", "\"quoted\" \\ back/slash", "ü 漢字 👩‍👩‍👧 e\u{301}",
        "\u{2028}\u{FEFF}\u{202E}", "{\"jsonrpc\":\"2.0\"}", String(repeating: "x", count: 300),
    ]

    mutating func text() -> String { flag() ? pick(Self.hostile) : "t\(number(0...999)) " + pick(Self.hostile) }
    mutating func id<Subject>() -> Identifier<Subject> { Identifier(text()) }
    mutating func time() -> Timestamp {
        switch number(0...9) {
        case 0: Timestamp(milliseconds: 0)
        case 1: Timestamp(milliseconds: -Int64(number(1...1 << 40)))
        case 2: Timestamp(milliseconds: 253_402_300_800_000 + Int64(number(0...1 << 30)))
        default: Timestamp(milliseconds: 1_700_000_000_000 + Int64(number(0...1 << 38)))
        }
    }
    mutating func money() -> Double { pick([0, 0.18, 4.12, 1e-9, 123_456.789, Double(number(0...1000)) / 7]) }
    mutating func tokens() -> Tokens {
        Tokens(input: number(0...1 << 40), output: number(0...9), reasoning: number(0...99), cacheRead: number(0...1 << 30), cacheWrite: 0)
    }
    mutating func changes() -> Changes { Changes(files: number(0...9), additions: number(0...9999), deletions: number(0...9999)) }
    mutating func activity() -> Activity {
        let verb = pick(["", "bash", "rate limit", "asks", text()])
        // Without a verb the text is all there is; with one the target is what follows it.
        return Activity(verb: verb, target: verb.isEmpty ? text() : pick(["", "npm test", text()]))
    }
    mutating func evidence() -> Evidence { Evidence(pick([.event, .read, .action, .link]), text(), at: time(), server: text()) }

    mutating func agent() -> Agent {
        var agent = Agent(
            id: id(), project: id(), place: id(), session: maybe { $0.id() }, title: text(), status: pick(Status.allCases), at: time(), evidence: evidence())
        agent.parent = maybe { $0.id() }
        agent.activity = activity()
        agent.retryAt = maybe { $0.time() }
        agent.requests = several { $0.id() }
        agent.unseen = flag()
        agent.tokens = tokens()
        agent.cost = money()
        agent.contextUse = maybe { Double($0.number(0...100)) / 100 }
        agent.model = maybe { $0.text() }
        agent.mode = maybe { $0.text() }
        agent.changes = changes()
        agent.todos = several { Todo(content: $0.text(), status: $0.text(), priority: $0.text()) }
        agent.subAgents = several {
            SubAgent(session: $0.id(), parent: $0.id(), title: $0.text(), isBusy: $0.flag(), activity: $0.activity())
        }
        agent.queued = several { QueuedPrompt(message: $0.id(), text: $0.text()) }
        agent.error = maybe { $0.text() }
        agent.created = time()
        agent.updated = time()
        agent.archived = flag()
        agent.digest = digest()
        return agent
    }

    mutating func digest() -> Digest {
        var digest = Digest(since: time(), costBefore: money())
        (digest.deeds.turns, digest.deeds.failedTurns) = (number(0...9), number(0...9))
        (digest.deeds.commands, digest.deeds.failedCommands) = (number(0...9), number(0...9))
        (digest.deeds.tests, digest.deeds.failedTests) = (number(0...9), number(0...9))
        (digest.deeds.edits, digest.deeds.requests) = (number(0...9), number(0...9))
        digest.files = several { $0.text() }
        return digest
    }

    mutating func feedEntry() -> FeedEntry {
        FeedEntry(
            number: number(1...9999), at: time(), agent: id(), project: id(), title: text(), kind: pick(FeedEntry.Kind.allCases), text: text(), result: text(),
            isFailure: flag(), request: maybe { $0.id() })
    }

    mutating func project() -> Project {
        Project(
            path: "/p/" + text(), name: text(), branch: maybe { $0.text() }, remote: maybe { $0.text() }, isRepository: flag(), added: time(),
            trouble: maybe { $0.text() })
    }
    mutating func place() -> Place {
        Place(
            id: id(), project: id(), kind: pick(Place.Kind.allCases), directory: text(), branch: maybe { $0.text() }, base: maybe { $0.text() },
            isOurs: flag(), trouble: maybe { $0.text() })
    }
    mutating func server() -> Server {
        var server = Server(id: id(), project: id(), state: pick([.down, .starting, .live, .silent, .backingOff, .stopping, .failed]))
        server.pid = maybe { $0.number(1...99999) }
        server.url = maybe { $0.text() }
        server.version = maybe { $0.text() }
        server.memory = number(0...1 << 32)
        server.cpu = money()
        server.sessions = number(0...99)
        server.restarts = number(0...9)
        server.trouble = maybe { $0.text() }
        server.retryAt = maybe { $0.time() }
        server.heard = maybe { $0.time() }
        return server
    }
    mutating func request() -> Request {
        let kind: Request.Kind =
            flag()
            ? .permission(
                .init(name: text(), patterns: several { $0.text() }, always: several { $0.text() }, detail: text(), diff: maybe { $0.text() }))
            : .question(
                several {
                    .init(
                        header: $0.text(), text: $0.text(), options: $0.several { .init(label: $0.text(), description: $0.text()) },
                        multiple: $0.flag(), custom: $0.flag())
                })
        return Request(id: id(), session: id(), agent: maybe { $0.id() }, kind: kind, asked: time(), callID: maybe { $0.text() })
    }
    mutating func notice() -> Notice {
        Notice(id: number(0...99), level: pick([.info, .warning, .error]), text: text(), remedy: text(), agent: maybe { $0.id() }, at: time())
    }
    mutating func day() -> DayTotal {
        DayTotal(
            day: text(), cost: money(), tokens: tokens(),
            byProject: Dictionary(several { ($0.id() as ProjectID, $0.money()) }, uniquingKeysWith: { first, _ in first }))
    }
    mutating func tool() -> ToolUse {
        ToolUse(
            name: text(), callID: text(), state: pick([.pending, .running, .completed, .failed]), target: text(), result: text(),
            changes: maybe { $0.changes() }, diff: maybe { $0.text() }, started: maybe { $0.time() }, ended: maybe { $0.time() }, child: maybe { $0.id() })
    }
    mutating func item() -> TranscriptItem {
        TranscriptItem(
            id: text(), session: id(), message: maybe { $0.id() }, at: time(), kind: pick([.user, .text, .thinking, .tool, .error, .note]),
            text: text(), tool: maybe { $0.tool() }, isOpen: flag(), depth: number(0...3))
    }
    mutating func transcriptChange() -> TranscriptChange {
        switch number(0...3) {
        case 0: .reset(several { $0.item() })
        case 1: .put(item())
        case 2: .append(id: text(), text: text())
        default: .remove(id: text())
        }
    }

    mutating func herd(_ most: Int = 3) -> Herd {
        var herd = Herd()
        for one in several(most, { $0.project() }) { herd.projects[one.id] = one }
        for one in several(most, { $0.place() }) { herd.places[one.id] = one }
        for one in several(most, { $0.server() }) { herd.servers[one.id] = one }
        for one in several(most, { $0.agent() }) { herd.agents[one.id] = one }
        for one in several(most, { $0.request() }) { herd.requests[one.id] = one }
        herd.today = day()
        herd.notices = several(most) { $0.notice() }
        return herd
    }

    mutating func change() -> HerdChange {
        var change = HerdChange()
        change.projects = several { $0.project() }
        change.places = several { $0.place() }
        change.servers = several { $0.server() }
        change.agents = several { $0.agent() }
        change.requests = several { $0.request() }
        change.feed = several { $0.feedEntry() }
        change.removedProjects = several { $0.id() }
        change.removedPlaces = several { $0.id() }
        change.removedServers = several { $0.id() }
        change.removedAgents = several { $0.id() }
        change.removedRequests = several { $0.id() }
        change.today = maybe { $0.day() }
        change.notices = several { $0.notice() }
        return change
    }
}
