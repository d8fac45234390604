import Domain
import Screen

/// What the columns of a frame were drawn from. Equal recipes make equal cells, so those are copied from the frame before instead of drawn anew:
/// between two keys two rows of the list change, and nothing of the left column.
struct Recipes {
    var side: SideRecipe?
    var list: ListRecipe?
    /// What can be clicked in the left column.
    var sideRegions: [Scene.Region] = []
}

/// All that the left column depends on.
struct SideRecipe: Equatable {
    var rect: Rect
    var listing: Int
    var scope: UI.Scope
    var hasFocus: Bool
    var look: Look
}

/// All that the rows of the list depend on, beside the place of each and whether it is the chosen one.
struct ListRecipe: Equatable {
    struct Kitchen: Equatable {
        var rect: Rect
        var height: Int
        var listing: Int
        var marks: Set<AgentID>
        var hasFocus: Bool
        var look: Look
        /// Ages read alike as long as this is alike.
        var beat: Timestamp
        var zoneMinutes: Int
    }
    var kitchen: Kitchen
    /// Rows of the listing that are shown.
    var shown: Range<Int>
    /// The one among them that is chosen.
    var selected: Int?
}

extension Scene {
    /// The cells may be copied into a frame of that size and atlas.
    func canBeCopied(to frame: Frame) -> Bool { self.frame.size == frame.size && self.frame.atlas === frame.atlas }
}

extension Dashboard {
    /// Something lies over the columns or changes them when they are drawn: such a frame gives nothing to the next.
    func isCovered(_ layout: Layout) -> Bool {
        ui.toast != nil || ui.dialog != nil || ui.queue != nil || model.isLost || (layout.mode == .two && !layout.projects.isEmpty)
    }
}
