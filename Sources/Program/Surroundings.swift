import Sys

/// A connected socket on its way from the thread that connected it.
struct ConnectedSocket: Sendable {
    let number: Int32
}

/// Which project a person stands in, without asking git: the daemon asks it.
enum ProjectHint {
    /// The nearest directory above with a `.git`; nil outside of repositories, so that opening drover at home makes no project of it.
    static func directory(around path: String) -> String? {
        var current = path
        while current.hasPrefix("/"), current != "/" {
            if Files.exists(current + "/.git") { return current }
            current = Files.parentDirectory(current)
        }
        return nil
    }
}

/// What the process was started with.
package enum Surroundings {
    package static var variables: [String: String] {
        var variables: [String: String] = [:]
        for entry in Environment.all {
            guard let cut = entry.firstIndex(of: "=") else { continue }
            variables[String(entry[..<cut])] = String(entry[entry.index(after: cut)...])
        }
        return variables
    }

    /// Absolute, for what lives only while another program looks at it.
    static var temporary: String { Environment.get("TMPDIR").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp" }
}
