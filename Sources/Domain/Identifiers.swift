/// A name of one kind of thing. Two identifiers of different kinds cannot be mixed up.
package struct Identifier<Subject>: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let raw: String
    package init(_ raw: String) { self.raw = raw }
    package var description: String { raw }
    package static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
}

package enum ProjectSubject {}
package enum PlaceSubject {}
package enum AgentSubject {}
package enum ServerSubject {}
package enum SessionSubject {}
package enum MessageSubject {}
package enum PartSubject {}
package enum RequestSubject {}
package enum ClientSubject {}

/// Eight letters derived from the project's real path: the same after a restart and on every client.
package typealias ProjectID = Identifier<ProjectSubject>
/// `<project>.folder` or `<project>.<slug>`.
package typealias PlaceID = Identifier<PlaceSubject>
/// Six letters, stable for the life of the agent; every command takes a unique prefix.
package typealias AgentID = Identifier<AgentSubject>
/// The server of a project has the project's identifier.
package typealias ServerID = Identifier<ServerSubject>
/// OpenCode's `ses_…`. Never sorted by (they wrap, api.md §9).
package typealias SessionID = Identifier<SessionSubject>
/// OpenCode's `msg_…`.
package typealias MessageID = Identifier<MessageSubject>
/// OpenCode's `prt_…`.
package typealias PartID = Identifier<PartSubject>
/// OpenCode's `per_…` or `que_…`.
package typealias RequestID = Identifier<RequestSubject>
/// One connection to the daemon.
package typealias ClientID = Identifier<ClientSubject>

package enum Derived {
    private static let letters = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)

    /// `count` letters that depend on `text` alone (FNV-1a, 64 bits), for names that must not change between runs.
    package static func name(of text: String, count: Int) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return name(from: hash, count: count)
    }

    /// `count` letters (at most 12) from 64 bits: five bits a letter, the first always a letter, never a digit.
    package static func name(from bits: UInt64, count: Int) -> String {
        var bits = bits ^ (bits >> 29)
        var bytes: [UInt8] = []
        for position in 0..<count {
            let index = Int(bits & 31)
            bytes.append(letters[position == 0 ? index % 24 : index])
            bits >>= 5
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a stranger may have made this name with `name(from:count:)`: safe as a part of paths and branches.
    package static func isName(_ text: String, count: Int = 6) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == count && bytes.allSatisfy(letters.contains) && letters.prefix(24).contains(bytes[0])
    }
}
