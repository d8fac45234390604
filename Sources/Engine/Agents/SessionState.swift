import Domain

/// What the engine knows of one session, root or child, beyond what people are shown.
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
    var lastAnswer: MessageInfo?
    /// The newest messages have been read, or everything since its creation was heard.
    var isTailKnown = false
    /// A prompt was accepted and no sign of its turn was seen yet.
    var awaitsTurnSince: Instant?
    var activity = Activity.none
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

    enum Outcome: Equatable {
        case done
        case failed(String)
        case paused
        /// Cut by a crash: the words say what was going on.
        case interrupted(String)
    }

    /// How the last turn ended, for a session that is idle.
    var outcome: Outcome {
        if let error = turnError ?? lastAnswer?.error { return error.isAbort ? .paused : .failed(error.message) }
        if wasStopped { return .paused }
        if let cut { return .interrupted(cut) }
        if isTailKnown, let lastAnswer, lastAnswer.completed == nil { return .interrupted("the turn was cut before its end") }
        return .done
    }

    /// A new turn: what was said of the one before no longer counts.
    mutating func beginTurn() {
        turnError = nil
        wasStopped = false
        cut = nil
    }
}
