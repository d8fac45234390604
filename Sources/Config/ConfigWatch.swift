package import Sys

/// The person's configuration while drover runs: read again when its file changes. What was good last stays in force while the file is
/// broken as a whole.
package final class ConfigWatch {
    private let path: String
    private let watch: WatchPath
    private var content: [UInt8]?
    package private(set) var settings: Settings

    /// From a change to its reading, in milliseconds: editors empty a file before they write it.
    package static let settling: Int64 = 100

    /// Reads it for the first time. A file that is broken counts as none.
    package init(_ path: String, problems: inout [ConfigProblem]) throws(SysError) {
        self.path = path
        // The directories, because editors replace the file by another; of the link's target, too, where it is a link.
        watch = try WatchPath([Files.parentDirectory(path)])
        if let real = try? Files.realPath(path), real != path { try? watch.add(Files.parentDirectory(real)) }
        content = try? Files.read(path, limit: Config.longest)
        let loaded = Config.load(person: path)
        problems = loaded.problems
        settings = loaded.settings
    }

    /// For the poller: readable after something changed where the file is.
    package var descriptor: Int32 { watch.descriptor }

    /// True when something changed there since the last call.
    package func stirred() -> Bool { watch.clear() }

    /// Reads it again. Nil when its content is as it was.
    package func read() -> Config.Loaded? {
        let now = try? Files.read(path, limit: Config.longest)
        guard now != content else { return nil }
        content = now
        let loaded = Config.load(person: path)
        if loaded.isUsable { settings = loaded.settings }
        return Config.Loaded(settings: settings, problems: loaded.problems)
    }
}
