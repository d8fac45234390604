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
    /// Zoomed on a wide screen: the head is one line.
    var isFlat: Bool
    /// The composer has a line about mode and model.
    var hasMeta: Bool

    init(_ rect: Rect, composerRows: Int, isZoomed: Bool) {
        isFlat = isZoomed && rect.columns >= 90
        isCompact = rect.rows < 27
        let isTight = rect.rows < 16
        hasMeta = !isCompact
        let headRows = isFlat ? 1 : isCompact ? 2 : 3
        let gap = isCompact || isFlat ? 0 : 1
        head = rect.splitTop(headRows).top
        tabs = rect.inset(top: headRows + gap).line(0)
        let top = headRows + gap + 2 + (isTight || isFlat ? 0 : 1)
        let air = isTight ? 0 : 1
        let inner = rect.inset(left: 1)
        guard composerRows > 0 else {
            composer = Rect(inner.column, rect.bottom, inner.columns, 0)
            content = Rect(inner.column, rect.row + top, inner.columns, rect.rows - top)
            return
        }
        let boxRows = min(composerRows + (hasMeta ? 1 : 0), max(1, rect.rows - top - air - 1))
        composer = Rect(inner.column, rect.bottom - air - boxRows, inner.columns, boxRows)
        content = Rect(inner.column, rect.row + top, inner.columns, composer.row - air - rect.row - top)
    }
}

extension Dashboard {
    /// Rows that the draft takes, at most a third of the detail; none where nothing is written.
    func composerRows(in rect: Rect) -> Int {
        guard ui.tab == .activity else { return 0 }
        guard let id = ui.selected, ui.isComposing, let draft = ui.drafts[id] else { return 1 }
        let rows = max(1, min(draft.rows(width: composerWidth).count, max(3, rect.rows / 3)))
        return rows + (chips(draft, .agent(id)).isEmpty ? 0 : 1)
    }

    func detailLayout() -> DetailLayout {
        let rect = Layout(ui.size, ui).detail
        return DetailLayout(rect, composerRows: composerRows(in: rect), isZoomed: ui.isZoomed)
    }

    /// Rows in which the tabs scroll.
    var detailRoom: Int { max(1, detailLayout().content.rows) }
}
