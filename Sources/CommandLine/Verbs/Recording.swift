import Domain
import Sys

extension Verb {
    static let record = Verb(
        "record", "FILE", count: 1...1, "Open the dashboard and record what it shows",
        details: [
            "The file is an asciicast (version 2), which asciinema plays, too. Everything that is on the screen is in it, so look before you pass it on; "
                + "what you type is not, but where the screen shows it."
        ],
        examples: ["drover record bug.cast"],
        options: [
            Option("project", short: "p", value: "DIR", "Of the project that holds this directory; default: where you are", completes: .directories)
        ], completes: .files, run: Recordings.record)

    static let replay = Verb(
        "replay", "FILE", count: 1...1, "Show a recorded session",
        details: [
            "space stops and goes on, + and - change the speed, the arrow to the right shows the next frame, q ends. Sequences in the file that are no drawing do nothing."
        ],
        examples: ["drover replay bug.cast --speed 4", "drover replay bug.cast --picture 12.5 > bug.svg"],
        options: [
            Option("speed", short: "s", value: "FACTOR", "So many times as fast"),
            Option("pause", value: "SECONDS", "Longer pauses are cut to this; default 2"),
            Option("picture", value: "SECOND", "Print the frame at that second as SVG; `end`: the last one"),
        ], completes: .files, run: Recordings.replay)
}

enum Recordings {
    static func record(_ run: Run) throws(Refusal) -> Int32 {
        let file = Working.absolute(run.arguments.positionals[0], run)
        guard !Files.exists(file) else { throw Refusal(.refused, "\(file) is there already", remedy: "name another file, or remove it") }
        guard run.world.outputIsTerminal, run.world.inputIsTerminal else { throw Refusal(.failed, "the dashboard needs a terminal") }
        let directory =
            if let given = run.arguments.value("project") { try run.world.realDirectory(Working.absolute(given, run)) } else { try Working.here(run) }
        return run.parts.record(directory, file)
    }

    static func replay(_ run: Run) throws(Refusal) -> Int32 {
        let file = Working.absolute(run.arguments.positionals[0], run)
        guard Files.exists(file) else { throw Refusal(.notFound, "there is no \(file)") }
        var picture: Int64?
        if let at = run.arguments.value("picture") { picture = at == "end" ? -1 : Int64(try number(at, "picture", 0...1e6) * 1000) }
        guard picture != nil || run.world.outputIsTerminal else {
            throw Refusal(.failed, "a session is shown on a terminal", remedy: "--picture SECOND prints a frame of it")
        }
        let speed = try run.arguments.value("speed").map { (text) throws(Refusal) in try number(text, "speed", 0.05...1000) } ?? 1
        let pause = try run.arguments.value("pause").map { (text) throws(Refusal) in try number(text, "pause", 0...1e6) } ?? 2
        return run.parts.replay(Replay(file: file, speed: speed, longestPause: Int64(pause * 1000), picture: picture))
    }

    private static func number(_ text: String, _ option: String, _ range: ClosedRange<Double>) throws(Refusal) -> Double {
        guard let number = Double(text), range.contains(number) else {
            throw Refusal(.usage, "--\(option) needs a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return number
    }
}
