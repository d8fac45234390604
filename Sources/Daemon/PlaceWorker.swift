import Domain
import Engine
import Git
import Places
import Sys

/// Places and git, each errand as a task of its own; their ends come back as events.
final class PlaceWorker: Sendable {
    private let registry: Registry
    private let git: GitTool
    private let core: CoreMailbox
    private let scripts: ScriptRunner
    private let settings: ProjectSettings
    private let thread = TaskThread(named: "places")

    init(registry: Registry, git: GitTool, scripts: ScriptRunner, settings: ProjectSettings, core: CoreMailbox) {
        self.settings = settings
        self.registry = registry
        self.git = git
        self.scripts = scripts
        self.core = core
    }

    /// What an earlier daemon left half removed or half made is completed or taken back.
    func recover() {
        Task(executorPreference: thread) { [self] in
            guard let worktrees = registry.all.lazy.compactMap({ $0 as? WorktreeBackend }).first else { return }
            do throws(PlaceError) {
                try await worktrees.recoverAll()
            } catch {
                post(.noticed("what a crash left of removed worktrees could not be brought in order: \(error.refusal.message)", remedy: error.refusal.remedy))
            }
        }
    }

    private func post(_ event: Event) { core.post(.event(event)) }

    func inspect(_ errand: Errand, _ path: String) {
        Task(executorPreference: thread) { [self] in
            do throws(GitError) {
                let facts = try await git.inspect(path)
                guard Files.isDirectory(facts.path) else {
                    return post(.inspected(errand, .failure(Refusal(.notFound, "\(path) is no directory"))))
                }
                post(.inspected(errand, .success(facts.report)))
            } catch {
                post(.inspected(errand, .failure(error.refusal)))
            }
        }
    }

    func provision(_ agent: AgentID, _ wish: PlaceWish, _ project: Project) {
        Task(executorPreference: thread) { [self] in
            do throws(PlaceError) {
                let chosen = settings.of(project)
                var wish = wish
                wish.branchPrefix = chosen.branchPrefix
                wish.copiesIgnored = chosen.copiedIgnored
                let place = try await registry.backend(wish.kind).provision(wish, project: project)
                if place.isOurs { await run(.setup, in: place, of: project) }
                post(.provisioned(agent, .success(place)))
            } catch {
                post(.provisioned(agent, .failure(error.refusal)))
            }
        }
    }

    func list(_ project: Project) {
        Task(executorPreference: thread) { [self] in
            do throws(PlaceError) {
                post(.placesListed(project.id, .success(try await registry.backend(.worktree).list(project))))
            } catch {
                post(.placesListed(project.id, .failure(error.refusal)))
            }
        }
    }

    func inspect(_ place: Place) {
        Task(executorPreference: thread) { [self] in
            do throws(PlaceError) {
                let facts = try await registry.backend(place.kind).inspect(place)
                let report = PlaceReport(exists: facts.exists, branch: facts.branch, changes: facts.exists ? facts.changes : nil)
                post(.placeInspected(place.id, .success(report)))
            } catch {
                post(.placeInspected(place.id, .failure(error.refusal)))
            }
        }
    }

    func remove(_ errand: Errand, _ place: Place, projectPath: String, isFresh: Bool) {
        Task(executorPreference: thread) { [self] in
            do throws(PlaceError) {
                let project = Project(path: projectPath, isRepository: true, added: Timestamp(milliseconds: 0))
                if place.isOurs, Files.isDirectory(place.directory) { await run(.teardown, in: place, of: project) }
                let removed = try await registry.backend(place.kind).remove(place, of: project, force: isFresh)
                post(.placeRemoved(errand, .success(removed)))
            } catch {
                post(.placeRemoved(errand, .failure(error.refusal)))
            }
        }
    }

    /// Wherever it was kept: also what was removed without an agent.
    func findExpired(before limit: Timestamp) {
        Task(executorPreference: thread) { [self] in
            do throws(PlaceError) {
                var found: [RemovedPlace] = []
                for backend in registry.all.compactMap({ $0 as? any Restoring }) { found += try await backend.expired(before: limit) }
                post(.expiredFound(.success(found)))
            } catch {
                post(.expiredFound(.failure(error.refusal)))
            }
        }
    }

    func forget(_ removed: RemovedPlace) {
        Task(executorPreference: thread) { [self] in
            do throws(PlaceError) {
                try await (registry.backend(removed.place.kind) as? any Restoring)?.forget(removed)
                post(.placeForgotten(removed, nil))
            } catch {
                post(.placeForgotten(removed, error.refusal))
            }
        }
    }

    private func run(_ occasion: ScriptRunner.Occasion, in place: Place, of project: Project) async {
        if let words = await scripts.run(occasion, in: place, of: project, settings.of(project)) { post(.noticed(words.text, remedy: words.remedy)) }
    }

    func restore(_ errand: Errand, _ removed: RemovedPlace) {
        Task(executorPreference: thread) { [self] in
            do throws(PlaceError) {
                guard let backend = try registry.backend(removed.place.kind) as? any Restoring else { throw .unknownKind(removed.place.kind) }
                post(.placeRestored(errand, .success(try await backend.restore(removed))))
            } catch {
                post(.placeRestored(errand, .failure(error.refusal)))
            }
        }
    }

    func trust(_ errand: Errand, _ project: Project) {
        Task(executorPreference: thread) { [self] in
            do throws(PlaceError) {
                post(.trusted(errand, .success(try scripts.trust(project, settings.of(project)))))
            } catch {
                post(.trusted(errand, .failure(error.refusal)))
            }
        }
    }

    func diff(_ errand: Errand, _ place: Place) {
        Task(executorPreference: thread) { [self] in
            do throws(GitError) {
                post(.placeDiffed(errand, .success(try await git.patches(in: place.directory, since: place.base))))
            } catch {
                post(.placeDiffed(errand, .failure(error.refusal)))
            }
        }
    }

    func branches(_ errand: Errand, _ projectPath: String) {
        Task(executorPreference: thread) { [self] in
            let names = (try? await git.branchNames(in: projectPath)) ?? []
            post(.branchesListed(errand, names))
        }
    }

    func find(_ errand: Errand, below path: String) {
        Task(executorPreference: thread) { [self] in
            do throws(PlaceError) {
                var found: [ProjectReport] = []
                for directory in try await ProjectScanner().repositories(below: path) {
                    if let facts = try? await git.inspect(directory), facts.isRepository { found.append(facts.report) }
                }
                post(.projectsFound(errand, .success(found)))
            } catch {
                post(.projectsFound(errand, .failure(error.refusal)))
            }
        }
    }
}

extension ProjectFacts {
    fileprivate var report: ProjectReport { ProjectReport(path: path, branch: branch, remote: remote, isRepository: isRepository, hasCommits: hasCommits) }
}

/// Runs tasks on one thread of its own: `Task(executorPreference: thread) { … }`. They must not block, as no task may.
///
/// Without it tasks run on the pool of the concurrency library, whose watchman then wakes the process every second for as
/// long as it lives.
final class TaskThread: TaskExecutor {
    private let jobs = Mailbox<UnownedJob>()

    /// The thread stays until the process ends.
    init(named name: String) {
        startThread(named: name) { self.run() }
    }

    func enqueue(_ job: consuming ExecutorJob) { jobs.post(UnownedJob(job)) }

    private func run() {
        let poller = Poller()
        do throws(SysError) {
            try poller.add(jobs.descriptor, token: 0)
        } catch {
            preconditionFailure("the thread of tasks cannot wait for them: \(error.message)")
        }
        while true {
            _ = poller.wait(untilMonotonicMs: nil)
            for job in jobs.drain() { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}
