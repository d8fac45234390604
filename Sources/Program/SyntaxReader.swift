import Dashboard
import Domain
import Screen
import Sys

/// Finds the kinds of words in code with `bat`, which knows two hundred languages: a program that need not be there, started for what a person looks
/// at and ended with it. A start costs 15 to 50 ms, the largest text that is sent some seconds.
final class SyntaxReader {
    /// What was found, on its way from the thread that read it.
    let answers = Mailbox<(SyntaxText, [[SyntaxRun]])>()
    private let runner: CommandRunner
    private let program: String?
    private(set) var isWatched = false

    init(_ runner: CommandRunner) {
        self.runner = runner
        // Debian's name for it, since another program was bat before.
        program = findExecutable("batcat") ?? findExecutable("bat")
    }

    /// Tells the poller of the answers, once.
    func watch(_ poller: Poller, token: UInt64) throws(SysError) {
        guard !isWatched else { return }
        try poller.add(answers.descriptor, token: token)
        isWatched = true
    }

    /// The answer may come at once; nobody to ask is an answer, too.
    func read(_ text: SyntaxText) {
        guard let program else { return answers.post((text, [])) }
        let answers = answers, source = Array(text.text.utf8)
        runner.start(Self.command(program, text.language, source)) { outcome in
            guard case .success(let result) = outcome, result.status.isSuccess else { return answers.post((text, [])) }
            // A large text takes some milliseconds, and the runner's thread is there for others, too.
            startThread(named: "syntax") {
                var decoder = SyntaxDecoder(source)
                decoder.feed(result.output)
                answers.post((text, decoder.lines))
            }
        }
    }

    /// No file of the person's or a stranger's is read, no pager started, no terminal asked.
    static func command(_ program: String, _ language: SyntaxText.Language, _ source: [UInt8]) -> Sys.Command {
        let tongue =
            switch language {
            case .file(let name): "--file-name=" + name
            case .named(let name): "--language=" + name
            }
        return Sys.Command(
            program, ["--no-config", "--color=always", "--style=plain", "--paging=never", "--wrap=never", "--tabs=0", "--theme=Nord", tongue],
            environment: ["COLORTERM=truecolor", "LANG=C.UTF-8", "BAT_CONFIG_DIR=/nonexistent", "BAT_CACHE_PATH=/nonexistent", "HOME=/nonexistent"],
            directory: "/", input: source, outputLimit: 16 << 20, diesWithUs: true, timeoutMs: 5_000)
    }
}

extension DashboardProgram {
    func readSyntax(_ text: SyntaxText) {
        do throws(SysError) {
            try syntax.watch(poller, token: Self.syntaxToken)
            syntax.read(text)
        } catch {
            // Without colours, then.
            handle(.syntax(text, []))
        }
    }
}
