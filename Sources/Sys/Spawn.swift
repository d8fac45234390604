import CPosix
import Glibc

/// A process that was just started and is our child.
struct Spawned: ~Copyable {
    let pid: Int32
    let pidfd: Descriptor
}

enum Session: Int32 {
    /// Our own process group: for programs that take over the terminal.
    case shared = -1
    case ownGroup = 0
    case own = 1
}

/// Starts a program. It begins with no signal blocked or ignored and with no descriptor but the three.
/// Errors name the file or directory that is wrong.
func spawn(
    _ executable: String, _ arguments: [String], environment: [String]?, directory: String?, input: Int32, output: Int32, error: Int32,
    session: Session, diesWithUs: Bool = false
) throws(SysError) -> Spawned {
    let searchPath = environment?.last { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) }
    // A path relative to the new directory is not looked at here.
    let isRelativePath = executable.utf8.contains(UInt8(ascii: "/")) && executable.utf8.first != UInt8(ascii: "/")
    let found = isRelativePath ? executable : findExecutable(executable, path: searchPath)
    guard let program = found else { throw missing(executable) }
    // The kernel would take a string up to its first zero byte: another command than the one that was meant.
    for text in [program] + arguments + (environment ?? []) + [directory ?? ""] where text.utf8.contains(0) {
        throw SysError("run", executable, code: EINVAL, detail: "an argument contains a zero byte")
    }

    var result = cposix_spawn_result()
    let failed = withCStrings([executable] + arguments) { argv in
        withCStrings(environment ?? []) { envp in
            program.withCString { path in
                withOptionalCString(directory) { directory in
                    var request = cposix_spawn_request(
                        executable: path, arguments: argv, environment: environment == nil ? nil : envp, directory: directory,
                        input: input, output: output, error: error, new_session: session.rawValue, dies_with_us: diesWithUs ? 1 : 0)
                    return cposix_spawn(&request, &result)
                }
            }
        }
    }
    if failed < 0 { throw failure(-failed, Int(result.failed_step), program: program, directory: directory) }
    return Spawned(pid: result.pid, pidfd: Descriptor(owning: result.pidfd))
}

private func missing(_ executable: String) -> SysError {
    // A file that is there but cannot be run is another matter than one that is not there.
    if executable.utf8.contains(UInt8(ascii: "/")), let facts = try? Files.facts(executable) {
        return SysError("run", executable, code: facts.kind == .directory ? EISDIR : EACCES)
    }
    let detail = executable.utf8.contains(UInt8(ascii: "/")) ? "" : "not found in PATH"
    return SysError("run", executable, code: ENOENT, detail: detail)
}

private func failure(_ code: Int32, _ step: Int, program: String, directory: String?) -> SysError {
    switch step {
    case CPOSIX_SPAWN_DIRECTORY: SysError("enter", directory ?? "", code: code, detail: "to run \(program)")
    // The file is there, so it is the interpreter in its first line that is not.
    case CPOSIX_SPAWN_EXEC where code == ENOENT && Files.exists(program):
        SysError("run", program, code: code, detail: "its interpreter is missing")
    default: SysError("run", program, code: code)
    }
}

/// A list of C strings ended by NULL, as execve wants it.
func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("an array that ends with nil is not empty") }
        return body(base)
    }
}

private func withOptionalCString<R>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
    if let string { string.withCString { body($0) } } else { body(nil) }
}

/// The variables of our own environment. Read once at the start is best: another thread's `setenv` is not guarded against.
package enum Environment {
    package static func get(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// All, as "NAME=value".
    package static var all: [String] {
        var list: [String] = []
        var at = environ
        while let entry = at.pointee {
            list.append(String(cString: entry))
            at += 1
        }
        return list
    }
}

/// Runs a program in our place on the terminal (an editor, `opencode`) and waits for it: same session, same process group,
/// same standard descriptors. Blocks the calling thread. Signals from the keyboard reach both: SIGINT and SIGQUIT that a
/// `Signals` has collected meanwhile are the program's and should be dropped. When the program stops itself, this process stops with it.
package func runInForeground(
    _ executable: String, _ arguments: [String], environment: [String]? = nil, directory: String? = nil
) throws(SysError) -> ExitStatus {
    let child = try spawn(
        executable, arguments, environment: environment, directory: directory, input: 0, output: 1, error: 2, session: .shared)
    var signalled: Int32 = 0
    var code: Int32 = 0
    _ = try check(cposix_reap_foreground(child.pidfd.number, &signalled, &code), "wait for \(executable)")
    return signalled != 0 ? .signalled(code) : .exited(code)
}

/// Stops this process as Ctrl-Z does and returns when it was continued; at once where no shell could continue it.
package func stopThisProcess() { cposix_stop() }

/// The status of a child that has ended; nil when it runs. `wait` blocks.
func reap(_ pidfd: Int32, wait: Bool) throws(SysError) -> ExitStatus? {
    var signalled: Int32 = 0
    var code: Int32 = 0
    let result = try check(cposix_reap(pidfd, wait ? 1 : 0, &signalled, &code), "wait for a child")
    if result == 0 { return nil }
    return signalled != 0 ? .signalled(code) : .exited(code)
}
