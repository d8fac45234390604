import Testing

@testable import Screen

struct InputSample: Sendable, CustomTestStringConvertible {
    var bytes: [UInt8]
    var inputs: [Input]
    var testDescription: String { String(decoding: bytes.map { $0 == 27 ? UInt8(ascii: "^") : $0 }, as: UTF8.self) }

    init(_ text: String, _ inputs: Input...) {
        bytes = Array(text.utf8)
        self.inputs = inputs
    }

    init(_ text: String, keys: String) {
        bytes = Array(text.utf8)
        inputs = (Key.parse(keys) ?? []).map { .key($0) }
    }
}

let inputSamples: [InputSample] = [
    .init("jjG", keys: "jjG"), .init("\r\t\u{7F}\u{8} ", keys: "<enter><tab><backspace><backspace><space>"),
    .init("\u{0B}\u{0}\u{1F}", keys: "<c-k><c-space><c-_>"),
    .init("ß漢😀", keys: "ß漢😀"), .init("\u{1B}x\u{1B}ß\u{1B}\r", keys: "<a-x><a-ß><a-enter>"),
    .init("\u{1B}[A\u{1B}OB\u{1B}[C\u{1B}OD", keys: "<up><down><right><left>"),
    .init("\u{1B}[H\u{1B}OF\u{1B}[1~\u{1B}[4~\u{1B}[7~", keys: "<home><end><home><end><home>"),
    .init("\u{1B}[1;5A\u{1B}[1;2B\u{1B}[1;3C\u{1B}[3;6~", keys: "<c-up><s-down><a-right><c-s-delete>"),
    .init("\u{1B}OP\u{1B}[15~\u{1B}[24;5~\u{1B}[[A\u{1B}[1;2R", keys: "<f1><f5><c-f12><f1><s-f3>"), .init("\u{1B}[Z", keys: "<s-tab>"),
    .init(
        "\u{1B}[97;5u\u{1B}[27u\u{1B}[13;2u\u{1B}[107;6u\u{1B}[97;4u\u{1B}[57383u\u{1B}[57414u\u{1B}[9;5u",
        keys: "<c-a><esc><s-enter><c-s-k><a-A><f20><enter><c-tab>"),
    .init("\u{1B}[106;1:1u\u{1B}[106;1:2u\u{1B}[106;1:3u", .key(.char("j")), .key(.char("j")), .released(.char("j"))),
    .init("\u{1B}[1;1:3A", .released(.up)), .init("\u{1B}[27;5;106~", keys: "<c-j>"),
    .init("\u{1B}[<0;10;5M\u{1B}[<0;10;5m", .mouse(Mouse(.press, .left, at: Point(9, 4))), .mouse(Mouse(.release, .left, at: Point(9, 4)))),
    .init(
        "\u{1B}[<34;1;1M\u{1B}[<64;2;3M\u{1B}[<81;300;200M\u{1B}[<35;4;4M", .mouse(Mouse(.drag, .right, at: Point(0, 0))),
        .mouse(Mouse(.wheelUp, .none, at: Point(1, 2))),
        .mouse(Mouse(.wheelDown, .none, at: Point(299, 199), .ctrl)), .mouse(Mouse(.move, .none, at: Point(3, 3)))),
    .init("\u{1B}[200~hello\r\nworld\rx\u{1B}[31m\u{1B}[201~j", .paste("hello\nworld\nx\u{1B}[31m"), .key(.char("j"))),
    .init("\u{1B}[200~\u{1B}[201~", .paste("")), .init("\u{1B}[200~a\u{1B}\u{1B}[201~", .paste("a\u{1B}")),
    .init("\u{1B}[200~a\u{1B}[20\u{1B}[201~b", .paste("a\u{1B}[20"), .key(.char("b"))),
    .init("\u{1B}[I\u{1B}[O", .focus(true), .focus(false)),
    .init("\u{1B}[?62;4;22c", .reply(.attributes([62, 4, 22]))), .init("\u{1B}P>|kitty(0.36)\u{1B}\\", .reply(.version("kitty(0.36)"))),
    .init("\u{1B}]11;rgb:1010/1313/1919\u{7}\u{1B}]10;rgb:ff/80/0\u{1B}\\", .reply(.background(0x101319)), .reply(.foreground(0xFF8000))),
    .init("\u{1B}[?2026;2$y\u{1B}[?1u", .reply(.mode(2026, 2)), .reply(.kittyKeyboard(1))), .init("\u{1B}[12;40R", .reply(.cursorPosition(Point(39, 11)))),
    .init("\u{1B}[99;99;99z\u{1B}[>1;2cj", .unknown(Array("\u{1B}[99;99;99z".utf8)), .unknown(Array("\u{1B}[>1;2c".utf8)), .key(.char("j"))),
    .init("\u{1B}[1\u{1B}[Ax", .unknown(Array("\u{1B}[1".utf8)), .key(.up), .key(.char("x"))),
    .init("\u{1B}_Gi=1;OK\u{1B}\\j", .unknown(Array("\u{1B}_Gi=1;OK".utf8)), .key(.char("j"))), .init("\u{1B}\u{1B}[A", keys: "<esc><up>"),
]

@Test(arguments: inputSamples) func everySplitDecodesTheSame(_ sample: InputSample) {
    for cut in 0...sample.bytes.count {
        for second in cut...sample.bytes.count where second == cut || second == cut + 1 || second == sample.bytes.count {
            var decoder = InputDecoder()
            let inputs = decoder.feed(sample.bytes[..<cut]) + decoder.feed(sample.bytes[cut..<second]) + decoder.feed(sample.bytes[second...])
            #expect(inputs == sample.inputs)
            #expect(decoder.wait == nil && decoder.flush().isEmpty)
        }
    }
    var drip = InputDecoder()
    #expect(sample.bytes.flatMap { drip.feed([$0]) } == sample.inputs)
}

@Test func severalSamplesAtOnce() {
    var decoder = InputDecoder()
    #expect(decoder.feed(inputSamples.flatMap(\.bytes)) == inputSamples.flatMap(\.inputs))
}

@Test func aLoneEscapeIsDecidedByTime() {
    var decoder = InputDecoder()
    #expect(decoder.feed([0x1B]).isEmpty && decoder.wait == 25)
    #expect(decoder.flush() == [.key(.escape)] && decoder.wait == nil)
    #expect(decoder.feed([0x1B, UInt8(ascii: "[")]).isEmpty && decoder.wait == 25)
    #expect(decoder.flush() == [.key(.alt("["))])
    #expect(decoder.feed(Array("\u{1B}[1;".utf8)).isEmpty && decoder.wait == 1000)
    #expect(decoder.flush() == [.unknown(Array("\u{1B}[1;".utf8))])
    #expect(decoder.feed([0xE6, 0xBC]).isEmpty && decoder.wait == 1000)
}

@Test func brokenBytesNeverTrapAndNeverBecomeKeys() {
    var decoder = InputDecoder()
    #expect(decoder.feed([0xC3, 0x28, 0xFF, 0xED, 0xA0, 0x80]) == [.unknown([0xC3]), .key(.char("(")), .unknown([0xFF]), .unknown([0xED, 0xA0, 0x80])])
    var state: UInt64 = 7
    for _ in 0..<300 {
        var bytes: [UInt8] = []
        for _ in 0..<200 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let byte = UInt8(truncatingIfNeeded: state >> 33)
            bytes.append(byte & 3 == 0 ? [0x1B, 0x5B, 0x3B, 0x31, 0x4F, 0x5D, 0x75, 0x7E][Int(byte >> 2) & 7] : byte)
        }
        var whole = InputDecoder()
        var drip = InputDecoder()
        let expected = whole.feed(bytes)
        #expect(bytes.flatMap { drip.feed([$0]) } == expected)
        _ = whole.flush()
    }
}

@Test func aPasteOfAMegabyteIsOneInput() {
    let text = String(repeating: "line of text \u{1B}[A\n", count: 65_536)
    var decoder = InputDecoder()
    var inputs: [Input] = []
    let bytes = Array("\u{1B}[200~".utf8) + Array(text.utf8) + Array("\u{1B}[201~x".utf8)
    for start in stride(from: 0, to: bytes.count, by: 4095) {
        inputs += decoder.feed(bytes[start..<min(start + 4095, bytes.count)])
        #expect(decoder.wait == nil)
    }
    #expect(inputs == [.paste(text), .key(.char("x"))])
}

@Test func keysHaveANotation() {
    #expect(Key.parse("jj<enter>") == [.char("j"), .char("j"), .enter])
    for text in ["<c-k>", "<a-x>", "<f5>", "<s-tab>", "<space>", "<esc>", "j", "<lt>", "<c-a-s-up>", "<pagedown>", ">", "<c-space>", "ß", "<d-x>"] {
        #expect(Key(text).map(String.init) == text)
    }
    #expect(Key("<gt>") == .char(">") && Key("<CR>") == .enter && Key("<C-K>") == Key(.char("K"), .ctrl))
    #expect(Key.parse("<nonsense>") == nil)
    #expect(Key.parse("a<b") == [.char("a"), .char("<"), .char("b")])
    #expect(Key("A")?.typed == "A" && Key("<c-a>")?.typed == nil)
}
