import Domain
import Engine
import Sys
import Wire

/// Gives each effect to the worker that owns what it is about. Decides nothing.
///
/// A durable write holds back what comes after it until it is on the disk: written down, then done.
final class EffectRunner {
    private let keeper: ServerKeeper
    private let lines: ServerLines
    private let places: PlaceWorker
    private let files: FileWorker
    private let store: StoreBridge
    private let port: ClientPort
    /// Effects that wait for the write with the number before them.
    private var held: [(number: Int, effects: ArraySlice<Effect>)] = []
    private(set) var isOver = false
    /// Given to the keeper together: it wakes once for all.
    private var measures: [ServerKeeper.Order] = []

    init(keeper: ServerKeeper, lines: ServerLines, places: PlaceWorker, files: FileWorker, store: StoreBridge, port: ClientPort) {
        self.keeper = keeper
        self.lines = lines
        self.places = places
        self.files = files
        self.store = store
        self.port = port
    }

    func run(_ effects: [Effect]) {
        guard !effects.isEmpty else { return }
        if held.isEmpty { run(effects[...]) } else { held.append((-1, effects[...])) }  // order holds over turns as well
        giveMeasures()
    }

    private func giveMeasures() {
        guard !measures.isEmpty else { return }
        keeper.post(measures)
        measures.removeAll(keepingCapacity: true)
    }

    func written(_ number: Int) {
        defer { giveMeasures() }
        guard let first = held.firstIndex(where: { $0.number == number }) else { return }
        precondition(first == 0, "durable writes come back in the order in which they were given")
        let waiting = held
        held.removeAll()
        for (index, entry) in waiting.enumerated() {
            guard held.isEmpty else {
                held += waiting[index...]
                return
            }
            run(entry.effects)
        }
    }

    private func run(_ effects: ArraySlice<Effect>) {
        var rest = effects
        while let effect = rest.popFirst() {
            guard let number = perform(effect) else { continue }
            // Several durable writes in a row wait for one flush: only the last of them holds.
            if let next = rest.first, next.isDurable { continue }
            if !rest.isEmpty { held.append((number, rest)) } else { held.append((number, [])) }
            return
        }
    }

    /// The number of a durable write that what follows has to wait for.
    private func perform(_ effect: Effect) -> Int? {
        switch effect {
        case .spawnServer(let id, let generation, let path): keeper.post(.spawn(id, generation: generation, projectPath: path))
        case .adoptServer(let record, let generation): keeper.post(.adopt(record, generation: generation))
        case .stopServer(let id, let generation):
            lines.forget(id)
            keeper.post(.stop(id, generation: generation))
        case .measureServer(let id, let generation): measures.append(.measure(id, generation: generation))
        case .openStream(let id, let generation, let stream): lines.open(id, generation, stream)
        case .closeStream(let id, _, let stream): lines.close(id, stream)
        case .call(let call, let id, let generation, let order): lines.call(call, id, generation, order)
        case .lookForOthers: keeper.post(.lookForOthers)
        case .inspectProject(let errand, let path): places.inspect(errand, path)
        case .findProjects(let errand, let path): places.find(errand, below: path)
        case .diffPlace(let errand, let place): places.diff(errand, place)
        case .listBranches(let errand, let path): places.branches(errand, path)
        case .readFacts(let errand, let directory, let names): files.readFacts(errand, directory, names)
        case .findFiles(let errand, let directory, let query): files.find(errand, directory, like: query)
        case .provision(let agent, let wish, let project): places.provision(agent, wish, project)
        case .listPlaces(let project): places.list(project)
        case .inspectPlace(let place): places.inspect(place)
        case .removePlace(let errand, let place, let path, let isFresh): places.remove(errand, place, projectPath: path, isFresh: isFresh)
        case .trustScript(let errand, let project): places.trust(errand, project)
        case .restorePlace(let errand, let removed): places.restore(errand, removed)
        case .findExpired(let limit): places.findExpired(before: limit)
        case .forgetPlace(let removed): places.forget(removed)
        case .save(let record, let isDurable): return store.save(record, isDurable: isDurable)
        case .forget(let key, let isDurable): return store.forget(key, isDurable: isDurable)
        case .spend(let spend): store.spend(spend)
        case .audit(let number, let line): store.audit(number, line)
        case .reply(let errand, let result): port.reply(errand, result.map { .client($0) })
        case .replyAttach(let errand, let id, let directory, let session): replyAttach(errand, id, directory, session)
        case .transcript(let agent, let changes): port.note(agent, changes)
        case .exit: isOver = true
        }
        return nil
    }

    private func replyAttach(_ errand: Errand, _ id: ServerID, _ directory: String, _ session: SessionID) {
        guard let link = lines.link(of: id) else {
            return port.reply(errand, .failure(Refusal(.unreachable, "the server went away", remedy: "try again")))
        }
        port.reply(errand, .success(.client(.attach(url: link.url, directory: directory, session: session, password: link.password))))
    }
}

extension Effect {
    var isDurable: Bool {
        switch self {
        case .save(_, let isDurable), .forget(_, let isDurable): isDurable
        default: false
        }
    }
}
