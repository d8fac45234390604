import Domain

/// What was removed can be brought back for some days; then it goes for good, at a moment when nobody works.
extension Engine {
    /// After the start, and while there is work.
    private static let sweepPause = Span.minutes(10)
    private static let sweepEvery = Span.days(1)

    mutating func planSweep() {
        if settings.keepRemoved == nil { nextSweep = nil } else if nextSweep == nil { nextSweep = now.instant + Self.sweepPause }
    }

    mutating func sweepDue() {
        guard let due = nextSweep, now.instant >= due, let keep = settings.keepRemoved else { return }
        let isQuiet = working.isEmpty && launches.isEmpty && outbox.isEmpty && removals.isEmpty
        // A herd that never rests is no reason to keep things for ever.
        sweepPutOff += isQuiet ? 0 : 1
        guard isQuiet || sweepPutOff > 6 * 24 else { return nextSweep = now.instant + Self.sweepPause }
        sweepPutOff = 0
        nextSweep = now.instant + Self.sweepEvery
        emit(.findExpired(before: Timestamp(milliseconds: now.wall.milliseconds - keep.milliseconds)))
    }

    mutating func expiredFound(_ result: Result<[RemovedPlace], Refusal>) {
        guard shutdown == nil, let keep = settings.keepRemoved else { return }
        let limit = Timestamp(milliseconds: now.wall.milliseconds - keep.milliseconds)
        let isBusy = Set(removals.values.compactMap(\.undoes))
        for gone in removed where gone.at < limit && !isBusy.contains(gone.id) {
            audit(AuditLine(actor: "drover", action: "drop", subject: gone.id, detail: gone.title), then: .drop(gone.id))
        }
        switch result {
        case .failure(let refusal): note(.warning, "what is kept of removed places could not be looked through: \(refusal.message)", remedy: refusal.remedy)
        case .success(let places):
            // What `undo` knows of was dropped above, or is promised still.
            let promised = Set(removed.compactMap(\.place?.identity))
            for place in places where !promised.contains(place.identity) {
                audit(AuditLine(actor: "drover", action: "drop place", subject: place.place.id.raw, detail: place.place.directory), then: .dropPlace(place))
            }
        }
    }

    mutating func dropNow(_ id: String) {
        guard let index = removed.firstIndex(where: { $0.id == id }), !removals.values.contains(where: { $0.undoes == id }) else { return }
        let gone = removed.remove(at: index)
        if let place = gone.place {
            dropping[place.identity] = gone
            emit(.forgetPlace(place))
        } else {
            emit(.forget(RecordKey(kind: .removed, id: id), isDurable: true))
        }
    }

    mutating func placeForgotten(_ place: RemovedPlace, _ refusal: Refusal?) {
        let gone = dropping.removeValue(forKey: place.identity)
        if let refusal {
            // Tomorrow again.
            if let gone { removed.append(gone) }
            note(.warning, "what is kept of \(place.place.directory) could not be dropped: \(refusal.message)", remedy: refusal.remedy)
        } else if let gone {
            emit(.forget(RecordKey(kind: .removed, id: gone.id), isDurable: true))
        }
    }
}

extension RemovedPlace {
    /// The same place can be removed more than once.
    struct Identity: Hashable {
        var place: PlaceID
        var workTree: String?
        var head: String?
    }

    var identity: Identity { Identity(place: place.id, workTree: workTree, head: head) }
}
