import Domain
import Engine
import JSON
import Wire

/// Records of the engine as JSON for the store. What the protocol has words for is written in those words.
extension Record {
    func encoded() -> [UInt8] {
        switch self {
        case .project(let project): project.json()
        case .place(let place): place.json()
        case .agent(let agent): agent.json()
        case .launch(let launch): launch.encoded()
        case .prompt(let prompt): prompt.encoded()
        case .removed(let removed): removed.encoded()
        case .feed(let entry): entry.json()
        }
    }

    /// Nil for a row of a newer drover that cannot be understood: it stays in the store.
    static func decoded(_ kind: RecordKey.Kind, _ bytes: [UInt8]) -> Record? {
        guard let value = try? JSONParser().parse(bytes) else { return nil }
        switch kind {
        case .project: return Project(wire: value).map { .project($0) }
        case .place: return Place(wire: value).map { .place($0) }
        case .agent: return Agent(wire: value).map { .agent($0) }
        case .launch: return Launch(value).map { .launch($0) }
        case .prompt: return PendingPrompt(value).map { .prompt($0) }
        case .removed: return Removed(value).map { .removed($0) }
        case .feed: return FeedEntry(wire: value).map { .feed($0) }
        }
    }
}

extension Launch {
    fileprivate func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.field("agent", agent.raw)
            $0.field("place", wish.id.raw)
            $0.field("project", wish.project.raw)
            $0.field("projectPath", wish.projectPath)
            $0.field("kind", wish.kind.rawValue)
            $0.field("slug", wish.slug)
            $0.field("branch", wish.branch)
            $0.field("base", wish.base)
            $0.field("copiesUncommitted", wish.copiesUncommitted)
            $0.field("copiesIgnored", wish.copiesIgnored)
            $0.field("title", title)
            $0.field("model", model)
            $0.field("mode", mode)
            $0.field("prompt", prompt)
            $0.field("step", step.rawValue)
        }
        return writer.bytes
    }

    fileprivate init?(_ value: JSONValue) {
        guard let agent = value["agent"]?.string, let place = value["place"]?.string, let project = value["project"]?.string,
            let path = value["projectPath"]?.string, let kind = value["kind"]?.string.flatMap(Place.Kind.init(rawValue:)),
            let step = value["step"]?.string.flatMap(Step.init(rawValue:)), let prompt = value["prompt"]?.string
        else { return nil }
        let wish = PlaceWish(
            id: PlaceID(place), project: ProjectID(project), projectPath: path, kind: kind, slug: value["slug"]?.string ?? agent,
            branch: value["branch"]?.string,
            base: value["base"]?.string, copiesUncommitted: value["copiesUncommitted"]?.bool ?? false,
            copiesIgnored: value["copiesIgnored"]?.elements.compactMap(\.string) ?? [])
        self.init(
            agent: AgentID(agent), wish: wish, title: value["title"]?.string, model: value["model"]?.string, mode: value["mode"]?.string, prompt: prompt,
            step: step, errand: nil)
    }
}

extension PendingPrompt {
    fileprivate func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.field("agent", agent.raw)
            $0.field("message", input.message.raw)
            $0.field("part", input.part.raw)
            $0.field("text", input.text)
            $0.field("model", input.model)
            $0.field("mode", input.mode)
            $0.field("number", number)
            if isRaw { $0.field("raw", true) }
            if let command = input.command {
                $0.object("command") {
                    $0.field("name", command.name)
                    $0.field("arguments", command.arguments)
                }
            }
            $0.array("files") { list in
                for file in input.files {
                    list.object {
                        $0.field("part", file.part.raw)
                        $0.field("path", file.path)
                        $0.field("mime", file.mime)
                        file.mention.write(to: &$0)
                    }
                }
            }
            $0.array("agents") { list in
                for agent in input.agents {
                    list.object {
                        $0.field("part", agent.part.raw)
                        agent.mention.write(to: &$0)
                    }
                }
            }
        }
        return writer.bytes
    }

    fileprivate init?(_ value: JSONValue) {
        guard let agent = value["agent"]?.string, let message = value["message"]?.string, let part = value["part"]?.string, let text = value["text"]?.string
        else { return nil }
        var input = PromptInput(message: MessageID(message), part: PartID(part), text: text, model: value["model"]?.string, mode: value["mode"]?.string)
        input.command = value["command"].flatMap { command in
            command["name"]?.string.map { PromptCommand(name: $0, arguments: command["arguments"]?.string ?? "") }
        }
        input.files =
            value["files"]?.elements.compactMap { file in
                guard let part = file["part"]?.string, let path = file["path"]?.string, let mention = Mention(file) else { return nil }
                return PromptFile(part: PartID(part), path: path, mime: file["mime"]?.string ?? "text/plain", mention: mention)
            } ?? []
        input.agents =
            value["agents"]?.elements.compactMap { agent in
                guard let part = agent["part"]?.string, let mention = Mention(agent) else { return nil }
                return PromptAgent(part: PartID(part), mention: mention)
            } ?? []
        self.init(agent: AgentID(agent), input: input, number: value["number"]?.int ?? 0, isRaw: value["raw"]?.bool ?? false)
    }
}

extension Mention {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.field("name", name)
        writer.field("written", written)
        writer.field("start", start)
        if let lines {
            writer.field("firstLine", lines.lowerBound)
            writer.field("lastLine", lines.upperBound)
        }
    }

    fileprivate init?(_ value: JSONValue) {
        guard let name = value["name"]?.string, let written = value["written"]?.string, let start = value["start"]?.int else { return nil }
        var lines: ClosedRange<Int>?
        if let first = value["firstLine"]?.int, let last = value["lastLine"]?.int, last >= first { lines = first...last }
        self.init(name: name, written: written, start: start, lines: lines)
    }
}

extension Removed {
    fileprivate func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            if let agent {
                $0.key("agent")
                agent.write(to: &$0)
            }
            $0.field("at", String(at.milliseconds))
            if let place {
                $0.key("place")
                place.place.write(to: &$0)
                $0.field("projectPath", place.projectPath)
                $0.field("workTree", place.workTree)
                $0.field("index", place.index)
                $0.field("head", place.head)
            }
        }
        return writer.bytes
    }

    fileprivate init?(_ value: JSONValue) {
        let agent = value["agent"].flatMap { Agent(wire: $0) }
        guard agent != nil || value["place"] != nil, let at = value["at"]?.string.flatMap({ Int64($0) }) else { return nil }
        let when = Timestamp(milliseconds: at)
        let place = value["place"].flatMap { Place(wire: $0) }.map {
            RemovedPlace(
                place: $0, projectPath: value["projectPath"]?.string ?? "", workTree: value["workTree"]?.string, index: value["index"]?.string,
                head: value["head"]?.string, removed: when)
        }
        self.init(agent: agent, place: place, at: when)
    }
}
