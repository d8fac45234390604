import Foundation
import Screen
import TestKit
import Testing

/// Somebody at a terminal with drover on it: types, and looks at the screen.
final class Person {
    let pty: Pty

    /// - Parameter shell: a script for `sh` instead of drover itself.
    init(_ box: Sandbox, _ arguments: [String] = [], size: Size = Size(columns: 120, rows: 36), shell: [String]? = nil) throws {
        let command = shell ?? [box.program] + arguments
        let environment = box.environment.merging(["COLORTERM": "truecolor", "PS1": "$ ", "SWIFT_BACKTRACE": "enable=no"]) { $1 }
        pty = try Pty(command[0], Array(command.dropFirst()), size: size, environment: environment, directory: box.api)
    }

    var screen: VTGrid { pty.grid }

    /// In the notation of `Key.parse`: `jj<enter>`.
    func presses(_ keys: String) { pty.press(keys) }

    func types(_ text: String) { pty.write(text) }

    func sees(_ text: String, seconds: Int = 60, location: SourceLocation = #_sourceLocation) throws {
        try sees("\"\(text)\"", seconds: seconds, location: location) { $0.contains(text) }
    }

    func sees(_ what: String, seconds: Int = 60, location: SourceLocation = #_sourceLocation, _ isSo: (VTGrid) -> Bool) throws {
        guard pty.waitUntil(timeout: .seconds(seconds), isSo) else { throw Sandbox.Failure("line \(location.line): \(what) is not on\n\(screen.text)") }
    }

    /// A look at what has just appeared: until nothing moves. A request that came up a moment ago takes no key.
    func looks() { pty.waitUntilQuiet(milliseconds: 350) }

    /// Until the program has ended; its exit code.
    func leaves(location: SourceLocation = #_sourceLocation) throws -> Int32 {
        guard let code = pty.waitForExit() else { throw Sandbox.Failure("line \(location.line): it did not end\n\(screen.text)") }
        return code
    }

    /// Escapes one by one: with a key right behind it, it would be Alt.
    func escapes(_ count: Int = 1) {
        for _ in 0..<count {
            presses("<esc>")
            pty.waitUntilQuiet(milliseconds: 100)
        }
    }

    /// What is wrong with the terminal now that the program is gone; nil: nothing.
    var mess: String? {
        let left = screen.privateModes.intersection([1000, 1002, 1003, 1006, 1049, 1004, 2026])
        if screen.isAlternate { return "the other screen is shown\n\(screen.text)" }
        if !screen.cursorVisible { return "the cursor is hidden" }
        if !left.isEmpty { return "modes \(left.sorted()) are set" }
        if !screen.keyboardFlags.filter({ $0 != 0 }).isEmpty { return "keyboard flags \(screen.keyboardFlags)" }
        return screen.style == VTGrid.plain ? nil : "the style is \(screen.style)"
    }
}
