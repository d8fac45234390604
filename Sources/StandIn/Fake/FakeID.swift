import Sys

/// Mints ids as OpenCode does: a prefix, 12 hexadecimal digits of time and count, 14 random letters.
/// Sessions count backwards, so that newer ones sort first.
struct FakeID {
    private var lastMs: Int64 = 0
    private var count: Int64 = 0
    private static let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    mutating func mint(_ prefix: String) -> String {
        let now = Clock.wallMilliseconds()
        count = now == lastMs ? count + 1 : 1
        lastMs = now
        var number = UInt64(bitPattern: now &* 4096 &+ count)
        if prefix == "ses" { number = ~number }
        let digits = String(number & 0xFFFF_FFFF_FFFF, radix: 16)
        let zeros = String(repeating: "0", count: 12 - digits.count)
        let random = Random.bytes(14).map { Self.letters[Int($0) % Self.letters.count] }
        return "\(prefix)_\(zeros)\(digits)\(String(decoding: random, as: UTF8.self))"
    }

    /// Two words for a session.
    static func slug() -> String {
        let first = ["brave", "calm", "clever", "crisp", "gentle", "happy", "lucky", "misty", "nimble", "proud", "quiet", "sunny", "witty"]
        let second = ["cabin", "canyon", "comet", "falcon", "lagoon", "meadow", "moon", "nebula", "orchid", "planet", "river", "rocket", "tiger"]
        let random = Random.bytes(2)
        return "\(first[Int(random[0]) % first.count])-\(second[Int(random[1]) % second.count])"
    }
}
