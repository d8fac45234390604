import Domain
import Engine
import Places
import Sys
import Testing

@testable import Daemon

@Suite struct PlaceWorkerTests {
    @Test(arguments: [true, false]) func trustedScriptsRunWhenAPlaceIsMadeAndBeforeItGoes(isFresh: Bool) async throws {
        let bench = try await PlaceBench()
        try bench.script("setup", "echo made $DROVER_PLACE_ID $DROVER_SERVER > \"$DROVER_PLACE/note\"")
        try bench.script("teardown", "cp note \"$DROVER_PROJECT/torn-down\"; echo $DROVER_PORT_BASE")
        let words = try bench.trust()
        #expect(words.contains(".drover/setup will be run in new worktrees") && words.contains(".drover/teardown will be run"))
        let (place, troubles) = try await bench.provision()
        #expect(troubles == [])
        let (_, more) = try await bench.remove(place, isFresh: isFresh)
        #expect(more == [])
        #expect(try Files.readText(bench.project.path + "/torn-down") == "made \(place.id)\n")
        #expect(!Files.exists(place.directory))
        #expect(Files.exists(bench.root + "/state/logs/teardown-\(place.id).log"))
    }

    @Test func whatNobodyTrustedIsNotRunAndSaid() async throws {
        let bench = try await PlaceBench()
        try bench.script("setup", "true")
        _ = try bench.trust()
        let (place, _) = try await bench.provision()
        try bench.script("teardown", "touch \"$DROVER_PROJECT/torn-down\"")
        let (removed, notices) = try await bench.remove(place)
        #expect(notices.count == 1 && notices[0].contains(".drover/teardown was not run"))
        #expect(!Files.exists(bench.project.path + "/torn-down"))
        #expect(removed.place.id == place.id)
    }

    @Test func aScriptThatFailsDoesNotKeepThePlace() async throws {
        let bench = try await PlaceBench()
        try bench.script("teardown", "exit 3")
        _ = try bench.trust()
        let (place, _) = try await bench.provision()
        let (_, notices) = try await bench.remove(place)
        #expect(notices.count == 1 && notices[0].contains("status 3"))
        #expect(!Files.exists(place.directory))
    }

    @Test func aProjectWithoutScriptsSaysSo() async throws {
        let bench = try await PlaceBench()
        #expect(try bench.trust() == "api has no script .drover/setup or .drover/teardown")
    }

    /// A directory that git cannot look at is told of, not passed over.
    @Test func whatCannotBeLookedAtIsTold() async throws {
        let bench = try await PlaceBench()
        let (place, _) = try await bench.provision()
        try Files.writeAtomically(bench.project.path + "/.git/config", Array("[nonsense".utf8))
        bench.worker.list(bench.project)
        let listed = await bench.events { if case .placesListed = $0 { true } else { false } }
        guard case .placesListed(bench.project.id, .failure(let refusal))? = listed.last else { return #expect(Bool(false), "\(listed)") }
        #expect(!refusal.message.isEmpty)
        bench.worker.inspect(place)
        let inspected = await bench.events { if case .placeInspected = $0 { true } else { false } }
        guard case .placeInspected(place.id, .failure(let other))? = inspected.last else { return #expect(Bool(false), "\(inspected)") }
        #expect(!other.message.isEmpty)
    }

    @Test func whatIsKeptIsFoundAndForgotten() async throws {
        let bench = try await PlaceBench()
        let (place, _) = try await bench.provision()
        try Files.writeAtomically(place.directory + "/work", Array("x".utf8))
        let (removed, _) = try await bench.remove(place)
        let later = Timestamp(milliseconds: removed.removed.milliseconds + 1)
        bench.worker.findExpired(before: later)
        let found = await bench.events { if case .expiredFound = $0 { true } else { false } }
        #expect(found.last == .expiredFound(.success([removed])))
        bench.worker.forget(removed)
        let forgotten = await bench.events { if case .placeForgotten = $0 { true } else { false } }
        #expect(forgotten.last == .placeForgotten(removed, nil))
        #expect(try Files.names(bench.root + "/worktrees/.removed") == [])
    }
}
