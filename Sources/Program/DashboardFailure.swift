package import Sys
package import Terminal

/// Why the dashboard could not be opened or had to end.
package enum DashboardFailure: Error {
    case system(SysError)
    case terminal(TerminalError)
    package var message: String {
        switch self {
        case .system(let error): error.message
        case .terminal(let error): error.message
        }
    }
}
