/// Where a JSON value ends inside a longer text. Line breaks and other control characters may stand in strings.
enum JSONExtent {
    /// The index behind the value that starts at `start`; nil: there is none.
    static func end(of text: [Unicode.Scalar], from start: Int) -> Int? {
        var walk = Walk(text: text, at: start)
        return walk.value(depth: 0) ? walk.at : nil
    }

    private struct Walk {
        let text: [Unicode.Scalar]
        var at: Int

        private var next: Unicode.Scalar? { at < text.count ? text[at] : nil }

        mutating func value(depth: Int) -> Bool {
            guard depth < 500, let first = next else { return false }
            switch first {
            case "\"": return string()
            case "{": return container(close: "}", hasKeys: true, depth: depth)
            case "[": return container(close: "]", hasKeys: false, depth: depth)
            case "-", "0"..."9": return number() || word("-Infinity")
            default: return ["true", "false", "null", "NaN", "Infinity"].contains { word($0) }
            }
        }

        private mutating func container(close: Unicode.Scalar, hasKeys: Bool, depth: Int) -> Bool {
            at += 1
            blanks()
            if take(close) { return true }
            while true {
                blanks()
                if hasKeys {
                    guard string() else { return false }
                    blanks()
                    guard take(":") else { return false }
                    blanks()
                }
                guard value(depth: depth + 1) else { return false }
                blanks()
                if take(close) { return true }
                guard take(",") else { return false }
            }
        }

        private mutating func string() -> Bool {
            guard take("\"") else { return false }
            while let scalar = next {
                at += 1
                if scalar == "\"" { return true }
                if scalar == "\\" {
                    guard let escaped = next else { return false }
                    at += 1
                    if escaped == "u" {
                        guard at + 4 <= text.count, text[at..<at + 4].allSatisfy({ $0.properties.isASCIIHexDigit }) else { return false }
                        at += 4
                    } else if !"\"\\/bfnrt".unicodeScalars.contains(escaped) {
                        return false
                    }
                }
            }
            return false
        }

        private mutating func number() -> Bool {
            let start = at
            _ = take("-")
            if take("0") {
            } else if !digits() {
                at = start
                return false
            }
            let whole = at
            if take("."), !digits() { at = whole }
            let beforeExponent = at
            if take("e") || take("E") {
                if !take("+") { _ = take("-") }
                if !digits() { at = beforeExponent }
            }
            return true
        }

        private mutating func digits() -> Bool {
            let start = at
            while let scalar = next, ("0"..."9").contains(scalar) { at += 1 }
            return at > start
        }

        private mutating func word(_ word: String) -> Bool {
            let scalars = Array(word.unicodeScalars)
            guard at + scalars.count <= text.count, text[at..<at + scalars.count].elementsEqual(scalars) else { return false }
            at += scalars.count
            return true
        }

        private mutating func blanks() { while let scalar = next, " \t\n\r".unicodeScalars.contains(scalar) { at += 1 } }

        private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard next == scalar else { return false }
            at += 1
            return true
        }
    }
}
