import JSON
import Testing

/// Samples with every kind of value, escape and nesting.
let samples = [
    #"{"type":"message.part.delta","properties":{"sessionID":"ses_1","delta":"Grüße \"x\" \n\t","time":1700000000123}}"#,
    #"[1,-2,3.5,1e3,-0.0,18446744073709551615,true,false,null,"",[],{},[[]],{"a":{"b":[{}]}}]"#,
    #"  {"\u00e9\ud83d\ude00":"\u0000\u001f\/\b\f\r","empty":"","dup":1,"dup":2}  "#,
    "\"just a text\"", "12", "null",
]

@Suite struct Reading {
    @Test func findsMembersWithoutCopying() throws {
        let parser = JSONParser()
        let value = try parser.parse(samples[0])
        #expect(value.kind == .object)
        #expect(value["type"]?.equals("message.part.delta") == true)
        #expect(value["type"]?.equals("message.part.delt") == false)
        #expect(value["properties"]?["delta"]?.string == "Grüße \"x\" \n\t")
        #expect(value["properties"]?["time"]?.int == 1_700_000_000_123)
        #expect(value["properties"]?["missing"] == nil)
        #expect(value["type"]?["x"] == nil)
        #expect(value["type"]?.int == nil)
        #expect(value["properties"]?.string == nil)
        let name = "properties"
        #expect(value[name]?.count == 3)
        #expect(value[""] == nil)
    }

    @Test func readsEveryKindOfScalar() throws {
        let parser = JSONParser()
        let value = try parser.parse(samples[1])
        #expect(value.count == 14)
        #expect(value[0]?.int == 1)
        #expect(value[1]?.int == -2)
        #expect(value[2]?.int == nil)
        #expect(value[2]?.double == 3.5)
        #expect(value[3]?.int == 1000)
        #expect(value[5]?.int == nil)
        #expect(value[5]?.double == 18_446_744_073_709_551_616)
        #expect(value[6]?.bool == true)
        #expect(value[7]?.bool == false)
        #expect(value[8]?.isNull == true)
        #expect(value[9]?.string == "")
        #expect(value[14] == nil)
        #expect(value[-1] == nil)
        #expect(value.elements.map(\.kind).suffix(3) == [.object, .array, .object])
    }

    @Test func keepsTheOrderAndTheRepetitionOfMembers() throws {
        let parser = JSONParser()
        let value = try parser.parse(samples[2])
        #expect(value.members.map(\.key) == ["é😀", "empty", "dup", "dup"])
        #expect(value["dup"]?.int == 1)
        #expect(value["é😀"]?.string == "\0\u{1f}/\u{8}\u{c}\r")
        #expect(value.elements.map(\.kind).isEmpty)
    }

    @Test func halfASurrogatePairIsNoError() throws {
        let parser = JSONParser()
        for (json, text) in [
            (#""a\ud83d""#, "a\u{fffd}"), (#""\ude00b""#, "\u{fffd}b"), (#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (#""\\ud83d""#, #"\ud83d"#), (#""\uD83D\n""#, "\u{fffd}\n"), (#""\ud83d\u0041""#, "\u{fffd}A"), (#""\ud7ff""#, "\u{d7ff}"),
        ] {
            #expect(try parser.parse(json).string == text)
        }
    }

    @Test func aValueKeepsItsParserAlive() throws {
        let value = try JSONParser().parse(samples[0])
        #expect(value["type"]?.string == "message.part.delta")
    }

    @Test func oneParserReadsManyDocumentsOfAllSizes() throws {
        let parser = JSONParser()
        for size in [0, 10, 100_000, 3, 3_000_000] + Array(repeating: 5, count: 100) + [200_000] {
            let text = String(repeating: "x", count: size)
            #expect(try parser.parse("[\"\(text)\", 7]")[1]?.int == 7)
        }
    }

    @Test(arguments: samples) func noTruncationTraps(_ sample: String) throws {
        let parser = JSONParser()
        let bytes = Array(sample.utf8)
        for end in 0...bytes.count {
            guard let value = try? parser.parse(bytes[..<end]) else { continue }
            walk(value)
        }
    }

    @Test(arguments: samples) func noChangedByteTraps(_ sample: String) throws {
        let parser = JSONParser()
        let bytes = Array(sample.utf8)
        for at in bytes.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x5D, 0x2C, 0x75, 0x64, 0x39, 0xFF, 0xC3] {
                var changed = bytes
                changed[at] = byte
                do throws(JSONError) {
                    walk(try parser.parse(changed))
                } catch {
                    #expect(error.offset <= bytes.count && error.line >= 1 && error.column >= 1)
                }
            }
        }
    }

    private func walk(_ value: JSONValue) {
        for element in value.elements { walk(element) }
        for member in value.members { walk(member.value) }
        _ = (value.string, value.int, value.double, value.bool, value.count, value["a"], value[0])
        #expect((try? JSONParser().parse(value.serialized())) != nil)
    }
}

@Suite struct Errors {
    @Test(arguments: [
        ("", 0, "line 1, column 1: expected a value, but the text ends"),
        ("{\n  \"a\": 1\n  \"b\": 2\n}", 13, "line 3, column 3: expected ',' or '}', but found '\"'"),
        ("[1,]", 3, "line 1, column 4: expected a value, but found ']'"),
        ("{a: 1}", 1, "line 1, column 2: expected a name in double quotes, but found 'a'"),
        ("{\"a\" 1}", 5, "line 1, column 6: expected ':' after the name, but found '1'"),
        ("[\"open]", 1, "line 1, column 2: the text that starts here has no closing quote"),
        ("[tru]", 1, "line 1, column 2: expected a value, such as true or a text in double quotes"),
        ("[01]", 1, "line 1, column 2: a number does not start with 0"),
        ("[\"\\q\"]", 2, "line 1, column 3: an escape that JSON does not have"),
        ("{} {}", 3, "line 1, column 4: expected the end of the text, but found '{'"),
        ("[1e999]", 1, "line 1, column 2: the number is out of range"),
        ("[\"a\nb\"]", 3, "line 1, column 4: a control character in a text: write it as an escape"),
    ])
    func nameTheirPlace(_ text: String, _ offset: Int, _ message: String) {
        let error = #expect(throws: JSONError.self) { try JSONParser().parse(text) }
        #expect(error?.offset == offset)
        #expect(error?.message == message)
    }

    @Test func invalidUTF8() {
        let error = #expect(throws: JSONError.self) { try JSONParser().parse([0x22, 0x61, 0xC3, 0x22]) }
        #expect(error?.reason == .notUTF8)
        #expect(error?.offset == 2)
    }

    @Test func depthHasALimit() throws {
        let fits = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(try JSONTree(parsing: fits).serialized() == Array(fits.utf8))
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let error = #expect(throws: JSONError.self) { try JSONParser().parse(deep) }
        #expect(error?.reason == .tooDeep)
    }
}
