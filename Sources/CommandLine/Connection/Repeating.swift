import Domain

extension ClientOrder {
    /// Told twice it does what it does told once. `new` does because the command line chooses the agent's identifier.
    var mayBeRepeated: Bool {
        switch self {
        case .new(let wish): wish.id != nil
        case .stop, .archive, .rename, .seen, .addProject, .scanProjects, .trust, .look, .wake: true
        case .attach, .transcript, .diff, .choices, .files, .facts, .offers, .feed: true
        case .send, .unqueue, .answer, .resume, .retry, .remove, .undo, .removeProject, .removePlace, .stopServer, .shutdown: false
        }
    }
}
