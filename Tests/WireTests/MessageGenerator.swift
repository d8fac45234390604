import Domain
import Wire

extension Generator {
    mutating func newAgent() -> NewAgent {
        NewAgent(
            id: maybe { $0.id() }, directory: text(), kind: maybe { $0.pick(Place.Kind.allCases) }, branch: maybe { $0.text() }, base: maybe { $0.text() },
            title: maybe { $0.text() }, model: maybe { $0.text() }, mode: maybe { $0.text() }, prompt: text(), copiesUncommitted: flag())
    }

    mutating func answer() -> Answer {
        switch number(0...3) {
        case 0: .once
        case 1: .always
        case 2: .reject(message: maybe { $0.text() })
        default: .choices(several { $0.several { $0.text() } })
        }
    }

    mutating func promptPlace() -> PromptPlace { flag() ? .agent(id()) : .project(id()) }

    /// One order of every kind.
    mutating func orders() -> [ClientOrder] {
        [
            .new(newAgent()), .send(id(), text: text(), model: maybe { $0.text() }, mode: maybe { $0.text() }), .unqueue(id(), id()),
            .answer(id(), answer()), .stop(several { $0.id() }), .resume(several { $0.id() }), .retry(several { $0.id() }),
            .archive(several { $0.id() }, flag()), .remove(several { $0.id() }), .undo, .rename(id(), text()), .seen(several { $0.id() }),
            .attach(id()), .transcript(id()), .diff(id()), .addProject(path: text()), .removeProject(id()), .scanProjects(path: text()),
            .removePlace(id()), .choices(id()), .files(promptPlace(), like: text()), .facts(promptPlace(), several { $0.text() }), .offers(promptPlace()),
            .trust(id()), .look(maybe { $0.id() }), .feed(limit: number(0...99), follows: flag()), .wake(id()),
            .stopServer(id()), .shutdown,
        ]
    }

    /// One request of every kind.
    mutating func requests() -> [ClientRequest] {
        [
            .hello(Hello(version: text(), protocolVersion: number(0...9), client: pick([.dashboard, .cli, .watch, .other]))), .snapshot, .list(query: text()),
            .subscribe(pick([.fast, .slow])), .status, .why(id()),
        ] + orders().map { .order($0) }
    }

    mutating func daemonStatus() -> DaemonStatus {
        DaemonStatus(
            pid: number(1...9999), version: text(), socket: text(), started: time(), clients: number(0...9),
            servers: several {
                var server = $0.server()
                server.project = ProjectID(server.id.raw)
                return DaemonStatus.ServerLine(project: $0.text(), projectPath: $0.text(), server: server)
            }, counters: Dictionary(several { ($0.text(), $0.number(0...99)) }, uniquingKeysWith: { first, _ in first }))
    }

    mutating func rows() -> AgentRows {
        let herd = herd()
        return AgentRows(herd.agents.keys.sorted(), in: herd)
    }

    /// One reply of every kind.
    mutating func replies() -> [DaemonReply] {
        let client: [ClientReply] = [
            .done, .agent(agent()), .agents(several { $0.agent() }), .project(project()), .projects(several { $0.project() }), .place(place()),
            .transcript(several { $0.item() }),
            .diff(several { FileChange(file: $0.text(), patch: $0.text(), additions: 1, deletions: 2, status: $0.text()) }),
            .feed(several { $0.feedEntry() }),
            .attach(url: text(), directory: text(), session: id(), password: text()),
            .choices(
                models: several { ModelInfo(id: $0.text(), name: $0.text(), context: $0.number(0...99), seesImages: $0.maybe { $0.flag() }) },
                fallback: maybe { $0.text() },
                modes: several { $0.text() }, commands: several { $0.text() }, branches: several { $0.text() }),
            .files(several { $0.text() }),
            .facts(
                several {
                    FileFact(
                        name: $0.text(), path: $0.text(), kind: $0.pick([.file, .directory, .image]), mime: $0.text(), size: $0.number(0...99),
                        trouble: $0.maybe { $0.text() })
                }),
            .offers(commands: several { CommandInfo(name: $0.text(), description: $0.text()) }, agents: several { $0.text() }), .words(text()),
        ]
        return [
            .welcome(Welcome(pid: 7, version: text(), protocolVersion: 1)), .herd(herd()), .rows(rows()), .status(daemonStatus()),
            .why(Explanation(agent: agent(), place: maybe { $0.place() }, server: maybe { $0.server() }, notes: several { $0.text() })),
        ] + client.map { .client($0) }
    }

    /// One message of every kind.
    mutating func daemonMessages() -> [DaemonMessage] {
        let reasons: [Refusal.Reason] = [.failed, .usage, .notFound, .needsPerson, .refused, .unreachable, .timedOut]
        return replies().map { .reply(id: 5, .success($0)) }
            + reasons.map { .reply(id: flag() ? nil : 9, .failure(Refusal($0, text(), remedy: text()))) }
            + [
                .herd(change()), .snapshot(herd()), .transcript(id(), several { $0.transcriptChange() }), .status(daemonStatus()),
                .bye(pick([.stopped, .left])),
            ]
    }
}
