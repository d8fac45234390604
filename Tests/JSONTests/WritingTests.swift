import JSON
import Testing

@Suite struct Writing {
    @Test func fieldsOfAllKinds() {
        var writer = JSONWriter()
        writer.object {
            $0.field("name", "a\"b\\c\n\u{1}é")
            $0.field("count", 42)
            $0.field("small", -7 as Int8)
            $0.field("cost", 0.18)
            $0.field("whole", 3.0)
            $0.field("never", Double.nan)
            $0.field("yes", true)
            $0.field("none", nil as String?)
            $0.fieldIfPresent("left out", nil as Int?)
            $0.object("nested") {
                $0.array("list") {
                    $0.value(1); $0.null(); $0.object { _ in }
                }
            }
            $0.field("texts", ["x", "y"])
            $0.field(named: "dyn\"amic", 1)
        }
        #expect(
            writer.text
                == #"{"name":"a\"b\\c\n\u0001é","count":42,"small":-7,"cost":0.18,"whole":3,"never":null,"yes":true,"none":null,"nested":{"list":[1,null,{}]},"texts":["x","y"],"dyn\"amic":1}"#
        )
    }

    @Test func prettyFormIndentsAndKeepsEmptyPairsTogether() {
        let tree: JSONTree = ["a": [1, ["b": nil]], "e": [], "o": .object(JSONObject())]
        #expect(
            String(decoding: tree.serialized(pretty: true), as: UTF8.self) == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "e": [],
                  "o": {}
                }
                """)
    }

    @Test(arguments: [0, -1, 1, Int.max, Int.min, 1_000_000]) func wholeNumbers(_ number: Int) {
        var writer = JSONWriter()
        writer.value(number)
        #expect(writer.text == "\(number)")
    }

    @Test(arguments: [0.1, -0.0, 1e300, Double.leastNonzeroMagnitude, 1.7976931348623157e308, 9_007_199_254_740_992, 1e16, 123456.789, 1e22, -2.5e-7])
    func doublesComeBackTheSame(_ number: Double) throws {
        var writer = JSONWriter()
        writer.value(number)
        let parser = JSONParser()
        let back = try #require(try parser.parse(writer.bytes).double)
        #expect(back.bitPattern == number.bitPattern)
    }

    @Test(arguments: samples) func whatIsReadIsWrittenTheSame(_ sample: String) throws {
        let parser = JSONParser()
        let value = try parser.parse(sample)
        let tree = JSONTree(value)
        #expect(try JSONTree(parsing: value.serialized()) == tree)
        #expect(try JSONTree(parsing: value.serialized(pretty: true)) == tree)
        #expect(try JSONTree(parsing: tree.serialized()) == tree)
        #expect(value.serialized() == tree.serialized() || sample.contains("18446744073709551615"))
    }

    @Test func aSubtreeIsCopiedAlone() throws {
        let parser = JSONParser()
        let value = try parser.parse(#"{"a":{"k":"v","n":[{"x":"y"},"s",{"z":{}}],"t":"u"},"b":2}"#)
        #expect(value["a"]?.serialized() == Array(#"{"k":"v","n":[{"x":"y"},"s",{"z":{}}],"t":"u"}"#.utf8))
        #expect(value["b"]?.serialized() == [0x32])
    }

    @Test func bytesThatAreNotUTF8AreRepaired() {
        var writer = JSONWriter()
        ([0x61, 0xFF, 0x62] as [UInt8]).withUnsafeBufferPointer { writer.value(utf8: $0) }
        #expect(writer.text == "\"a\u{fffd}b\"")
    }

    @Test func everyCharacterBelowTheSpaceIsEscaped() throws {
        let text = String(String.UnicodeScalarView((0..<0x80).compactMap { UnicodeScalar($0) }))
        var writer = JSONWriter()
        writer.value(text)
        #expect(writer.bytes.allSatisfy { $0 >= 0x20 })
        #expect(try JSONTree(parsing: writer.bytes) == .string(text))
    }
}

@Suite struct Commented {
    @Test func commentsAndTrailingCommasBecomeSpace() throws {
        let text = """
            { // which "model"
              "url": "http://x/*y*/", /* a
              block */ "list": [1, 2, /* end */ ], // https://example
              "b": {"c": "\\"// no",},
            }
            """
        let tree = try JSONC.parse(text)
        #expect(tree == ["url": "http://x/*y*/", "list": [1, 2], "b": ["c": "\"// no"]])
        #expect(JSONC.plain(Array(text.utf8)).count == text.utf8.count)
    }

    @Test(arguments: ["[,]", "[1,,]", "{,}", "[1 2,]", "/* open", "{\"a\":,}", "[1,/**//**/,]"])
    func whatIsWrongStaysWrong(_ text: String) {
        #expect(throws: JSONError.self) { try JSONC.parse(text) }
    }

    @Test func errorsNameTheLineOfTheTextAsWritten() {
        let error = #expect(throws: JSONError.self) { try JSONC.parse("{\n  // one\n  \"a\": nope,\n}") }
        #expect(error?.line == 3)
        #expect(error?.column == 8)
    }

    @Test(arguments: ["/", "\"", "\"\\", "/*", "/*/", "//", ",", "{\"a\\"]) func shortEndsDoNotTrap(_ text: String) {
        #expect(JSONC.plain(Array(text.utf8)).count == text.utf8.count)
    }

    @Test func treesCanBeChangedInPlace() {
        var object = JSONObject()
        object["a"] = 1
        object["b"] = "x"
        object["a"] = nil
        object["c"] = true
        #expect(JSONTree.object(object) == ["b": "x", "c": true])
    }
}
