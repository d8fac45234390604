/// A point on the monotonic clock, in milliseconds. For deadlines; meaningless after a restart.
package struct Instant: Hashable, Sendable, Comparable {
    package var milliseconds: Int64
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
    package static func + (left: Self, right: Span) -> Self { .init(milliseconds: left.milliseconds + right.milliseconds) }
    package static func - (left: Self, right: Self) -> Span { .init(milliseconds: left.milliseconds - right.milliseconds) }
}

/// A length of time in milliseconds.
package struct Span: Hashable, Sendable, Comparable {
    package var milliseconds: Int64
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }
    package static func milliseconds(_ count: Int64) -> Self { .init(milliseconds: count) }
    package static func seconds(_ count: Int64) -> Self { .init(milliseconds: count * 1000) }
    package static func minutes(_ count: Int64) -> Self { .init(milliseconds: count * 60_000) }
    package static func days(_ count: Int64) -> Self { .init(milliseconds: count * 86_400_000) }
}

/// A point on the wall clock: milliseconds since 1970-01-01 UTC. For people, records and OpenCode's own times.
package struct Timestamp: Hashable, Sendable, Comparable {
    package var milliseconds: Int64
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    /// RFC 3339 in UTC with milliseconds: `2026-11-21T08:31:56.986Z`.
    package var rfc3339: String {
        let days = (milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000
        let (year, month, day) = Civil.date(daysSince1970: days)
        let rest = milliseconds - days * 86_400_000
        func pad(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2) + "T" + pad(rest / 3_600_000, 2) + ":"
            + pad(rest / 60_000 % 60, 2) + ":" + pad(rest / 1000 % 60, 2) + "." + pad(rest % 1000, 3) + "Z"
    }
}

/// The proleptic Gregorian calendar, by Howard Hinnant's `civil_from_days`.
package enum Civil {
    package static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }
}

/// Both clocks at one moment; every event is handled at one `Now`.
package struct Now: Equatable, Sendable {
    package var instant: Instant
    package var wall: Timestamp
    /// Minutes to add to UTC for the person's own time zone; decides which day money belongs to.
    package var zoneMinutes: Int
    package init(instant: Instant, wall: Timestamp, zoneMinutes: Int = 0) {
        self.instant = instant
        self.wall = wall
        self.zoneMinutes = zoneMinutes
    }

    /// The person's calendar day of `moment`, `2026-11-21`.
    package func day(of moment: Timestamp) -> String {
        String(Timestamp(milliseconds: moment.milliseconds + Int64(zoneMinutes) * 60_000).rfc3339.prefix(10))
    }
}
