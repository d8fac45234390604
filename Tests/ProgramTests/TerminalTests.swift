import Foundation
import JSON
import Screen
import Sys
import TestKit
import Testing

extension OneHerd {
    /// The dashboard as a person sees it: on a pseudo-terminal, with real agents.
    @Suite struct TerminalTests {
        @Test(arguments: [Size(columns: 120, rows: 36), Size(columns: 60, rows: 20)])
        func aPersonStartsAnswersStopsAndResumes(_ size: Size) async throws {
            let box = try Sandbox.shared, isNarrow = size.columns < 70
            let name = "At \(size.columns)", watch = try await box.watch()
            let person = try Person(box, size: size)
            try person.sees("api")
            #expect(person.screen.isAlternate && person.screen.errors.isEmpty, "\(person.screen.errors)")

            // By the dialog: prompt, project, place (the folder), title.
            person.presses("n")
            try person.sees("What should it do?")
            person.types(Script.bash("echo ask by dialog") + "[[text thanks for nothing]]")
            person.presses("<tab><tab><right><tab>")
            person.types(name)
            try person.sees(name)
            person.presses("<enter>")
            try person.sees("a row that waits") { $0.contains("! \(name)") }
            let seen = Date.now
            let line = try await watch.first { $0["title"]?.string == name && $0["status"]?.string == "waiting" }
            let id = try #require(line["agent"]?.string)
            let asked = try Sandbox.date(try await box.request(of: id)["asked"])
            let told = try Sandbox.date(line["at"])
            #expect(seen.timeIntervalSince(asked) < 1 && told.timeIntervalSince(asked) < 1, "asked \(asked), seen \(seen), told \(told)")
            #expect(try await box.agent(id)["place"]?["kind"]?.string == "folder")

            // To it, and answer. In one column the first key shows what is asked.
            person.presses("N")
            if isNarrow { person.presses("y") }
            try person.sees("y once")
            person.looks()
            person.presses("y")
            try await watch.until(id, status: "done")
            try person.sees("thanks for nothing")

            // A message; a turn that is stopped, and resumed.
            person.presses("p")
            let tool = HeldTool()
            person.types(tool.script + "[[text went on]]")
            person.presses("<enter>")
            try await watch.until(id, "runs its tool") { $0["status"]?.string == "running" && $0["activity"]?.string?.contains("touch begun") == true }
            try await tool.runs(in: box.api)
            try person.sees("touch begun")
            person.escapes()
            person.presses(".")
            try await watch.until(id, status: "paused")
            try person.sees("what was stopped") { $0.contains("paused") || $0.contains("stopped") }
            try tool.letGo(in: box.api)
            person.presses("R")
            try person.sees("went on")
            try await box.wait(id, "done")

            // By the palette, with the words of the command line; a question is answered with an option, another in own words.
            person.presses(":")
            person.types("new api '\(Script.question)\(Script.question)[[text as you like]]'")
            try person.sees("new agent")
            person.presses("<enter>")
            try person.sees("it is kept")
            person.presses("<tab><tab><right><enter>")
            let known = watch.all.compactMap { $0["requests"]?.array?.first?.string }
            let question = try await watch.first { $0["requests"]?.array?.first?.string.map { $0.hasPrefix("que") && !known.contains($0) } ?? false }
            let asking = try #require(question["agent"]?.string), first = question["requests"]?.array?.first?.string
            // The screen is another client: it may hear of it a little later.
            try person.sees("that somebody asks") { $0.contains("1 needs you") }
            person.presses("N")
            if isNarrow { person.presses("2") }
            try person.sees("Postgres")
            person.looks()
            person.presses("2")
            try await watch.until(asking, "asks again") { $0["requests"]?.array?.first?.string.map { $0 != first } ?? false }
            try person.sees("Which database?")
            person.looks()
            person.presses("t")
            person.types("a flat file")
            try person.sees("a flat file")
            person.presses("<enter>")
            try await watch.until(asking, status: "done")
            let texts = try await box.log(asking).filter { $0["kind"]?.string == "tool" }.compactMap { $0["text"]?.string }
            #expect(texts.count == 2 && texts[0].contains("Postgres") && texts[1].contains("a flat file"), "\(texts)")
            try person.sees("as you like")

            watch.stop()
            person.escapes(2)
            person.presses("q")
            #expect(try person.leaves() == 0)
            #expect(person.mess == nil && person.screen.errors.isEmpty, "\(person.screen.errors)")
        }

        @Test func aSubAgentsPermissionIsShownAtItsRootAndAnsweredThere() async throws {
            let box = try Sandbox.shared
            let id = try await box.new(Script.task("echo ask inside") + "[[say 3 words]]", "-w", "folder", "--title", "Root agent")
            let person = try Person(box)
            try person.sees("! Root agent")
            person.presses("N")
            try person.sees("echo ask inside")
            try person.sees("y once")
            person.looks()
            person.presses("y")
            try await box.wait(id, "done")
            try person.sees("the row of the root that is done") { !$0.contains("! Root agent") && $0.contains("Root agent") }
            person.presses("q")
            #expect(try person.leaves() == 0)
        }

        @Test func anySizeAndTheOtherClientsNews() async throws {
            let box = try Sandbox.shared
            let id = try await box.new("[[text only this]]", "-w", "folder", "--title", "Of all sizes")
            try await box.wait(id, "done")
            let person = try Person(box)
            try person.sees("Of all sizes")
            for (columns, rows) in [(80, 24), (30, 8), (200, 50), (60, 20), (120, 36)] {
                person.pty.resize(Size(columns: columns, rows: rows))
                try person.sees("a frame of \(columns)x\(rows)") { columns < 40 ? $0.contains("too small") || $0.contains("40") : $0.contains("Of all sizes") }
                #expect(person.screen.errors.isEmpty, "\(columns)x\(rows): \(person.screen.errors)")
            }
            // A window that is dragged: what counts is the size it comes to in the end.
            for step in 0..<60 { person.pty.resize(Size(columns: 40 + step * 37 % 160, rows: 10 + step * 11 % 40)) }
            person.pty.resize(Size(columns: 120, rows: 36))
            try await box.done("rename", id, "Renamed by script")
            try person.sees("a frame of the last size") { $0.contains("Renamed by script") && $0.lines.last?.contains("? help") == true }
            #expect(person.screen.errors.isEmpty, "\(person.screen.errors)")
            person.presses("q")
            #expect(try person.leaves() == 0 && person.mess == nil)
        }

        @Test func openCodesOwnScreenAndBack() async throws {
            let box = try Sandbox.shared
            let id = try await box.new("[[text said before it was opened]]", "-w", "folder", "--title", "Opened")
            try await box.wait(id, "done")
            try await box.done("new", "-w", "folder", "--title", "Another", "[[say 2 words]]")
            let person = try Person(box)
            try person.sees("Opened")
            person.presses("/")
            person.types("Opened")
            person.presses("<enter>")
            try person.sees("said before it was opened")
            person.looks()
            person.presses("o")
            // OpenCode's screen has a line to type on, and none of ours.
            try person.sees("OpenCode's screen") {
                $0.contains("said before it was opened") && !$0.contains("Opened  ") && !$0.contains("PROJECTS") && !$0.contains("Projects")
            }
            person.looks()
            person.presses("<c-c>")
            // The filter, the agent and its tab are as they were left.
            try person.sees("the same view as before") {
                $0.contains("/ Opened") && $0.contains("1 of ") && $0.contains("PROJECTS") && $0.contains("said before it was opened")
            }
            person.escapes(2)
            person.presses("q")
            #expect(try person.leaves() == 0 && person.mess == nil)
        }
    }
}

extension TroubledHerd {
    /// The dashboard is suspended, killed, or loses its terminal.
    @Suite struct ScreenLossTests {
        @Test func suspendedAndBroughtBackByAShell() async throws {
            let box = try Sandbox.shared
            try await box.done("new", "-w", "folder", "--title", "Steady", "[[say 2 words]]")
            let person = try Person(box, shell: ["/bin/bash", "--norc", "--noprofile", "-i"])
            try person.sees("$")
            person.types("stty -a >\(box.root)/before\r\(box.program)\r")
            try person.sees("Steady")
            person.presses("<c-z>")
            try person.sees("the shell") { !$0.isAlternate && $0.contains("Stopped") }
            #expect(person.mess == nil)
            person.types("stty -a >\(box.root)/between\rfg\r")
            try person.sees("the frame again") { $0.isAlternate && $0.contains("Steady") }
            person.presses("q")
            try person.sees("the shell") { !$0.isAlternate && $0.lines.last { !$0.isEmpty } == "$" }
            person.types("stty -a >\(box.root)/after\rexit\r")
            #expect(try person.leaves() == 0)
            let modes = try ["before", "between", "after"].map { try String(contentsOfFile: box.root + "/" + $0, encoding: .utf8) }
            #expect(modes[0] == modes[1] && modes[0] == modes[2])
        }

        @Test(arguments: [SIGKILL, SIGSEGV, SIGTERM, SIGHUP])
        func aDashboardThatDiesLeavesTheTerminalAsItWas(_ signal: Int32) async throws {
            let box = try Sandbox.shared
            try await box.done("daemon", "start")
            // No job control here: a shell that has it would mend the modes itself.
            let script = "stty -a >\(box.root)/before; \(box.program); echo over; read line; stty -a >\(box.root)/after"
            let person = try Person(box, shell: ["/bin/sh", "-c", script])
            try person.sees("drover")
            var screens: [Int32] = []
            // The keeper of the terminal has the screen's name until it has taken its own.
            try await Sandbox.until("the keeper has its own name") {
                screens = box.marked.filter { $0.name == "drover" && ProcessFacts.commandLine($0.pid) == [box.program] }.map(\.pid)
                return screens.count == 1
            }
            Foundation.kill(try #require(screens.first), signal)
            // After SIGKILL the shell may speak before the keeper has given the terminal back: what it said went with the dashboard's screen.
            try person.sees("a clean terminal") { _ in
                person.mess == nil && person.pty.isCooked && (signal == SIGKILL || person.screen.lines.contains("over"))
            }
            person.types("\r")
            #expect(try person.leaves() == 0)
            #expect(try String(contentsOfFile: box.root + "/before", encoding: .utf8) == String(contentsOfFile: box.root + "/after", encoding: .utf8))
        }

        @Test func closingOrKillingTheScreenEndsNoAgent() async throws {
            let box = try Sandbox.shared
            let tool = HeldTool()
            let id = try await box.new(tool.script + "[[text worked on]]", "-w", "folder", "--title", "Works on")
            try await box.wait(id, "running,quiet")
            try await tool.runs(in: box.api)
            let person = try Person(box)
            try person.sees("Works on")
            person.pty.signal(SIGKILL)
            #expect(try person.leaves() == 128 + SIGKILL && person.mess == nil)
            #expect(try await ["running", "quiet"].contains(box.agent(id)["status"]?.string))
            try tool.letGo(in: box.api)
            try await box.wait(id, "done")

            // Everything is there again; with the daemon and its servers down as well, at once.
            let count = try await box.list().count
            try await box.done("daemon", "stop")
            let again = try Person(box)
            try again.sees("\(count) agents", seconds: 10)
            // A terminal that hangs up ends the screen, nothing else.
            again.pty.signal(SIGHUP)
            _ = try again.leaves()
            #expect(try await box.list().count == count)
        }
    }
}
