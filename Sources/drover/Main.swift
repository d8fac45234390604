import CommandLine
import Config
import Daemon
import Glibc
import StandIn
import Sys

/// The composition root: which room does what for the command line.
@main enum Main {
    static let version = "0.1.0"

    static func main() {
        let arguments = Array(Swift.CommandLine.arguments.dropFirst())
        // The demo's servers are this program as well: nothing has to be installed beside it.
        if arguments.first == DemoProgram.serverWord { exit(FakeProgram.main(arguments)) }
        let unbuilt: ([String]) -> Int32 = { _ in complain("this is not built yet") }
        let parts = CommandLineParts(version: version, dashboard: dashboard, daemonRun: daemon, demo: { _ in DemoProgram.run(version: version) }, bench: unbuilt)
        exit(CommandLineMain.run(arguments: arguments, environment: variables, parts: parts))
    }

    static func dashboard(_ directory: String) -> Int32 {
        let directories = Directories()
        let settings = Config.load(person: directories.config + "/config.jsonc").settings
        do throws(DashboardFailure) {
            try DashboardProgram(directory: directory, version: version, settings: settings, directories: directories).run()
            return 0
        } catch {
            return complain(error.message)
        }
    }

    static func daemon(_ arguments: [String]) -> Int32 {
        switch DaemonProgram(version: version).run() {
        case .stopped, .other: 0
        case .failed(let why): complain(why)
        }
    }

    static func complain(_ words: String) -> Int32 {
        try? Descriptor.writeAll(2, Array("drover: \(words)\n".utf8))
        return 1
    }

    static var variables: [String: String] {
        var variables: [String: String] = [:]
        for entry in Environment.all {
            guard let cut = entry.firstIndex(of: "=") else { continue }
            variables[String(entry[..<cut])] = String(entry[entry.index(after: cut)...])
        }
        return variables
    }
}
