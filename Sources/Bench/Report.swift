import JSON

/// The figures as a table for people and as JSON for scripts.
struct Report {
    var figures: [Figure] = []
    /// What could not be measured, and why.
    var remarks: [String] = []

    var text: String {
        var rows = [["what", "ours", "floor", "ratio", "must", "stretch", "verdict"]]
        for figure in figures {
            rows.append([
                figure.what, Self.number(figure.ours) + " " + figure.unit, figure.floor.map { Self.number($0) + " " + figure.floorName } ?? "-",
                figure.ratio.map { Self.number($0) } ?? "-", figure.must.map(Self.number) ?? "-", figure.stretch.map(Self.number) ?? "-",
                Self.word(figure.verdict),
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.indices.map { column in
                let blank = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 || column == row.count - 1 ? row[column] + blank : blank + row[column]
            }.joined(separator: "  ")
        }
        return (lines + remarks.map { "note: " + $0 }).joined(separator: "\n") + "\n"
    }

    private static func word(_ verdict: Figure.Verdict) -> String {
        switch verdict {
        case .stretch: "ok, stretch"
        case .must: "ok"
        case .short: "SHORT"
        case .info: ""
        }
    }

    /// Three digits that matter; no locale, no format strings.
    static func number(_ value: Double) -> String {
        let size = value.magnitude
        if size >= 1_000_000 { return number(value / 1_000_000) + "M" }
        if size >= 10_000 { return number(value / 1000) + "k" }
        let places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
        let scale = [1.0, 10, 100, 1000][places]
        let whole = Int((size * scale).rounded())
        let sign = value < 0 && whole > 0 ? "-" : ""
        if places == 0 { return sign + "\(whole)" }
        let part = String(whole % Int(scale))
        return sign + "\(whole / Int(scale))." + String(repeating: "0", count: places - part.count) + part
    }

    var json: [UInt8] {
        var writer = JSONWriter(pretty: true)
        writer.object {
            $0.array("figures") { list in
                for figure in figures { list.object { Self.write(figure, to: &$0) } }
            }
            $0.array("remarks") { for remark in remarks { $0.value(remark) } }
        }
        return writer.bytes + [0x0A]
    }

    private static func write(_ figure: Figure, to writer: inout JSONWriter) {
        writer.field("name", figure.name)
        writer.field("what", figure.what)
        writer.field("unit", figure.unit)
        writer.field("ours", figure.ours)
        if let floor = figure.floor { writer.field("floor", floor) }
        if !figure.floorName.isEmpty { writer.field("floorName", figure.floorName) }
        if let ratio = figure.ratio { writer.field("ratio", ratio) }
        if let must = figure.must { writer.field("must", must) }
        if let stretch = figure.stretch { writer.field("stretch", stretch) }
        writer.field("verdict", figure.verdict.rawValue)
    }
}
