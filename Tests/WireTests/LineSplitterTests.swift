import Testing
import Wire

@Suite struct LineSplitting {
    static let stream = Array("first\n\n{\"a\":\"ü漢\"}\r\nthird\nunfinished".utf8)
    static let lines = ["first", "{\"a\":\"ü漢\"}", "third"].map { LineSplitter.Line.line(Array($0.utf8)) }

    @Test func everySplitGivesTheSameLines() {
        for first in 0...Self.stream.count {
            for second in first...Self.stream.count {
                var splitter = LineSplitter()
                let lines = splitter.feed(Self.stream[..<first]) + splitter.feed(Self.stream[first..<second]) + splitter.feed(Self.stream[second...])
                #expect(lines == Self.lines)
                #expect(splitter.pendingCount == "unfinished".utf8.count)
            }
        }
    }

    @Test func byteByByte() {
        var splitter = LineSplitter()
        #expect(Self.stream.flatMap { splitter.feed([$0]) } == Self.lines)
    }

    @Test func aLineThatIsTooLongIsSaidOnceAndPassedOver() {
        let text = Array("1234567890123\nshort\n12345678\nx\n".utf8)
        for cut in 0...text.count {
            var splitter = LineSplitter(limit: 8)
            let lines = splitter.feed(text[..<cut]) + splitter.feed(text[cut...])
            #expect(lines == [.tooLong, .line(Array("short".utf8)), .line(Array("12345678".utf8)), .line(Array("x".utf8))])
        }
    }
}
