package import Domain

/// What a person has settled for good, as the configuration has it.
package struct Preferences: Equatable, Sendable {
    /// Command → its keys, apart by spaces.
    package var keys: [String: String]
    /// Names of queries, and their texts.
    package var views: [String: String]
    package var mouse: Bool
    package var notify: NotifyRules
    package var columns: UI.Columns
    /// Code is coloured; false on terminals without colours.
    package var syntax: Bool

    package init(
        keys: [String: String] = [:], mouse: Bool = true, columns: UI.Columns = UI.Columns(), notify: NotifyRules = NotifyRules(), syntax: Bool = true,
        views: [String: String] = [:]
    ) {
        self.keys = keys
        self.views = views
        self.mouse = mouse
        self.notify = notify
        self.columns = columns
        self.syntax = syntax
    }
}

/// When a person is called.
package struct NotifyRules: Equatable, Sendable {
    /// An agent that comes to one of these.
    package var statuses: Set<Status>
    /// Also while the person looks at the dashboard.
    package var whenFocused: Bool
    /// What happens within this time is told together; what is over by then is not told.
    package var delay: Domain.Span

    package init(statuses: Set<Status> = [.waiting, .failed, .done], whenFocused: Bool = false, delay: Domain.Span = .seconds(2)) {
        self.statuses = statuses
        self.whenFocused = whenFocused
        self.delay = delay
    }
}
