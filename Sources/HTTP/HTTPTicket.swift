import Synchronization

/// A hold on one request or stream, for any thread. Letting go of it changes nothing.
package final class HTTPTicket: Sendable {
    let id: UInt64
    private let inbox: HTTPInbox
    private let flags = Atomic<UInt8>(0)

    private static let cancelledFlag: UInt8 = 1, pausedFlag: UInt8 = 2

    init(id: UInt64, inbox: HTTPInbox) {
        self.id = id
        self.inbox = inbox
    }

    var isCancelled: Bool { flags.load(ordering: .acquiring) & Self.cancelledFlag != 0 }
    var isPaused: Bool { flags.load(ordering: .acquiring) & Self.pausedFlag != 0 }

    /// Ends it. No callback follows but the last one, with `.cancelled`; none at all if it was over.
    /// A callback that runs at this moment on the HTTP thread is not waited for.
    package func cancel() {
        let before = flags.bitwiseOr(Self.cancelledFlag, ordering: .acquiringAndReleasing).oldValue
        if before & Self.cancelledFlag == 0 { inbox.post(.cancel(id)) }
    }

    /// Stops reading from the server until `resume`: the bytes wait in the socket, then in the server. Nothing is lost.
    package func pause() {
        flags.bitwiseOr(Self.pausedFlag, ordering: .acquiringAndReleasing)
    }

    package func resume() {
        let before = flags.bitwiseAnd(~Self.pausedFlag, ordering: .acquiringAndReleasing).oldValue
        if before & Self.pausedFlag != 0 { inbox.post(.resume(id)) }
    }
}
