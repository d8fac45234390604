extension JSONValue {
    /// The first member of that name; nil when there is none or this is no object. Allocates nothing.
    package subscript(key: StaticString) -> JSONValue? {
        key.withUTF8Buffer { firstMember($0) }
    }

    package subscript(key: String) -> JSONValue? {
        var key = key
        return key.withUTF8 { firstMember($0) }
    }

    /// The element of an array, by walking to it; nil outside.
    package subscript(position: Int) -> JSONValue? {
        guard isArray, position >= 0 else { return nil }
        return elements.dropFirst(position).first { _ in true }
    }

    private func firstMember(_ name: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        let tape = tape
        let strings = strings
        let word = tape[index]
        guard Tape.tag(word) == Tape.object else { return nil }
        let end = Tape.after(word) - 1
        var at = index + 1
        while at < end {
            if Tape.same(Tape.text(tape[at], strings), name) { return self.at(at + 1) }
            at = Tape.next(tape, at + 1)
        }
        return nil
    }

    /// The values of an array, in order; nothing when this is no array.
    package var elements: Elements {
        let word = word
        let isArray = Tape.tag(word) == Tape.array
        return Elements(value: self, at: index + 1, end: isArray ? Tape.after(word) - 1 : index + 1)
    }

    /// The members of an object, in order, repeated keys included; nothing when this is no object.
    package var members: Members {
        let word = word
        let isObject = Tape.tag(word) == Tape.object
        return Members(value: self, at: index + 1, end: isObject ? Tape.after(word) - 1 : index + 1)
    }

    package struct Elements: Sequence, IteratorProtocol {
        let value: JSONValue
        var at: Int
        let end: Int

        package mutating func next() -> JSONValue? {
            guard at < end else { return nil }
            defer { at = Tape.next(value.tape, at) }
            return value.at(at)
        }
    }

    package struct Members: Sequence, IteratorProtocol {
        let value: JSONValue
        var at: Int
        let end: Int

        package mutating func next() -> (key: String, value: JSONValue)? {
            guard at < end else { return nil }
            let key = String(decoding: Tape.text(value.tape[at], value.strings), as: UTF8.self)
            let found = value.at(at + 1)
            at = Tape.next(value.tape, at + 1)
            return (key, found)
        }
    }
}
