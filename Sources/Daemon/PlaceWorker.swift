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

    init(registry: Registry, git: GitTool, core: CoreMailbox) {
        self.registry = registry
        self.git = git
        self.core = core
    }

    private func post(_ event: Event) { core.post(.event(event)) }

    func inspect(_ errand: Errand, _ path: String) {
        Task {
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
        Task {
            do throws(PlaceError) {
                let place = try await registry.backend(wish.kind).provision(wish, project: project)
                post(.provisioned(agent, .success(place)))
            } catch {
                post(.provisioned(agent, .failure(error.refusal)))
            }
        }
    }

    func list(_ project: Project) {
        Task {
            guard let places = try? await registry.backend(.worktree).list(project) else { return }
            post(.placesListed(project.id, places))
        }
    }

    func inspect(_ place: Place) {
        Task {
            guard let facts = try? await registry.backend(place.kind).inspect(place) else { return }
            post(.placeInspected(place.id, PlaceReport(exists: facts.exists, branch: facts.branch, changes: facts.exists ? facts.changes : nil)))
        }
    }

    func remove(_ errand: Errand, _ place: Place, projectPath: String, isFresh: Bool) {
        Task {
            do throws(PlaceError) {
                let project = Project(path: projectPath, isRepository: true, added: Timestamp(milliseconds: 0))
                let removed = try await registry.backend(place.kind).remove(place, of: project, force: isFresh)
                post(.placeRemoved(errand, .success(removed)))
            } catch {
                post(.placeRemoved(errand, .failure(error.refusal)))
            }
        }
    }

    func restore(_ errand: Errand, _ removed: RemovedPlace) {
        Task {
            do throws(PlaceError) {
                guard let backend = try registry.backend(removed.place.kind) as? any Restoring else { throw .unknownKind(removed.place.kind) }
                post(.placeRestored(errand, .success(try await backend.restore(removed))))
            } catch {
                post(.placeRestored(errand, .failure(error.refusal)))
            }
        }
    }

    func branches(_ errand: Errand, _ projectPath: String) {
        Task {
            let names = (try? await git.branchNames(in: projectPath)) ?? []
            post(.branchesListed(errand, names))
        }
    }

    func find(_ errand: Errand, below path: String) {
        Task {
            let found: [ProjectReport] = []
            post(.projectsFound(errand, .success(found)))
        }
    }
}

extension ProjectFacts {
    fileprivate var report: ProjectReport { ProjectReport(path: path, branch: branch, remote: remote, isRepository: isRepository, hasCommits: hasCommits) }
}
