/// Which opencode is started, and who said so.
package enum OpenCodeProgram: Equatable, Sendable {
    package enum Source: String, Equatable, Sendable {
        case config = "opencode.command in the configuration"
        case environment = "DROVER_OPENCODE"
        case path = "PATH"
    }

    /// Program (absolute path) and its first arguments.
    case found([String], Source)
    /// It was named, but there is no such program. Nothing else is tried: a person who names one means that one.
    case notExecutable(String, Source)
    case missing

    /// The configuration's word, else `DROVER_OPENCODE`, else the first on `PATH`.
    package static func choose(command: [String], environment: [String: String], isExecutable: (String) -> Bool) -> OpenCodeProgram {
        let directories = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        func resolve(_ name: String) -> String? {
            if name.contains("/") {
                let path = name.hasPrefix("~/") ? (environment["HOME"] ?? "") + name.dropFirst() : name
                return isExecutable(path) ? path : nil
            }
            return directories.lazy.map { $0 + "/" + name }.first(where: isExecutable)
        }
        if let name = command.first, !name.isEmpty {
            return resolve(name).map { .found([$0] + command.dropFirst(), .config) } ?? .notExecutable(name, .config)
        }
        if let name = environment["DROVER_OPENCODE"], !name.isEmpty {
            return resolve(name).map { .found([$0], .environment) } ?? .notExecutable(name, .environment)
        }
        return resolve("opencode").map { .found([$0], .path) } ?? .missing
    }

    /// For a person, in one line; nil when there is nothing wrong.
    package var complaint: String? {
        switch self {
        case .found: nil
        case .notExecutable(let name, let source): "\(source.rawValue) names \(name), which is no program that can be run"
        case .missing: "there is no opencode on PATH: get it with `npm i -g opencode-ai` or from https://opencode.ai, or look around with `drover demo`"
        }
    }
}
