import Screen

/// Where the parts of the detail stand.
struct DetailLayout: Equatable {
    var head: Rect
    /// The row of names; the rule is the row below.
    var tabs: Rect
    /// Lines scroll here; its first column is for bars, text begins behind it.
    var content: Rect
    /// Empty where there is no room or nothing to write to.
    var composer: Rect
    /// Short heads, no air.
    var isCompact: Bool
    /// The composer has a line about mode and model.
    var hasMeta: Bool

    init(_ rect: Rect, composerRows: Int) {
        isCompact = rect.rows < 27
        let isTight = rect.rows < 16
        hasMeta = !isCompact
        let headRows = isCompact ? 2 : 3
        head = rect.splitTop(headRows).top
        tabs = rect.inset(top: headRows + (isCompact ? 0 : 1)).line(0)
        let top = headRows + (isCompact ? 0 : 1) + 2 + (isTight ? 0 : 1)
        let air = isTight ? 0 : 1
        let boxRows = min(composerRows + (hasMeta ? 1 : 0), max(1, rect.rows - top - air - 1))
        let inner = rect.inset(left: 1)
        composer = Rect(inner.column, rect.bottom - air - boxRows, inner.columns, boxRows)
        content = Rect(inner.column, rect.row + top, inner.columns, composer.row - air - rect.row - top)
    }
}

extension Dashboard {
    /// Rows that the draft takes, at most a third of the detail.
    func composerRows(in rect: Rect) -> Int {
        guard let id = ui.selected, ui.isComposing, let draft = ui.drafts[id] else { return 1 }
        return max(1, min(draft.rows(width: composerWidth).count, max(3, rect.rows / 3)))
    }

    func detailLayout() -> DetailLayout {
        let rect = Layout(ui.size, ui).detail
        return DetailLayout(rect, composerRows: composerRows(in: rect))
    }

    /// Rows in which the tabs scroll.
    var detailRoom: Int { max(1, detailLayout().content.rows) }
}
