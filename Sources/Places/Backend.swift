package import Domain

/// One kind of place. Little that all must do; what only some can do are protocols of their own, which a caller asks for
/// with `as? any Restoring`. Every function may be called again after a crash in its middle and then completes.
package protocol Backend: Sendable {
    var kind: Place.Kind { get }
    /// Makes the place of a wish. Again with the same id gives the same place, whatever happened to the project meanwhile.
    func provision(_ wish: PlaceWish, project: Project) async throws(PlaceError) -> Place
    /// What is true of it now. A directory that is gone is a fact, not an error.
    func inspect(_ place: Place) async throws(PlaceError) -> PlaceFacts
    /// All places of this kind in a project, also those that others made (`isOurs` false).
    func list(_ project: Project) async throws(PlaceError) -> [Place]
    /// Takes the place away, after everything in it that exists nowhere else was put where `restore` finds it. Refuses
    /// when that is not possible, or when drover did not make it; `force` does it all the same.
    func remove(_ place: Place, of project: Project, force: Bool) async throws(PlaceError) -> RemovedPlace
}

/// Places that come back as they were.
package protocol Restoring: Backend {
    func restore(_ removed: RemovedPlace) async throws(PlaceError) -> Place
    /// What is kept of places that were removed before this moment.
    func expired(before limit: Timestamp) async throws(PlaceError) -> [RemovedPlace]
    /// The grace time is over: what was kept for `restore` goes for good.
    func forget(_ removed: RemovedPlace) async throws(PlaceError)
}

/// What is true of a place at this moment.
package struct PlaceFacts: Equatable, Sendable {
    package var exists: Bool
    /// nil when detached, without commits or no repository.
    package var branch: String?
    package var head: String?
    /// Against the place's base, or HEAD without one; committed, uncommitted and untracked together.
    package var changes: Changes
    /// Something is not committed.
    package var isDirty: Bool
    /// A merge, rebase or the like is in progress: its name.
    package var operation: String?
    /// What is wrong, for `Place.trouble`.
    package var trouble: String?

    package static let gone = PlaceFacts(
        exists: false, branch: nil, head: nil, changes: Changes(), isDirty: false, operation: nil, trouble: "the directory is gone")
}
