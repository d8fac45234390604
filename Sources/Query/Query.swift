package import Domain

/// Which agents are meant: `status:waiting project:api -oauth or cost:>1`. The dashboard's filter and the command line's arguments.
package struct Query: Equatable, Sendable {
    /// What was typed.
    package let text: String
    let term: Term
    /// Archived agents are left out of everything that does not ask for them.
    let reachesArchived: Bool

    /// Everything that is not archived.
    package static let everything = Query(text: "", term: .all, reachesArchived: false)

    /// Reads a query; an empty one means everything. Words stand for themselves, `Query.keys` lists the rest. `view:mine` means what
    /// `views` has under that name.
    package init(_ text: String, views: [String: String] = [:]) throws(QueryError) {
        var parser = Parser(text, views: views)
        let term = try parser.parse()
        self.init(text: text, term: term, reachesArchived: term.reachesArchived)
    }

    private init(text: String, term: Term, reachesArchived: Bool) {
        self.text = text
        self.term = term
        self.reachesArchived = reachesArchived
    }

    package var isEverything: Bool { term == .all }

    /// Its text means something only to who has the views.
    package var namesViews: Bool { text.lowercased().contains("view:") }

    /// Nil: a view can be called so. Its name stands behind `view:` as it is.
    package static func problem(withViewName name: String) -> String? {
        guard let wrong = name.first(where: { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }) else {
            return name.isEmpty ? "a view needs a name" : nil
        }
        return "a view's name has letters, digits, - and _, and not \(wrong == " " ? "spaces" : "\"\(wrong)\"")"
    }

    /// Whether one agent is meant. For many agents prepare a `Matcher` once.
    package func matches(_ agent: Agent, in herd: Herd, now: Timestamp) -> Bool {
        Matcher(self, in: herd, now: now).matches(agent, in: herd)
    }

    /// Whether a line of the feed is meant: its agent is, or its own words are found. For many lines prepare a `Matcher` once.
    package func matches(_ entry: FeedEntry, in herd: Herd, now: Timestamp) -> Bool {
        Matcher(self, in: herd, now: now).matches(entry, in: herd)
    }

    /// All agents that are meant, in an order of the person's choice.
    package func select(from herd: Herd, by order: Order = .attention, now: Timestamp) -> [AgentID] {
        let matcher = Matcher(self, in: herd, now: now)
        return order.ids(of: herd.agents.values.lazy.filter { matcher.matches($0, in: herd) }, in: herd)
    }

    /// What `drover ls` means by a query: one of nothing but ids means those agents, in that order, archived or not. As words they
    /// would be looked for in titles.
    package func agents(of herd: Herd, now: Timestamp) -> [AgentID] {
        let ids = text.split(separator: " ").map { AgentID(String($0)) }
        if !ids.isEmpty, ids.allSatisfy({ herd.agents[$0] != nil }) { return ids }
        return select(from: herd, now: now)
    }

    /// True when time alone may change what matches.
    package var dependsOnTime: Bool { term.dependsOnTime }
}

/// What a query is made of.
indirect enum Term: Equatable, Sendable {
    case all
    /// A text to be found in what a row shows; `exact` for quoted ones, which are found only as they stand.
    case word(Needle, exact: Bool)
    case status(Set<Status>)
    case project(Needle)
    case place(Set<Place.Kind>)
    case measure(Measure, Comparison, Double)
    case has(Thing)
    case state(State)
    case field(Field, Needle)
    case not(Term)
    case both([Term])
    case either([Term])

    enum Measure: String, CaseIterable, Sendable { case age, created, cost, tokens, context }
    enum Comparison: Sendable { case over, under, atLeast, atMost }
    enum Thing: String, CaseIterable, Sendable { case diff, request, question, error, todo, subagent, queue }
    enum State: String, CaseIterable, Sendable { case unseen, archived, working, idle }
    enum Field: String, CaseIterable, Sendable { case model, mode, branch, title, id, directory }

    var reachesArchived: Bool {
        switch self {
        case .state(.archived), .field(.id, _): true
        case .not(let term): term.reachesArchived
        case .both(let terms), .either(let terms): terms.contains { $0.reachesArchived }
        case .all, .word, .status, .project, .place, .measure, .has, .state, .field: false
        }
    }

    var dependsOnTime: Bool {
        switch self {
        case .measure(.age, _, _), .measure(.created, _, _): true
        case .not(let term): term.dependsOnTime
        case .both(let terms), .either(let terms): terms.contains { $0.dependsOnTime }
        case .all, .word, .status, .project, .place, .measure, .has, .state, .field: false
        }
    }
}
