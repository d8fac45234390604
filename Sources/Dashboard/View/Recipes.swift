import Domain
import Screen

/// What the columns of a frame were drawn from. Equal recipes make equal cells, so those are copied from the frame before instead of drawn anew:
/// between two keys two rows of the list change, and nothing of the left column, the header or the footer.
struct Recipes {
    var header: Kept<HeaderRecipe>?
    var side: Kept<SideRecipe>?
    var list: ListRecipe?
    var footer: Kept<FooterRecipe>?
}

/// A part of a frame that the next one may copy as a whole.
struct Kept<Recipe: Equatable> {
    var recipe: Recipe
    /// What can be clicked there.
    var regions: [Scene.Region]
}

extension Painter {
    /// Copies the cells that an equal recipe made in the frame before, or draws them. Without a recipe it draws, and the next frame has to draw, too.
    mutating func keep<Recipe>(_ recipe: Recipe?, like kept: Kept<Recipe>?, in rect: Rect, _ draw: (inout Painter) -> Void) -> Kept<Recipe>? {
        let first = regions.count
        if let before, let recipe, let kept, kept.recipe == recipe {
            frame.copy(rect, from: before.frame, row: rect.row)
            regions += kept.regions
        } else {
            draw(&self)
        }
        return recipe.map { Kept(recipe: $0, regions: Array(regions[first...])) }
    }
}

/// All that the first line depends on while the daemon is reached.
struct HeaderRecipe: Equatable {
    var rect: Rect
    var listing: Int
    var isStarting: Bool
    var isMuted: Bool
    var look: Look
}

/// All that the keys in the last line depend on, where neither a dialog nor the queue has its own.
struct FooterRecipe: Equatable {
    var rect: Rect
    var context: Command.Contexts
    var look: Look
    /// Which of the commands can be used now.
    var enabled: [Bool]
    /// Options of the question that is asked.
    var options: Int
    var takesOption: Bool
    var tab: UI.Tab
    var hasChosenBlock: Bool
    var shell: ShellFooter
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
        ui.toast != nil || ui.dialog != nil || ui.queue != nil || ui.feed != nil || model.isLost || (layout.mode == .two && !layout.projects.isEmpty)
    }
}
