import Sys

/// Why something could not be measured.
enum BenchError: Error {
    case system(SysError)
    /// A program did not do within its time what was waited for.
    case late(String)
    case failed(String)

    var message: String {
        switch self {
        case .system(let error): error.message
        case .late(let what): what + " did not come in time"
        case .failed(let why): why
        }
    }
}
