import CPosix
import Glibc

/// What a program that only prints has to know of where it prints.
package enum TerminalFacts {
    package static func isTerminal(_ number: Int32) -> Bool { isatty(number) == 1 }
    /// Cells of a line; 0 when it is no terminal or does not know.
    package static func columns(_ number: Int32) -> Int { Int(cposix_terminal_columns(number)) }
}
