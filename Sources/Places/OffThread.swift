import Sys

/// Runs what may keep a disk busy for long on a thread of its own: a task must not block.
func offThread<Value: Sendable>(_ body: @escaping @Sendable () throws(PlaceError) -> Value) async throws(PlaceError) -> Value {
    let result: Result<Value, PlaceError> = await withCheckedContinuation { continuation in
        startThread(named: "disk") {
            do throws(PlaceError) {
                continuation.resume(returning: .success(try body()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}
