import JSON
import Screen
import Sys

/// Finds the theme that the configuration names: built in, in the person's `themes` directory, shipped beside the program, or a path.
enum ThemeChoice {
    static func theme(_ name: String, directories: Directories) -> Theme {
        switch name {
        case "default", "": return .default
        case "light": return .light
        default: return candidates(name, directories).lazy.compactMap { read($0, name: name) }.first ?? .default
        }
    }

    private static func candidates(_ name: String, _ directories: Directories) -> [String] {
        guard !name.contains("/") else { return [name] }
        let program = (try? Files.readLink("/proc/self/exe")).map(Files.parentDirectory) ?? "."
        return [directories.config + "/themes", program + "/../share/drover/themes"].map { $0 + "/" + name + ".json" }
    }

    /// Nil when it is not there or no theme: the screen opens with the default one all the same.
    private static func read(_ path: String, name: String) -> Theme? {
        guard let bytes = try? Files.read(path, limit: 1 << 20), let json = try? JSONParser().parse(bytes), let theme = json["theme"] else { return nil }
        var all = values(theme)
        if let own = json["drover"] { for (key, value) in values(own) { all["drover." + key] = value } }
        return Theme(name: name, values: all, definitions: json["defs"].map(values) ?? [:], dark: true)
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
