import Config
import Domain
import Sys
import Testing

@testable import Daemon

/// What a project's own configuration says of its worktrees.
@Suite struct ProjectSettingsTests {
    @Test func aProjectSaysHowItsWorktreesAreMade() async throws {
        let bench = try await PlaceBench()
        try bench.configure(#"{"worktrees": {"branchPrefix": "team/", "copyIgnored": ["secret.env"], "setup": ".drover/begin"}}"#)
        try bench.script("begin", "touch begun")
        try bench.script("setup", "touch usual")
        #expect(try bench.trust().contains(".drover/begin"))
        try Files.writeAtomically(bench.project.path + "/.git/info/exclude", Array("*.env\n".utf8))
        for name in ["secret.env", ".env"] { try Files.writeAtomically(bench.project.path + "/" + name, Array("x".utf8)) }
        let (place, notices) = try await bench.provision()
        #expect(notices == [])
        #expect(place.branch == "team/fix")
        let names = Set(try Files.names(place.directory))
        #expect(names.isSuperset(of: ["secret.env", "begun"]) && names.isDisjoint(with: [".env", "usual"]))
    }

    @Test func aScriptThatAProjectNamesIsRunOnlyWhenItIsTrusted() async throws {
        let bench = try await PlaceBench()
        try bench.configure(#"{"worktrees.setup": ".drover/begin"}"#)
        try bench.script("begin", "touch begun")
        let (place, notices) = try await bench.provision()
        #expect(notices.count == 1 && notices[0].contains(".drover/begin was not run"))
        #expect(!Files.exists(place.directory + "/begun"))
    }

    @Test func aMistakeIsToldOnceAndTheRestHolds() async throws {
        let bench = try await PlaceBench()
        try bench.configure("{\n  \"worktrees.branchPrefx\": \"x/\", \"worktrees.copyIgnored\": [],\n  \"opencode.command\": \"evil\"\n}")
        let (place, notices) = try await bench.provision()
        #expect(place.branch == "drover/fix")
        #expect(
            notices == [
                bench.project.path + "/.drover/config.jsonc:2:3: there is no setting \"worktrees.branchPrefx\"; did you mean \"worktrees.branchPrefix\"?",
                bench.project.path + "/.drover/config.jsonc:3:3: \"opencode.command\" can be set in your own configuration only, not by a project",
            ])
        #expect(try await bench.provision("again").notices == [])
        try bench.configure("{")
        #expect(try await bench.provision("third").notices.count == 1)
    }

    @Test func whatThePersonChangesHoldsFromThen() async throws {
        let bench = try await PlaceBench()
        var person = Settings()
        person.branchPrefix = "me/"
        bench.settings.use(person)
        #expect(try await bench.provision().place.branch == "me/fix")
    }
}
