package import Domain
import Screen

/// What lies over the columns and takes all keys until it is left.
package enum Dialog: Equatable, Sendable {
    case newAgent(NewAgentForm)
    case help(HelpDialog)
    case palette(PaletteDialog)
    case confirm(ConfirmDialog)
    case text(TextDialog)
    case pick(PickDialog)
    case pressed(PressedDialog)
}

/// All keys, searchable.
package struct HelpDialog: Equatable, Sendable {
    package var search = TextEditor()
    package var top = 0
    package init() {}
}

/// Every command by a few letters, agents to go to, and the words of the command line.
package struct PaletteDialog: Equatable, Sendable {
    package var editor = TextEditor()
    package var selected = 0
    package init() {}
}

/// Asks before something that a person may regret, and names exactly what goes.
package struct ConfirmDialog: Equatable, Sendable {
    package var title: String
    /// What it is done to, a line each.
    package var subjects: [String]
    /// What that means.
    package var consequences: [String]
    package var verb: String
    package var isDangerous: Bool
    package var orders: [ClientOrder]
    package var words: String
    /// What else is asked for when it is confirmed.
    package var effects: [DashboardEffect] = []
    /// For more than five dangerous ones the count has to be typed.
    package var typed = TextEditor()

    package init(title: String, subjects: [String], consequences: [String], verb: String, isDangerous: Bool, orders: [ClientOrder], words: String) {
        self.title = title
        self.subjects = subjects
        self.consequences = consequences
        self.verb = verb
        self.isDangerous = isDangerous
        self.orders = orders
        self.words = words
    }
    package var needsCount: Bool { isDangerous && subjects.count > 5 }
    package var isReady: Bool { !needsCount || typed.text.trimmed == String(subjects.count) }
}

/// One text: a reason, an answer, a title.
package struct TextDialog: Equatable, Sendable {
    package enum Purpose: Equatable, Sendable {
        case rejection(RequestID)
        case ownWords(RequestID)
        case rename(AgentID)
        /// A name for this query.
        case view(String)
    }
    package var purpose: Purpose
    package var editor: TextEditor
    package var error: String?
    package init(_ purpose: Purpose, _ editor: TextEditor) {
        self.purpose = purpose
        self.editor = editor
    }
}
