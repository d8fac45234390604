package import Domain
package import Sys
package import Wire

/// Everything that a verb may touch, as values and closures: a test stands in for all of it.
package struct World {
    package var environment: [String: String]
    /// Where the person stands.
    package var directory: String
    package var directories: Directories
    package var outputIsTerminal: Bool
    package var inputIsTerminal: Bool
    /// Cells of the terminal's line; 0 when output goes elsewhere.
    package var columns: Int
    /// Standard output. False: nobody reads it any more.
    package var write: ([UInt8]) throws(Refusal) -> Bool
    package var writeError: ([UInt8]) -> Void
    /// Standard input to its end, at most so many bytes.
    package var readInput: (Int) throws(Refusal) -> [UInt8]
    /// One line that is typed; nil: nothing comes any more.
    package var readLine: () -> String?
    package var now: () -> Timestamp
    /// Milliseconds of the monotonic clock.
    package var monotonic: () -> Int64
    package var random: () -> UInt64
    /// Minutes to add to UTC at that moment.
    package var zoneMinutes: (Timestamp) -> Int
    /// A connection to the daemon; `starting` true: start it when there is none.
    package var connect: (_ client: Hello.Client, _ starting: Bool) throws(Refusal) -> any DaemonConnection
    /// Becomes another program; comes back only when that failed.
    package var execute: (_ program: String, _ arguments: [String], _ environment: [String: String]) -> Refusal
    /// The real path of a directory.
    /// Runs a command line of ours beside this one, until the process ends.
    package var beside: (_ arguments: [String]) -> Void = { _ in }
    package var realDirectory: (String) throws(Refusal) -> String
    package var isExecutable: (String) -> Bool

    package init(
        environment: [String: String], directory: String, directories: Directories, outputIsTerminal: Bool = false, inputIsTerminal: Bool = false,
        columns: Int = 0, write: @escaping ([UInt8]) throws(Refusal) -> Bool, writeError: @escaping ([UInt8]) -> Void,
        readInput: @escaping (Int) throws(Refusal) -> [UInt8], readLine: @escaping () -> String?, now: @escaping () -> Timestamp,
        monotonic: @escaping () -> Int64,
        random: @escaping () -> UInt64, zoneMinutes: @escaping (Timestamp) -> Int,
        connect: @escaping (Hello.Client, Bool) throws(Refusal) -> any DaemonConnection,
        execute: @escaping (String, [String], [String: String]) -> Refusal, realDirectory: @escaping (String) throws(Refusal) -> String,
        isExecutable: @escaping (String) -> Bool
    ) {
        self.environment = environment
        self.directory = directory
        self.directories = directories
        self.outputIsTerminal = outputIsTerminal
        self.inputIsTerminal = inputIsTerminal
        self.columns = columns
        self.write = write
        self.writeError = writeError
        self.readInput = readInput
        self.readLine = readLine
        self.now = now
        self.monotonic = monotonic
        self.random = random
        self.zoneMinutes = zoneMinutes
        self.connect = connect
        self.execute = execute
        self.realDirectory = realDirectory
        self.isExecutable = isExecutable
    }
}
