package import Domain
package import Git
package import Sys

/// Why a place could not be made, looked at, removed or brought back.
package enum PlaceError: Error, Equatable, Sendable {
    case git(GitError)
    case system(SysError)
    /// No backend makes this kind of place.
    case unknownKind(Place.Kind)
    /// Uncommitted work belongs to the commit it was made on.
    case baseDiffers(head: String, base: String)
    /// Files that git cannot store and that cannot be moved aside either.
    case cannotKeep(directory: String, paths: [String])
    /// Nothing is left to restore from.
    case nothingKept(String)
    /// What was noted of a removed place cannot be read; so nothing of it is touched.
    case unreadable(String)
    /// The script's content is not what the person trusted.
    case scriptChanged(String)
    /// The configuration names a script that is not below the project.
    case scriptOutside(String)
    case scriptNotExecutable(String)
    case scriptTimedOut(path: String, log: String)
    case scriptFailed(path: String, status: ExitStatus, log: String)
    case cancelled

    package var message: String { refusal.message }

    package var refusal: Refusal {
        switch self {
        case .git(let error): error.refusal
        case .system(let error): Refusal(.failed, error.message, remedy: error.isFull ? "free some space and try again" : "")
        case .unknownKind(let kind): Refusal(.refused, "this drover makes no places of the kind \(kind.rawValue)", remedy: "use folder or worktree")
        case .baseDiffers(let head, let base):
            Refusal(
                .refused, "uncommitted work belongs to commit \(head.prefix(10)), but the new place starts at \(base.prefix(10))",
                remedy: "leave out the base, or do not copy uncommitted work")
        case .cannotKeep(let directory, let paths):
            Refusal(
                .needsPerson, "\(directory) has files that could not be kept: \(paths.joined(separator: ", "))",
                remedy: "copy them, or use --force to lose them")
        case .nothingKept(let path): Refusal(.notFound, "nothing is kept of \(path)", remedy: "the grace time may be over")
        case .unreadable(let path): Refusal(.failed, "what was noted in \(path) cannot be read", remedy: "move the directory away to give up what it keeps")
        case .scriptChanged(let path): Refusal(.needsPerson, "\(path) changed since it was trusted", remedy: "read it, then trust it again")
        case .scriptFailed(let path, let status, let log):
            Refusal(.failed, "\(path) ended with status \(status.shellCode)", remedy: "its output is in \(log)")
        case .scriptTimedOut(let path, let log): Refusal(.timedOut, "\(path) took too long and was ended", remedy: "its output is in \(log)")
        case .scriptOutside(let name):
            Refusal(.refused, "the script \(name) is not below the project", remedy: "name one relative to the project, without “..”")
        case .scriptNotExecutable(let path): Refusal(.refused, "\(path) is not an executable file", remedy: "chmod +x \(ShellWord.quoted(path))")
        case .cancelled: Refusal(.failed, "cancelled")
        }
    }
}

/// Runs `body`, making its errors this room's.
func placing<Result>(_ body: () async throws(GitError) -> Result) async throws(PlaceError) -> Result {
    do throws(GitError) {
        return try await body()
    } catch {
        throw .git(error)
    }
}

func onDisk<Result>(_ body: () throws(SysError) -> Result) throws(PlaceError) -> Result {
    do throws(SysError) {
        return try body()
    } catch {
        switch true {
        case error.isFull: throw .git(.diskFull(error.subject))
        case error.isPermission: throw .git(.notWritable(error.subject))
        default: throw .system(error)
        }
    }
}
