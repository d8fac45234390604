import Domain
import Engine
import Sys

/// One server process that the keeper looks after.
struct ServerProcess {
    enum Phase {
        /// Spawned; its line is awaited.
        case starting(until: Int64)
        /// It listens; which generation it is is being asked.
        case checking
        case up
        case stopping(StopStep, until: Int64)
    }

    /// A clean stop (v1-measured.md §2): dispose, TERM, TERM again because the first can be swallowed, KILL, then every tool.
    enum StopStep { case disposing, terminating, insisting, killing, sweeping, sweepingHard }

    let id: ServerID
    let generation: Int
    let token: UInt64
    var watch: ChildWatch?
    var follow: FollowFile?
    var said: [UInt8] = []
    var phase: Phase
    var record: ServerRecord
    /// Attempts to take it over that got no answer.
    var attempts = 0
    let isAdopted: Bool
    /// The program's file, as `KeeperLoop.fileIdentity` names it.
    var program = ""
    /// Tools that were below it when it was stopped.
    var tools: [ProcessFacts.Process] = []
    var lastCPU: (milliseconds: Int64, at: Int64)?

    var url: String { "http://127.0.0.1:\(record.port)" }

    var deadline: Int64? {
        switch phase {
        case .starting(let until), .stopping(_, let until): until
        case .checking, .up: nil
        }
    }
}
