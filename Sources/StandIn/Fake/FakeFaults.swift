import JSON

/// What goes wrong on purpose. From FAKE_OPENCODE_FAULTS when it starts, or `POST /__fault` while it runs; both a JSON
/// object with any of these members. A member that is null or false takes the fault back.
///
///     before it listens   slowStartMs: N, exit: "message", garbage: true, portBusy: true, swallowTerm: N
///     while it runs       hang: true             requests get no answer, heartbeats stop, streams are mute
///                         mute: true             streams are mute, requests are answered
///                         delayMs: N             answers come late
///                         dripMs: N              answers and events come a byte at a time, N ms apart
///                         lie: "errors"          500 to all but health; "html": a page instead of JSON; "broken": half JSON
///                         forget: N or "type"    drops the next N events, or all of a type
///                         crashAfter: N          dies after N more events
///     at once             crash: true, cutStreams: true, cutFrame: true (streams end inside an event),
///                         bigLine: BYTES (one event of that size), unknownEvents: N, brokenFrames: N,
///                         burst: {"perSecond": N, "sessions": K, "seconds": S}
struct FakeFaults: Equatable {
    enum Lie: String { case errors, html, broken }
    struct Burst: Equatable {
        var perSecond: Int
        var sessions: Int
        var seconds: Double
    }
    enum Act: Equatable {
        case crash, cutStreams, cutFrame
        case bigLine(bytes: Int), unknownEvents(Int), brokenFrames(Int)
        case burst(Burst)
    }

    var slowStartMs = 0
    var exitMessage: String?
    var garbage = false
    var portBusy = false
    var swallowTerm = 0

    var hang = false
    var mute = false
    var delayMs = 0
    var dripMs: Int?
    var lie: Lie?
    var forgetCount = 0
    var forgetType: String?
    var crashAfter: Int?

    /// Takes over what an object says; returns what is to be done at once.
    mutating func take(_ wish: JSONTree) -> [Act] {
        var acts: [Act] = []
        for member in wish.object?.members ?? [] {
            if let act = Self.act(member.key, member.value) { acts.append(act) } else { set(member.key, member.value) }
        }
        return acts
    }

    private mutating func set(_ name: String, _ value: JSONTree) {
        switch name {
        case "slowStartMs": slowStartMs = value.int ?? 0
        case "exit": exitMessage = value.string
        case "garbage": garbage = value.bool ?? false
        case "portBusy": portBusy = value.bool ?? false
        case "swallowTerm": swallowTerm = value.int ?? 0
        case "hang": hang = value.bool ?? false
        case "mute": mute = value.bool ?? false
        case "delayMs": delayMs = value.int ?? 0
        case "dripMs": dripMs = value.int
        case "lie": lie = value.string.flatMap { Lie(rawValue: $0) }
        case "forget":
            forgetCount = value.int ?? 0
            forgetType = value.string
        case "crashAfter": crashAfter = value.int
        default: break
        }
    }

    private static func act(_ name: String, _ value: JSONTree) -> Act? {
        switch name {
        case "crash": value.bool == true ? .crash : nil
        case "cutStreams": value.bool == true ? .cutStreams : nil
        case "cutFrame": value.bool == true ? .cutFrame : nil
        case "bigLine": value.int.map { .bigLine(bytes: $0) }
        case "unknownEvents": value.int.map { .unknownEvents($0) }
        case "brokenFrames": value.int.map { .brokenFrames($0) }
        case "burst":
            .burst(
                Burst(
                    perSecond: value["perSecond"]?.int ?? 20_000, sessions: value["sessions"]?.int ?? 20, seconds: value["seconds"]?.double ?? 5))
        default: nil
        }
    }
}
