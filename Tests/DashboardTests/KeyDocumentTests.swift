import Dashboard
import Foundation
import Testing

/// docs/keys.md is written from the table of commands.
@Suite struct GeneratedDocumentsOfKeys {
    @Test func thePageOfKeysIsThatOfTheTable() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "docs/keys.md")
        let new = "# Keys\n\nWritten by `make docs` from the table of commands.\n\n" + keyTableMarkdown() + "\n"
        if ProcessInfo.processInfo.environment["DROVER_WRITE_DOCS"] != nil { try new.write(to: file, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: file, encoding: .utf8) == new, "run `make docs`")
    }
}
