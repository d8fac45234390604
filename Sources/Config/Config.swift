import Domain
import Sys

/// Reads the configuration from its files.
package enum Config {
    package struct Loaded: Equatable, Sendable {
        package var settings: Settings
        package var problems: [ConfigProblem]
        /// What the last of the files holds; nil when it could not be read.
        var content: [UInt8]?
        /// False when a file was broken as a whole: the caller keeps its last good settings and shows the problems.
        package var isUsable: Bool { !problems.contains { $0.isFatal } }
    }

    /// The person's file, then the project's over it. A file that is not there is no problem.
    package static func load(person: String, project: String? = nil) -> Loaded {
        var loaded = Loaded(settings: Settings(), problems: [])
        read(person, .person, into: &loaded)
        if let project { read(project, .project, into: &loaded) }
        return loaded
    }

    /// These settings with a project's own over them. A file that is broken as a whole changes nothing.
    package static func load(project: String, over settings: Settings) -> Loaded {
        var loaded = Loaded(settings: settings, problems: [])
        read(project, .project, into: &loaded)
        return loaded
    }

    /// Where a project's own configuration is, below its directory.
    package static let projectFile = ".drover/config.jsonc"

    private static func read(_ path: String, _ scope: ConfigScope, into loaded: inout Loaded) {
        do throws(SysError) {
            let bytes = try Files.read(path, limit: longest)
            loaded.content = bytes
            loaded.problems += loaded.settings.read(bytes, file: path, scope: scope)
        } catch {
            if error.isMissing { return }
            loaded.problems.append(ConfigProblem(file: path, message: "cannot be read: " + error.message, isFatal: true))
        }
    }

    /// A megabyte is far more than anybody writes by hand; a device or a mistake must not fill the memory.
    static let longest = 1 << 20
}
