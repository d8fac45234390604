import Glibc

/// The clocks of the machine.
package enum Clock {
    /// Since the start of the machine, without the time it slept. Never jumps: for deadlines.
    package static func monotonicMilliseconds() -> Int64 { Int64(monotonicNanoseconds() / 1_000_000) }

    package static func monotonicNanoseconds() -> UInt64 {
        let now = read(CLOCK_MONOTONIC)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }

    /// Since 1970 UTC. Can jump: for showing and storing.
    package static func wallMilliseconds() -> Int64 {
        let now = read(CLOCK_REALTIME)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    /// The CPU time of this process so far, all threads.
    package static func processMilliseconds() -> Int64 {
        let now = read(CLOCK_PROCESS_CPUTIME_ID)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var now = timespec()
        clock_gettime(clock, &now)
        return now
    }

    /// A moment as a wall clock of the person's zone shows it.
    package struct LocalTime: Equatable, Sendable {
        package var year: Int
        /// From 1.
        package var month: Int
        package var day: Int
        package var hour: Int
        package var minute: Int
        package var second: Int
        /// East of UTC.
        package var offsetMinutes: Int
    }

    package static func localTime(_ wallMilliseconds: Int64) -> LocalTime {
        // Rounded down, also before 1970.
        var seconds = time_t(wallMilliseconds / 1000 - (wallMilliseconds % 1000 < 0 ? 1 : 0))
        var parts = tm()
        localtime_r(&seconds, &parts)
        return LocalTime(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday), hour: Int(parts.tm_hour),
            minute: Int(parts.tm_min), second: Int(parts.tm_sec), offsetMinutes: parts.tm_gmtoff / 60)
    }

    /// The moment that a local date and time name; for "today" and "since 9:00". Values out of range carry over.
    package static func wallMilliseconds(of local: LocalTime) -> Int64 {
        var parts = tm()
        parts.tm_year = Int32(clamping: local.year - 1900)
        parts.tm_mon = Int32(clamping: local.month - 1)
        parts.tm_mday = Int32(clamping: local.day)
        parts.tm_hour = Int32(clamping: local.hour)
        parts.tm_min = Int32(clamping: local.minute)
        parts.tm_sec = Int32(clamping: local.second)
        parts.tm_isdst = -1
        return Int64(mktime(&parts)) * 1000
    }
}
