import CPosix
import Glibc

/// A program to run to its end, with what it gets and what is kept of what it says.
package struct Command: Sendable {
    /// A path, or a name that is looked for in PATH.
    package var executable: String
    package var arguments: [String]
    /// "NAME=value" strings; nil inherits ours.
    package var environment: [String]?
    package var directory: String?
    /// Written to its standard input, which is then closed.
    package var input: [UInt8]
    /// Bytes kept of each of output and error output; the rest is read and dropped.
    package var outputLimit: Int
    /// True: a session of its own, without our terminal, so that nothing can ask there. False: a process group in our session.
    package var newSession: Bool
    /// True: killed with this process, however that ends.
    package var diesWithUs: Bool
    /// TERM to its process group after so long, KILL 2 s later; nil never.
    package var timeoutMs: Int64?

    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String]? = nil, directory: String? = nil, input: [UInt8] = [],
        outputLimit: Int = 16 << 20, newSession: Bool = true, diesWithUs: Bool = false, timeoutMs: Int64? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.input = input
        self.outputLimit = outputLimit
        self.newSession = newSession
        self.diesWithUs = diesWithUs
        self.timeoutMs = timeoutMs
    }
}

/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    package var isSuccess: Bool { self == .exited(0) }

    /// As a shell would say it: the code, or 128 and the signal.
    package var shellCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        }
    }
}

package struct CommandResult: Equatable, Sendable {
    package var status: ExitStatus
    package var output: [UInt8]
    package var errorOutput: [UInt8]
    /// More came than `outputLimit`.
    package var truncated: Bool

    package var text: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: errorOutput, as: UTF8.self) }

    package init(status: ExitStatus, output: [UInt8] = [], errorOutput: [UInt8] = [], truncated: Bool = false) {
        self.status = status
        self.output = output
        self.errorOutput = errorOutput
        self.truncated = truncated
    }
}

/// The file that a name would run: the name itself when it has a slash, else the first executable file in `path`
/// (PATH when nil). nil when there is none.
package func findExecutable(_ name: String, path: String? = nil) -> String? {
    if name.isEmpty { return nil }
    if name.utf8.contains(UInt8(ascii: "/")) { return isExecutableFile(name) ? name : nil }
    let path = path ?? Environment.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
        let candidate = (directory.isEmpty ? "." : String(directory)) + "/" + name
        if isExecutableFile(candidate) { return candidate }
    }
    return nil
}

private func isExecutableFile(_ path: String) -> Bool {
    guard let facts = try? Files.facts(path), facts.kind == .file else { return false }
    return access(path, X_OK) == 0
}
