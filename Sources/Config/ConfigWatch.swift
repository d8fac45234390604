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

    /// Reads it for the first time. A file that is broken counts as none. Its directory is made if it is not there: nothing can be watched in none.
    package init(_ path: String, problems: inout [ConfigProblem]) throws(SysError) {
        self.path = path
        try Files.makeDirectories(Files.parentDirectory(path))
        // The directories, because editors replace the file by another; of the link's target, too, where it is a link.
        watch = try WatchPath([Files.parentDirectory(path)])
        if let real = try? Files.realPath(path), real != path { try? watch.add(Files.parentDirectory(real)) }
        let loaded = Config.load(person: path)
        (content, problems, settings) = (loaded.content, loaded.problems, loaded.settings)
    }

    /// For the poller: readable after something changed where the file is.
    package var descriptor: Int32 { watch.descriptor }

    /// True when something changed there since the last call.
    package func stirred() -> Bool { watch.clear() }

    /// Reads it again. Nil when its content is as it was.
    package func read() -> Config.Loaded? {
        var loaded = Config.load(person: path)
        guard loaded.content != content else { return nil }
        content = loaded.content
        if loaded.isUsable { settings = loaded.settings } else { loaded.settings = settings }
        return loaded
    }
}
