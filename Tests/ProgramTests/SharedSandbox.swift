import Testing

/// Gives all tests of a suite, and of the suites in it, one sandbox: `Sandbox.shared`.
struct SharedSandbox: SuiteTrait, TestScoping {
    let server: Sandbox.Server
    let settings: String

    func provideScope(for test: Test, testCase: Test.Case?, performing tests: @Sendable () async throws -> Void) async throws {
        try await Sandbox.with(server: server, settings: settings) { box in
            try await Sandbox.$current.withValue(box) { try await tests() }
        }
    }
}

extension Trait where Self == SharedSandbox {
    static var sandbox: Self { sandbox() }
    static func sandbox(server: Sandbox.Server = .real, settings: String = "") -> Self { SharedSandbox(server: server, settings: settings) }
}

extension Sandbox {
    @TaskLocal static var current: Sandbox?

    /// That of the suite.
    static var shared: Sandbox {
        get throws {
            guard let current else { throw Failure("the suite of this test has no `.sandbox`") }
            return current
        }
    }
}
