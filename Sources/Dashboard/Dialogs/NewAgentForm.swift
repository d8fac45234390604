package import Domain

/// A new agent while it is being described. The prompt comes first: everything else has a sensible value already.
package struct NewAgentForm: Equatable, Sendable {
    package enum Field: Int, CaseIterable, Sendable { case prompt, project, place, branch, base, title, model, mode, copy }

    package var field = Field.prompt
    package var prompt = TextEditor(multiline: true)
    package var project: ProjectID?
    package var kind = Place.Kind.worktree
    package var branch = TextEditor()
    package var base = ChoiceField()
    package var title = TextEditor()
    package var model = ChoiceField()
    package var mode = ChoiceField()
    package var copiesUncommitted = false
    /// Why the last try was refused.
    package var refusal: Refusal?
    /// The order that is on its way.
    package var tag: Int?

    package init() {}

    /// Why a kind of place cannot be had in this project; nil: it can.
    package static func whyNot(_ kind: Place.Kind, in project: Project?) -> String? {
        guard let project else { return "choose a project first" }
        if let trouble = project.trouble { return trouble }
        switch kind {
        case .folder: return nil
        case .worktree: return project.isRepository ? nil : "not a git repository"
        case .docker, .ssh, .kubernetes, .cloudflare: return "not built yet"
        }
    }

    package static let kinds: [Place.Kind] = [.worktree, .folder]

    package mutating func choose(_ project: ProjectID?, in herd: Herd) {
        self.project = project
        let known = project.flatMap { herd.projects[$0] }
        if Self.whyNot(kind, in: known) != nil, let fit = Self.kinds.first(where: { Self.whyNot($0, in: known) == nil }) { kind = fit }
        if kind == .folder, Self.whyNot(.worktree, in: known) == nil, branch.isEmpty { kind = .worktree }
    }

    /// Fields that mean something for the chosen kind of place.
    package var fields: [Field] {
        Field.allCases.filter { kind == .worktree || ($0 != .branch && $0 != .base && $0 != .copy) }
    }

    package func order(in herd: Herd) -> Result<NewAgent, Refusal> {
        guard let project = project.flatMap({ herd.projects[$0] }) else {
            return .failure(Refusal(.usage, "no project is chosen", remedy: "choose one with ← →"))
        }
        let text = PromptText.trimmed(prompt.text)
        if text.isEmpty { return .failure(Refusal(.usage, "there is no prompt yet", remedy: "say what the agent should do")) }
        if let why = Self.whyNot(kind, in: project) { return .failure(Refusal(.usage, "no \(kind.rawValue) here: \(why)")) }
        func typed(_ editor: TextEditor) -> String? { editor.text.trimmed.isEmpty ? nil : editor.text.trimmed }
        let isWorktree = kind == .worktree
        return .success(
            NewAgent(
                directory: project.path, kind: kind, branch: isWorktree ? typed(branch) : nil, base: isWorktree ? base.value : nil, title: typed(title),
                model: model.value, mode: mode.value,
                prompt: text, copiesUncommitted: isWorktree && copiesUncommitted))
    }
}

/// One of many: typing narrows, arrows go through what is left. Empty means the default.
package struct ChoiceField: Equatable, Sendable {
    package var options: [String] = []
    package var editor = TextEditor()
    /// Among those that match.
    package var index = 0
    /// True once a person chose: an untouched field sends nothing.
    package var isChosen = false
    package init() {}

    package var matches: [String] {
        let wanted = editor.text.lowercased()
        if wanted.isEmpty { return options }
        return options.filter { $0.lowercased().contains(wanted) }
    }

    /// What is sent: the option that is shown, a text that no option has (a new branch's base may be a commit), or nothing.
    package var value: String? {
        guard isChosen else { return nil }
        let found = matches
        if found.indices.contains(index) { return found[index] }
        let text = editor.text.trimmed
        return text.isEmpty ? nil : text
    }

    package mutating func turn(by step: Int) {
        let count = matches.count
        guard count > 0 else { return }
        index = isChosen ? ((index + step) % count + count) % count : (step > 0 ? 0 : count - 1)
        isChosen = true
    }

    package mutating func typed(_ change: (inout TextEditor) -> Void) {
        let before = editor.text
        change(&editor)
        guard editor.text != before else { return }
        index = 0
        isChosen = !editor.isEmpty
    }
}
