/// Reads a query: `or` binds weakest, neighbours are joined by "and", `-` negates what follows, parentheses group.
struct Parser {
    private let scalars: [Unicode.Scalar]
    private var offset = 0
    private var depth = 0
    /// A person's own names for queries, and their texts.
    let views: [String: String]

    init(_ text: String, views: [String: String] = [:]) {
        scalars = Array(text.unicodeScalars)
        self.views = views
    }

    mutating func parse() throws(QueryError) -> Term {
        skipSpaces()
        if offset == scalars.count { return .all }
        let term = try alternatives()
        if offset < scalars.count { throw QueryError("this ) has no (", at: offset, length: 1) }
        return term
    }

    private mutating func alternatives() throws(QueryError) -> Term {
        var terms = [try neighbours()]
        while takeOr() {
            skipSpaces()
            guard offset < scalars.count, scalars[offset] != ")" else { throw QueryError("something is missing after or", at: offset, length: 1) }
            terms.append(try neighbours())
        }
        return terms.count == 1 ? terms[0] : .either(terms)
    }

    private mutating func neighbours() throws(QueryError) -> Term {
        var terms: [Term] = []
        while offset < scalars.count, scalars[offset] != ")", !(isOrAhead && !terms.isEmpty) {
            terms.append(try single())
            skipSpaces()
        }
        if terms.isEmpty { throw QueryError("there is nothing between the parentheses", at: max(0, offset - 1), length: 2) }
        return terms.count == 1 ? terms[0] : .both(terms)
    }

    private mutating func single() throws(QueryError) -> Term {
        let start = offset
        if scalars[offset] == "-", offset + 1 < scalars.count, scalars[offset + 1] != " ", scalars[offset + 1] != ")" {
            offset += 1
            // Thousands of dashes must not use up the stack.
            depth += 1
            defer { depth -= 1 }
            if depth > 100 { throw QueryError("this is nested too deeply", at: start, length: 1) }
            return .not(try single())
        }
        guard scalars[offset] == "(" else { return try atom() }
        offset += 1
        depth += 1
        defer { depth -= 1 }
        if depth > 100 { throw QueryError("this is nested too deeply", at: start, length: 1) }
        skipSpaces()
        let inside = try alternatives()
        guard offset < scalars.count else { throw QueryError("this ( is never closed", at: start, length: 1) }
        offset += 1
        return inside
    }

    /// A word, a quoted text, or `key:value`.
    private mutating func atom() throws(QueryError) -> Term {
        let start = offset
        if scalars[offset] == "\"" { return .word(Needle(try quoted()), exact: true) }
        let word = takeWord(stopAtColon: true)
        guard offset < scalars.count, scalars[offset] == ":", isKeyShaped(word) else {
            let whole = word + takeWord(stopAtColon: false)
            return .word(Needle(whole), exact: false)
        }
        let key = word.lowercased()
        let names = Query.keys.map(\.name)
        guard names.contains(key) else {
            throw QueryError("no key \(word)", at: start, length: offset - start, nearest: nearestName(to: key, among: names))
        }
        offset += 1
        return try valued(key, from: start)
    }

    private mutating func valued(_ key: String, from start: Int) throws(QueryError) -> Term {
        let begin = offset
        var values: [String] = []
        repeat {
            if offset < scalars.count, scalars[offset] == "," { offset += 1 }
            let value = offset < scalars.count && scalars[offset] == "\"" ? try quoted() : takeWord(stopAtColon: false, stopAtComma: true)
            if !value.isEmpty { values.append(value) }
        } while offset < scalars.count && scalars[offset] == ","
        guard !values.isEmpty else {
            let known = Query.keys.first { $0.name == key }
            let hint = known.map { $0.values.isEmpty ? "like " + $0.example : $0.values.joined(separator: ", ") } ?? ""
            throw QueryError("\(key): needs a value, \(hint)", at: start, length: begin - start)
        }
        return try term(key: key, values: values, at: begin, length: offset - begin)
    }

    /// `http://…` and `12:30` are words, not keys.
    private func isKeyShaped(_ word: String) -> Bool {
        guard !word.isEmpty, word.utf8.allSatisfy({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }) else { return false }
        return !(offset + 1 < scalars.count && scalars[offset + 1] == "/" && offset + 2 < scalars.count && scalars[offset + 2] == "/")
    }

    private mutating func quoted() throws(QueryError) -> String {
        let start = offset
        var text = String.UnicodeScalarView()
        offset += 1
        while offset < scalars.count, scalars[offset] != "\"" {
            text.append(scalars[offset])
            offset += 1
        }
        guard offset < scalars.count else { throw QueryError("this quote is never closed", at: start, length: scalars.count - start) }
        offset += 1
        return String(text)
    }

    private mutating func takeWord(stopAtColon: Bool, stopAtComma: Bool = false) -> String {
        var text = String.UnicodeScalarView()
        while offset < scalars.count {
            let scalar = scalars[offset]
            if isSpace(scalar) || scalar == "(" || scalar == ")" || (stopAtColon && scalar == ":") || (stopAtComma && scalar == ",") { break }
            text.append(scalar)
            offset += 1
        }
        return String(text)
    }

    private var isOrAhead: Bool {
        guard offset + 1 < scalars.count, scalars[offset].value | 0x20 == 0x6F, scalars[offset + 1].value | 0x20 == 0x72 else { return false }
        return offset + 2 == scalars.count || isSpace(scalars[offset + 2]) || scalars[offset + 2] == "("
    }

    private mutating func takeOr() -> Bool {
        guard offset < scalars.count, isOrAhead else { return false }
        offset += 2
        return true
    }

    private func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" }
    private mutating func skipSpaces() { while offset < scalars.count, isSpace(scalars[offset]) { offset += 1 } }
}
