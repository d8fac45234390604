/// What is in an index, as `git ls-files -s -v -z` lists it.
struct IndexEntry: Equatable {
    /// `H` cached, `S` skip-worktree, `M` unmerged; lower case when it is also "assume unchanged".
    var tag: UInt8
    /// `100644`, `100755`, `120000` link, `160000` submodule.
    var mode: [UInt8]
    var object: [UInt8]
    /// 0, or 1…3 in a conflict.
    var stage: UInt8
    var path: Path

    var isSubmodule: Bool { mode.elementsEqual("160000".utf8) }
    /// Has a flag or a stage that a tree cannot say.
    var isSpecial: Bool { tag != UInt8(ascii: "H") || stage != UInt8(ascii: "0") }
    /// Intent-to-add entries name the empty blob; `ls-files` shows nothing else of them.
    var isEmptyBlob: Bool { object.starts(with: "e69de29bb2d1d6434b8b29ae".utf8) || object.starts(with: "473a0f4c3be8a93681a267e3".utf8) }
}

enum IndexListing {
    /// "H 100644 <object> 0\tpath\0"
    static func parse(_ bytes: [UInt8]) -> [IndexEntry] {
        Records.zeroTerminated(bytes).compactMap { record in
            guard let (head, path) = record.cut(at: "\t") else { return nil }
            let words = head.split(separator: UInt8(ascii: " "))
            guard words.count == 4, let tag = words[0].first, let stage = words[3].first else { return nil }
            return IndexEntry(tag: tag, mode: Array(words[1]), object: Array(words[2]), stage: stage, path: Array(path))
        }
    }

    /// Input for `update-index -z --index-info`; every path below `folder`.
    static func line(mode: some Sequence<UInt8>, object: some Sequence<UInt8>, path: some Sequence<UInt8>) -> [UInt8] {
        Array(mode) + [UInt8(ascii: " ")] + object + Array(" 0\t".utf8) + path + [0]
    }
}

/// Which paths `git add` would not store byte for byte.
enum Conversions {
    /// From `git check-attr -z -a --stdin`: path, attribute, value. With `converting`, the configuration converts line
    /// ends of everything that is not marked as binary.
    static func paths(_ bytes: [UInt8], among all: [Path], converting: Bool) -> Set<Path> {
        var found: Set<Path> = converting ? Set(all) : []
        let fields = bytes.split(separator: 0, omittingEmptySubsequences: false)
        for start in stride(from: 0, to: fields.count - 2, by: 3) {
            let (path, name, value) = (Array(fields[start]), fields[start + 1].text, fields[start + 2].text)
            switch (name, value) {
            case ("text", "unset"): if converting { found.remove(path) }
            case ("filter", "unset"), ("ident", "unset"), ("working-tree-encoding", "unset"), ("eol", "unset"), ("crlf", "unset"): break
            case ("text", _), ("eol", _), ("crlf", _), ("filter", _), ("ident", _), ("working-tree-encoding", _): found.insert(path)
            default: break
            }
        }
        return found
    }
}
