import Domain

/// What a person or drover decides is written to the audit log before it takes effect. When it cannot be written it is not done, and who
/// asked is told.
extension Engine {
    /// What waits for its line in the log.
    enum Deed: Equatable {
        case launch(AgentID, NewAgent, ProjectReport, Errand)
        case answer(RequestID, Answer, Errand)
        case remove(AgentID, Errand)
        case removePlace(PlaceID, Errand)
        /// The place of a launch that came to nothing; then its order is answered.
        case clearAway(Place, Answering?)
        case undo(String, Errand)
        case trust(ProjectID, Errand)
        /// The time in which they could be brought back is over.
        case drop(String)
        case dropPlace(RemovedPlace)
    }

    /// The refusal that an order gets when something else was done first.
    struct Answering: Equatable {
        var errand: Errand
        var refusal: Refusal
    }

    mutating func audit(_ line: AuditLine, then deed: Deed) {
        lastDeed += 1
        deeds[lastDeed] = deed
        emit(.audit(lastDeed, line))
    }

    mutating func audited(_ number: Int, problem: String?) {
        guard let deed = deeds.removeValue(forKey: number) else {
            counters.lateAnswers += 1
            return
        }
        if let problem {
            let refusal = Refusal(
                .refused, "it was not done, because it cannot be written to the audit log first: \(problem)",
                remedy: "then try again; drover doctor looks at the disk")
            return leaveUndone(deed, refusal)
        }
        if shutdown != nil, !deed.isOfDrover { return leaveUndone(deed, .daemonStops) }
        switch deed {
        case .launch(let id, let order, let facts, let errand): launchNow(id, order, facts, errand)
        case .answer(let id, let answer, let errand): answerNow(id, answer, errand)
        case .remove(let id, let errand): removeNow(id, errand)
        case .removePlace(let id, let errand): removePlaceNow(id, errand)
        case .clearAway(let place, let answering): clearAwayNow(place, answering)
        case .undo(let id, let errand): undoNow(id, errand)
        case .trust(let id, let errand):
            guard let project = herd.projects[id] else { return refuse(errand, unknownProject(id)) }
            emit(.trustScript(errand, project))
        case .drop(let id): dropNow(id)
        case .dropPlace(let place): emit(.forgetPlace(place))
        }
    }

    private mutating func leaveUndone(_ deed: Deed, _ refusal: Refusal) {
        switch deed {
        case .launch(_, _, _, let errand), .answer(_, _, let errand), .removePlace(_, let errand), .undo(_, let errand), .trust(_, let errand):
            refuse(errand, refusal)
        case .remove(_, let errand): gathered(errand, refusal)
        case .clearAway(let place, let answering):
            note(.error, "\(place.directory) was made for an agent that was not started, and stays: \(refusal.message)", remedy: "drover place rm \(place.id)")
            refuse(answering)
            if let project = herd.projects[place.project] { emit(.listPlaces(project)) }
        case .drop, .dropPlace: break  // tomorrow again
        }
    }

    mutating func refuse(_ answering: Answering?) {
        if let answering { refuse(answering.errand, answering.refusal) }
    }

    func unknownProject(_ id: ProjectID) -> Refusal { Refusal(.notFound, "there is no project \(id)", remedy: "drover project ls lists them") }
}

extension Engine.Deed {
    /// Nobody asked for it: drover tidies up after itself, also when it is about to end.
    var isOfDrover: Bool { if case .clearAway = self { true } else { false } }
}
