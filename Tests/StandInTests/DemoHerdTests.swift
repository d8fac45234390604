import JSON
import Testing

@testable import StandIn

@Suite(.timeLimit(.minutes(2))) struct DemoHerdTests {
    @Test(arguments: DemoHerd.agents.map(\.title)) func everyScriptIsUnderstood(_ title: String) throws {
        let agent = try #require(DemoHerd.agents.first { $0.title == title })
        let prompt = agent.prompt(in: "/work/tree")
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
}
