import Foundation
import Testing

@testable import Domain
@testable import OpenCode

/// The recordings of a real server beside the tests.
struct Recording: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    var testDescription: String { name }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Recordings")

    private static func files(_ isWanted: (String) -> Bool) -> [Recording] {
        let manager = FileManager.default
        let scenarios = ((try? manager.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        return scenarios.flatMap { scenario in
            ((try? manager.contentsOfDirectory(atPath: folder.appending(path: scenario).path)) ?? []).filter(isWanted).sorted().map { file in
                let content = manager.contents(atPath: folder.appending(path: scenario).appending(path: file).path) ?? Data()
                return Recording(name: scenario + "/" + file, bytes: Array(content))
            }
        }
    }

    static let streams = files { $0.hasSuffix(".sse") }
    static let exchanges = files { $0 == "http.jsonl" }

    static func named(_ name: String) -> Recording { (streams + exchanges).first { $0.name == name } ?? Recording(name: name, bytes: []) }

    /// The frames of a stream as Foundation reads them: independent of everything that is tested.
    var frames: [JSONObject] {
        String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { frame in
            JSONObject(text: String(frame.dropFirst("data: ".count)))
        }
    }

    /// The lines of an `http.jsonl`.
    var lines: [JSONObject] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { JSONObject(text: String($0)) }
    }

    /// What the reader says about the stream, fed in pieces of these sizes (over and over).
    func events(pieces: [Int] = [Int.max]) -> [ServerEvent] {
        let reader = EventReader(V1Events())
        var events: [ServerEvent] = []
        bytes.withUnsafeBytes { all in
            var at = 0, turn = 0
            while at < all.count {
                let end = at + min(all.count - at, pieces[turn % pieces.count])
                reader.read(UnsafeRawBufferPointer(rebasing: all[at..<end]), at: Timestamp(milliseconds: 7), into: &events)
                at = end
                turn += 1
            }
        }
        return events
    }
}

/// A JSON object by Foundation, with the few looks the tests need.
struct JSONObject {
    let value: [String: Any]
    init(_ value: [String: Any]) { self.value = value }
    init(text: String) { value = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:] }

    func object(_ key: String) -> JSONObject? { (value[key] as? [String: Any]).map(JSONObject.init) }
    func string(_ key: String) -> String? { value[key] as? String }
    func int(_ key: String) -> Int? { (value[key] as? NSNumber)?.intValue }
    func double(_ key: String) -> Double? { (value[key] as? NSNumber)?.doubleValue }
    func bool(_ key: String) -> Bool { (value[key] as? NSNumber)?.boolValue ?? false }
    func objects(_ key: String) -> [JSONObject] { (value[key] as? [[String: Any]] ?? []).map(JSONObject.init) }
    func strings(_ key: String) -> [String] { value[key] as? [String] ?? [] }
    func has(_ key: String) -> Bool { value[key] != nil && !(value[key] is NSNull) }
}

/// The same chance in every run.
struct Chance {
    var state: UInt64
    mutating func next(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(limit))
    }
}

/// Deltas merged as far as they can be, and no `.ignored`: what a stream says whatever its pieces were.
func normalised(_ events: [ServerEvent]) -> [ServerEvent] {
    var result: [ServerEvent] = []
    var run: [(PartID, ServerEvent)] = []
    func text(_ event: ServerEvent) -> String { if case .delta(_, _, _, let text) = event { text } else { "" } }
    for event in events where event != .ignored {
        guard case .delta(let session, let message, let part, let more) = event else {
            result += run.map(\.1) + [event]
            run = []
            continue
        }
        if let index = run.firstIndex(where: { $0.0 == part }) {
            run[index].1 = .delta(session, message, part, text: text(run[index].1) + more)
        } else {
            run.append((part, event))
            run.sort { $0.0 < $1.0 }
        }
    }
    return result + run.map(\.1)
}
