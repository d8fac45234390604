import CPosix

/// Starts a thread that runs `body` once and ends. Signals stay with the first thread. The name is what `top` shows
/// (15 bytes); the stack is at least 64 kB.
package func startThread(
    named name: String, stackSize: Int = 512 * 1024, _ body: @escaping @Sendable () -> Void
) {
    let context = Unmanaged.passRetained(Body(run: body)).toOpaque()
    let result = cposix_start_thread(
        name, stackSize,
        { context in
            guard let context else { return }
            Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        }, context)
    guard result == 0 else { preconditionFailure("no thread can be started for \(name)") }
}

private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Says on which thread something lives, so that its use elsewhere can trap with a sentence.
package struct ThreadOwner: Sendable {
    private let thread: UInt

    /// Owned by the calling thread.
    package init() { thread = ThreadOwner.current }

    package var isHere: Bool { thread == ThreadOwner.current }

    private static var current: UInt { UInt(bitPattern: cposix_thread_mark()) }
}
