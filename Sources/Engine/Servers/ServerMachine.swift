package import Domain

/// The life of one `opencode serve`, without the process: what to do next, from what happened.
///
/// Answers carry the generation of the process and the number of the stream that they are about.
package struct ServerMachine: Equatable, Sendable {
    package enum Phase: Equatable, Sendable {
        /// Not running and not wanted.
        case down
        case starting(Int)
        case connecting(Int, stream: Int, since: Instant)
        /// The stream is open, the truth is being read; events wait.
        case reading(Int, stream: Int, heard: Instant)
        case live(Int, stream: Int, heard: Instant)
        /// Open, but not a byte for longer than a heartbeat and two seconds (v1-measured.md §4: a heartbeat every 10.0 s).
        case silent(Int, stream: Int, heard: Instant)
        /// The stream broke, the process did not: again at `at`.
        case reconnecting(Int, at: Instant, lost: Instant)
        case backingOff(until: Instant)
        case stopping(Int, startsAgain: Bool)
        /// Cannot run until a person mends something.
        case failed

        package enum Kind: Equatable, Sendable { case down, starting, connecting, reading, live, silent, reconnecting, backingOff, stopping, failed }
        /// The phase without what belongs to it.
        package var kind: Kind {
            switch self {
            case .down: .down
            case .starting: .starting
            case .connecting: .connecting
            case .reading: .reading
            case .live: .live
            case .silent: .silent
            case .reconnecting: .reconnecting
            case .backingOff: .backingOff
            case .stopping: .stopping
            case .failed: .failed
            }
        }
    }

    package enum Input: Equatable, Sendable {
        case wanted
        case found
        /// The one that an earlier daemon left is not there any more.
        case gone(Int)
        case ready(Int)
        case startFailed(Int, isFinal: Bool)
        case exited(Int)
        case opened(Int, stream: Int)
        case heard(Int, stream: Int)
        case truthRead(Int, stream: Int)
        case closed(Int, stream: Int)
        case stop(startsAgain: Bool)
        case stopped(Int)
        case tick
    }

    package enum Action: Equatable, Sendable {
        case spawn(Int)
        case adopt(Int)
        case openStream(Int, stream: Int)
        case closeStream(Int, stream: Int)
        case readTruth(Int, stream: Int)
        /// Events that waited for the truth can be applied, in order.
        case goLive
        case stop(Int)
    }

    /// Heartbeat (10 s) and 2 s: after that much silence nothing is known any more.
    package static let silence = Span.seconds(12)
    /// A stream that comes back within this is not worth a word to the person.
    package static let grace = Span.milliseconds(1500)
    /// Longest pause between two attempts to start it.
    package static let longestPause = Span.seconds(60)
    /// One that was live for this long has proved itself: its end is the first failure again.
    package static let proof = Span.seconds(60)

    package private(set) var phase = Phase.down
    /// Failures in a row, of the process or of its start.
    package private(set) var failures = 0
    private var generation = 0
    private var streams = 0
    private var lostStreams = 0
    private var liveSince: Instant?

    package init() {}

    package var currentGeneration: Int { generation }

    /// Whether news of this stream are still news.
    package func isCurrent(_ generation: Int, stream: Int) -> Bool { generation == self.generation && stream == streams }

    /// Bytes came on the stream of a live server: nearly everything that ever happens, so without a detour. False: handle `heard`.
    package mutating func hears(_ generation: Int, stream: Int, now: Instant) -> Bool {
        guard case .live(generation, stream, _) = phase else { return false }
        phase = .live(generation, stream: stream, heard: now)
        return true
    }

    package var nextDeadline: Instant? {
        switch phase {
        case .backingOff(let until): until
        case .reconnecting(_, let at, _): at
        case .reading(_, _, let heard), .live(_, _, let heard): heard + Self.silence
        case .connecting(_, _, let since): since + Self.silence
        case .down, .starting, .silent, .stopping, .failed: nil
        }
    }

    /// News from an old process or an old stream falls through here, in one place.
    private func isCurrent(_ input: Input) -> Bool {
        switch input {
        case .wanted, .found, .stop, .tick: true
        case .gone(let g), .ready(let g), .startFailed(let g, _), .exited(let g), .stopped(let g): g == generation
        case .opened(let g, let s), .heard(let g, let s), .truthRead(let g, let s), .closed(let g, let s): g == generation && s == streams
        }
    }

    package mutating func handle(_ input: Input, now: Instant) -> [Action] {
        guard isCurrent(input) else { return [] }
        switch (phase, input) {
        case (.down, .wanted), (.failed, .wanted): return spawn()
        case (.stopping(let g, _), .wanted):
            phase = .stopping(g, startsAgain: true)
            return []
        case (.backingOff(let until), .tick) where now >= until: return spawn()

        case (.down, .found):
            generation += 1
            liveSince = nil
            phase = .starting(generation)
            return [.adopt(generation)]

        case (.starting, .gone):
            phase = .down
            return []
        case (.starting, .ready): return connect(now)
        case (.starting, .startFailed(_, let isFinal)):
            if isFinal { phase = .failed } else { backOff(now) }
            return []

        case (.connecting(let g, let s, _), .opened):
            phase = .reading(g, stream: s, heard: now)
            return [.readTruth(g, stream: s)]
        case (.connecting(let g, let s, let since), .tick) where now >= since + Self.silence:
            lose(now)
            return [.closeStream(g, stream: s)]

        case (.reading(let g, let s, _), .heard):
            phase = .reading(g, stream: s, heard: now)
            return []
        case (.reading(let g, let s, let heard), .truthRead):
            phase = .live(g, stream: s, heard: heard)
            if liveSince == nil { liveSince = now }
            lostStreams = 0
            return [.goLive]

        case (.live(let g, let s, _), .heard):
            phase = .live(g, stream: s, heard: now)
            return []
        case (.live(let g, let s, let heard), .tick) where now >= heard + Self.silence:
            phase = .silent(g, stream: s, heard: heard)
            return []
        case (.reading(let g, let s, let heard), .tick) where now >= heard + Self.silence:
            phase = .silent(g, stream: s, heard: heard)
            return []
        case (.silent(let g, let s, _), .heard):
            phase = .reading(g, stream: s, heard: now)
            return [.readTruth(g, stream: s)]

        case (.connecting, .closed), (.reading, .closed), (.live, .closed), (.silent, .closed):
            lose(now)
            return []
        case (.reconnecting(_, let at, _), .tick) where now >= at: return connect(now)

        case (.starting, .exited), (.connecting, .exited), (.reading, .exited), (.live, .exited), (.silent, .exited), (.reconnecting, .exited):
            backOff(now)
            return []

        case (.starting, .stop(let again)), (.connecting, .stop(let again)), (.reading, .stop(let again)), (.live, .stop(let again)),
            (.silent, .stop(let again)), (.reconnecting, .stop(let again)):
            phase = .stopping(generation, startsAgain: again)
            return [.stop(generation)]
        case (.backingOff, .stop), (.failed, .stop):
            phase = .down
            return []
        case (.stopping(let g, _), .stop(let again)):
            phase = .stopping(g, startsAgain: again)
            return []
        case (.stopping(_, let again), .stopped):  // not at its exit: its tools are ended after it
            phase = .down
            return again ? spawn() : []

        case (_, .wanted), (_, .found), (_, .gone), (_, .ready), (_, .startFailed), (_, .exited), (_, .opened), (_, .heard), (_, .truthRead), (_, .closed),
            (_, .stop), (_, .stopped), (_, .tick):
            return []  // nothing to do in this phase
        }
    }

    private mutating func spawn() -> [Action] {
        generation += 1
        liveSince = nil
        phase = .starting(generation)
        return [.spawn(generation)]
    }

    private mutating func connect(_ now: Instant) -> [Action] {
        streams += 1
        phase = .connecting(generation, stream: streams, since: now)
        return [.openStream(generation, stream: streams)]
    }

    /// The first attempt comes at once: most breaks are of the connection, not of the server.
    private mutating func lose(_ now: Instant) {
        let pause: Int64 = lostStreams == 0 ? 0 : min(250 << Int64(min(lostStreams, 6)), 10_000)
        lostStreams += 1
        phase = .reconnecting(generation, at: now + .milliseconds(pause), lost: now)
    }

    private mutating func backOff(_ now: Instant) {
        if let since = liveSince, now - since >= Self.proof { failures = 0 }
        liveSince = nil
        failures += 1
        let pause = min(Int64(500) << Int64(min(failures, 8)), Self.longestPause.milliseconds)
        phase = .backingOff(until: now + .milliseconds(pause))
    }
}
