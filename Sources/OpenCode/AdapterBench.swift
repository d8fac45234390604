import Domain
import JSON

/// How fast events are taken in, beside a floor measured in the same run. For `drover bench`.
package enum AdapterBench {
    package struct Result: Equatable, Sendable {
        /// Delta events taken in from stream bytes to merged `ServerEvent`s, per second and core.
        package var eventsPerSecond: Double
        /// The same frames given one by one to simdjson and nothing else.
        package var floorPerSecond: Double
    }

    /// Runs both for about `seconds` each on the calling thread.
    package static func deltas(seconds: Double = 1) -> Result {
        let frames = frames()
        let stream = frames.flatMap { Array("data: ".utf8) + $0 + Array("\n\n".utf8) }
        let taken = rate(seconds) {
            let reader = V1Events.reader()
            var events: [ServerEvent] = []
            stream.withUnsafeBytes { bytes in
                // The size of a read from the socket.
                for start in stride(from: 0, to: bytes.count, by: 16 << 10) {
                    events.removeAll(keepingCapacity: true)
                    let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + (16 << 10), bytes.count)])
                    reader.read(piece, at: Timestamp(milliseconds: 0), into: &events)
                }
            }
            return reader.counts.deltas
        }
        let parser = JSONParser()
        let floor = rate(seconds) {
            frames.reduce(0) { count, frame in
                count + frame.withUnsafeBytes { (try? parser.parse($0)) == nil ? 0 : 1 }
            }
        }
        return Result(eventsPerSecond: taken, floorPerSecond: floor)
    }

    /// 20,000 deltas as a server sends them when four sessions stream at once, with a line end in every tenth.
    private static func frames() -> [[UInt8]] {
        (0..<20_000).map { index in
            let one = index / 3 % 4
            let text = index % 10 == 0 ? "\\n\\n" : " word\(index)"
            return Array(
                """
                {"directory":"/home/someone/projects/api","project":"cb11f0f8ab878b5f468484f5212404e0f4887914","payload":{"id":"evt_1fd409ed9001n0j6vAy7y63Y8E",\
                "type":"message.part.delta","properties":{"sessionID":"ses_e02bf8257ffe54kuz3nI5TC3h\(one)","messageID":"msg_1fd408be4001QYTolerO87DE4\(one)",\
                "partID":"prt_1fd409ed10017ShaPJjwbYOP0\(one)","field":"text","delta":"\(text)"}}}
                """.utf8)
        }
    }

    private static func rate(_ seconds: Double, _ work: () -> Int) -> Double {
        let clock = ContinuousClock(), start = clock.now
        var count = 0
        while true {
            count += work()
            let took = (clock.now - start) / .seconds(1)
            if took >= seconds { return Double(count) / took }
        }
    }
}

extension V1Events {
    static func reader() -> EventReader { EventReader(V1Events()) }
}
