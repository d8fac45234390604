package import JSON
package import Sys

/// The text of a configuration, of which single values are read and changed. All else stays as the person wrote it: order, comments, blanks.
package struct ConfigText {
    package private(set) var bytes: [UInt8]
    private var plain: [UInt8]
    private var positions: KeyPositions

    /// Why a text or its file cannot be used.
    package enum Failure: Error {
        case system(SysError)
        case json(JSONError)
        case noObject

        package var message: String {
            switch self {
            case .system(let error): error.message
            case .json(let error): error.message
            case .noObject: "the file must hold one object: { … }"
            }
        }
    }

    /// - Parameter bytes: may be empty, or nothing but comments.
    package init(_ bytes: [UInt8]) throws(Failure) {
        self.bytes = bytes
        plain = JSONC.plain(bytes)
        positions = KeyPositions(plain)
        guard !isBlank else { return }
        let tree: JSONTree
        do throws(JSONError) {
            tree = try JSONTree(parsing: plain)
        } catch {
            throw .json(error)
        }
        if tree.object == nil { throw .noObject }
    }

    private var isBlank: Bool { plain.allSatisfy(\.isBlank) }

    /// The value that is written down for a setting, or for an entry of one that is a map ("keys.agent.stop"); nil: none.
    package func value(of name: String) -> JSONTree? {
        positions.member(named: name).flatMap { try? JSONTree(parsing: Array(plain[$0.value])) }
    }

    package mutating func set(_ name: String, to value: JSONTree) {
        bytes = setting(name, value)
        plain = JSONC.plain(bytes)
        positions = KeyPositions(plain)
    }

    /// Takes a setting out; what stands around it stays, comments included.
    package mutating func remove(_ name: String) {
        while let found = positions.member(named: name) {
            var start = found.key, end = found.value.upperBound
            // Its comma goes with it: the one behind, else the one before.
            if let next = plain[end...].firstIndex(where: { !$0.isBlank }), plain[next] == UInt8(ascii: ",") {
                end = next + 1
            } else if let before = plain[..<start].lastIndex(where: { !$0.isBlank }), plain[before] == UInt8(ascii: ",") {
                bytes.remove(at: before)
                (start, end) = (start - 1, end - 1)
            }
            // And its line, if nothing else is on it.
            let lineStart = bytes[..<start].lastIndex(of: 10) ?? 0, lineEnd = bytes[end...].firstIndex(of: 10) ?? bytes.count
            if bytes[(lineStart + 1)..<max(start, lineStart + 1)].allSatisfy(\.isBlank), bytes[end..<lineEnd].allSatisfy(\.isBlank) {
                (start, end) = (lineStart, lineEnd)
            }
            bytes.removeSubrange(start..<end)
            plain = JSONC.plain(bytes)
            positions = KeyPositions(plain)
        }
    }

    private func setting(_ name: String, _ value: JSONTree) -> [UInt8] {
        if let found = positions.member(named: name) {
            return Array(bytes[..<found.value.lowerBound]) + value.serialized() + bytes[found.value.upperBound...]
        }
        guard let top = plain.firstIndex(of: UInt8(ascii: "{")) else { return bytes + Array("{\n  ".utf8) + Self.member(name, value) + Array("\n}\n".utf8) }
        guard let map = Setting.table.first(where: { $0.isMap && name.hasPrefix($0.name + ".") })?.name else {
            return inserting(Self.member(name, value), behind: top)
        }
        // Into the object that holds the others of its map, if there is one.
        let entry = String(name.dropFirst(map.count + 1))
        if let object = positions.member(named: map), plain[object.value.lowerBound] == UInt8(ascii: "{") {
            return inserting(Self.member(entry, value), behind: object.value.lowerBound)
        }
        return inserting(Self.member(map, .object(JSONObject([.init(key: entry, value: value)]))), behind: top)
    }

    private static func member(_ key: String, _ value: JSONTree) -> [UInt8] {
        JSONTree.string(key).serialized() + [UInt8(ascii: ":"), 0x20] + value.serialized()
    }

    /// As the first member of an object, where a comma is right whatever follows.
    private func inserting(_ member: [UInt8], behind brace: Int) -> [UInt8] {
        let isEmpty = plain[(brace + 1)...].first { !$0.isBlank } == UInt8(ascii: "}")
        let lineStart = bytes[..<brace].lastIndex(of: 10).map { $0 + 1 } ?? 0
        let indent = bytes[lineStart...].prefix { $0 == 0x20 || $0 == 9 } + [0x20, 0x20]
        var out = Array(bytes[...brace]) + [10] + indent + member
        if !isEmpty { out.append(UInt8(ascii: ",")) }
        let rest = bytes[(brace + 1)...]
        if rest.first(where: { $0 != 0x20 && $0 != 9 }) != 10 { out += isEmpty ? [10] + indent.dropLast(2) : [10] + indent }
        return out + (rest.first == 10 ? rest : rest.drop { $0 == 0x20 || $0 == 9 })
    }
}

extension ConfigText {
    /// Of a file; one that is not there is empty.
    package init(file: String) throws(Failure) {
        var bytes: [UInt8] = []
        do throws(SysError) {
            if Files.exists(file) { bytes = try Files.read(file, limit: Config.longest) }
        } catch {
            throw .system(error)
        }
        try self.init(bytes)
    }

    /// Into the file, which is made if it is not there; of a link the target is written.
    package func write(to file: String) throws(Failure) {
        do throws(SysError) {
            let target = (try? Files.realPath(file)) ?? file
            try Files.makeDirectories(Files.parentDirectory(target))
            try Files.writeAtomically(target, bytes)
        } catch {
            throw .system(error)
        }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self) }
}
