import Domain
import Engine
import Testing

/// Every input in every phase, then the stories: deadlines, pauses, generations, silence.
@Suite struct ServerMachineTests {
    typealias Machine = ServerMachine

    private static func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    /// Each phase by the shortest way there, everything at instant 0. Generation 1, stream 1.
    static let ways: [(name: String, inputs: [Machine.Input])] = [
        ("down", []),
        ("starting", [.wanted]),
        ("connecting", [.wanted, .ready(1)]),
        ("reading", [.wanted, .ready(1), .opened(1, stream: 1)]),
        ("live", [.wanted, .ready(1), .opened(1, stream: 1), .truthRead(1, stream: 1)]),
        ("silent", []),
        ("reconnecting", [.wanted, .ready(1), .opened(1, stream: 1), .closed(1, stream: 1)]),
        ("backingOff", [.wanted, .startFailed(1, isFinal: false)]),
        ("stopping", [.wanted, .stop(startsAgain: false)]),
        ("stoppingAgain", [.wanted, .stop(startsAgain: true)]),
        ("failed", [.wanted, .startFailed(1, isFinal: true)]),
    ]

    static func machine(in name: String) -> Machine {
        var machine = Machine()
        let way = name == "silent" ? "live" : name
        for input in ways.first(where: { $0.name == way })?.inputs ?? [] { _ = machine.handle(input, now: at(0)) }
        if name == "silent" { _ = machine.handle(.tick, now: at(12_000)) }
        return machine
    }

    static let inputs: [(name: String, input: Machine.Input, at: Int64)] = [
        ("wanted", .wanted, 0), ("found", .found, 0), ("gone", .gone(1), 0), ("ready", .ready(1), 0), ("failed", .startFailed(1, isFinal: false), 0),
        ("final", .startFailed(1, isFinal: true), 0), ("exited", .exited(1), 0), ("opened", .opened(1, stream: 1), 0), ("heard", .heard(1, stream: 1), 0),
        ("truth", .truthRead(1, stream: 1), 0), ("closed", .closed(1, stream: 1), 0), ("stop", .stop(startsAgain: false), 0),
        ("again", .stop(startsAgain: true), 0),
        ("stopped", .stopped(1), 0), ("late", .tick, 100_000),
    ]

    /// Rows: phases; columns: `inputs`. `phase!actions`; `-` is: nothing changes, nothing is done.
    static let table = """
        down          starting!spawn starting!adopt - - - - - - - - - - - - -
        starting      - - down connecting!open backingOff failed backingOff - - - - stopping!stop stoppingAgain!stop - -
        connecting    - - - - - - backingOff reading!read - - reconnecting stopping!stop stoppingAgain!stop - reconnecting!close
        reading       - - - - - - backingOff - - live!live reconnecting stopping!stop stoppingAgain!stop - silent
        live          - - - - - - backingOff - - - reconnecting stopping!stop stoppingAgain!stop - silent
        silent        - - - - - - backingOff - reading!read - reconnecting stopping!stop stoppingAgain!stop - -
        reconnecting  - - - - - - backingOff - - - - stopping!stop stoppingAgain!stop - connecting!open
        backingOff    - - - - - - - - - - - down down - starting!spawn
        stopping      stoppingAgain - - - - - - - - - - - stoppingAgain down -
        stoppingAgain - - - - - - - - - - - stopping - starting!spawn -
        failed        starting!spawn - - - - - - - - - - down down - -
        """

    @Test(arguments: table.split(separator: "\n").map(String.init)) func everyInputInThePhase(_ row: String) {
        let cells = row.split(separator: " ").map(String.init)
        #expect(cells.count == Self.inputs.count + 1)
        for (cell, input) in zip(cells.dropFirst(), Self.inputs) {
            var machine = Self.machine(in: cells[0])
            #expect(machine.phase.name == cells[0])
            let before = machine
            let actions = machine.handle(input.input, now: Self.at(input.at))
            let got = machine.phase.name + (actions.isEmpty ? "" : "!" + actions.map(\.name).joined(separator: ","))
            #expect(got == (cell == "-" ? before.phase.name : cell), "\(cells[0]) when \(input.name)")
        }
    }

    @Test(arguments: ways.map(\.name)) func newsOfAnotherGenerationOrStreamFallsThrough(phase: String) {
        let old: [Machine.Input] = [
            .ready(7), .startFailed(7, isFinal: true), .exited(7), .stopped(7), .gone(7), .opened(7, stream: 1), .heard(7, stream: 1), .truthRead(7, stream: 1),
            .closed(7, stream: 1), .opened(1, stream: 7), .heard(1, stream: 7), .truthRead(1, stream: 7), .closed(1, stream: 7),
        ]
        for input in old {
            var machine = Self.machine(in: phase)
            let before = machine
            #expect(machine.handle(input, now: Self.at(5)) == [])
            #expect(machine == before, "\(input)")
        }
    }

    @Test func thePausesBetweenStartsDoubleUpToAMinute() {
        var machine = Machine()
        var now: Int64 = 0
        var pauses: [Int64] = []
        _ = machine.handle(.wanted, now: Self.at(now))
        for generation in 1...9 {
            _ = machine.handle(.startFailed(generation, isFinal: false), now: Self.at(now))
            guard let due = machine.nextDeadline else { return #expect(Bool(false), "no deadline") }
            pauses.append((due.milliseconds - now) / 1000)
            #expect(machine.handle(.tick, now: Self.at(due.milliseconds - 1)) == [])
            now = due.milliseconds
            #expect(machine.handle(.tick, now: due) == [.spawn(generation + 1)])
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    private func live(_ machine: inout Machine, generation: Int, stream: Int, at now: Int64) {
        _ = machine.handle(.ready(generation), now: Self.at(now))
        _ = machine.handle(.opened(generation, stream: stream), now: Self.at(now))
        _ = machine.handle(.truthRead(generation, stream: stream), now: Self.at(now))
    }

    @Test func aServerThatDiesAsSoonAsItLivesIsNotStartedEverySecond() {
        var machine = Machine()
        _ = machine.handle(.wanted, now: Self.at(0))
        var now: Int64 = 0
        for (generation, pause) in [(1, 1), (2, 2), (3, 4)] as [(Int, Int64)] {
            live(&machine, generation: generation, stream: generation, at: now)
            _ = machine.handle(.exited(generation), now: Self.at(now + 100))
            #expect(machine.nextDeadline == Self.at(now + 100 + pause * 1000))
            now += 100 + pause * 1000
            _ = machine.handle(.tick, now: Self.at(now))
        }
        // One that lived for a while is forgiven.
        live(&machine, generation: 4, stream: 4, at: now)
        _ = machine.handle(.exited(4), now: Self.at(now + 60_000))
        #expect(machine.nextDeadline == Self.at(now + 61_000))
    }

    @Test func silenceIsTwelveSecondsSinceTheLastByte() {
        var machine = Self.machine(in: "live")
        _ = machine.handle(.heard(1, stream: 1), now: Self.at(5_000))
        #expect(machine.nextDeadline == Self.at(17_000))
        _ = machine.handle(.tick, now: Self.at(16_999))
        #expect(machine.phase == .live(1, stream: 1, heard: Self.at(5_000)))
        _ = machine.handle(.tick, now: Self.at(17_000))
        #expect(machine.phase == .silent(1, stream: 1, heard: Self.at(5_000)))
        #expect(machine.nextDeadline == nil)
    }

    @Test func aStoppedProcessThatGoesOnIsReadAgainBeforeItIsBelieved() {
        var machine = Self.machine(in: "silent")
        #expect(machine.handle(.heard(1, stream: 1), now: Self.at(30_000)) == [.readTruth(1, stream: 1)])
        #expect(machine.handle(.truthRead(1, stream: 1), now: Self.at(30_100)) == [.goLive])
        #expect(machine.phase.name == "live")
    }

    @Test func wantedWhileStoppingStartsAgainOnlyWhenTheOldOneHasEnded() {
        var machine = Self.machine(in: "stopping")
        #expect(machine.handle(.wanted, now: Self.at(0)) == [])
        #expect(machine.handle(.exited(1), now: Self.at(0)) == [])
        #expect(machine.handle(.stopped(1), now: Self.at(0)) == [.spawn(2)])
    }

    @Test func stoppedWhileStartingIgnoresThatItGotReady() {
        var machine = Self.machine(in: "starting")
        #expect(machine.handle(.stop(startsAgain: false), now: Self.at(0)) == [.stop(1)])
        #expect(machine.handle(.ready(1), now: Self.at(0)) == [])
        #expect(machine.handle(.stopped(1), now: Self.at(0)) == [])
        #expect(machine.phase == .down)
    }

    @Test func aBrokenStreamIsOpenedAgainAtOnceThenInLongerPauses() {
        var machine = Self.machine(in: "live")
        var now: Int64 = 0
        var pauses: [Int64] = []
        for stream in 1...9 {
            _ = machine.handle(.closed(1, stream: stream), now: Self.at(now))
            guard let due = machine.nextDeadline else { return #expect(Bool(false), "no deadline") }
            pauses.append(due.milliseconds - now)
            now = due.milliseconds
            #expect(machine.handle(.tick, now: due) == [.openStream(1, stream: stream + 1)])
        }
        #expect(pauses == [0, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000])
    }

    @Test func noGenerationIsUsedTwice() {
        var machine = Machine()
        var seen: Set<Int> = []
        for round in 0..<20 {
            let actions = machine.handle(round % 2 == 0 ? .wanted : .found, now: Self.at(0)) + machine.handle(.tick, now: Self.at(Int64(round) * 100_000))
            for case .spawn(let generation) in actions { #expect(seen.insert(generation).inserted) }
            for case .adopt(let generation) in actions { #expect(seen.insert(generation).inserted) }
            let current = machine.currentGeneration
            _ = machine.handle(round % 3 == 0 ? .gone(current) : .exited(current), now: Self.at(Int64(round) * 100_000))
        }
        #expect(seen.count > 10)
    }
}

extension ServerMachine.Phase {
    fileprivate var name: String {
        switch self {
        case .down: "down"
        case .starting: "starting"
        case .connecting: "connecting"
        case .reading: "reading"
        case .live: "live"
        case .silent: "silent"
        case .reconnecting: "reconnecting"
        case .backingOff: "backingOff"
        case .stopping(_, let again): again ? "stoppingAgain" : "stopping"
        case .failed: "failed"
        }
    }
}

extension ServerMachine.Action {
    fileprivate var name: String {
        switch self {
        case .spawn: "spawn"
        case .adopt: "adopt"
        case .openStream: "open"
        case .closeStream: "close"
        case .readTruth: "read"
        case .goLive: "live"
        case .stop: "stop"
        }
    }
}
