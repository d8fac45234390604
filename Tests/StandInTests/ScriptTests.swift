import Testing

@testable import StandIn

@Suite struct ScriptTests {
    private func plain(_ name: String, _ argument: String) -> Directive { .plain(name: name, argument: argument) }
    private func call(_ tool: String, _ arguments: String, also: Bool = false) -> Directive { .call(tool: tool, arguments: arguments, also: also) }

    @Test func directivesAreReadInOrderAndTheRestIgnored() {
        #expect(
            Script(reading: "Do [[think 3 words]] then [[say 5]] and [[nonsense]] [[sayx 3]] [[[text  Hello ]]!").directives == [
                plain("think", "3 words"), plain("say", "5"), plain("text", "Hello"),
            ])
    }

    @Test func argumentsOfToolsEndWhereTheirJSONEnds() {
        #expect(
            Script(reading: #"[[tool bash {"command":"ls ]] x"} junk ]] [[also read {"a":[1,{"b":null}]}]]"#).directives == [
                call("bash", #"{"command":"ls ]] x"}"#), call("read", #"{"a":[1,{"b":null}]}"#, also: true),
            ])
    }

    @Test(arguments: [
        ("[[tool nope]]", "{}"), ("[[tool nope {broken]] x", "{broken"), ("[[tool nope [1, 2]]]", "[1, 2]"), ("[[tool nope {\"a\": 1}", "{\"a\": 1}"),
        ("[[tool nope {oops", "{oop"), ("[[tool nope -1.5e3]]", "-1.5e3"), ("[[tool nope {\"a\":01}]]", "{\"a\":01}"),
    ]) func oddArgumentsAreKept(_ text: String, _ arguments: String) {
        #expect(Script(reading: text).directives == [call("nope", arguments)])
    }

    @Test func aStepEndsWithItsCalls() {
        let steps = Script(reading: "[[think 1]] [[tool a]] [[also b]] [[say 2]] [[tool c]] [[tool d]] [[say 3]]").steps
        #expect(
            steps == [
                [plain("think", "1"), call("a", "{}"), call("b", "{}", also: true)], [plain("say", "2"), call("c", "{}")], [call("d", "{}")],
                [plain("say", "3")],
            ])
    }

    @Test func numbersAreFoundAnywhere() {
        #expect(Directive.numbers(in: "429 retry-after 2.5 times 3") == [429, 2.5, 3])
        #expect(Directive.numbers(in: "1.2.3 .5 6. x7y ") == [1.2, 3, 5, 6, 7])
        #expect(Directive.numbers(in: "words") == [])
    }

    @Test(arguments: ["[[", "[[tool", "[[tool ", "]]", "[[say", "[[tool a {\"", "[[tool a {\"\\", "[[tool a {\"\\u12", "[[tool a [[[[[[", "[[badtool]]"])
    func fragmentsDoNotTrap(_ text: String) { _ = Script(reading: text).steps }

    @Test func textIsCutIntoWords() {
        #expect(ModelAnswer.words(of: "Hello  big\n world ") == ["Hello  ", "big\n ", "world "])
        #expect(ModelAnswer.words(of: " a") == [" a"])
        #expect(ModelAnswer.words(of: "  ") == [])
        #expect(ModelAnswer.words(of: "a\u{A0}b") == ["a\u{A0}", "b"])
    }
}
