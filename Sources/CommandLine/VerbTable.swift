import Domain

/// All commands, in the order of the help.
package enum VerbTable {
    package static let groups: [(title: String, verbs: [Verb])] = [
        ("Look", [.list, .show, .why, .log, .diff, .requests, .feed, .digest, .watch]),
        ("Work", [.new, .send, .answer, .stop, .resume, .retry, .wait, .attach]),
        ("Tidy", [.rename, .archive, .remove, .undo]),
        ("Projects and places", [.projectAdd, .projectScan, .projectList, .projectTrust, .projectRemove, .placeList, .placeRemove]),
        (
            "The daemon and drover itself",
            [
                .daemonStart, .daemonStop, .daemonStatus, .daemonRun, .doctor, .configGet, .configSet, .configEdit, .configDiff, .configPath, .configCheck,
                .themeList, .plain, .record, .replay, .demo, .bench, .completions,
            ]
        ),
    ]

    package static let visible: [Verb] = groups.flatMap(\.verbs)
    static let all: [Verb] = visible + [.dashboard, .candidates]

    /// The verb to run and its arguments; help and version are verbs too.
    static func command(_ arguments: [String]) throws(Refusal) -> (Verb, Arguments) {
        switch try ArgumentParser.parse(arguments, verbs: all) {
        case .verb(let verb, let found): (verb, found)
        case .help(let verb): (printing { Help.verb(verb, $0) }, Arguments())
        case .group(let name, let verbs):
            // Asked for, it is an answer; in place of a command it is a mistake.
            if arguments.contains("--help") || arguments.contains("-h") || arguments.first == "help" {
                (printing { Help.group(name, verbs, $0) }, Arguments())
            } else {
                throw Refusal(
                    .usage, "`drover \(name)` needs to know what to do: \(verbs.map { $0.words[1] }.joined(separator: ", "))",
                    remedy: "`drover \(name) --help` explains them")
            }
        case .overview: (printing { Help.overview($0) }, Arguments())
        case .version:
            (
                Verb("version", "", "Print the version") { (run) throws(Refusal) in
                    try run.print("drover \(run.parts.version)")
                    return ExitCode.fine
                }, Arguments()
            )
        }
    }

    private static func printing(_ text: @escaping @Sendable (Style) -> String) -> Verb {
        Verb("help", "", "Show help") { (run) throws(Refusal) in
            try run.put(Array(text(run.style).utf8))
            return ExitCode.fine
        }
    }
}
