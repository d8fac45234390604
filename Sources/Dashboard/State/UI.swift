package import Domain
package import Query
package import Screen

/// What a person did to the screen: where they are, what they typed. Nothing of it is known to the daemon.
package struct UI: Equatable, Sendable {
    /// Which part takes the keys.
    package enum Focus: String, Sendable { case projects, agents, detail }
    package enum Tab: String, CaseIterable, Sendable { case activity, diff, requests, term, info }
    /// Lines a row of the list takes; `automatic`: as many as all rows have room for.
    package enum Density: Int, CaseIterable, Sendable { case automatic, one, two, three }

    /// How wide a person has made them, in cells; nil: as wide as suits the screen.
    package struct Columns: Equatable, Sendable {
        package var projects: Int?
        package var detail: Int?
        package init(projects: Int? = nil, detail: Int? = nil) {
            self.projects = projects
            self.detail = detail
        }
    }
    /// A border that the mouse holds.
    struct Drag: Equatable, Sendable {
        enum Border { case projects, detail }
        var border: Border
        var from: Point
        var hasMoved = false
    }

    /// The agent, never its row; nil shows the overview.
    package var selected: AgentID?
    /// Where it stood, so that its neighbour takes over when it goes.
    package var selectedRow = 0
    package var focus = Focus.agents
    package var scope = Scope.all
    package var filter = Filter()
    package var order = Order.attention
    package var density = Density.automatic
    package var tab = Tab.activity
    package var columns = Columns()
    var drag: Drag?
    /// The agents as cards in columns by status; while the detail has the keys the list stands in its place.
    package var isBoard = false
    /// The detail alone, on the whole screen.
    package var isZoomed = false
    package var marks: Set<AgentID> = []
    /// The first row of the list that is shown.
    package var listTop = 0
    /// The wheel moved the list away from the selected row; the next key brings it back.
    package var isListFree = false

    package var activity = ActivityView()
    package var diff = DiffView()
    /// What is searched for in the activity or in the diff.
    package var find: Find?
    /// Lines above the window in the tabs Requests and Info.
    package var infoTop = 0

    package internal(set) var shells = Shells()

    /// True while the composer takes the keys.
    package var isComposing = false
    /// What was typed for each agent and not sent.
    package var drafts: [AgentID: TextEditor] = [:]
    /// What was sent to each agent from here, the newest last; at most 100.
    package var history: [AgentID: [String]] = [:]
    /// OpenCode's agent that a message to each agent is to be sent to, where a person chose another than the last.
    package var modes: [AgentID: String] = [:]
    /// The model that messages to each agent are sent to, where a person chose another than the last.
    package var models: [AgentID: String] = [:]
    /// Names that can be taken where the cursor is.
    package internal(set) var completion: Completion?
    /// Where the name begins whose list a person closed.
    var completionClosed: Int?
    /// The name that was chosen in the list before.
    var completionKept: String?
    /// What is known of names in prompts.
    package internal(set) var lore = Lore()
    /// Where in the history the composer is; nil: at its own draft, which is kept meanwhile.
    package var recall: Recall?

    /// The queue of all requests is shown instead of the columns.
    package var queue: QueueView?
    package var held: HeldAnswers?
    /// What happened in the herd is shown instead of the columns.
    package var feed: FeedView?
    /// Chosen so far in questions of several options or several questions.
    package var answering: [RequestID: QuestionDraft] = [:]

    /// What was chosen in the palette, the newest first: titles of commands, or lines as they were typed.
    var recent: [String] = []

    /// The last is on top and takes all keys.
    package var dialogs: [Dialog] = []
    /// A new agent that was begun and left.
    package var newAgentDraft: NewAgentForm?
    package var toast: Toast?
    /// Where text goes that comes back from the editor.
    package var editing: EditTarget?

    package var isFocused = true
    var notify = NotifyState()
    package var size = Size(columns: 80, rows: 24)
    package var watch = Watch()

    package init() {}

    /// Which agents the left column lets through.
    package enum Scope: Hashable, Sendable {
        case all
        case project(ProjectID)
        case place(Place.Kind)
        case status(Status)
        /// A query that has a name.
        case view(String)
    }

    package struct Filter: Equatable, Sendable {
        package var editor = TextEditor()
        /// True while it takes the keys.
        package var isEditing = false
        /// The last text that could be read.
        package var query = Query.everything
        package var error: QueryError?
        /// Who was chosen when it began: chosen again whenever the filter lets it through, and after it is cleared.
        package var origin: AgentID?
    }

    package struct Find: Equatable, Sendable {
        /// Where it began: in the activity or in the diff. It ends when another tab is shown.
        package let tab: Tab
        package var editor = TextEditor()
        /// True while it takes the keys.
        package var isEditing = true
        /// Where the windows were before.
        package var origin: ActivityView.Anchor?
        package var diffOrigin: DiffView
        /// The line of the activity that was found; nil: none.
        package var match: ActivityView.Anchor?
        /// The line of the diff that was found; nil: none.
        package var place: DiffPlace?

        var needle: Needle { Needle(editor.text) }
    }

    package struct Recall: Equatable, Sendable {
        package var index: Int
        package var draft: TextEditor
    }

    package struct Toast: Equatable, Sendable {
        package var level: Notice.Level
        package var text: String
        package var remedy: String
        package var until: Instant
    }

    package enum EditTarget: Equatable, Sendable {
        case draft(AgentID)
        case newAgentPrompt
        case rejection
    }

    /// Things that are about time: nothing of it is seen.
    package struct Watch: Equatable, Sendable {
        /// Whose transcript was asked for.
        package var looked: AgentID?
        package var lookedAt: Instant?
        /// The unseen agent before the person's eyes, and since when.
        package var seeing: AgentID?
        package var seeingSince: Instant?
        /// The request whose answer keys are live, and since when if it appeared by itself.
        package var card: RequestID?
        package var cardSince: Instant?
        /// The person went to what is asked just now, by a key or a click for that: then no card came by itself.
        package var hasGone = false
        /// An agent was chosen once: from then on the choice is the person's.
        package var hasChosen = false
        /// Which shell's screen was asked for.
        package var shell: ShellView?
        /// What the list was made of last.
        package var listed: ListingRecipe?
    }

    package var dialog: Dialog? { dialogs.last }

    /// Where the selected agent stands in the list.
    func selectedRow(in listing: Listing) -> Int? {
        guard let selected else { return nil }
        if listing.rows.indices.contains(selectedRow), listing.rows[selectedRow] == selected { return selectedRow }
        return listing.rows.firstIndex(of: selected)
    }
    package var isTyping: Bool { isComposing || find?.isEditing == true || filter.isEditing || dialog != nil || shells.typing != nil }
}

/// Which lines of the activity are shown and which of its items is chosen.
package struct ActivityView: Equatable, Sendable {
    package enum Kinds: String, CaseIterable, Sendable { case all, said, tools, edits, commands, errors, requests, subagents = "sub-agents" }
    /// The first line of the window: a line of a block; nil: the end, and it stays there.
    package var anchor: Anchor?
    /// The chosen block; nil: none, the cursor is at the composer.
    package var chosen: String?
    /// Blocks that a person opened, or closed although they open by themselves.
    package var toggled: Set<String> = []
    package var kinds = Kinds.all
    /// The first line seen of the middle of a card that does not fit.
    package var cardTop = 0
    /// Items that were there when the window left the end: what came since is told.
    package var known = 0

    package struct Anchor: Equatable, Sendable {
        package var block: String
        /// Long answers are laid out in parts.
        package var part = 0
        package var line = 0
    }
    package init(kinds: Kinds = .all) { self.kinds = kinds }
}

package struct DiffView: Equatable, Sendable {
    /// What is compared: the work tree with where its branch began, or what the last turn did.
    package enum Source: Sendable { case tree, turn }
    package var source = Source.tree
    package var file = 0
    /// The first row shown.
    package var top = 0
    /// Cells of the code that lie to the left of the window.
    package var left = 0
    /// Old and new beside each other, where there is room.
    package var isSideBySide = false
    package var ignoresSpaces = false
    /// Paths of files whose lines are hidden.
    package var folded: Set<String> = []
    package init() {}

    /// From the beginning, with the same wishes.
    package var atTop: DiffView {
        var view = self
        (view.file, view.top, view.left, view.folded, view.source) = (0, 0, 0, [], .tree)
        return view
    }
}

package struct QueueView: Equatable, Sendable {
    package var selected: RequestID?
    package var selectedRow = 0
    package var marks: Set<RequestID> = []
    package var top = 0
    /// As in `ActivityView`.
    package var cardTop = 0
    package init() {}
}

/// Answers that were given together and not sent yet: for a few seconds they can be taken back.
package struct HeldAnswers: Equatable, Sendable {
    package var orders: [ClientOrder]
    package var until: Instant
}

/// What a person chose so far in the questions of one request.
package struct QuestionDraft: Equatable, Sendable {
    /// The question that is being asked now.
    package var index = 0
    package var answers: [[String]] = []
    /// Options of the present question, where several may be chosen.
    package var chosen: Set<Int> = []
    package init() {}
}

/// The choices that the list depends on.
package struct ListingRecipe: Equatable, Sendable {
    package var scope: UI.Scope
    package var query: Query
    package var order: Order
    package var views: [NamedQuery]
}

/// A query that a person has given a name.
package struct NamedQuery: Equatable, Sendable {
    package var name: String
    package var query: Query
}
