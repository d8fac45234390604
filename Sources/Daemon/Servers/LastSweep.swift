import Glibc
import Sys

/// Ends every process that carries the mark of this state directory: servers, tools of agents and what those started. Asks first.
///
/// Our own ancestors are spared: it may be a tool of an agent that runs `drover daemon stop`, and that ends by itself.
enum LastSweep {
    /// How many there were. Blocks until they are gone, a few seconds at most.
    @discardableResult
    static func run(state: String) -> Int {
        let spared = ownFamily()
        var ended: Set<Int32> = []
        // What is being started while we look is found the next time round.
        for _ in 0..<3 {
            let left = ServerMark.processes(of: state).filter { !spared.contains($0.pid) }
            guard !left.isEmpty else { break }
            ended.formUnion(left.map(\.pid))
            end(left.compactMap { ChildWatch.adopt(pid: $0.pid, startTime: $0.startTime) })
        }
        return ended.count
    }

    private static func end(_ processes: [ChildWatch]) {
        var left = processes
        for (signal, patience) in [(SIGTERM, Int64(1000)), (SIGKILL, 2000)] where !left.isEmpty {
            for process in left { process.signal(signal) }
            wait(for: &left, untilMs: Clock.monotonicMilliseconds() + patience)
        }
    }

    private static func wait(for processes: inout [ChildWatch], untilMs deadline: Int64) {
        let poller = Poller()
        for process in processes { try? poller.add(process.descriptor, token: UInt64(process.pid)) }
        while !processes.isEmpty, Clock.monotonicMilliseconds() < deadline {
            for ready in poller.wait(untilMonotonicMs: deadline) {
                for process in processes where UInt64(process.pid) == ready.token { poller.remove(process.descriptor) }
                processes.removeAll { UInt64($0.pid) == ready.token }
            }
        }
    }

    private static func ownFamily() -> Set<Int32> {
        var family: Set<Int32> = []
        var next = getpid()
        while next > 1, family.insert(next).inserted { next = ProcessFacts.process(next)?.parent ?? 0 }
        return family
    }
}
