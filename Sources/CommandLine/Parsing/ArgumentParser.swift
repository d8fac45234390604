import Config
import Domain

/// What was given to a verb.
struct Arguments: Equatable, Sendable {
    var positionals: [String] = []
    /// Values by the long name; a flag has an empty one.
    var values: [String: [String]] = [:]

    func has(_ option: String) -> Bool { values[option] != nil }
    /// The last one counts, as everywhere.
    func value(_ option: String) -> String? { values[option]?.last }
    func all(_ option: String) -> [String] { values[option] ?? [] }
}

/// Reads a command line by the table of verbs: options anywhere, `--name=value` or `--name value`, `-pVALUE`, `-ab`, `--` before texts.
enum ArgumentParser {
    enum Parsed {
        case verb(Verb, Arguments)
        case help(Verb)
        /// Help of a group: its verbs.
        case group(String, [Verb])
        case overview
        case version
    }

    /// `arguments` without the program's name.
    static func parse(_ arguments: [String], verbs: [Verb]) throws(Refusal) -> Parsed {
        guard let first = arguments.first, !(first.hasPrefix("-") && first != "-") else { return try parseWithoutVerb(arguments, verbs) }
        if first == "help" { return try help(Array(arguments.dropFirst()), verbs) }
        let verb = try verb(of: arguments, verbs)
        guard let verb else { return .group(first, verbs.filter { $0.words.first == first && $0.words.count == 2 }) }
        let rest = Array(arguments.dropFirst(verb.words.count))
        if verb.passesArguments {
            if rest.first == "--help" || rest.first == "-h" { return .help(verb) }
            return .verb(verb, Arguments(positionals: rest))
        }
        var reader = OptionReader(verb: verb, arguments: rest)
        let found = try reader.read()
        if found.has("help") { return .help(verb) }
        try check(found, verb)
        return .verb(verb, found)
    }

    /// `drover`, `drover --help`, `drover -p DIR`: the row whose name is empty.
    private static func parseWithoutVerb(_ arguments: [String], _ verbs: [Verb]) throws(Refusal) -> Parsed {
        guard let plain = verbs.first(where: { $0.words.isEmpty }) else { return .overview }
        var reader = OptionReader(verb: plain, arguments: arguments)
        let found = try reader.read()
        if found.has("help") { return .overview }
        if found.has("version") { return .version }
        try check(found, plain)
        return .verb(plain, found)
    }

    private static func help(_ words: [String], _ verbs: [Verb]) throws(Refusal) -> Parsed {
        guard let first = words.first else { return .overview }
        guard let verb = try verb(of: words, verbs) else { return .group(first, verbs.filter { $0.words.first == first }) }
        return .help(verb)
    }

    /// Nil for a group alone, such as "project" or "project --help".
    private static func verb(of arguments: [String], _ verbs: [Verb]) throws(Refusal) -> Verb? {
        let first = arguments[0]
        if let verb = verbs.first(where: { $0.words == [first] }) { return verb }
        let group = verbs.filter { $0.words.count == 2 && $0.words.first == first }
        guard !group.isEmpty else {
            let names = verbs.compactMap(\.words.first)
            throw Refusal(.usage, "there is no command \"\(first)\"" + didYouMean(first, names), remedy: "`drover --help` lists them")
        }
        guard arguments.count > 1, !["-h", "--help"].contains(arguments[1]) else { return nil }
        if let verb = group.first(where: { $0.words[1] == arguments[1] }) { return verb }
        throw Refusal(
            .usage, "there is no command \"\(first) \(arguments[1])\"" + didYouMean(arguments[1], group.map { $0.words[1] }),
            remedy: "`drover \(first) --help` lists them")
    }

    private static func check(_ found: Arguments, _ verb: Verb) throws(Refusal) {
        let count = found.positionals.count
        guard !verb.count.contains(count) else { return }
        let what =
            if count < verb.count.lowerBound {
                "\(verb.arguments.isEmpty ? "an argument" : verb.arguments) is missing"
            } else if verb.count.upperBound == 0 {
                "`drover \(verb.name)` takes no argument, but got \"\(found.positionals[0])\""
            } else {
                "\"\(found.positionals[verb.count.upperBound])\" is one argument too many; a text of several words needs quotes"
            }
        throw Refusal(.usage, what, remedy: "usage: " + verb.usage)
    }

    static func didYouMean(_ name: String, _ names: [String]) -> String {
        Nearest.name(to: name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
    }
}

private struct OptionReader {
    let verb: Verb
    let arguments: [String]
    private var at = 0
    private var found = Arguments()

    init(verb: Verb, arguments: [String]) {
        self.verb = verb
        self.arguments = arguments
    }

    mutating func read() throws(Refusal) -> Arguments {
        while at < arguments.count {
            let argument = arguments[at]
            at += 1
            if argument == "--" {
                found.positionals += arguments[at...]
                break
            } else if argument.hasPrefix("--") {
                try long(argument)
            } else if argument.hasPrefix("-"), argument != "-" {
                try short(argument)
            } else {
                found.positionals.append(argument)
            }
        }
        return found
    }

    private mutating func long(_ argument: String) throws(Refusal) {
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = verb.option(name) else {
            throw unknown("--" + name, ArgumentParser.didYouMean(name, verb.allOptions.map(\.long)).replacing("\"", with: "\"--", maxReplacements: 1))
        }
        if option.value == nil {
            guard parts.count == 1 else { throw Refusal(.usage, "--\(name) takes no value", remedy: "usage: " + verb.usage) }
            found.values[option.long, default: []].append("")
        } else {
            try take(option, parts.count == 2 ? String(parts[1]) : nil, as: "--" + name)
        }
    }

    private mutating func short(_ argument: String) throws(Refusal) {
        var letters = argument.dropFirst()
        while let letter = letters.popFirst() {
            guard let option = verb.option(short: letter) else { throw unknown("-\(letter)", "") }
            if option.value == nil {
                found.values[option.long, default: []].append("")
            } else {
                let rest = letters.first == "=" ? letters.dropFirst() : letters
                return try take(option, letters.isEmpty ? nil : String(rest), as: "-\(letter)")
            }
        }
    }

    private mutating func take(_ option: Option, _ given: String?, as name: String) throws(Refusal) {
        if let given {
            found.values[option.long, default: []].append(given)
        } else {
            guard at < arguments.count else { throw Refusal(.usage, "\(name) needs a value: \(option.value ?? "")", remedy: "usage: " + verb.usage) }
            found.values[option.long, default: []].append(arguments[at])
            at += 1
        }
    }

    private func unknown(_ name: String, _ guess: String) -> Refusal {
        let command = verb.words.isEmpty ? "drover" : "drover " + verb.name
        return Refusal(
            .usage, "`\(command)` has no option \(name)\(guess)",
            remedy: "`\(command) --help` lists them; put -- in front of a text that begins with a dash")
    }
}
