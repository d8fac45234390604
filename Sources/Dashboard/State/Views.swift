import Domain
import Query

/// Views: queries that a person has given a name. They stand in the left column, and everywhere as `view:NAME`.
extension Dashboard {
    /// Brings the views of the preferences in order; what cannot be read, in sentences.
    mutating func readViews() -> [String] {
        var problems: [String] = []
        views = []
        for (name, text) in preferences.views.sorted(by: { $0.key < $1.key }) {
            if let problem = Query.problem(withViewName: name) {
                problems.append("views: " + problem)
                continue
            }
            do throws(QueryError) {
                var others = preferences.views
                others[name] = nil
                views.append(NamedQuery(name: name, query: try Query(text, views: others)))
            } catch {
                problems.append("views.\(name): \(error.sentence)")
            }
        }
        if !ui.filter.editor.isEmpty { readFilter() }
        return problems
    }

    /// What the list shows, in words; nil: everything.
    var shownQuery: String? {
        let scope: String? =
            switch ui.scope {
            case .all: nil
            case .project(let id): "project:" + quoted(model.herd.projects[id]?.name ?? id.raw)
            case .place(let kind): "place:" + kind.rawValue
            case .status(let status): "status:" + status.rawValue
            case .view(let name): "view:" + name
            }
        guard !ui.filter.query.isEverything else { return scope }
        let filter = ui.filter.query.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return scope.map { $0 + (filter.contains(" or ") ? " (\(filter))" : " \(filter)") } ?? filter
    }

    private func quoted(_ name: String) -> String { name.contains { " (),\"".contains($0) } ? "\"\(name.filter { $0 != "\"" })\"" : name }

    /// A name for what is shown; on a view itself, whether it is to be forgotten.
    mutating func askForView() {
        if case .view(let name) = ui.scope, ui.filter.query.isEverything {
            var confirm = ConfirmDialog(
                title: "Forget the view \(name)?", subjects: [preferences.views[name] ?? ""], consequences: ["No agent is touched."], verb: "Forget",
                isDangerous: false, orders: [], words: "")
            confirm.effects = [.keepView(name, query: nil)]
            ui.dialogs.append(.confirm(confirm))
        } else if let query = shownQuery {
            ui.dialogs.append(.text(TextDialog(.view(query), TextEditor())))
        }
    }

    /// The list goes over to the view, which shows the same.
    mutating func keepView(_ name: String, _ query: String) -> [DashboardEffect] {
        // A view that was widened by itself would mean itself.
        var query = query
        if case .view(name) = ui.scope, let before = preferences.views[name] {
            let whole = before.contains(" or ") ? "(\(before))" : before
            query = query.replacing("view:\(name)", with: whole)
        }
        preferences.views[name] = query
        _ = readViews()
        clearFilter()
        ui.scope = .view(name)
        return [.keepView(name, query: query)]
    }
}
