import Foundation
import JSON
import Testing

@testable import StandIn

@Suite(.timeLimit(.minutes(2))) struct DemoHerdTests {
    @Test(arguments: DemoHerd.agents.map(\.title)) func everyScriptIsUnderstood(_ title: String) throws {
        let agent = try #require(DemoHerd.agents.first { $0.title == title })
        let prompt = agent.prompt(in: "/home/me/api")
        let script = Script(reading: prompt, names: Script.serverNames)
        #expect(script.directives.count == prompt.split(separator: "[[").count - 1 - inner(script))
        for case .call(let tool, let arguments, _, _) in script.directives {
            let input = try JSONTree(parsing: arguments)
            #expect(FakeTools.names.contains(tool) && FakeTools.missingKey(tool, input) == nil)
        }
        #expect(!prompt.contains(DemoScript.directory))
    }

    /// Directives inside the prompts of sub-agents.
    private func inner(_ script: Script) -> Int {
        script.directives.reduce(0) { sum, directive in
            guard case .call(_, let arguments, _, _) = directive else { return sum }
            return sum + arguments.split(separator: "[[", omittingEmptySubsequences: false).count - 1
        }
    }

    @Test func everyEditFitsItsFile() throws {
        for agent in DemoHerd.agents {
            let project = try #require(DemoHerd.projects.first { $0.name == agent.project })
            var files = Dictionary(uniqueKeysWithValues: project.files.map { ("/p/" + $0.path, $0.content) })
            for case .call("edit", let arguments, _, _) in Script(reading: agent.prompt(in: "/p"), names: Script.serverNames).directives {
                let input = try JSONTree(parsing: arguments)
                let path = try #require(input["filePath"]?.string), old = try #require(input["oldString"]?.string)
                let place = try #require(files[path]?.firstRange(of: old), "\(agent.title): \(path) lacks \(old)")
                files[path]?.replaceSubrange(place, with: input["newString"]?.string ?? "")
            }
            // What goes on for ever must find its files as it left them.
            if agent.loops { #expect(files == Dictionary(uniqueKeysWithValues: project.files.map { ("/p/" + $0.path, $0.content) }), "\(agent.title)") }
        }
    }

    /// Plays the whole herd, much faster than life, and looks how each agent ends.
    @Test func theHerdIsLively() async throws {
        let world = try await FakeWorld {
            $0.speed = 500
            $0.writesFiles = true
        }
        for project in DemoHerd.projects {
            for file in project.files {
                let path = world.directory + "/" + file.path
                try FileManager.default.createDirectory(atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try file.content.write(toFile: path, atomically: true, encoding: .utf8)
            }
        }
        var sessions: [String: String] = [:]
        for agent in DemoHerd.agents {
            let session = try await world.session(["title": .string(agent.title)])
            sessions[agent.title] = session
            try await world.prompt(session, agent.prompt(in: world.directory))
        }
        // Two wait for a person, one hangs, the others come to an end.
        var seen: [String] = []
        while seen.count(where: { $0 == "session.idle" }) < DemoHerd.agents.count - 3 + 2 { seen += try await world.until("session.idle") }
        #expect(seen.contains("session.status retry") && seen.contains("session.error"))
        let asked = try await world.get("/permission").json, questions = try await world.get("/question").json
        #expect(asked.array?.count == 1 && asked.at(0, "patterns", 0).string?.hasPrefix("npm install passport") == true)
        #expect(questions.array?.count == 1 && questions.at(0, "questions", 0, "options").array?.count == 3)
        let statuses = try await world.get("/session/status").json
        #expect(statuses[sessions["Dark mode"] ?? ""] == ["type": "busy"])
        #expect(try String(contentsOfFile: world.directory + "/README.md", encoding: .utf8).contains("Receive orders"))
    }
}
