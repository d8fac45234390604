import Sys

/// Tells when anybody writes to OpenCode's database: a session of a plain `opencode` is seen without asking again and again.
final class OpenCodeWatch {
    private let watch: WatchPath

    /// The directory is made where opencode was never run before: it will be, and then its first session has to be seen, too.
    init?(directory: String) {
        try? Files.makeDirectories(directory)
        guard Files.isDirectory(directory) else { return nil }
        // The write-ahead log gets every write; where it is not there yet its directory gets a new name.
        let log = directory + "/opencode.db-wal"
        guard let watch = try? WatchPath(Files.exists(log) ? [log, directory] : [directory]) else { return nil }
        self.watch = watch
    }

    var descriptor: Int32 { watch.descriptor }

    func changed() -> Bool { watch.clear() }

    /// Where OpenCode keeps its data for the person whose environment this is.
    static func directory(_ environment: (String) -> String?) -> String? {
        if let data = environment("XDG_DATA_HOME"), data.hasPrefix("/") { return data + "/opencode" }
        return environment("HOME").map { $0 + "/.local/share/opencode" }
    }
}
