import Config
import Domain
import JSON
import Wire

/// One run of one verb: what it was given and what it may touch.
final class Run {
    let verb: Verb
    let arguments: Arguments
    let world: World
    let parts: CommandLineParts
    let style: Style
    private var output: [UInt8] = []
    private var connection: (any DaemonConnection)?
    /// When daemons went away, in milliseconds.
    private var losses: [Int64] = []
    /// Who we say we are to the daemon.
    var client = Hello.Client.cli

    init(verb: Verb, arguments: Arguments, world: World, parts: CommandLineParts) {
        self.verb = verb
        self.arguments = arguments
        self.world = world
        self.parts = parts
        style = Run.style(of: world)
    }

    var wantsJSON: Bool { arguments.has("json") }
    var now: Timestamp { world.now() }

    // MARK: The daemon

    /// Connects at the first use; starts the daemon when there is none.
    func daemon(starting: Bool = true) throws(Refusal) -> any DaemonConnection {
        if let connection { return connection }
        let made = try world.connect(client, starting)
        connection = made
        return made
    }

    func herd() throws(Refusal) -> Herd { try reading { (daemon) throws(Refusal) in try daemon.herd() } }

    /// What only asks can be asked again: of the next daemon, when this one goes away before it has answered.
    func reading<Value>(starting: Bool = true, _ body: (any DaemonConnection) throws(Refusal) -> Value) throws(Refusal) -> Value {
        while true {
            let daemon = try daemon(starting: starting)
            do throws(Refusal) {
                return try body(daemon)
            } catch {
                try goOn(after: error, on: daemon)
            }
        }
    }

    /// An act is told to a second daemon only where that cannot do it twice.
    func order(_ order: ClientOrder) throws(Refusal) -> ClientReply {
        if order.mayBeRepeated { return try reading { (daemon) throws(Refusal) in try daemon.order(order) } }
        while true {
            let daemon = try daemon()
            do throws(Refusal) {
                return try daemon.order(order)
            } catch {
                guard daemon.isLost else { throw error }
                // What it never got it has not done.
                if daemon.wasTold { throw unconfirmed(error) }
                try goOn(after: error, on: daemon)
            }
        }
    }

    private func unconfirmed(_ error: Refusal) -> Refusal {
        Refusal(
            .unreachable, "\(error.message) before it said whether this was done",
            remedy: "look before you do it again: `drover ls`, `drover show AGENT` and `drover log AGENT` tell")
    }

    /// Lets the next daemon be asked when this one is gone; throws `error` when it is there, or when daemons go away one after the other.
    func goOn(after error: Refusal, on daemon: any DaemonConnection) throws(Refusal) {
        guard daemon.isLost || isLastWord(error, of: daemon) else { throw error }
        connection = nil
        losses = losses.filter { $0 > world.monotonic() - 10_000 } + [world.monotonic()]
        if losses.count > 4 { throw error }
    }

    /// A daemon that stops says so, and ends when its servers have.
    private func isLastWord(_ error: Refusal, of daemon: any DaemonConnection) -> Bool {
        guard error == .daemonStops || error == .daemonStopped else { return false }
        return daemon.waitForEnd(untilMs: world.monotonic() + 30_000)
    }

    // MARK: Output

    func print(_ line: String = "") throws(Refusal) { try put(Array((line + "\n").utf8)) }
    func print(_ table: Table) throws(Refusal) { for line in table.lines(style) { try print(line) } }

    /// One JSON value: in lines for a person at a terminal, in one line for a program.
    func printJSON(_ body: (inout JSONWriter) -> Void) throws(Refusal) {
        var writer = JSONWriter(pretty: world.outputIsTerminal)
        body(&writer)
        try put(writer.bytes + [UInt8(ascii: "\n")])
    }

    /// JSON of the daemon's: for a program as it came, for a person at a terminal in lines.
    func putJSON(_ json: ArraySlice<UInt8>) throws(Refusal) {
        if world.outputIsTerminal, let value = try? JSONParser().parse(json) { return try printJSON { $0.value(value) } }
        output.reserveCapacity(output.count + json.count + 1)
        output += json
        try put([UInt8(ascii: "\n")])
    }

    /// One JSON value in one line whoever reads it, out at once: for streams.
    func printJSONLine(_ body: (inout JSONWriter) -> Void) throws(Refusal) {
        var writer = JSONWriter()
        body(&writer)
        try put(writer.bytes + [UInt8(ascii: "\n")])
        try flush()
    }

    func put(_ bytes: [UInt8]) throws(Refusal) {
        output += bytes
        if output.count > 1 << 16 { try flush() }
    }

    func flush() throws(Refusal) {
        guard !output.isEmpty else { return }
        let bytes = output
        output = []
        if try !world.write(bytes) { throw Run.nobodyReads }
    }

    /// The reader of our output went away (`drover log X | head`): no failure, and nothing to say.
    static let nobodyReads = Refusal(.failed, "")

    func warn(_ line: String) { world.writeError(Array(("drover: " + line + "\n").utf8)) }

    private static func style(of world: World) -> Style {
        let environment = world.environment
        let locale = [environment["LC_ALL"], environment["LC_CTYPE"], environment["LANG"]].lazy.compactMap { $0 }.first { !$0.isEmpty } ?? ""
        let isUTF8 = locale.uppercased().contains("UTF-8") || locale.uppercased().contains("UTF8")
        let mayColour = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        return Style(
            colour: world.outputIsTerminal && mayColour, unicode: isUTF8 || !world.outputIsTerminal, columns: world.outputIsTerminal ? world.columns : 0)
    }
}
