import JSON
import Sys

/// What the `bash` tool pretends: nothing is executed. The output is what the script says, else a guess from the words.
enum FakeShell {
    static func run(_ run: FakeToolRun) {
        let command = run.input["command"]?.string ?? ""
        let guess = guess(command, directory: run.session.directory)
        let output = run.traits.output.map { $0.hasSuffix("\n") ? $0 : $0 + "\n" } ?? guess.output
        let seconds = run.traits.seconds ?? guess.seconds
        let exit = run.traits.exit != 0 ? run.traits.exit : guess.exit
        run.setPrinted("")
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        // A few pieces on the way, as a real command prints.
        for piece in 1...3 where lines.count > piece {
            run.after(seconds * Double(piece) / 4) { $0.setPrinted(lines[..<(lines.count * piece / 4 + 1)].joined(separator: "\n") + "\n") }
        }
        run.after(seconds) { run in
            if !output.isEmpty { run.setPrinted(output) }
            let shown = output.isEmpty ? "(no output)" : output
            run.complete(output: shown, title: command, metadata: ["output": .string(shown), "exit": .int(exit), "truncated": false])
        }
    }

    private static func guess(_ line: String, directory: String) -> (output: String, exit: Int, seconds: Double) {
        var output = "", exit = 0, seconds = 0.12
        for command in FakeRule.commands(in: line) {
            let words = command.split(separator: " ").map(String.init)
            switch words.first {
            case "echo": output += words.dropFirst().joined(separator: " ") + "\n"
            case "sleep": seconds += words.count > 1 ? Double(words[1]) ?? 0 : 0
            case "exit": exit = words.count > 1 ? Int(words[1]) ?? 0 : 0
            case "pwd": output += directory + "\n"
            case "ls": output += FakeFiles.names(in: words.count > 1 ? directory + "/" + words[1] : directory).map { $0 + "\n" }.joined()
            case "true": break
            case "false": exit = 1
            default: break
            }
        }
        return (output, exit, seconds)
    }
}
