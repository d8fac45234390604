import Domain

/// What stands at a place of the command line, for completion.
package enum Completion: Sendable, Equatable {
    case nothing, files, directories
    case agents, requests, projects, places
    case words([String])
}

/// An option of a verb: `-p DIR`, `--project DIR`.
package struct Option: Sendable {
    package let long: String
    package let short: Character?
    /// The placeholder of its value in the help; nil for a flag.
    package let value: String?
    package let help: String
    package let completion: Completion

    package init(_ long: String, short: Character? = nil, value: String? = nil, _ help: String, completes completion: Completion = .nothing) {
        self.long = long
        self.short = short
        self.value = value
        self.help = help
        self.completion = completion
    }

    static let json = Option("json", "Print JSON, with the fields that docs/protocol.md describes")
    static let help = Option("help", short: "h", "Show this help")
}

/// A command of the command line. The parser, the help, the man page, the completions and the README's table come from this row.
package struct Verb: Sendable {
    /// One word, or two: "project add".
    package let words: [String]
    /// The arguments as usage writes them: "AGENT…", "[QUERY…]".
    package let arguments: String
    /// How many arguments there may be.
    let count: ClosedRange<Int>
    /// One line, without a full stop.
    package let summary: String
    /// Paragraphs of the help.
    package let details: [String]
    package let examples: [String]
    package let options: [Option]
    package let completion: Completion
    /// Parses nothing but `--help`: the arguments go on as they are.
    let passesArguments: Bool
    let run: @Sendable (Run) throws(Refusal) -> Int32

    init(
        _ name: String, _ arguments: String = "", count: ClosedRange<Int> = 0...0, _ summary: String, details: [String] = [], examples: [String] = [],
        options: [Option] = [], completes completion: Completion = .nothing, passesArguments: Bool = false,
        run: @escaping @Sendable (Run) throws(Refusal) -> Int32
    ) {
        self.words = name.split(separator: " ").map(String.init)
        self.arguments = arguments
        self.count = count
        self.summary = summary
        self.details = details
        self.examples = examples
        self.options = options
        self.completion = completion
        self.passesArguments = passesArguments
        self.run = run
    }

    package var name: String { words.joined(separator: " ") }

    func option(_ long: String) -> Option? { allOptions.first { $0.long == long } }
    func option(short: Character) -> Option? { allOptions.first { $0.short == short } }
    package var allOptions: [Option] { options + [.help] }

    /// "drover new [-p DIR] … PROMPT|-"
    package var usage: String {
        let options = options.map { option in
            let name = option.short.map { "-\($0)" } ?? "--" + option.long
            return "[\(name)\(option.value.map { " " + $0 } ?? "")]"
        }
        return (["drover"] + words + options + [arguments]).filter { !$0.isEmpty }.joined(separator: " ")
    }
}

/// The codes that product and protocol promise to scripts.
package enum ExitCode {
    static let fine: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 2
    static let needsPerson: Int32 = 4
    static let unreachable: Int32 = 6
    static let timedOut: Int32 = 7

    package static let table: [(code: Int32, meaning: String)] = [
        (0, "done"), (1, "failed"), (2, "the command line is wrong"), (3, "not found"), (4, "needs a person"), (5, "refused: policy or safety"),
        (6, "unreachable: daemon or server"), (7, "timed out"),
    ]
}
