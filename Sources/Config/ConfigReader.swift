import Domain
import JSON

/// Something in a configuration file that is not as it should be.
package struct ConfigProblem: Equatable, Sendable {
    package var file: String
    /// Both from 1; 0 when it is about the whole file.
    package var line: Int
    package var column: Int
    package var message: String
    /// True when nothing of the file could be used: the caller keeps what it had.
    package var isFatal: Bool

    package init(file: String, line: Int = 0, column: Int = 0, message: String, isFatal: Bool = false) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.isFatal = isFatal
    }

    /// `FILE:3:7: …`, as compilers say it and editors jump to it.
    package var text: String { line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)" }
}

/// Whose file it is.
package enum ConfigScope: Sendable { case person, project }

extension Settings {
    /// Reads the content of one file into these settings: everything that is right is taken, everything that is not is told.
    package mutating func read(_ bytes: [UInt8], file: String, scope: ConfigScope) -> [ConfigProblem] {
        let tree: JSONTree
        do throws(JSONError) {
            tree = try JSONC.parse(bytes)
        } catch {
            let isEmpty = JSONC.plain(bytes).allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
            if isEmpty { return [] }
            return [ConfigProblem(file: file, line: error.line, column: error.column, message: error.phraseForPeople, isFatal: true)]
        }
        guard case .object(let object) = tree else {
            return [ConfigProblem(file: file, line: 1, column: 1, message: "the file must hold one object: { … }", isFatal: true)]
        }
        var reader = ConfigReader(file: file, scope: scope, positions: KeyPositions(JSONC.plain(bytes)), settings: self)
        reader.take(object, under: [])
        self = reader.settings
        return reader.problems
    }
}

private struct ConfigReader {
    let file: String
    let scope: ConfigScope
    let positions: KeyPositions
    var settings: Settings
    var problems: [ConfigProblem] = []
    private var seen: Set<String> = []

    init(file: String, scope: ConfigScope, positions: KeyPositions, settings: Settings) {
        self.file = file
        self.scope = scope
        self.positions = positions
        self.settings = settings
    }

    /// `opencode.idleStop` may be written as a name with a dot or as an object in an object.
    mutating func take(_ object: JSONObject, under path: [String]) {
        for (index, member) in object.members.enumerated() {
            let here = path + [member.key]
            let name = here.joined(separator: ".")
            if name == "$schema" { continue }
            let place = positions.place(of: here, occurrence: object.members[..<index].count { $0.key == member.key })
            if let setting = Setting.table.first(where: { $0.name == name }) {
                take(setting, member.value, at: place)
            } else if let inner = member.value.object, Setting.table.contains(where: { $0.name.hasPrefix(name + ".") }) {
                take(inner, under: here)
            } else if Setting.table.contains(where: { $0.name.hasPrefix(name + ".") }) {
                tell("\"\(name)\" must be an object", at: place)
            } else {
                unknown(name, at: place)
            }
        }
    }

    private mutating func take(_ setting: Setting, _ value: JSONTree, at place: (line: Int, column: Int)) {
        if scope == .project, !setting.isForProjects {
            return tell("\"\(setting.name)\" can be set in your own configuration only, not by a project", at: place)
        }
        if !seen.insert(setting.name).inserted { tell("\"\(setting.name)\" is set twice; the last one counts", at: place) }
        // As if it were not there.
        if value.isNull { return }
        if let complaint = setting.complaint(about: value) { return tell(complaint, at: place) }
        setting.apply(&settings, value)
    }

    private mutating func unknown(_ name: String, at place: (line: Int, column: Int)) {
        let guess = Nearest.name(to: name, among: Setting.table.map(\.name)).map { "; did you mean \"\($0)\"?" } ?? ""
        tell("there is no setting \"\(name)\"\(guess)", at: place)
    }

    private mutating func tell(_ message: String, at place: (line: Int, column: Int)) {
        problems.append(ConfigProblem(file: file, line: place.line, column: place.column, message: message))
    }
}

extension JSONError {
    /// `message` without its place, which the problem names in front.
    fileprivate var phraseForPeople: String {
        let mark = "column \(column): "
        guard let range = message.firstRange(of: mark) else { return message }
        return String(message[range.upperBound...])
    }
}
