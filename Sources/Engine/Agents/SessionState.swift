import Domain

/// What the engine knows of one session, root or child, beyond what people are shown.
///
/// `phase` and `awaitsTurnSince` are changed by `Engine.setPhase` and `Engine.setAwaiting` only, which keep count of what is busy.
struct SessionState: Equatable {
    var info: SessionInfo
    var server: ServerID
    var phase = SessionPhase.idle
    /// Why the phase or the outcome is what it is.
    var evidence: Evidence
    /// The last event about it; a busy session that is silent for long is *quiet*.
    var heard: Instant
    /// An error that the server told apart from any message ("Model not found" has no message).
    var turnError: TurnError?
    /// A person stopped the turn through drover; an abort while waiting for a retry leaves no trace in the message (v1-measured.md §8).
    var wasStopped = false
    /// What was cut short when its server went away, in words.
    var cut: String?
    var lastUser: MessageID?
    var lastUserCreated: Timestamp?
    var lastAnswer: MessageInfo?
    /// No answer to the newest prompt has begun.
    var isUnanswered = false
    /// The newest messages have been read, or everything since its creation was heard.
    var isTailKnown = false
    /// When the newest messages were asked for last.
    var tailAsked: Timestamp?
    /// A prompt was accepted and no sign of its turn was seen yet.
    var awaitsTurnSince: Instant?
    /// That prompt.
    var awaited: MessageID?
    /// The prompt that was accepted and never taken up goes again by itself, once: one that arrives while a failed turn is being closed is
    /// stored by the server but not run (measured with 1.18.33).
    var overlooked: MessageID?
    /// Turns that were seen to begin.
    var turns = 0
    /// Found, not started by drover, and never busy in our server: another opencode may be running it, which ours does not tell (v1-measured.md §10).
    var isForeign = false
    /// The process of somebody else that ran its last turn and is gone.
    var leftBy: Int?
    /// Its directory could not be read and nothing was heard since: what is said of it is of before.
    var isStale = false
    /// How its last turn ended in an earlier run of the daemon, where the server's messages do not tell it.
    var carried: Carried?
    var activity = Activity.none
    /// Calls of tools that have begun and not ended.
    var openCalls: Set<String> = []
    /// Which part the text that streams now belongs to, and whether it is reasoning.
    var streaming: (part: PartID, isThinking: Bool)?

    static func == (left: Self, right: Self) -> Bool {
        left.info == right.info && left.phase == right.phase && left.evidence == right.evidence && left.turnError == right.turnError
            && left.wasStopped == right.wasStopped && left.cut == right.cut && left.lastAnswer == right.lastAnswer && left.activity == right.activity
    }

    init(info: SessionInfo, server: ServerID, evidence: Evidence, heard: Instant) {
        self.info = info
        self.server = server
        self.evidence = evidence
        self.heard = heard
    }

    var isBusy: Bool { phase != .idle || awaitsTurnSince != nil }

    /// When the last turn ended, if that was read rather than heard.
    var ended: Timestamp? { evidence.source == .read ? lastAnswer?.completed ?? info.updated : nil }

    struct Carried: Equatable {
        var isPaused: Bool
        var error: String
        var since: Timestamp
    }

    enum Outcome: Equatable {
        case done
        case failed(String)
        case paused
        /// Cut by a crash: the words say what was going on.
        case interrupted(String)
        /// It has no end here, and it may be running in another process.
        case elsewhere
    }

    /// How the last turn ended, for a session that is idle.
    var outcome: Outcome {
        if let error = turnError ?? (isUnanswered ? nil : lastAnswer?.error) { return error.isAbort ? .paused : .failed(error.message) }
        if wasStopped { return .paused }
        if let cut { return .interrupted(cut) }
        if let carried { return carried.isPaused ? .paused : .failed(carried.error) }
        guard isTailKnown, lacksEnd else { return .done }
        if isForeign { return .elsewhere }
        return .interrupted(isUnanswered ? "the prompt was never answered" : "the turn was cut before its end")
    }

    /// The newest message says that the turn is not over, whatever the phase says.
    var lacksEnd: Bool { isUnanswered || lastAnswer.map { $0.completed == nil && $0.error == nil } ?? false }

    /// The outcome can be told without reading messages.
    var isOutcomeKnown: Bool { isTailKnown || turnError != nil || wasStopped || cut != nil }

    /// A new turn: what was said of the one before no longer counts.
    mutating func beginTurn() {
        turnError = nil
        wasStopped = false
        cut = nil
        carried = nil
    }

    /// True when it is a new one; the same comes again with its summary after the turn, and older ones may, too.
    @discardableResult
    mutating func note(prompt: MessageInfo) -> Bool {
        guard lastUser != prompt.id, lastUserCreated.map({ $0 <= prompt.created }) ?? true else { return false }
        if let carried, prompt.created > carried.since { beginTurn() }
        lastUser = prompt.id
        lastUserCreated = prompt.created
        isUnanswered = true
        return true
    }

    /// An answer that began after something went wrong supersedes it.
    mutating func note(answer: MessageInfo) {
        if let known = lastAnswer, known.id != answer.id { beginTurn() }
        if let carried, answer.created > carried.since { beginTurn() }
        lastAnswer = answer
        if answer.parent == lastUser || lastUserCreated.map({ $0 <= answer.created }) ?? true { isUnanswered = false }
    }
}
