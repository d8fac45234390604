import JSON
package import Screen
package import Sys

/// The themes there are: two built in, the person's in the directory `themes` beside the configuration, those shipped with the program.
package struct ThemeLibrary {
    package struct Problem: Error {
        package let message: String
    }

    private let directories: Directories

    package init(_ directories: Directories) { self.directories = directories }

    /// - Parameters:
    ///   - name: as in the setting `theme`: a name, a path, or "auto" for the built-in one that fits the background.
    ///   - isDark: the terminal's background. Files may have colours for both.
    package func theme(_ name: String, isDark: Bool = true) -> Result<Theme, Problem> {
        switch name {
        case "default", "": return .success(.default)
        case "light": return .success(.light)
        case "auto": return .success(isDark ? .default : .light)
        default: break
        }
        let paths = name.contains("/") ? [name] : places.map { $0 + "/" + name + ".json" }
        guard let path = paths.first(where: Files.exists) else {
            return .failure(Problem(message: "there is no theme \"\(name)\"; drover theme ls names them"))
        }
        return read(path, name: name, isDark: isDark)
    }

    /// Every name, in the order of the alphabet; "auto" is none of them.
    package var names: [String] {
        var found: Set<String> = ["default", "light"]
        for place in places {
            for file in (try? Files.names(place)) ?? [] where file.hasSuffix(".json") { found.insert(String(file.dropLast(5))) }
        }
        return found.sorted()
    }

    /// The person's own come first; then those of an installation, and those of a checkout that it was built in.
    private var places: [String] {
        let program = (try? Files.readLink("/proc/self/exe")).map(Files.parentDirectory) ?? "."
        return [directories.config + "/themes", program + "/../share/drover/themes", program + "/../../../themes"]
    }

    private func read(_ path: String, name: String, isDark: Bool) -> Result<Theme, Problem> {
        do throws(SysError) {
            let bytes = try Files.read(path, limit: 1 << 20)
            guard let json = try? JSONParser().parse(bytes) else { return .failure(Problem(message: "the theme \(path) is no JSON")) }
            guard let theme = json["theme"] else { return .failure(Problem(message: "the theme \(path) has no object \"theme\"")) }
            var all = Self.values(theme)
            if let own = json["drover"] { for (key, value) in Self.values(own) { all["drover." + key] = value } }
            return .success(Theme(name: name, values: all, definitions: json["defs"].map(Self.values) ?? [:], dark: isDark))
        } catch {
            return .failure(Problem(message: "the theme cannot be read: \(error.message)"))
        }
    }

    private static func values(_ object: JSONValue) -> [String: ThemeValue] {
        var all: [String: ThemeValue] = [:]
        for (key, value) in object.members { all[key] = self.value(value) }
        return all
    }

    private static func value(_ json: JSONValue) -> ThemeValue? {
        if let text = json.string { return .text(text) }
        if let number = json.int { return .number(number) }
        guard let dark = json["dark"].flatMap(value), let light = json["light"].flatMap(value) else { return nil }
        return .modes(dark: dark, light: light)
    }
}
