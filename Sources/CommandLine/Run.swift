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

    func herd() throws(Refusal) -> Herd { try daemon().herd() }
    func order(_ order: ClientOrder) throws(Refusal) -> ClientReply { try daemon().order(order) }

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
