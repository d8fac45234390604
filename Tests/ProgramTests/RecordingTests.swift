import Foundation
import Screen
import Testing

/// What the dashboard showed can be shown again.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct RecordingTests {
    @Test func aSessionIsShownAgainAsItWas() async throws {
        try await Sandbox.with(server: .standIn) { box in
            let file = box.root + "/session.cast"
            try await box.done("new", "-w", "folder", "--title", "Remember <me> & you", "[[say 2 words]]")
            let person = try Person(box, shell: [box.program, "record", file])
            try person.sees("Remember <me> & you")
            person.presses("b")
            try person.sees("Resting")
            person.pty.resize(Size(columns: 90, rows: 28))
            try person.sees("a smaller board") { $0.contains("Resting") && $0.lines.count == 28 }
            person.presses("?")
            try person.sees("MOVING ABOUT")
            person.escapes()
            person.presses("q")
            #expect(try person.leaves() == 0)
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
            #expect(box.refusedText(try await box.drover("record", file)).contains("is there already"))

            // As pictures: nothing at the beginning, the board at the end.
            let first = try await box.done("replay", file, "--picture", "0").out
            #expect(first.hasPrefix("<svg ") && !first.contains("Agents"))
            let end = try await box.done("replay", file, "--picture", "end").out
            #expect(end.contains("&lt;me&gt;") && end.contains("Resting"))

            // On a terminal: the screen before the last keys comes by on the way to the end.
            let viewer = try Person(box, shell: [box.program, "replay", file, "--speed", "1000"])
            try viewer.sees("the end") { $0.contains("the end") && $0.contains("q leaves") }
            viewer.presses("0")
            try viewer.sees("the end again") { $0.contains("the end") }
            #expect(viewer.screen.errors.isEmpty)
            viewer.presses("q")
            #expect(try viewer.leaves() == 0 && viewer.mess == nil)
        }
    }

    @Test func fromTheBeginningItHasTheSizeOfTheBeginning() async throws {
        try await Sandbox.with(server: .standIn) { box in
            let file = box.root + "/resized.cast"
            try Sandbox.write("{\"version\":2,\"width\":20,\"height\":6}\n[0.1,\"o\",\"\\u001b[6;1Hsixth\"]\n[0.2,\"r\",\"20x2\"]\n[0.3,\"o\",\" \"]\n", file)
            let viewer = try Person(box, shell: [box.program, "replay", file])
            try viewer.sees("the end")
            viewer.presses("<space>0<right>")
            try viewer.sees("the first frame") { $0.lines.indices.contains(5) && $0.lines[5].contains("sixth") }
            // An arrow that comes in pieces is an arrow, not the key that leaves.
            for _ in 0..<3 {
                viewer.pty.type("\u{1B}")
                viewer.pty.pass(milliseconds: 5)
                viewer.pty.type("[C")
            }
            viewer.presses("0")
            try viewer.sees("it is still there") { $0.isAlternate && $0.contains("0:00 of") }
            viewer.presses("q")
            #expect(try viewer.leaves() == 0 && viewer.mess == nil)
        }
    }

    @Test(arguments: [
        ("", "no recording"), ("{\"version\": 1}\n", "no recording"), ("{\"version\":2,\"width\":99999,\"height\":10}\n", "no recording"),
        ("{\"version\":2,\"width\":20,\"height\":5}\n[1,\"o\"]\n[2,\"o\",\"x\"]\n", ":2:"),
        ("{\"version\":2,\"width\":20,\"height\":5}\n[1,\"r\",\"axb\"]\n[2,\"o\",\"x\"]\n", "no size"),
    ])
    func whatIsNoRecordingIsTold(_ content: String, _ words: String) async throws {
        try await Sandbox.with(server: .standIn) { box in
            let file = box.root + "/bad.cast"
            try Sandbox.write(content, file)
            let outcome = try await box.drover("replay", file, "--picture", "end")
            #expect(outcome.code == 1 && outcome.out.isEmpty && outcome.err.contains(words) && outcome.err.contains(file), "\(outcome)")
        }
    }

    /// A file of a stranger draws; it does not set titles, clipboards or modes, and a cut last line is no mistake.
    @Test func aStrangersFileOnlyDraws() async throws {
        try await Sandbox.with(server: .standIn) { box in
            let file = box.root + "/evil.cast"
            let evil = "hello \\u001b]0;evil\\u0007\\u001b]52;c;ZXZpbA==\\u001b\\\\\\u001b[?1000h\\u001b[6n\\u001bPq\\u001b\\\\world"
            try Sandbox.write("{\"version\":2,\"width\":40,\"height\":5}\n[0.1,\"o\",\"\(evil)\"]\n[0.2,\"i\",\"typed\"]\n[0.3,\"o\",\"cut", file)
            let viewer = try Person(box, shell: [box.program, "replay", file])
            try viewer.sees("hello world")
            try viewer.sees("the end")
            viewer.presses("q")
            #expect(try viewer.leaves() == 0 && viewer.mess == nil)
            let written = String(decoding: viewer.pty.output, as: UTF8.self)
            #expect(!written.contains("evil") && !written.contains("]52;") && !written.contains("?1000h") && !written.contains("\u{1B}P"))
        }
    }
}

extension Sandbox {
    fileprivate func refusedText(_ outcome: Outcome) -> String { outcome.code == 5 ? outcome.err : "not refused: \(outcome)" }
}
