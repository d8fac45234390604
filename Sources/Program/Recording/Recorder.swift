import Glibc
import JSON
import Screen
import Sys

/// Writes what the dashboard draws into a file, in the format of asciinema (asciicast, version 2): a line of JSON that says how big the
/// screen is, then a line for every frame with its second. Nothing that is typed is in it but what the screen shows.
final class Recorder {
    private let file: Descriptor
    private let path: String
    private let start = Clock.monotonicNanoseconds()
    /// What went wrong; nothing more is written then.
    private(set) var failure: SysError?

    /// - Throws: the file is there already, or cannot be made.
    init(_ path: String, size: Size) throws(SysError) {
        self.path = path
        try Files.createEmpty(path)
        file = try Descriptor.open(path, O_WRONLY | O_APPEND)
        var writer = JSONWriter()
        writer.object {
            $0.field("version", 2)
            $0.field("width", size.columns)
            $0.field("height", size.rows)
            $0.field("timestamp", Int(Clock.wallMilliseconds() / 1000))
            $0.field("title", "drover")
        }
        put(writer.bytes)
        if let failure { throw failure }
    }

    func drew(_ bytes: [UInt8]) { if !bytes.isEmpty { add("o", String(decoding: bytes, as: UTF8.self)) } }

    func resized(_ size: Size) { add("r", "\(size.columns)x\(size.rows)") }

    private func add(_ kind: String, _ text: String) {
        guard failure == nil else { return }
        let micros = Int(Clock.monotonicNanoseconds() - start) / 1000
        var writer = JSONWriter()
        writer.array {
            $0.value(Double(micros) / 1_000_000)
            $0.value(kind)
            $0.value(text)
        }
        put(writer.bytes)
    }

    private func put(_ bytes: [UInt8]) {
        do throws(SysError) {
            try Descriptor.writeAll(file.number, bytes + [10])
        } catch {
            failure = SysError("write", path, code: error.code)
        }
    }
}
