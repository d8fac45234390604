import Glibc
import Sys

/// What a process has used so far, from /proc, all its threads together.
struct Meter: Sendable {
    var cpuNs: Int64 = 0
    /// Voluntary switches: how often it went to sleep, so how often it was woken.
    var wakeUps: Int64 = 0
    var at = Clock.monotonicNanoseconds()

    init(_ pid: Int32) {
        for entry in (try? Files.names("/proc/\(pid)/task")) ?? [] {
            let task = "/proc/\(pid)/task/\(entry)"
            cpuNs += Self.first(task + "/schedstat")
            wakeUps += Self.field("voluntary_ctxt_switches:", task + "/status")
        }
    }

    /// CPU in percent of one core and wake-ups a second between two looks.
    static func between(_ before: Meter, _ after: Meter) -> (cpuPercent: Double, wakeUpsPerSecond: Double) {
        let ns = Double(after.at - before.at)
        return (Double(after.cpuNs - before.cpuNs) / ns * 100, Double(after.wakeUps - before.wakeUps) / ns * 1e9)
    }

    /// Proportional share of memory in MB.
    static func megabytes(_ pid: Int32) -> Double { Double(ProcessFacts.memoryKB(pid) ?? 0) / 1024 }

    private static func first(_ path: String) -> Int64 {
        guard let bytes = try? Files.read(path, limit: 4096) else { return 0 }
        return number(bytes[...])
    }

    private static func field(_ name: String, _ path: String) -> Int64 {
        guard let bytes = try? Files.read(path, limit: 8192) else { return 0 }
        for line in bytes.split(separator: 0x0A) where line.starts(with: name.utf8) { return number(line.dropFirst(name.utf8.count)) }
        return 0
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
        let digits = bytes.drop { $0 == 0x20 || $0 == 0x09 }.prefix { (0x30...0x39).contains($0) }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
}
