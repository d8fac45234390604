import Domain

/// How text is dressed for the one who reads it.
struct Style: Sendable {
    var colour: Bool
    /// False where the locale is not UTF-8: then the letters of product.md §2 stand for the glyphs.
    var unicode: Bool
    /// Cells of a line; 0: as many as there are.
    var columns: Int

    static let plain = Style(colour: false, unicode: true, columns: 0)

    enum Ink: String { case bold = "1", dim = "2", red = "31", green = "32", yellow = "33", blue = "34", magenta = "35", cyan = "36" }

    func paint(_ text: String, _ ink: Ink?) -> String {
        guard colour, let ink, !text.isEmpty else { return text }
        return "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m"
    }

    func glyph(_ status: Status) -> String { unicode ? status.glyph.unicode : status.glyph.ascii }

    static func ink(_ status: Status) -> Ink? {
        switch status {
        case .waiting, .limited: .yellow
        case .failed: .red
        case .running: .green
        case .quiet: .magenta
        case .provisioning, .starting, .moving: .cyan
        case .done: .blue
        case .paused, .stopped, .unknown: .dim
        }
    }

    /// "4s", "12m", "3h", "5d": the largest unit alone.
    static func age(_ since: Timestamp, now: Timestamp) -> String {
        let (gap, over) = now.milliseconds.subtractingReportingOverflow(since.milliseconds)
        let seconds = max(0, over ? 0 : gap / 1000)
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3600)h"
        default: "\(seconds / 86400)d"
        }
    }

    /// "$0.18"; less than a cent with what there is of it; nothing for nothing.
    static func money(_ dollars: Double) -> String {
        guard dollars.isFinite, dollars > 0 else { return "" }
        let cents = dollars < 0.01 ? 4 : 2
        let scale = cents == 4 ? 10_000.0 : 100.0
        guard dollars < 1e12 else { return "$\(dollars)" }
        let units = Int((dollars * scale).rounded())
        let fraction = String(units % Int(scale))
        return "$\(units / Int(scale))." + String(repeating: "0", count: cents - fraction.count) + fraction
    }

    /// "950", "45.2k", "1.9M".
    static func count(_ number: Int) -> String {
        func short(_ scale: Int, _ letter: String) -> String {
            let tenths = number / (scale / 10)
            return tenths % 10 == 0 || tenths >= 1000 ? "\(tenths / 10)\(letter)" : "\(tenths / 10).\(tenths % 10)\(letter)"
        }
        return switch number {
        case ..<1000: String(number)
        case ..<1_000_000: short(1000, "k")
        case ..<1_000_000_000: short(1_000_000, "M")
        default: short(1_000_000_000, "G")
        }
    }

    static func bytes(_ count: Int) -> String { count <= 0 ? "" : "\(count >> 20) MB" }
}
