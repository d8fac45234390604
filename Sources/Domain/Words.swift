/// "1 agent", "3 agents".
package func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String { "\(count) " + (count == 1 ? noun : plural ?? noun + "s") }

extension String {
    /// The first line that is not empty. Most texts have one line: those are not copied.
    package var firstLine: String {
        if !utf8.contains(0x0A) { return self }
        let line = utf8.drop { $0 == 0x0A || $0 == 0x0D }.prefix { $0 != 0x0A }
        return String(Substring(line.last == 0x0D ? line.dropLast() : line))
    }
}
