package import Domain

extension Query {
    /// One key of the language, for help, completion and documentation.
    package struct Key: Sendable {
        package let name: String
        package let help: String
        /// Values that it takes; empty when any text or number will do.
        package let values: [String]
        package let example: String
    }

    /// All keys, the most used first.
    package static let keys: [Key] = [
        Key(name: "status", help: "what it is doing", values: Status.allCases.map(\.rawValue), example: "status:waiting,failed"),
        Key(name: "project", help: "the project's name", values: [], example: "project:api"),
        Key(name: "place", help: "where it runs", values: Place.Kind.allCases.map(\.rawValue), example: "place:docker"),
        Key(name: "is", help: "unseen, archived, working or idle", values: Term.State.allCases.map(\.rawValue), example: "is:unseen"),
        Key(name: "has", help: "what it has", values: Term.Thing.allCases.map(\.rawValue), example: "has:diff"),
        Key(name: "age", help: "time since its status changed", values: [], example: "age:>2h"),
        Key(name: "created", help: "time since it was made", values: [], example: "created:<1d"),
        Key(name: "cost", help: "US dollars spent", values: [], example: "cost:>1"),
        Key(name: "tokens", help: "tokens used", values: [], example: "tokens:>100k"),
        Key(name: "context", help: "per cent of the context window in use", values: [], example: "context:>80"),
        Key(name: "branch", help: "part of the branch's name", values: [], example: "branch:oauth"),
        Key(name: "model", help: "part of the model's name", values: [], example: "model:sonnet"),
        Key(name: "mode", help: "part of the agent mode's name", values: [], example: "mode:plan"),
        Key(name: "title", help: "part of the title only", values: [], example: "title:oauth"),
        Key(name: "directory", help: "part of the directory's path", values: [], example: "directory:/srv"),
        Key(name: "view", help: "a query that you have given a name", values: [], example: "view:mine"),
        Key(name: "id", help: "how its id begins", values: [], example: "id:k3f"),
    ]
}

extension Query {
    /// How the last word of a text can go on: keys with their colon, or values of its key. Empty when nothing is known or nothing was begun.
    package static func completions(of text: String, in herd: Herd, views: [String] = []) -> [String] {
        let word = text.split(separator: " ", omittingEmptySubsequences: false).last.map { $0.drop { $0 == "-" || $0 == "(" } } ?? ""
        guard !word.isEmpty else { return [] }
        guard let colon = word.firstIndex(of: ":") else {
            let begun = word.lowercased()
            return keys.map(\.name).filter { $0.hasPrefix(begun) }.map { $0 + ":" }
        }
        let key = word[..<colon].lowercased()
        let begun = (word[word.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false).last ?? "").lowercased()
        let values = key == "project" ? herd.projects.values.map(\.name).sorted() : key == "view" ? views : keys.first { $0.name == key }?.values ?? []
        return values.filter { $0.lowercased().hasPrefix(begun) && $0.lowercased() != begun }
    }
}

extension Parser {
    /// The term of `key:value`; `at` is where the value begins.
    func term(key: String, values: [String], at: Int, length: Int) throws(QueryError) -> Term {
        let first = values[0]
        if let measure = Term.Measure(rawValue: key) { return try comparison(measure, first, at: at, length: length) }
        if let field = Term.Field(rawValue: key) { return anyOf(values.map { .field(field, Needle($0)) }) }
        switch key {
        case "status": return .status(Set(try named(values, key, at: at, length: length) as [Status]))
        case "place": return .place(Set(try named(values, key, at: at, length: length) as [Place.Kind]))
        case "has": return anyOf((try named(values, key, at: at, length: length) as [Term.Thing]).map { .has($0) })
        case "view":
            var terms: [Term] = []
            for name in values { terms.append(try view(name, at: at, length: length)) }
            return anyOf(terms)
        case "is": return anyOf((try named(values, key, at: at, length: length) as [Term.State]).map { .state($0) })
        default: return anyOf(values.map { .project(Needle($0)) })
        }
    }

    /// What a view means; within it there is no view of that name, so that none can mean itself.
    private func view(_ name: String, at: Int, length: Int) throws(QueryError) -> Term {
        guard let known = views[name] == nil ? views.keys.first(where: { $0.lowercased() == name.lowercased() }) : name, let text = views[known] else {
            throw QueryError("there is no view \(name)", at: at, length: length, nearest: nearestName(to: name, among: views.keys.sorted()))
        }
        var others = views
        others[known] = nil
        do throws(QueryError) {
            var parser = Parser(text, views: others)
            return try parser.parse()
        } catch {
            throw QueryError("the view \(known): \(error.sentence)", at: at, length: length)
        }
    }

    private func anyOf(_ terms: [Term]) -> Term { terms.count == 1 ? terms[0] : .either(terms) }

    /// Values out of a fixed list; a beginning that only one of them has is enough.
    private func named<Value: RawRepresentable & CaseIterable>(_ values: [String], _ key: String, at: Int, length: Int) throws(QueryError) -> [Value]
    where Value.RawValue == String {
        let names = Value.allCases.map(\.rawValue)
        var found: [Value] = []
        for value in values {
            let lower = value.lowercased()
            let begun = names.filter { $0.hasPrefix(lower) }
            guard let known = Value(rawValue: lower) ?? (begun.count == 1 ? Value(rawValue: begun[0]) : nil) else {
                let several = begun.count > 1 ? ": " + begun.joined(separator: " or ") : ""
                throw QueryError(
                    several.isEmpty ? "\(key): knows no \(value)" : "\(key):\(value) is not clear\(several)", at: at, length: length,
                    nearest: several.isEmpty ? nearestName(to: value, among: names) : nil)
            }
            found.append(known)
        }
        return found
    }

    private func comparison(_ measure: Term.Measure, _ text: String, at: Int, length: Int) throws(QueryError) -> Term {
        var rest = Substring(text)
        var how = Term.Comparison.atLeast
        for (sign, meaning) in [(">=", Term.Comparison.atLeast), ("<=", .atMost), (">", .over), ("<", .under)] where rest.hasPrefix(sign) {
            rest = rest.dropFirst(sign.count)
            how = meaning
            break
        }
        let isTime = measure == .age || measure == .created
        guard let number = isTime ? duration(rest) : amount(rest) else {
            let example = isTime ? "30m, 2h, 1d12h" : measure == .tokens ? "500, 100k, 2M" : "0.5, 20"
            throw QueryError("\(measure.rawValue): wants a number like \(example)", at: at, length: length)
        }
        return .measure(measure, how, number)
    }

    /// Milliseconds of "90s", "2h", "1d12h"; a bare number is minutes.
    private func duration(_ text: Substring) -> Double? {
        var total = 0.0
        var digits = ""
        for character in text {
            if character.isNumber || character == "." { digits.append(character); continue }
            guard let unit = ["s": 1000.0, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000][String(character)], let number = Double(digits)
            else { return nil }
            total += number * unit
            digits = ""
        }
        if digits.isEmpty { return text.isEmpty ? nil : total }
        return total == 0 ? Double(digits).map { $0 * 60_000 } : nil
    }

    private func amount(_ text: Substring) -> Double? {
        var rest = text.hasPrefix("$") ? text.dropFirst() : text
        var factor = 1.0
        if let last = rest.last, let known = ["k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6][last] {
            factor = known
            rest = rest.dropLast()
        } else if rest.last == "%" {
            rest = rest.dropLast()
        }
        // Double's own parser would also take "nan", "inf" and "0x1p3".
        guard !rest.isEmpty, rest.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2E }) else { return nil }
        return Double(rest).map { $0 * factor }
    }
}
