/// What the scripted model is told on its command line.
package struct ModelOptions: Sendable {
    package var host = "127.0.0.1"
    package var port = 0
    /// Words per second unless the script says otherwise; 0: as fast as possible.
    package var rate = 200.0
    package var models = ["scripted", "small"]
    /// Required as bearer token when set.
    package var key: String?
    /// Each request is appended to this file as one line of JSON.
    package var log: String?

    package init() {}

    enum Reading {
        case options(ModelOptions)
        case help
        case wrong(String)
    }

    /// `--name value` and `--name=value`.
    static func read(_ arguments: [String]) -> Reading {
        var options = ModelOptions(), models: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "-h" || argument == "--help" { return .help }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard ["--host", "--port", "--rate", "--model", "--key", "--log"].contains(name) else { return .wrong("unrecognized argument: \(argument)") }
            guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else { return .wrong("argument \(name): expected one argument") }
            switch name {
            case "--host": options.host = value
            case "--port":
                guard let port = Int(value), (0...65535).contains(port) else { return .wrong("argument --port: invalid port: \(value)") }
                options.port = port
            case "--rate":
                guard let rate = Double(value), rate >= 0 else { return .wrong("argument --rate: invalid number: \(value)") }
                options.rate = rate
            case "--model": models.append(value)
            case "--key": options.key = value
            default: options.log = value
            }
        }
        if !models.isEmpty { options.models = models }
        return .options(options)
    }

    static let help = """
        usage: scripted-model [--host HOST] [--port PORT] [--rate RATE] [--model MODEL] [--key KEY] [--log FILE]

        An OpenAI-compatible model server that is scripted by the prompt itself: it stands in for a language model where an
        agent has to be tested without network and without chance. It prints {"url": …} when it listens.

          --host HOST    address to bind (default 127.0.0.1)
          --port PORT    port; 0 (default) lets the system choose
          --rate RATE    tokens per second unless [[rate]] says otherwise (default 200; 0: as fast as possible)
          --model MODEL  model id to list (repeatable; default: scripted, small)
          --key KEY      require this API key, answer 401 to any other
          --log FILE     append each request as one JSON line

        Directives in the latest user message say what the model does; the number of tool results after it says how far it
        has got. Anything else in the message is ignored.

          [[say N words]]            answer text, N numbered words, streamed word by word
          [[text ANYTHING]]          answer text, verbatim
          [[think N words]]          reasoning (delta.reasoning_content)
          [[tool NAME {JSON}]]       call a tool and end the step; go on after its result
          [[also NAME {JSON}]]       a further, parallel call in the step of the preceding [[tool]]
          [[badtool NAME RAW]]       call a tool with the raw, possibly malformed, argument text RAW
          [[delay S]]                pause S seconds
          [[rate N]]                 from here on N tokens (words) per second; 0 = as fast as possible
          [[usage IN OUT]]           token counts to report for this step
          [[finish REASON]]          finish_reason to report (default: stop or tool_calls)
          [[error CODE [retry-after S] [times N]]]
                                     answer with HTTP status CODE; with `times N` only the first N attempts of this very
                                     request fail, later ones continue
          [[hang]]                   send nothing more, keep the connection until the client leaves
          [[cut [times N]]]          drop the connection in mid stream; `times N` as for [[error]]

        Example:  [[think 20 words]] [[tool bash {"command":"ls"}]] [[say 50 words]]

        """
}
