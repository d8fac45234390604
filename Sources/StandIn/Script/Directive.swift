/// One thing a script says, as written in a prompt: `[[say 12 words]]`.
package enum Directive: Equatable, Sendable {
    /// say, text, think, delay, rate, usage, finish, error, hang, cut and what only a stand-in server knows: name and argument.
    case plain(name: String, argument: String)
    /// `[[tool NAME {JSON}]]` or `[[badtool NAME RAW]]`; `also`: called in the same step as the one before;
    /// `asks`: a stand-in server asks for permission first, whatever the rules say (`[[ask NAME {JSON}]]`).
    case call(tool: String, arguments: String, also: Bool, asks: Bool = false)

    package var isCall: Bool { if case .call = self { true } else { false } }

    /// The numbers in an argument, in order: `429 retry-after 2.5` has 429 and 2.5.
    package static func numbers(in argument: String) -> [Double] {
        argument.split { !($0.isASCII && ($0.isNumber || $0 == ".")) }.flatMap { run -> [Double] in
            // "1.2.3" is 1.2 and 3; "5." is 5.
            var found: [Double] = []
            var digits = run.split(separator: ".", omittingEmptySubsequences: false)[...]
            while let whole = digits.popFirst() {
                if whole.isEmpty { continue }
                if let fraction = digits.first, !fraction.isEmpty {
                    digits.removeFirst()
                    found.append(Double("\(whole).\(fraction)") ?? 0)
                } else {
                    found.append(Double(whole) ?? 0)
                }
            }
            return found
        }
    }
}

/// The script in a prompt. A step is everything up to and including its tool calls: one answer of a model.
package struct Script: Equatable, Sendable {
    package let directives: [Directive]

    package init(_ directives: [Directive]) { self.directives = directives }

    /// The names a language model's script has.
    package static let modelNames: Set<String> = [
        "say", "text", "think", "tool", "also", "badtool", "delay", "rate", "usage", "finish", "error", "hang", "cut",
    ]

    /// What a stand-in server understands besides: the title of its session, what the next tool prints, how it exits, how
    /// long it takes in seconds, that it fails, and what the step costs.
    package static let serverNames = modelNames.union(["ask", "title", "output", "exit", "took", "fail", "cost"])

    package var steps: [[Directive]] {
        var steps: [[Directive]] = [], step: [Directive] = [], hasCalled = false
        for directive in directives {
            var belongsToCalls = false
            if case .call(_, _, also: true, _) = directive { belongsToCalls = true }
            if hasCalled, !belongsToCalls {
                steps.append(step)
                (step, hasCalled) = ([], false)
            }
            step.append(directive)
            hasCalled = hasCalled || directive.isCall
        }
        return step.isEmpty ? steps : steps + [step]
    }
}
