import Domain
import Glibc

/// Reads the configuration from its files.
package enum Config {
    package struct Loaded: Equatable, Sendable {
        package var settings: Settings
        package var problems: [ConfigProblem]
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

    private static func read(_ path: String, _ scope: ConfigScope, into loaded: inout Loaded) {
        switch content(of: path) {
        case .success(nil): break
        case .success(let bytes?): loaded.problems += loaded.settings.read(bytes, file: path, scope: scope)
        case .failure(let unreadable): loaded.problems.append(unreadable.problem)
        }
    }

    /// A megabyte is far more than anybody writes by hand; a device or a mistake must not fill the memory.
    private static let longest = 1 << 20

    private static func content(of path: String) -> Result<[UInt8]?, Unreadable> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return errno == ENOENT || errno == ENOTDIR ? .success(nil) : .failure(Unreadable(path, errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while bytes.count <= longest {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(Unreadable(path, errno)) }
            guard count > 0 else { return .success(bytes) }
            bytes += chunk[..<count]
        }
        return .failure(Unreadable(path, EFBIG))
    }

    private struct Unreadable: Error {
        let problem: ConfigProblem
        init(_ path: String, _ code: Int32) {
            problem = ConfigProblem(file: path, message: "cannot be read: " + String(cString: strerror(code)), isFatal: true)
        }
    }
}
