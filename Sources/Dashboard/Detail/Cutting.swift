import Screen

extension [Span] {
    /// Without the first cells; half of a wide character is a space.
    func dropping(cells: Int) -> [Span] {
        guard cells > 0 else { return self }
        var rest: [Span] = []
        var left = cells
        for span in self {
            let width = left > 0 ? span.width : 0
            if left > 0, width <= left {
                left -= width
            } else if left > 0 {
                var piece = span
                piece.text = Screen.suffix(span.text, width: width - left)
                piece.text = String(repeating: " ", count: width - left - piece.width) + piece.text
                rest.append(piece)
                left = 0
            } else {
                rest.append(span)
            }
        }
        return rest
    }
}
