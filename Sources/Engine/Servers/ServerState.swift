import Domain

/// A server's machine and what the engine keeps beside it.
struct ServerState: Equatable {
    var machine = ServerMachine()
    var facts: ServerFacts?
    /// The record of an earlier daemon, until it was adopted or cleared away.
    var record: ServerRecord?
    /// Events that wait until the truth was read.
    var buffer: [ServerEvent] = []
    var reading: Reading?
    /// Since when nothing is known for sure; nil while live or plainly not running.
    var lostSince: (instant: Instant, wall: Timestamp)?
    /// This process has been live, or was when an earlier daemon had it.
    var wasLive = false
    /// The person has been shown that it is unknown.
    var isShownUnknown = false
    /// Last sign of use: an order, a turn.
    var used: Instant
    /// Tokens of context of each model, `provider/model`.
    var contexts: [String: Int] = [:]
    /// Streams that broke in a row before this process was ever live.
    var futileStreams = 0
    /// Why it went away, when it did so by itself.
    var crash: String?
    /// Last line in words when it cannot be started.
    var trouble: (why: String, remedy: String)?
    /// Orders that wait until it is live.
    var parked: [(errand: Errand, order: ClientOrder)] = []
    /// Directories whose sessions have been read since it is live, or are being read.
    var covered: Set<String> = []
    /// Directories that appeared while it was live: their truth is being read.
    var coverings: [String: Covering] = [:]
    /// Directories that it cannot read, and what it said of them.
    var broken: [String: String] = [:]
    /// When those are tried again, and how often that was done in a row.
    var mendAt: Instant?
    var mends = 0
    /// Troubles of directories that a person was told of.
    var told: Set<String> = []
    /// A call that mattered was lost on the way: then everything is read again.
    var rereadAt: Instant?
    /// Times that this was needed in a row.
    var rereads = 0

    init(used: Instant) { self.used = used }

    static func == (left: Self, right: Self) -> Bool {
        left.machine == right.machine && left.facts == right.facts && left.buffer == right.buffer && left.reading == right.reading
    }

    var isLive: Bool { if case .live = machine.phase { true } else { false } }

    /// Started and never live yet: nothing can be going on in it, so what was known before still holds.
    var isFresh: Bool { !wasLive && record == nil && facts?.isAdopted != true }

    /// A process is there or wanted.
    var isUp: Bool {
        switch machine.phase {
        case .down, .failed: false
        case .starting, .connecting, .reading, .live, .silent, .reconnecting, .backingOff, .stopping: true
        }
    }

    /// When its agents have to be shown as unknown, if it does not come back before.
    var unknownAt: Instant? { isShownUnknown ? nil : lostSince.map { $0.instant + ServerMachine.grace } }

    /// One reading of the truth: which answers are still out, and what came.
    struct Reading: Equatable {
        var stream: Int
        var open: Set<CallID> = []
        var listings: [String: Listing] = [:]
        var hasFailed = false
    }

    /// The truth of one directory, read while events are applied: those about phases and requests are applied to it once more.
    struct Covering: Equatable {
        var open: Set<CallID> = []
        var listing = Listing()
        var since: [ServerEvent] = []
        var trouble: String?
    }

    struct Listing: Equatable {
        var sessions: [SessionInfo]?
        var phases: [SessionID: SessionPhase]?
        var requests: [Request] = []
    }
}
