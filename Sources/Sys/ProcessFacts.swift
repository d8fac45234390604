import CPosix
import Glibc

/// What /proc says about processes (proc(5)). Reads only; nothing is forked. A process that is gone is nil.
package enum ProcessFacts {
    /// A process of the tree below another.
    package struct Process: Hashable, Sendable {
        package let pid: Int32
        package let parent: Int32
        package let group: Int32
        package let session: Int32
        /// Ticks since the start of the machine.
        package let startTime: UInt64
        /// CPU time so far, user and system.
        package let cpuMs: Int64
        package let isZombie: Bool
        /// At most 15 bytes.
        package let name: String
    }

    /// Differs after each start of the machine; without it a start time says nothing.
    package static func bootID() -> String? {
        guard let bytes = try? Files.read("/proc/sys/kernel/random/boot_id", limit: 100) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
    }

    package static func startTime(_ pid: Int32) -> UInt64? { process(pid)?.startTime }

    /// Whether that very process runs. A zombie does not.
    package static func isAlive(pid: Int32, startTime: UInt64) -> Bool {
        guard let found = process(pid) else { return false }
        return found.startTime == startTime && !found.isZombie
    }

    package static func process(_ pid: Int32) -> Process? {
        (try? Files.read("/proc/\(pid)/stat", limit: 4096)).flatMap { parse($0) }
    }

    /// One line of /proc/PID/stat. The name is in parentheses and may hold any byte, parentheses and spaces included: what
    /// follows the last ")" is fields 3 and on.
    package static func parse(_ stat: [UInt8]) -> Process? {
        guard let open = stat.firstIndex(of: UInt8(ascii: "(")), let close = stat.lastIndex(of: UInt8(ascii: ")")), open < close,
            let pid = number(stat[..<open])
        else { return nil }
        let fields = stat[(close + 1)...].split { $0 == 0x20 || $0 == 0x0A }
        // Indices are those of proc(5) less 3.
        guard fields.count > 19, let parent = number(fields[1]), let group = number(fields[2]), let session = number(fields[3]),
            let user = number(fields[11]), let system = number(fields[12]), let start = number(fields[19])
        else { return nil }
        return Process(
            pid: Int32(clamping: pid), parent: Int32(clamping: parent), group: Int32(clamping: group), session: Int32(clamping: session),
            startTime: UInt64(clamping: start), cpuMs: Int64((user + system) * 1000 / ticksPerSecond), isZombie: fields[0].first == UInt8(ascii: "Z"),
            name: String(decoding: stat[(open + 1)..<close], as: UTF8.self))
    }

    private static let ticksPerSecond = max(1, sysconf(Int32(_SC_CLK_TCK)))

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        var text = bytes
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { text = text.dropFirst() }
        var value = 0
        var any = false
        for byte in text where byte != 0x20 {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let (times, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, more) = times.addingReportingOverflow(Int(byte - 0x30))
            if over || more { return Int.max }
            value = sum
            any = true
        }
        return any ? (isNegative ? -value : value) : nil
    }

    /// All processes that can be seen, in one pass.
    package static func all() -> [Process] { pids().compactMap { process($0) } }

    static func pids() -> [Int32] {
        guard let names = try? Files.list("/proc") else { return [] }
        return names.compactMap { entry in number(entry.name[...]).map { Int32(clamping: $0) } }
    }

    /// Children, their children and so on, also those that left the session; without `pid` itself. A process whose parent has
    /// ended belongs to another tree: find those by `processes(withEnvironment:)`.
    package static func descendants(of pid: Int32) -> [Process] { descendants(of: pid, among: all()) }

    package static func descendants(of pid: Int32, among processes: [Process]) -> [Process] {
        let byParent = Dictionary(grouping: processes, by: \.parent)
        var found: [Process] = []
        var next = [pid]
        var seen: Set<Int32> = [pid]
        while let parent = next.popLast() {
            for child in byParent[parent] ?? [] where seen.insert(child.pid).inserted {
                found.append(child)
                next.append(child.pid)
            }
        }
        return found
    }

    /// The processes of this user whose environment, as it was when they began, holds "NAME=value" exactly.
    /// A process that was started microseconds ago may not show its environment yet.
    package static func processes(withEnvironment entry: String) -> [Process] {
        let wanted = Array(entry.utf8)
        return pids().compactMap { pid in
            guard let bytes = try? Files.read("/proc/\(pid)/environ", limit: 1 << 20) else { return nil }
            let holds = bytes.split(separator: 0).contains { $0.elementsEqual(wanted) }
            return holds ? process(pid) : nil
        }
    }

    package static func commandLine(_ pid: Int32) -> [String]? {
        guard let bytes = try? Files.read("/proc/\(pid)/cmdline", limit: 1 << 20) else { return nil }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map { String(decoding: $0, as: UTF8.self) }
    }

    package static func directory(_ pid: Int32) -> String? { try? Files.readLink("/proc/\(pid)/cwd") }

    /// The file it runs.
    package static func executable(_ pid: Int32) -> String? { try? Files.readLink("/proc/\(pid)/exe") }

    /// Memory in kB: its share of what is shared (PSS) where the kernel tells, otherwise all it touches (RSS).
    package static func memoryKB(_ pid: Int32) -> Int? {
        if let bytes = try? Files.read("/proc/\(pid)/smaps_rollup", limit: 8192), let pss = field("Pss:", in: bytes) { return pss }
        return residentKB(pid)
    }

    /// Memory it touches in kB (RSS), what it shares counted in full. Costs microseconds; `memoryKB` walks all pages, which is
    /// milliseconds for a large process.
    package static func residentKB(_ pid: Int32) -> Int? {
        guard let bytes = try? Files.read("/proc/\(pid)/statm", limit: 256) else { return nil }
        let fields = bytes.split(separator: 0x20)
        return fields.count > 1 ? number(fields[1]).map { $0 * pageKB } : nil
    }

    private static let pageKB = max(1, sysconf(Int32(_SC_PAGESIZE)) / 1024)

    private static func field(_ name: String, in bytes: [UInt8]) -> Int? {
        for line in bytes.split(separator: 0x0A) where line.starts(with: name.utf8) {
            return number(line.dropFirst(name.utf8.count).prefix { $0 != UInt8(ascii: "k") })
        }
        return nil
    }
}
