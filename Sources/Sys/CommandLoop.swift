import CPosix
import Glibc

/// The thread of a `CommandRunner`: it alone knows the running children.
final class CommandLoop {
    private let mailbox: Mailbox<CommandRunner.Request>
    private let poller = Poller()
    private var runs: [UInt64: RunningCommand] = [:]
    private var stopping = false

    init(_ mailbox: Mailbox<CommandRunner.Request>) { self.mailbox = mailbox }

    /// Tokens: the run's number times four, and which of its descriptors.
    enum Source: UInt64 { case process, input, output, errorOutput }
    private static let mailboxToken: UInt64 = 0

    func run() {
        do throws(SysError) {
            try poller.add(mailbox.descriptor, token: CommandLoop.mailboxToken)
        } catch {
            preconditionFailure("the mailbox of a command runner cannot be watched: \(error.message)")
        }
        while !(stopping && runs.isEmpty) {
            let ready = poller.wait(untilMonotonicMs: runs.values.lazy.compactMap(\.deadline).min())
            for event in ready where event.token != CommandLoop.mailboxToken { take(event) }
            // After the others, so that a run that ended is not cancelled.
            for request in mailbox.drain() { take(request) }
            let now = Clock.monotonicMilliseconds()
            for run in runs.values where (run.deadline ?? .max) <= now { run.deadlineCame(now: now) }
        }
    }

    private func take(_ request: CommandRunner.Request) {
        switch request {
        case .start(let id, let command, let output, let done):
            if stopping { return done(.failure(.cancelled("run", command.executable))) }
            do throws(SysError) {
                let run = try RunningCommand(command, output: output, done: done)
                runs[id] = run
                try run.watch(poller, id)
            } catch {
                // A run that was started but cannot be watched must not go on unseen.
                if let run = runs.removeValue(forKey: id) { run.abandon(poller) }
                done(.failure(error))
            }
        case .cancel(let id): runs[id]?.stop(code: ECANCELED, now: Clock.monotonicMilliseconds())
        case .stop:
            stopping = true
            for run in runs.values { run.stop(code: ECANCELED, now: Clock.monotonicMilliseconds()) }
        }
    }

    private func take(_ event: Poller.Ready) {
        let id = event.token / 4
        // Readiness that was told in the same batch as the end of its run.
        guard let run = runs[id], let source = Source(rawValue: event.token % 4) else { return }
        switch source {
        case .input: run.writeInput(poller)
        case .output, .errorOutput: run.readOutput(source, poller)
        case .process:
            guard let outcome = run.ended(poller) else { return }
            runs[id] = nil
            run.done(outcome)
        }
    }
}

/// One child with its pipes.
final class RunningCommand {
    let done: @Sendable (CommandRunner.Outcome) -> Void
    private let command: Command
    private let onOutput: (@Sendable ([UInt8], Bool) -> Void)?
    private let process: Spawned
    private var input: Descriptor?
    private var output: Descriptor?
    private var errorOutput: Descriptor?
    private var written = 0
    private var result = CommandResult(status: .exited(0))
    /// Why we end it; nil while it ends by itself.
    private var stopCode: Int32?
    /// Monotonic milliseconds: the time limit, then the moment for KILL.
    private(set) var deadline: Int64?

    private static let patienceMs: Int64 = 2000

    init(
        _ command: Command, output: (@Sendable ([UInt8], Bool) -> Void)?, done: @escaping @Sendable (CommandRunner.Outcome) -> Void
    ) throws(SysError) {
        self.command = command
        self.done = done
        onOutput = output
        let out = try Pipe()
        let err = try Pipe()
        try out.read.setNonBlocking()
        try err.read.setNonBlocking()
        // Ready before the start: a failure after it would leave a child behind.
        if command.input.isEmpty {
            let null = try Descriptor.open("/dev/null", O_RDONLY)
            process = try RunningCommand.start(command, null.number, out.write.number, err.write.number)
            input = nil
        } else {
            let pipe = try Pipe()
            try pipe.write.setNonBlocking()
            process = try RunningCommand.start(command, pipe.read.number, out.write.number, err.write.number)
            let end = pipe.write
            input = consume end
        }
        let outEnd = out.read
        self.output = consume outEnd
        let errEnd = err.read
        errorOutput = consume errEnd
        deadline = command.timeoutMs.map { Clock.monotonicMilliseconds() + $0 }
    }

    private static func start(_ command: Command, _ input: Int32, _ output: Int32, _ error: Int32) throws(SysError) -> Spawned {
        try spawn(
            command.executable, command.arguments, environment: command.environment, directory: command.directory, input: input,
            output: output, error: error, session: command.newSession ? .own : .ownGroup, diesWithUs: command.diesWithUs)
    }

    func watch(_ poller: Poller, _ id: UInt64) throws(SysError) {
        if let number = input?.number { try poller.add(number, token: id * 4 + CommandLoop.Source.input.rawValue, .write) }
        if let number = output?.number { try poller.add(number, token: id * 4 + CommandLoop.Source.output.rawValue) }
        if let number = errorOutput?.number { try poller.add(number, token: id * 4 + CommandLoop.Source.errorOutput.rawValue) }
        try poller.add(process.pidfd.number, token: id * 4 + CommandLoop.Source.process.rawValue)
    }

    // MARK: Pipes

    func writeInput(_ poller: Poller) {
        guard let number = input?.number else { return }
        while written < command.input.count {
            let transfer = try? command.input.withUnsafeBytes { try Descriptor.write(number, UnsafeRawBufferPointer(rebasing: $0[written...])) }
            switch transfer {
            case .bytes(let count): written += count
            case .wouldBlock: return
            case .end, nil: written = command.input.count  // it does not read on: its right
            }
        }
        poller.remove(number)
        input = nil
    }

    func readOutput(_ source: CommandLoop.Source, _ poller: Poller) {
        let isError = source == .errorOutput
        guard let number = isError ? errorOutput?.number : output?.number else { return }
        // A few pieces a turn, so that one loud child does not starve the others.
        for _ in 0..<8 {
            var piece: [UInt8] = []
            switch try? Descriptor.read(number, appendingTo: &piece) {
            case .bytes: keep(piece, isError)
            case .wouldBlock: return
            case .end, nil: return close(isError, poller)
            }
        }
    }

    private func keep(_ piece: [UInt8], _ isError: Bool) {
        onOutput?(piece, isError)
        let room = max(0, command.outputLimit - (isError ? result.errorOutput.count : result.output.count))
        if piece.count > room { result.truncated = true }
        if isError { result.errorOutput += piece.prefix(room) } else { result.output += piece.prefix(room) }
    }

    private func close(_ isError: Bool, _ poller: Poller) {
        if isError {
            if let number = errorOutput?.number { poller.remove(number) }
            errorOutput = nil
        } else {
            if let number = output?.number { poller.remove(number) }
            output = nil
        }
    }

    /// What a process wrote before its end is in the pipe by then, so reading until nothing is there misses nothing of its own.
    /// A descendant that goes on writing gets no more than one full pipe.
    private func drain(_ isError: Bool, _ poller: Poller) {
        guard let number = isError ? errorOutput?.number : output?.number else { return }
        var total = 0
        while total < 1 << 20 {
            var piece: [UInt8] = []
            guard case .bytes(let count) = try? Descriptor.read(number, appendingTo: &piece) else { break }
            total += count
            keep(piece, isError)
        }
        close(isError, poller)
    }

    // MARK: Ending

    func deadlineCame(now: Int64) {
        if stopCode == nil { return stop(code: ETIMEDOUT, now: now) }
        deadline = nil
        signalGroup(SIGKILL)
    }

    /// Asks all of its processes to end.
    func stop(code: Int32, now: Int64) {
        if stopCode != nil { return }
        stopCode = code
        deadline = now + RunningCommand.patienceMs
        signalGroup(SIGTERM)
    }

    /// The group has the number of its leader, and that is ours as long as the leader is not reaped.
    private func signalGroup(_ signal: Int32) { kill(-process.pid, signal) }

    /// After the process has ended: its outcome, nil if it runs after all.
    func ended(_ poller: Poller) -> CommandRunner.Outcome? {
        // Looked for before it is reaped, since the group's number is free afterwards.
        if stopCode != nil { signalGroup(SIGKILL) }
        let status: ExitStatus
        do throws(SysError) {
            guard let found = try reap(process.pidfd.number, wait: false) else { return nil }
            status = found
        } catch {
            forget(poller)
            return .failure(error)
        }
        drain(false, poller)
        drain(true, poller)
        forget(poller)
        if let stopCode { return .failure(SysError("run", command.executable, code: stopCode, detail: lastWords)) }
        result.status = status
        return .success(result)
    }

    /// The end of what it said about itself.
    private var lastWords: String {
        let lines = result.errorOutput.suffix(2000).split(separator: UInt8(ascii: "\n")).suffix(3)
        return lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " / ")
    }

    func abandon(_ poller: Poller) {
        signalGroup(SIGKILL)
        _ = try? reap(process.pidfd.number, wait: true)
        forget(poller)
    }

    private func forget(_ poller: Poller) {
        poller.remove(process.pidfd.number)
        if let number = input?.number { poller.remove(number) }
        input = nil
        close(false, poller)
        close(true, poller)
    }
}
