/// What `&amp;`, `&#8212;` and `&#x2014;` stand for; what is not known stays as it is written.
func entity(_ text: String) -> String {
    let name = text.utf8.dropFirst().dropLast()
    guard text.utf8.first == UInt8(ascii: "&"), text.utf8.last == UInt8(ascii: ";"), let first = name.first else { return text }
    guard first == UInt8(ascii: "#") else { return named[String(Substring(name))] ?? text }
    let digits = String(Substring(name.dropFirst()))
    let isHexadecimal = digits.utf8.first.map { $0 | 0x20 } == UInt8(ascii: "x")
    let value = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    guard let value, value != 0, let scalar = Unicode.Scalar(value) else { return "\u{FFFD}" }
    return String(Character(scalar))
}

/// A text with its entities: targets of links, what stands behind a fence.
func decoded(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
    var result = ""
    var rest = text[...]
    while let start = rest.utf8.firstIndex(of: UInt8(ascii: "&")) {
        result += rest[..<start]
        rest = rest[start...]
        guard let end = rest.utf8.prefix(32).firstIndex(of: UInt8(ascii: ";")) else {
            result += "&"
            rest = rest[rest.utf8.index(after: start)...]
            continue
        }
        let behind = rest.utf8.index(after: end)
        result += entity(String(rest[..<behind]))
        rest = rest[behind...]
    }
    return result + rest
}

/// Those that people and models write.
private let named: [String: String] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "copy": "©", "reg": "®", "trade": "™", "hellip": "…", "mdash": "—",
    "ndash": "–", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "laquo": "«", "raquo": "»", "bull": "•", "middot": "·", "deg": "°", "plusmn": "±",
    "times": "×", "divide": "÷", "le": "≤", "ge": "≥", "ne": "≠", "asymp": "≈", "infin": "∞", "larr": "←", "rarr": "→", "uarr": "↑", "darr": "↓", "harr": "↔",
    "rArr": "⇒", "lArr": "⇐", "check": "✓", "cross": "✗", "euro": "€", "pound": "£", "yen": "¥", "cent": "¢", "sect": "§", "para": "¶", "micro": "µ",
    "frac12": "½", "frac14": "¼", "frac34": "¾", "sup2": "²", "sup3": "³", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "vert": "|",
    "verbar": "|", "ast": "*", "lowbar": "_", "grave": "`", "num": "#", "excl": "!", "bsol": "\\", "sol": "/", "colon": ":", "semi": ";", "comma": ",",
    "period": ".", "dollar": "$", "percnt": "%", "lpar": "(", "rpar": ")", "plus": "+", "equals": "=", "commat": "@", "tab": "\t", "Tab": "\t", "zwj": "",
    "zwnj": "", "shy": "", "ensp": " ", "emsp": " ", "thinsp": " ", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß",
    "eacute": "é", "egrave": "è", "agrave": "à", "ccedil": "ç", "ntilde": "ñ", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "lambda": "λ", "mu": "μ",
    "pi": "π", "sigma": "σ", "omega": "ω", "Delta": "Δ", "Omega": "Ω",
]
