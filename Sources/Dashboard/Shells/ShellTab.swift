import Domain
import Screen

/// Where the parts of the Term tab stand.
struct ShellLayout {
    /// Names of the terminals, and whether keys go there.
    var strip: Rect
    /// The column that says it again.
    var bar: Rect
    /// The terminal's own cells.
    var grid: Rect

    init(_ content: Rect) {
        strip = content.line(0)
        grid = content.inset(left: 1, top: 1)
        bar = Rect(content.column, grid.row, 1, grid.rows)
    }
}

extension Dashboard {
    func drawShell(_ painter: inout Painter, _ agent: Agent, _ rect: Rect) {
        guard !rect.isEmpty else { return }
        if let why = WhyNot.shellPlace(self) {
            return painter.draw(
                [Line(indent: 1, [Span("No terminal here", .text, .bold)]), .blank]
                    + wrap(why.prefix(1).uppercased() + why.dropFirst() + ".", width: max(4, rect.columns - 2)).map {
                        Line(indent: 1, [Span(String($0), .muted)])
                    },
                in: rect)
        }
        guard let shell = shownShell else { return drawNoShell(&painter, agent, rect) }
        let layout = ShellLayout(rect)
        let isTyping = ui.shells.typing == shell.id && shell.isRunning
        drawStrip(&painter, shell, layout.strip, isTyping: isTyping)
        painter.bar(layout.bar, isTyping ? .accent : .line)
        if let screen = shell.screen {
            painter.frame.draw(screen.grid, in: layout.grid, on: .bg)
            if isTyping, let cursor = screen.grid.cursor,
                layout.grid.contains(Point(layout.grid.column + cursor.position.column, layout.grid.row + cursor.position.row))
            {
                painter.frame.cursor = Cursor(Point(layout.grid.column + cursor.position.column, layout.grid.row + cursor.position.row), shape: cursor.shape)
            }
        } else {
            painter.frame.clear(layout.grid, .bg)
        }
        painter.region(layout.grid, .shell(shell.id))
        drawEnd(&painter, shell, layout.grid)
    }

    /// "1 zsh   2 vim README.md                          typing"
    private func drawStrip(_ painter: inout Painter, _ shell: Shell, _ rect: Rect, isTyping: Bool) {
        let all = ui.shells.shells(of: shell.agent)
        var right: [Span] = []
        if isTyping {
            right = painter.look.shades ? [Span(" typing here ", Paint(.on, on: .accent, .bold))] : [Span("typing here", Paint(.accent, [.bold, .reverse]))]
        } else if shell.isRunning {
            right = [Span(painter.look.key("open"), .accent, .bold), Span(" to type", .faint)]
        }
        if let screen = shell.screen, screen.scrolled > 0 {
            right = [Span("\(screen.scrolled) lines back   ", .wait)] + right
        }
        let used = right.isEmpty ? 0 : painter.right(right, rect.right - 1, rect.row, width: rect.columns - 2) + 2
        var column = rect.column + 1
        let room = rect.right - used
        for (index, each) in all.enumerated() where column < room {
            let isShown = each.id == shell.id
            // One has its whole title, several share the line.
            let limit = all.count == 1 ? room - column : max(4, min(24, (room - rect.column) / all.count - 4))
            var spans = all.count == 1 ? [] : [Span("\(index + 1) ", isShown ? .accent : .faint, isShown ? .bold : [])]
            spans.append(Span(ellipsize(each.title, width: max(1, limit)), isShown ? .text : .muted, isShown ? .bold : []))
            if !each.isRunning { spans.append(Span(" " + painter.signs.cross, .faint)) }
            let width = painter.put(spans, column, rect.row, width: room - column)
            painter.region(Rect(column, rect.row, width, 1), .shell(each.id))
            column += width + 3
        }
    }

    /// How it ended and what can be done, over the last lines of what it left.
    private func drawEnd(_ painter: inout Painter, _ shell: Shell, _ rect: Rect) {
        let words: [Line]
        switch shell.state {
        case .starting, .running: return
        case .ended(let end):
            words = [Line(indent: 1, [Span(shell.name + " ", .text), Span(end.words, end == .exited(0) ? .muted : .fail)], background: .raised)]
        case .failed(let why):
            words = wrap(why, width: max(4, rect.columns - 2)).prefix(4).map { Line(indent: 1, [Span(String($0), .fail)], background: .raised) }
        }
        let close = painter.look.key("shell.close")
        let hints = Line.hints(
            [
                Hint(key: painter.look.key("open"), label: "starts anew", hit: .command("open")),
                Hint(key: ui.shells.typing == shell.id ? "esc" : close, label: ui.shells.typing == shell.id ? "leaves" : "closes"),
            ], indent: 1, width: rect.columns, background: .raised)
        let lines = words + hints
        painter.draw(lines, in: Rect(rect.column, max(rect.row, rect.bottom - lines.count), rect.columns, min(rect.rows, lines.count)))
    }

    private func drawNoShell(_ painter: inout Painter, _ agent: Agent, _ rect: Rect) {
        let width = max(4, rect.columns - 2)
        let directory = model.place(of: agent)?.directory ?? ""
        var lines = [Line(indent: 1, [Span("A terminal in its place", .text, .bold)]), .blank]
        lines.append(Line(indent: 1, [Span(ellipsizePath(directory, width: width), .accent)]))
        lines.append(.blank)
        lines += wrap("Your own shell, beside the agent. It goes on while the screen is open, whichever agent is chosen.", width: width).map {
            Line(indent: 1, [Span(String($0), .muted)])
        }
        lines.append(.blank)
        lines += Line.hints(
            [
                Hint(key: painter.look.key("open"), label: "starts it", hit: .command("open")),
                Hint(key: painter.look.key("zoom"), label: "gives it the whole screen", hit: .command("zoom")),
            ], indent: 1, width: rect.columns)
        painter.draw(lines, in: rect)
    }
}
