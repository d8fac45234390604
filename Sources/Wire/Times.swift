import Domain
import JSON

/// Points in time travel as RFC 3339 in UTC with milliseconds, as people and scripts read them. `Timestamp.rfc3339` makes
/// strings; a snapshot holds a thousand times, so here the digits are put down without any.
enum WireTime {
    /// Years 0000 to 9999: what four digits hold. Other times travel as a number of milliseconds.
    static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    static func write(_ time: Timestamp, to writer: inout JSONWriter) {
        guard range.contains(time.milliseconds) else { return writer.value(time.milliseconds) }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { text in
            put(time.milliseconds, into: text)
            writer.value(utf8: UnsafeBufferPointer(text))
        }
    }

    private static func put(_ milliseconds: Int64, into text: UnsafeMutableBufferPointer<UInt8>) {
        let days = (milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000
        let rest = Int(milliseconds - days * 86_400_000)
        let (year, month, day) = Civil.date(daysSince1970: days)
        var at = 0
        func digits(_ value: Int, _ width: Int, then mark: Unicode.Scalar) {
            var left = value
            for place in stride(from: at + width - 1, through: at, by: -1) {
                text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: left % 10)
                left /= 10
            }
            text[at + width] = UInt8(ascii: mark)
            at += width + 1
        }
        digits(Int(year), 4, then: "-")
        digits(Int(month), 2, then: "-")
        digits(Int(day), 2, then: "T")
        digits(rest / 3_600_000, 2, then: ":")
        digits(rest / 60_000 % 60, 2, then: ":")
        digits(rest / 1000 % 60, 2, then: ".")
        digits(rest % 1000, 3, then: "Z")
    }

    static func read(_ value: JSONValue) -> Timestamp? {
        if let number = value.int { return Timestamp(milliseconds: Int64(number)) }
        return value.bytes.flatMap { parse($0) }
    }

    /// Exactly the form that is written; anything else is nil.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        guard text.count == 24 else { return nil }
        for (place, mark) in marks where text[place] != mark { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for place in range {
                guard case UInt8(ascii: "0")...UInt8(ascii: "9") = text[place] else { return nil }
                value = value * 10 + Int64(text[place] - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), let fraction = number(20..<23),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        let ofDay = ((hour * 60 + minute) * 60 + second) * 1000 + fraction
        return Timestamp(milliseconds: days(year, month, day) * 86_400_000 + ofDay)
    }

    private static let marks: [(Int, UInt8)] = [
        (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")), (13, UInt8(ascii: ":")),
        (16, UInt8(ascii: ":")), (19, UInt8(ascii: ".")), (23, UInt8(ascii: "Z")),
    ]

    /// Howard Hinnant's `days_from_civil`: the other way round of `Civil.date`.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension JSONWriter {
    mutating func field(_ name: StaticString, _ time: Timestamp) {
        key(name)
        WireTime.write(time, to: &self)
    }

    mutating func field(_ name: StaticString, _ time: Timestamp?) {
        key(name)
        if let time { WireTime.write(time, to: &self) } else { null() }
    }

    mutating func fieldIfPresent(_ name: StaticString, _ time: Timestamp?) {
        if let time { field(name, time) }
    }
}

extension JSONValue {
    func time(_ name: StaticString) -> Timestamp? { self[name].flatMap { WireTime.read($0) } }
}
