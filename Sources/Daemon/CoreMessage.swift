import Domain
import Engine
import OpenCode
import Sys

/// What workers put into the core's mailbox.
enum CoreMessage: Sendable {
    case event(Event)
    /// A server said that it lives, at this moment. It waits for the core's next turn: a turn for each would be most of what an idle
    /// daemon does.
    case lives(ServerID, generation: Int, stream: Int, at: Instant)
    /// A server is up: how it is spoken to stays in this room, the engine only learns that it is there.
    case serverUp(ServerID, generation: Int, ServerFacts, ServerLink)
    /// A durable write has reached the disk (or never will, with the reason): what waited for it goes on.
    case written(Int, problem: String?)
}

/// How to talk to a server. Holds its password: never printed, never sent to a client but by `attach`.
struct ServerLink: Sendable {
    let adapter: any AgentServer
    let url: String
    let password: String
}

/// The way back to the core from any thread.
typealias CoreMailbox = Mailbox<CoreMessage>
