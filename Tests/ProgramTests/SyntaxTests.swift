import Foundation
import Screen
import TestKit
import Testing

extension OneHerd {
    /// Colours of code by the real bat, on a pseudo-terminal.
    @Suite struct SyntaxTests {
        private static let files = [
            ("greet.swift", "// a note\nfunc greet(_ name: String) -> String {\n    return \"hello\" + name\n}\n"),
            ("loop.py", "# a note\ndef loop(count):\n    return \"again\" * 42\n"),
            ("page.ts", "export const page = (title: string) => `<p>${title}</p>`;\n"),
        ]

        /// A turn whose tool runs this; what a diff shows are the changes of turns.
        private static func writing(_ script: String) -> String {
            Script.bash("printf %s \(Data(script.utf8).base64EncodedString()) | base64 -d | sh") + "[[text written]]"
        }

        /// What the word looks like where it stands first.
        private static func colour(of word: String, after line: String, on grid: VTGrid) -> Colour? {
            guard let row = grid.lines.firstIndex(where: { $0.contains(line) }), let range = grid.lines[row].range(of: word) else { return nil }
            return grid[grid.lines[row].distance(from: grid.lines[row].startIndex, to: range.lowerBound), row].style.foreground
        }

        @Test func codeIsColouredByBat() async throws {
            let box = try Sandbox.shared
            let script = Self.files.map { "cat > \($0.0) <<'END'\n\($0.1)END\n" }.joined()
            let id = try await box.new(Self.writing(script), "-w", "worktree", "--title", "Colourful")
            try await box.wait(id, "done")
            let person = try Person(box)
            try person.sees("Colourful")
            person.presses("/")
            person.types("Colourful")
            person.presses("<enter>")
            person.presses("dz")
            let theme = Theme.default
            let expected: [(line: String, word: String, token: Token)] = [
                ("func greet", "func", .keyword), ("return \"hello\"", "\"hello\"", .string), ("// a note", "// a", .comment),
                ("def loop", "loop", .function), ("\"again\"", "42", .number), ("export const", "export", .keyword),
            ]
            for (line, word, token) in expected {
                try person.sees("\(word) in its colour") { Self.colour(of: word, after: line, on: $0) == theme[token] }
            }
            #expect(Self.colour(of: "name", after: "return \"hello\"", on: person.screen) == theme[.text])
            #expect(person.screen.errors.isEmpty)
            person.escapes(3)
            person.presses("q")
            #expect(try person.leaves() == 0)
        }

        /// Text that nobody can read as code, and names that are no files.
        @Test func hostileFilesAreText() async throws {
            let box = try Sandbox.shared
            let evil = "const evil = \"\u{1B}[2J\u{1B}]0;owned\u{07}\u{1B}[31m\"\nlet \u{9B}5m = 1\r\n"
            let script = ["--pager=touch x.py", "-l swift", "a\u{1B}]0;x.ts"].map { "cat > './\($0)' <<'END'\n\(evil)END\n" }.joined()
            let id = try await box.new(Self.writing(script), "-w", "worktree", "--title", "Hostile")
            try await box.wait(id, "done")
            let directory = try #require(try await box.agent(id)["place"]?["directory"]?.string)
            let person = try Person(box)
            try person.sees("Hostile")
            person.presses("/")
            person.types("Hostile")
            person.presses("<enter>")
            person.presses("dz")
            try person.sees("const evil")
            person.looks()
            #expect(person.screen.errors.isEmpty && !person.screen.text.contains("\u{1B}"))
            #expect(!FileManager.default.fileExists(atPath: directory + "/x"))
            person.escapes(3)
            person.presses("q")
            #expect(try person.leaves() == 0)
        }
    }
}
