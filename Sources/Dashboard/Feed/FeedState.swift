import Domain
import Query

/// Which entry of the feed is chosen.
package struct FeedView: Equatable, Sendable {
    /// The number of an entry; nil: the newest, and it stays there.
    package var chosen: Int?
    package init() {}
}

extension Dashboard {
    /// The last entries are enough for a person; the daemon keeps about as many.
    static let longestFeed = 1100

    /// What the feed shows: all that the left column and the filter let through, the newest last.
    var shownFeed: [FeedEntry] {
        let entries = scopedFeed
        guard !ui.filter.query.isEverything else { return entries }
        let matcher = Matcher(ui.filter.query, in: model.herd, now: now.wall)
        return entries.filter { matcher.matches($0, in: model.herd) }
    }

    private var scopedFeed: [FeedEntry] {
        switch ui.scope {
        case .all: return model.feed
        case .view(let name):
            guard let view = views.first(where: { $0.name == name }) else { return model.feed }
            let matcher = Matcher(view.query, in: model.herd, now: now.wall)
            return model.feed.filter { matcher.matches($0, in: model.herd) }
        case .project, .place, .status: return model.feed.filter(isInScope)
        }
    }

    private func isInScope(_ entry: FeedEntry) -> Bool {
        let agent = model.herd.agents[entry.agent]
        return switch ui.scope {
        case .all, .view: true
        case .project(let id): entry.project == id
        case .place(let kind): agent.flatMap { model.place(of: $0)?.kind } == kind
        case .status(let status): agent?.status == status
        }
    }

    /// Opens it, or closes it.
    mutating func toggleFeed() -> [DashboardEffect] {
        guard ui.feed == nil else {
            ui.feed = nil
            return []
        }
        ui.feed = FeedView()
        ui.queue = nil
        ui.isComposing = false
        return followFeed()
    }

    /// Asked for once a connection, and followed from then on.
    mutating func followFeed() -> [DashboardEffect] {
        guard !model.followsFeed, !model.isLost else { return [] }
        model.followsFeed = true
        return [order(.feed(limit: Self.longestFeed, follows: true), origin: .silent)]
    }

    /// What came meanwhile may be in the answer, too.
    mutating func take(feed entries: [FeedEntry]) {
        let last = model.feed.last?.number ?? 0
        let fresh = entries.filter { $0.number > last }
        model.feed = (model.feed + fresh).suffix(Self.longestFeed)
    }

    mutating func take(wholeFeed entries: [FeedEntry]) {
        let newer = model.feed
        model.feed = entries
        take(feed: newer)
    }

    mutating func moveInFeed(by step: Int) {
        let entries = shownFeed
        guard !entries.isEmpty else { return }
        let row = max(0, min(entries.count - 1, chosenRow(in: entries) + step))
        ui.feed?.chosen = row == entries.count - 1 ? nil : entries[row].number
    }

    /// The chosen one, or the next that is still shown.
    func chosenRow(in entries: [FeedEntry]) -> Int {
        guard let chosen = ui.feed?.chosen else { return entries.count - 1 }
        return entries.firstIndex { $0.number >= chosen } ?? entries.count - 1
    }

    /// To the agent that the chosen entry is of.
    mutating func openFromFeed(_ now: Now) {
        let entries = shownFeed
        guard !entries.isEmpty else { return }
        open(fromFeed: entries[chosenRow(in: entries)].agent, now)
    }

    mutating func open(fromFeed id: AgentID, _ now: Now) {
        guard model.herd.agents[id] != nil else { return say(.info, "that agent is gone", remedy: "\(key("undo")) brings back what was removed", now) }
        ui.feed = nil
        if !listing.rows.contains(id) {
            clearFilter()
            ui.scope = .all
        }
        ui.tab = .activity
        ui.focus = .detail
        select(id)
        ui.watch.hasGone = true
    }
}
