/// A count in at most four characters and a unit: `0`, `999`, `1.2k`, `45.2k`, `452k`, `1.9M`.
package func compact(_ count: Int) -> String {
    let size = count.magnitude
    let sign = count < 0 ? "-" : ""
    // Each unit ends where its rounding would read 1000.
    let units: [(from: UInt, unit: UInt, name: String)] = [
        (999_950_000_000, 1_000_000_000_000, "T"), (999_950_000, 1_000_000_000, "G"), (999_950, 1_000_000, "M"), (1_000, 1_000, "k"),
    ]
    guard let unit = units.first(where: { size >= $0.from }) else { return sign + String(size) }
    let tenths = (size / (unit.unit / 100) + 5) / 10
    if tenths >= 1_000 { return sign + String((size / (unit.unit / 10) + 5) / 10) + unit.name }
    return sign + String(tenths / 10) + "." + String(tenths % 10) + unit.name
}

/// Money from millionths of a dollar: `$0.18`, `$4.12`, `$1,240`; below a cent `$0.004`.
package func dollars(micros: Int) -> String {
    let size = micros.magnitude
    let sign = micros < 0 ? "-" : ""
    if size == 0 { return "$0" }
    if size < 10_000 { return sign + "$0." + digits((size + 500) / 1_000, 3) }
    let cents = (size + 5_000) / 10_000
    if cents < 100_000 { return sign + "$" + String(cents / 100) + "." + digits(cents % 100, 2) }
    return sign + "$" + grouped(Int((size + 500_000) / 1_000_000))
}

/// `4,812`.
package func grouped(_ count: Int) -> String {
    var result = ""
    for (index, digit) in String(count.magnitude).reversed().enumerated() {
        if index > 0, index % 3 == 0 { result.append(",") }
        result.append(digit)
    }
    return (count < 0 ? "-" : "") + String(result.reversed())
}

/// How long ago, in one unit: `0s`, `42s`, `4m`, `2h`, `3d`, `5w`.
package func age(seconds: Int) -> String {
    let seconds = max(0, seconds)
    switch seconds {
    case ..<60: return "\(seconds)s"
    case ..<3_600: return "\(seconds / 60)m"
    case ..<86_400: return "\(seconds / 3_600)h"
    case ..<(60 * 86_400): return "\(seconds / 86_400)d"
    default: return "\(seconds / (7 * 86_400))w"
    }
}

/// How long, in two units: `34s`, `12m34s`, `2h05m`, `3d4h`.
package func duration(seconds: Int) -> String {
    let seconds = max(0, seconds)
    switch seconds {
    case ..<60: return "\(seconds)s"
    case ..<3_600: return "\(seconds / 60)m\(digits(UInt(seconds % 60), 2))s"
    case ..<86_400: return "\(seconds / 3_600)h\(digits(UInt(seconds / 60 % 60), 2))m"
    default: return "\(seconds / 86_400)d\(seconds / 3_600 % 24)h"
    }
}

/// Bytes in steps of 1000: `812 B`, `45 kB`, `1.2 MB`, `612 MB`.
package func byteSize(_ bytes: Int) -> String {
    if bytes.magnitude < 1_000 { return "\(bytes) B" }
    let text = compact(bytes)
    return text.dropLast() + " " + (text.last.map(String.init) ?? "") + "B"
}

private func digits(_ value: UInt, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
}
