/// One measured figure beside what it is held against. All values of a figure have the same unit.
struct Figure: Sendable {
    enum Verdict: String, Sendable { case stretch, must, short, info }

    /// Stable, for `--json`: "frame.cold".
    var name: String
    var what: String
    var unit: String
    var ours: Double
    /// The same thing done by the barest program, or by a peer, in this very run; nil: there is none here.
    var floor: Double?
    var floorName = ""
    var must: Double?
    var stretch: Double?
    /// For rates: more is better.
    var isRate = false

    /// Ours over the floor (for rates the floor over ours): how many times the bare cost is paid.
    var ratio: Double? {
        guard let floor, floor > 0, ours > 0 else { return nil }
        return isRate ? floor / ours : ours / floor
    }

    var verdict: Verdict {
        guard let must else { return .info }
        if let stretch, reaches(stretch) { return .stretch }
        return reaches(must) ? .must : .short
    }

    private func reaches(_ goal: Double) -> Bool { isRate ? ours >= goal : ours <= goal }
}

extension [Double] {
    /// 0…1; of an empty list 0. The nearest value that was measured, not one in between.
    func quantile(_ share: Double) -> Double {
        isEmpty ? 0 : sorted()[Swift.min(count - 1, Int(share * Double(count)))]
    }

    var median: Double { quantile(0.5) }
}
