import Config
import Domain
import Markdown
import Synchronization
import Sys
import Wire

extension Verb {
    static let doctor = Verb(
        "doctor", "", "Look for what is wrong, and say what to do about it",
        details: [
            "Checks opencode, git, the terminal, the directories, the configuration, the daemon, the database and leftovers of a crash. The exit code is 1 when something failed."
        ],
        options: [.json], run: Doctor.run)

    static let demo = Verb(
        "demo", "", count: 0...64, "A herd of scripted agents to try everything with: no key, no network", passesArguments: true,
        run: { (run) in run.parts.demo(run.arguments.positionals) })
    static let bench = Verb(
        "bench", "", count: 0...64, "Measure drover on this machine", passesArguments: true, run: { (run) in run.parts.bench(run.arguments.positionals) })
}

enum Doctor {
    static func run(_ run: Run) throws(Refusal) -> Int32 {
        var checks = [openCode(run), git(), terminal(run), markdown(), syntax()]
        checks += directories(run) + [socket(run), config(run), daemon(run)] + run.parts.doctorExtra()
        if run.wantsJSON {
            try run.printJSON { writer in
                writer.array {
                    for check in checks {
                        $0.object {
                            $0.field("name", check.name)
                            $0.field("verdict", check.verdict.rawValue)
                            $0.field("detail", check.detail)
                            $0.field("remedy", check.remedy)
                        }
                    }
                }
            }
        } else {
            let width = checks.map { Cells.width(of: $0.name) }.max() ?? 0
            for check in checks {
                let ink: Style.Ink = check.verdict == .ok ? .green : check.verdict == .warn ? .yellow : .red
                try run.print(
                    "\(run.style.paint(Cells.pad(check.verdict.rawValue, to: 4), ink))  \(Cells.pad(check.name, to: width))  \(Visible.line(check.detail))")
                if !check.remedy.isEmpty {
                    try run.print("      \(String(repeating: " ", count: width))  " + run.style.paint(Visible.line(check.remedy), .dim))
                }
            }
        }
        return checks.contains { $0.verdict == .fail } ? ExitCode.failed : ExitCode.fine
    }

    // MARK: Programs

    private static func openCode(_ run: Run) -> DoctorCheck {
        let choice = Attaching.choice(run)
        guard case .found(let command, let source) = choice else {
            return choice == .missing
                ? DoctorCheck(
                    "opencode", .fail, "there is none on PATH",
                    remedy: "get it with `npm i -g opencode-ai` or from https://opencode.ai, or look around with `drover demo`")
                : DoctorCheck("opencode", .fail, choice.complaint ?? "", remedy: "name another, or none to take the one on PATH")
        }
        let path = findExecutable(command[0]) ?? command[0]
        switch output(of: Command(path, command.dropFirst() + ["--version"], timeoutMs: 20_000)) {
        case .failure(let error):
            return DoctorCheck("opencode", .fail, "\(path) (\(source.rawValue)): \(error.message)", remedy: "reinstall it: npm i -g opencode-ai")
        case .success(let result):
            let version = String(result.text.split(whereSeparator: \.isWhitespace).last ?? "")
            guard result.status.isSuccess, version.first?.isNumber == true else {
                return DoctorCheck(
                    "opencode", .fail, "\(path) --version ended with \(result.status.words) and said \"\(Cells.cut(result.text + result.errorText, to: 80))\"",
                    remedy: "reinstall it: npm i -g opencode-ai")
            }
            return judge(version: version, path: path)
        }
    }

    /// The versions that the adapter was held to.
    static func judge(version: String, path: String) -> DoctorCheck {
        let parts = version.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
        let major = parts.first ?? 0, minor = parts.count > 1 ? parts[1] : 0
        switch (major, minor) {
        case (1, 15...19): return DoctorCheck("opencode", .ok, "\(version) at \(path)")
        case (0, _), (1, ..<15): return DoctorCheck("opencode", .fail, "\(version) at \(path) is too old", remedy: "npm i -g opencode-ai@1.18")
        case (1, _): return DoctorCheck("opencode", .warn, "\(version) at \(path) is newer than what drover was tried with (1.15 to 1.19)")
        default: return DoctorCheck("opencode", .fail, "\(version) at \(path): drover cannot speak to this generation yet", remedy: "npm i -g opencode-ai@1.18")
        }
    }

    private static func git() -> DoctorCheck {
        guard let path = findExecutable("git") else { return DoctorCheck("git", .fail, "there is no git on PATH", remedy: "apt-get install git") }
        guard case .success(let result) = output(of: Command(path, ["--version"], timeoutMs: 5000)), result.status.isSuccess else {
            return DoctorCheck("git", .fail, "\(path) does not run", remedy: "reinstall git")
        }
        let version = result.text.split(whereSeparator: \.isWhitespace).dropFirst(2).first.map(String.init) ?? "?"
        let parts = version.split(separator: ".").map { Int($0) ?? 0 }
        // 2.36: the first with `git worktree list -z`.
        let isOld = parts.count < 2 || (parts[0], parts[1]) < (2, 36)
        return DoctorCheck("git", isOld ? .warn : .ok, "\(version) at \(path)", remedy: isOld ? "2.36 or newer is needed for worktrees with unusual names" : "")
    }

    private static func markdown() -> DoctorCheck {
        guard let problem = markdownProblem() else { return DoctorCheck("markdown", .ok, "answers are laid out by md4c") }
        return DoctorCheck("markdown", .warn, problem + ": answers are shown as plain text", remedy: "apt-get install libmd4c0")
    }

    private static func syntax() -> DoctorCheck {
        guard let path = findExecutable("batcat") ?? findExecutable("bat") else {
            return DoctorCheck("syntax", .warn, "there is no bat on PATH: code is shown without colours", remedy: "apt-get install bat")
        }
        return DoctorCheck("syntax", .ok, "code is coloured by \(path)")
    }

    /// Runs a program to its end and waits for it here: doctor has nothing else to do.
    private static func output(of command: Command) -> Result<CommandResult, SysError> {
        let runner = CommandRunner()
        let box = Mutex<Result<CommandResult, SysError>?>(nil)
        do throws(SysError) {
            let pipe = try Pipe()
            let end = pipe.write.number
            runner.start(command) { outcome in
                box.withLock { $0 = outcome }
                try? Descriptor.writeAll(end, [1])
            }
            var byte: [UInt8] = []
            _ = try pipe.read.read(appendingTo: &byte, limit: 1)
        } catch {
            return .failure(error)
        }
        return box.withLock { $0 } ?? .failure(SysError.cancelled("run", command.executable))
    }

    // MARK: Surroundings

    private static func terminal(_ run: Run) -> DoctorCheck {
        let environment = run.world.environment
        guard run.world.outputIsTerminal else { return DoctorCheck("terminal", .ok, "the output goes elsewhere") }
        guard let name = environment["TERM"], !name.isEmpty else {
            return DoctorCheck("terminal", .fail, "TERM is not set", remedy: "export TERM=xterm-256color")
        }
        guard name != "dumb" else { return DoctorCheck("terminal", .fail, "TERM is dumb: the dashboard cannot draw", remedy: "use another terminal") }
        let colour = ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "") ? "24-bit colour" : name.contains("256") ? "256 colours" : "16 colours"
        guard run.style.unicode else {
            return DoctorCheck(
                "terminal", .warn, "\(name), \(colour), but the locale is not UTF-8: ASCII letters stand for the signs", remedy: "export LANG=C.UTF-8")
        }
        return DoctorCheck("terminal", .ok, "\(name), \(colour), \(run.world.columns) columns")
    }

    private static func directories(_ run: Run) -> [DoctorCheck] {
        let directories = run.world.directories
        return [("state", directories.state), ("data", directories.data), ("cache", directories.cache), ("runtime", directories.runtime)].map { name, path in
            do throws(SysError) {
                try Files.makeDirectories(path)
                // An empty file has room on a full disk.
                try Files.writeAtomically(path + "/.doctor", [UInt8](repeating: 0, count: 1 << 16))
                try Files.remove(path + "/.doctor")
                return DoctorCheck("\(name) directory", .ok, path)
            } catch {
                let remedy =
                    error.isFull
                    ? "free some room on the disk" : "look at its owner, or set XDG_\(name == "runtime" ? "RUNTIME_DIR" : name.uppercased() + "_HOME")"
                return DoctorCheck("\(name) directory", .fail, error.message, remedy: remedy)
            }
        }
    }

    private static func socket(_ run: Run) -> DoctorCheck {
        let path = run.world.directories.socket
        let count = path.utf8.count
        guard count <= UnixSocket.longestPath else {
            return DoctorCheck(
                "socket", .fail, "\(path) is \(count) bytes long; \(UnixSocket.longestPath) are possible", remedy: "set XDG_RUNTIME_DIR to a shorter directory")
        }
        return DoctorCheck("socket", .ok, path)
    }

    private static func config(_ run: Run) -> DoctorCheck {
        let path = run.world.directories.configuration
        let loaded = Config.load(person: path)
        let problems = loaded.problems, more = run.parts.checkSettings(loaded.settings)
        guard !problems.isEmpty || !more.isEmpty else { return DoctorCheck("configuration", .ok, Files.exists(path) ? path : "none; the defaults are used") }
        return DoctorCheck(
            "configuration", problems.contains { $0.isFatal } ? .fail : .warn, (problems.map(\.text) + more).joined(separator: " / "), remedy: "edit \(path)")
    }

    private static func daemon(_ run: Run) -> DoctorCheck {
        do throws(Refusal) {
            let status = try run.daemon(starting: false).status()
            guard status.version == run.parts.version else {
                return DoctorCheck(
                    "daemon", .warn, "pid \(status.pid) is drover \(status.version), this is \(run.parts.version)",
                    remedy: "`drover daemon stop`: the next command starts this version")
            }
            return DoctorCheck("daemon", .ok, "answers; pid \(status.pid), \(status.servers.count) servers")
        } catch {
            if error.message == "no daemon is running" { return DoctorCheck("daemon", .ok, "not running; the next command starts it") }
            return DoctorCheck("daemon", .fail, error.message, remedy: error.remedy)
        }
    }
}
