extension JSONWriter {
    package mutating func value(_ tree: JSONTree) {
        switch tree {
        case .null: null()
        case .bool(let flag): value(flag)
        case .int(let number): value(number)
        case .number(let number): value(number)
        case .string(let text): value(text)
        case .array(let elements): array { for element in elements { $0.value(element) } }
        case .object(let object):
            self.object {
                for member in object.members {
                    $0.key(member.key)
                    $0.value(member.value)
                }
            }
        }
    }

    /// Copies a parsed value with everything in it. Walks the tape, so depth costs no stack.
    package mutating func value(_ copied: JSONValue) {
        _ = copied.word  // the check of a debug build
        let end = Tape.next(copied.tape, copied.index)
        // One entry a level: whether it is an object, and whether its next string is a key.
        var levels: [(isObject: Bool, keyNext: Bool)] = []
        var at = copied.index
        while at < end {
            let word = copied.tape[at]
            let tag = Tape.tag(word)
            if let level = levels.last, level.isObject, level.keyNext, tag == Tape.string {
                key(String(decoding: Tape.text(word, copied.strings), as: UTF8.self))
                levels[levels.count - 1].keyNext = false
                at += 1
                continue
            }
            if !levels.isEmpty { levels[levels.count - 1].keyNext = true }
            switch tag {
            case Tape.object:
                beginObject()
                levels.append((true, true))
            case Tape.array:
                beginArray()
                levels.append((false, false))
            case Tape.objectEnd:
                endObject()
                levels.removeLast()
            case Tape.arrayEnd:
                endArray()
                levels.removeLast()
            default: scalar(copied.at(at))
            }
            at = tag == Tape.object || tag == Tape.array ? at + 1 : Tape.next(copied.tape, at)
        }
    }

    private mutating func scalar(_ scalar: JSONValue) {
        if let text = scalar.bytes { return value(utf8: text) }
        if let flag = scalar.bool { return value(flag) }
        switch Tape.tag(scalar.word) {
        case Tape.int64: value(Int64(bitPattern: scalar.tape[scalar.index + 1]))
        case Tape.uint64: value(scalar.tape[scalar.index + 1])
        case Tape.double: value(Double(bitPattern: scalar.tape[scalar.index + 1]))
        default: null()
        }
    }
}

extension JSONValue {
    /// This value as compact JSON. Numbers may be written otherwise than they came (`1e3` as `1000`), never with another value.
    package func serialized(pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        writer.value(self)
        return writer.bytes
    }
}
