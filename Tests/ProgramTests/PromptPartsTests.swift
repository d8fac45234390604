import Foundation
import JSON
import Testing

extension OneHerd {
    /// What a prompt names goes to the model, and commands of the server run: on the real opencode.
    @Suite struct PromptPartsTests {
        private func modelSaw(_ box: Sandbox, _ text: String) -> Bool {
            (try? String(contentsOfFile: box.root + "/model.jsonl", encoding: .utf8))?.contains(text) ?? false
        }

        @Test func filesReachTheModelAndCommandsRun() async throws {
            let box = try Sandbox.shared
            // A project of its own: its server reads the commands when it starts, and other tests begin where the list's first agent is.
            let place = box.root + "/src/named"
            let files = FileManager.default
            for path in ["src", ".opencode/command", ".opencode/node_modules"] {
                try files.createDirectory(atPath: place + "/" + path, withIntermediateDirectories: true)
            }
            for name in ["package.json", "package-lock.json"] {
                try files.copyItem(atPath: box.environment["HOME", default: ""] + "/.config/opencode/" + name, toPath: place + "/.opencode/" + name)
            }
            try Sandbox.write("CONTENT-OF-THE-FILE\n", place + "/src/a secret.txt")
            try Sandbox.write(
                "---\ndescription: Greets\n---\nTEMPLATE-OF-GREET $ARGUMENTS !`echo x >> ran.txt` [[say 3 words]]\n", place + "/.opencode/command/greet.md")
            let id = try await box.new("[[say 2 words]]", in: place, "-w", "folder")
            try await box.wait(id, "done")

            try await box.done("send", id, "look at @\"src/a secret.txt\" and at @nobody [[say 2 words]]")
            try await Sandbox.until("the model was sent the file") { modelSaw(box, "CONTENT-OF-THE-FILE") }
            #expect(modelSaw(box, "look at @\\\"src/a secret.txt\\\" and at @nobody"))
            try await box.wait(id, "done")

            // A command while the agent is busy waits its turn, and runs once.
            let tool = HeldTool()
            try await box.done("send", id, tool.script + "[[say 2 words]]")
            try await tool.runs(in: place)
            try await box.done("send", id, "/greet THE-ARGUMENTS")
            try tool.letGo(in: place)
            try await Sandbox.until("the command ran") { modelSaw(box, "TEMPLATE-OF-GREET THE-ARGUMENTS") }
            try await box.wait(id, "done")
            #expect(try String(contentsOfFile: place + "/ran.txt", encoding: .utf8) == "x\n")
            #expect(try await box.log(id).filter { $0["text"]?.string?.contains("TEMPLATE-OF-GREET") == true }.count == 1)

            // Told before anything is sent.
            let before = try await box.log(id).count
            box.refused(try await box.drover("send", id, "/gret you"), [2], "did you mean /greet")
            try Sandbox.write("no image", place + "/fake.png")
            box.refused(try await box.drover("send", id, "see @fake.png"), [2], "fake.png has the name of an image")
            #expect(try await box.log(id).count == before)
            try await box.done("rm", id)
            try await box.done("project", "rm", "named")
        }

        @Test func aPersonTakesAFileFromTheListAndDropsAnImage() async throws {
            let box = try Sandbox.shared
            try FileManager.default.createDirectory(atPath: box.api + "/notes", withIntermediateDirectories: true)
            try Sandbox.write("WHAT-THE-NOTE-SAYS\n", box.api + "/notes/of interest.txt")
            let image = box.root + "/My Shot.png"
            let png = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGP4z8AARwzEcQCukw/x0F8jngAAAABJRU5ErkJggg=="
            try Data(base64Encoded: png)?.write(to: URL(filePath: image))
            let id = try await box.new("[[say 2 words]]", in: box.api, "-w", "folder", "--title", "Reads notes")
            try await box.wait(id, "done")
            let person = try Person(box)
            try person.sees("Reads notes")
            person.presses("/Reads<enter>p")
            person.types("read @interest")
            try person.sees("notes/of interest.txt")
            person.presses("<tab>")
            try person.sees("[of interest.txt 19 B]")
            person.types("and \u{1B}[200~'\(image)'\u{1B}[201~")
            try person.sees("the image is known") { $0.contains("[image My Shot.png") || $0.contains("+1") }
            person.types("[[say 2 words]]")
            person.presses("<enter>")
            try await Sandbox.until("the model was sent the note") { modelSaw(box, "WHAT-THE-NOTE-SAYS") }
            #expect(modelSaw(box, "My Shot.png"))
            try await box.wait(id, "done")
            try person.sees("attached notes/of")
            #expect(!person.screen.contains("Called the Read tool"))
            // A command that is not there comes back to be mended.
            person.presses("p")
            person.types("/inot it")
            person.presses("<enter>")
            try person.sees("no command /inot")
            person.escapes(2)
            person.presses("q")
            _ = try person.leaves()
        }
    }
}
