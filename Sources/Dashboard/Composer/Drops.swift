import Domain

/// What a terminal writes when files are dropped on it: absolute paths, quoted or with backslashes, or as addresses.
enum DroppedPaths {
    /// The paths of images that a pasted text consists of; nil: it is something else.
    static func read(_ text: String) -> [String]? {
        guard text.utf8.count < 16_384, let words = words(text.trimmed), !words.isEmpty, words.count <= 20 else { return nil }
        let paths = words.compactMap(path)
        return paths.count == words.count && paths.allSatisfy(isImage) ? paths : nil
    }

    private static func isImage(_ path: String) -> Bool {
        guard let dot = path.lastIndex(of: ".") else { return false }
        return ["png", "jpg", "jpeg", "gif", "webp"].contains(path[path.index(after: dot)...].lowercased())
    }

    private static func path(_ word: String) -> String? {
        if word.hasPrefix("file://") {
            let rest = word.dropFirst(7)
            guard let slash = rest.firstIndex(of: "/"), slash == rest.startIndex || rest[..<slash] == "localhost" else { return nil }
            return percentDecoded(rest[slash...])
        }
        return word.hasPrefix("/") || word.hasPrefix("~/") ? word : nil
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), code != 0 else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// As a shell would cut them; nil: a quote stays open, or a line ends.
    private static func words(_ text: String) -> [String]? {
        var words: [String] = [], word = "", isWord = false, isEscaped = false
        var quote: Character?
        for character in text {
            if character.isNewline { return nil }
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if let open = quote {
                if character == open { quote = nil } else if character == "\\", open == "\"" { isEscaped = true } else { word.append(character) }
            } else if character == "\\" {
                (isEscaped, isWord) = (true, true)
            } else if character == "\"" || character == "'" {
                (quote, isWord) = (character, true)
            } else if character.isWhitespace {
                if isWord { words.append(word) }
                (word, isWord) = ("", false)
            } else {
                word.append(character)
                isWord = true
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        return isWord ? words + [word] : words
    }
}

extension Dashboard {
    /// The text stands where it was pasted; when its paths are known to be images they are mentioned instead.
    mutating func noteDrop(_ text: String) {
        guard let place = prompt?.place, let paths = DroppedPaths.read(text) else { return }
        // What was known of a path may be of before.
        for path in paths { ui.lore.facts[place]?.removeValue(forKey: path) }
        ui.lore.drops.append(Lore.Drop(place: place, text: text, paths: paths))
    }

    mutating func settleDrops(_ place: PromptPlace) {
        for drop in ui.lore.drops where drop.place == place && drop.paths.allSatisfy({ ui.lore.facts[place]?[$0] != nil }) {
            ui.lore.drops.removeAll { $0 == drop }
            let facts = drop.paths.compactMap { ui.lore.fact($0, place) }
            guard facts.count == drop.paths.count, facts.allSatisfy({ $0.kind == .image }), prompt?.place == place else { continue }
            let names = facts.map { short($0, place) }
            for (fact, name) in zip(facts, names) {
                var fact = fact
                fact.name = name
                ui.lore.facts[place]?.updateValue(fact, forKey: name)
            }
            changePrompt { $0.replaceLast(drop.text, with: names.map(PromptText.mentioning).joined(separator: " ") + " ") }
        }
    }

    /// Inside the place a name is enough.
    private func short(_ fact: FileFact, _ place: PromptPlace) -> String {
        let directory: String? =
            switch place {
            case .agent(let id): model.herd.agents[id].flatMap { model.herd.places[$0.place]?.directory }
            case .project(let id): model.herd.projects[id]?.path
            }
        guard let directory, fact.path.hasPrefix(directory + "/") else { return fact.path }
        return String(fact.path.dropFirst(directory.count + 1))
    }
}
