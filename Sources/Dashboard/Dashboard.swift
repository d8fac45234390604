package import Domain
import Query
package import Screen

/// The whole screen as a value: inputs go in, effects and frames come out. It never waits and asks nobody: the caller brings the time.
///
///     for effect in dashboard.handle(input, now: now) { run(effect) }
///     terminal.show(dashboard.view(look: look, atlas: atlas, now: now).frame)
package struct Dashboard {
    package internal(set) var model: DashboardModel
    package internal(set) var ui: UI
    /// Follows from the two above.
    package internal(set) var listing = Listing()
    package internal(set) var preferences = Preferences()
    /// The keys of the table, or the person's own.
    var keyMap = KeyMap.standard
    /// The person's views, by name.
    var views: [NamedQuery] = []
    /// Lines of the transcript that were laid out already; nothing depends on it but how soon a frame is made.
    let sheets = Sheets()
    let shelf = DiffShelf()
    /// Colours of code that came so far.
    var syntax = SyntaxStore()
    /// The moment of the last input.
    var now = Now(instant: Instant(milliseconds: 0), wall: Timestamp(milliseconds: 0))

    package init(size: Size) {
        model = DashboardModel()
        ui = UI()
        ui.size = size
    }

    /// Takes one input; what it asks for is to be done in order.
    package mutating func handle(_ input: DashboardInput, now: Now) -> [DashboardEffect] {
        self.now = now
        let cardBefore = currentRequest?.id
        var effects: [DashboardEffect] = []
        var isOwnDoing = false
        switch input {
        case .terminal(let input):
            isOwnDoing = true
            ui.notify.touched = now.instant
            effects = handle(input, now: now)
        case .resized(let size): ui.size = size
        case .starting: if !model.hasHerd || model.isLost { model.connection = .starting }
        case .snapshot(let herd, let live):
            // The store's copy never replaces what the daemon said.
            if live || !model.hasHerd { model.herd = herd }
            model.hasHerd = true
            if live { effects = connected() }
        case .changed(let change):
            noteNews(change, now)
            model.herd.apply(change)
            if model.followsFeed { take(feed: change.feed) }
            take(change.notices, now)
            effects = forgetShells(of: change.removedAgents)
        case .transcript(let agent, let change): if agent == ui.watch.looked { model.transcript.apply(change, of: agent) }
        case .replied(let tag, let result): effects = replied(tag, result, now)
        case .lost(let why):
            if !model.isLost { model.connection = .lost(since: now.wall, why: why) }
            forgetPending()
        case .edited(let text): effects = edited(text, now)
        case .failed(let words): say(.error, words, now)
        case .themes(let names, let worn): take(themes: names, worn: worn)
        case .preferences(let chosen, let problems): prefer(chosen, problems, now)
        case .shell(let id, let news): take(news, of: id, now)
        case .busy(let ids): askBeforeQuitting(ids)
        case .uncoloured(let text): effects = read(text)
        case .syntax(let text, let lines): syntax.take(lines, of: text)
        case .tick: break
        }
        if let toast = ui.toast, now.instant >= toast.until { ui.toast = nil }
        settle(input, now)
        if currentRequest?.id != cardBefore || ui.watch.card != currentRequest?.id {
            ui.watch.card = currentRequest?.id
            ui.watch.cardSince = isOwnDoing ? nil : now.instant
            ui.activity.cardTop = 0
            ui.queue?.cardTop = 0
        }
        if ui.watch.hasGone { (ui.watch.hasGone, ui.watch.cardSince) = (false, nil) }
        return effects + watch(now) + watchPrompt() + watchShell() + tellNews(now)
    }

    /// When something visible changes by time alone, or something is due; nil: never. Call `handle(.tick)` then. Counted from the last input and
    /// not from the moment of asking, for which the next change would always be yet to come.
    package var nextDeadline: Instant? {
        var wall: Timestamp?
        func consider(_ moment: Timestamp) { wall = min(wall ?? moment, moment) }
        if ui.size.columns >= Layout.least.columns, ui.size.rows >= Layout.least.rows { forEachVisibleTime { consider(now.nextAge(of: $0)) } }
        if listDependsOnTime { consider(Timestamp(milliseconds: now.minute.milliseconds + 60_000)) }
        var next = wall.map { now.instant + TimeSpan(milliseconds: max(1, $0.milliseconds - now.wall.milliseconds)) }
        for due in [ui.toast?.until, seenDue, lookDue, ui.held?.until, ui.notify.due] { if let due { next = min(next ?? due, due) } }
        return next
    }

    /// The moments whose ages are on the screen.
    private func forEachVisibleTime(_ body: (Timestamp) -> Void) {
        let layout = Layout(ui.size, ui)
        if let queue = ui.queue {
            for id in listing.queue.dropFirst(queue.top).prefix(layout.body.rows) { if let request = model.herd.requests[id] { body(request.asked) } }
        } else if ui.feed != nil {
            if !FeedLayout(ui.size).digest.isEmpty { for agent in digestAgents { body(agent.digest.since) } }
            return
        } else if ui.isBoard, !layout.agents.isEmpty {
            for row in listing.shown { body(row.agent.since) }
        } else if !layout.agents.isEmpty {
            for row in listing.shown.dropFirst(ui.listTop).prefix(layout.visibleAgents(ui.density, count: listing.rows.count)) { body(row.agent.since) }
        }
        if case .lost(let since, _) = model.connection { body(since) }
        if !layout.detail.isEmpty {
            if let agent = selectedAgent { body(agent.since) } else { for moment in overviewTimes { body(moment) } }
        }
    }

    private mutating func connected() -> [DashboardEffect] {
        model.connection = .connected
        let followed = model.followsFeed
        model.followsFeed = false
        // What was followed before is not followed by the new connection.
        ui.watch.looked = nil
        ui.watch.lookedAt = nil
        return followed ? followFeed() : []
    }

    /// Answers to what was under way will not come any more.
    private mutating func forgetPending() {
        model.pending = [:]
        ui.held = nil
        for index in ui.dialogs.indices {
            if case .newAgent(var form) = ui.dialogs[index], form.tag != nil {
                form.tag = nil
                form.refusal = Refusal(.unreachable, "the daemon went away before it answered", remedy: "look at the list before you try again")
                ui.dialogs[index] = .newAgent(form)
            }
        }
        for (id, state) in model.diffs { if state == .asked { model.diffs[id] = nil } }
    }

    private mutating func prefer(_ chosen: Preferences, _ problems: [String], _ now: Now) {
        preferences = chosen
        if ui.drag == nil { ui.columns = chosen.columns }
        keyMap = chosen.keys.isEmpty ? .standard : KeyMap(chosen.keys)
        let all = problems + keyMap.problems + readViews()
        guard let first = all.first else { return }
        say(.warning, first, remedy: all.count > 1 ? "and \(all.count - 1) more: drover config check" : "drover config check shows it, too", now)
    }

    private mutating func take(_ notices: [Notice], _ now: Now) {
        if let last = notices.last { say(last.level, last.text, remedy: last.remedy, now) }
    }

    /// A line for the person that goes away by itself.
    mutating func say(_ level: Notice.Level, _ text: String, remedy: String = "", _ now: Now) {
        ui.toast = UI.Toast(level: level, text: text, remedy: remedy, until: now.instant + .seconds(level == .info ? 4 : 8))
    }
}
