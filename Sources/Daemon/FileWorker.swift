import Domain
import Engine
import Git
import Places
import Query
import Sys

/// Finds files for those who write prompts. A directory is listed when its files are asked for first; while a person types they are asked for
/// again at every letter, and then only looked through.
final class FileWorker: Sendable {
    private let git: GitTool
    private let home: String
    private let core: CoreMailbox
    private let thread = TaskThread(named: "files")
    private let shelf: Shelf

    init(git: GitTool, home: String, core: CoreMailbox) {
        self.git = git
        self.home = home
        self.core = core
        shelf = Shelf(git: git)
    }

    func readFacts(_ errand: Errand, _ directory: String, _ names: [String]) {
        Task(executorPreference: thread) { [core, home] in
            core.post(.event(.factsRead(errand, .success(FileFacts.read(names, in: directory, home: home)))))
        }
    }

    func find(_ errand: Errand, _ directory: String, like letters: String) {
        Task(executorPreference: thread) { [core, shelf] in
            core.post(.event(.filesFound(errand, await shelf.best(letters, in: directory))))
        }
    }

    /// The listings of the directories that were asked about last.
    private actor Shelf {
        private struct Listing {
            var index: FileIndex
            var made: Int64
        }
        private static let most = 4
        /// Milliseconds for which a listing is good: as long as it takes to write a name.
        private static let lifetime: Int64 = 20_000
        private let git: GitTool
        private var listings: [String: Listing] = [:]

        init(git: GitTool) { self.git = git }

        func best(_ letters: String, in directory: String) async -> Result<[String], Refusal> {
            let now = Clock.monotonicMilliseconds()
            if let known = listings[directory], now - known.made < Self.lifetime { return .success(known.index.best(letters, limit: 50)) }
            do throws(GitError) {
                let files = try await git.files(below: directory) ?? FileWalk.files(below: directory)
                let index = FileIndex(files)
                listings[directory] = Listing(index: index, made: Clock.monotonicMilliseconds())
                if listings.count > Self.most, let oldest = listings.min(by: { $0.value.made < $1.value.made })?.key { listings[oldest] = nil }
                return .success(index.best(letters, limit: 50))
            } catch {
                return .failure(error.refusal)
            }
        }
    }
}
