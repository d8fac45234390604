import Domain
import Sys

/// Where worktrees and what belongs to them are:
/// `<base>/<project>/<slug>` the worktree, `<base>/<project>/.making/<place>.json` while it is made,
/// `<base>/.removed/<place>/<commit>/` what a removed one had that git cannot hold.
struct WorktreeLayout: Sendable {
    let base: String

    func folder(of project: Project) -> String { base + "/" + Self.word(project.name) + "-" + project.id.raw }
    func directory(_ slug: String, of project: Project) -> String { folder(of: project) + "/" + Self.word(slug) }
    func intent(_ place: PlaceID, of project: Project) -> String { folder(of: project) + "/.making/" + Self.word(place.raw) + ".json" }
    func removed(_ place: PlaceID) -> String { base + "/.removed/" + Self.word(place.raw) }

    /// A name that needs no quoting anywhere: letters, digits, `.`, `_`, `-`, and no dot in front.
    static func word(_ text: String) -> String {
        let plain = text.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "-"):
                byte
            default: UInt8(ascii: "-")
            }
        }
        let name = String(decoding: plain.drop { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }.prefix(100), as: UTF8.self)
        return name.isEmpty ? "place" : name
    }
}
