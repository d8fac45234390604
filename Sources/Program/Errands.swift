import Config
import Dashboard
import Domain
import Glibc
import Sys
import Terminal
import Wire

/// What the dashboard asks for, done: orders sent, editors opened, the terminal given away and taken back.
extension DashboardProgram {
    func perform(_ effect: DashboardEffect) {
        switch effect {
        case .order(let order, let tag):
            if let line {
                line.order(order, tag: tag)
            } else {
                handle(.replied(tag: tag, .failure(Refusal(.unreachable, "the daemon is not reached yet", remedy: "try again in a moment"))))
            }
        case .look(let agent): line?.look(agent)
        case .openEditor(let text): edit(text)
        case .openDirectory(let path): outside(editor + [path], directory: path)
        case .attach(let agent):
            let tag = 1_000_000 + attaching.count
            attaching[tag] = agent
            line?.order(.attach(agent), tag: tag)
        case .copy(let text): if !terminal.copy(text) { handle(.failed("this terminal takes no text for its clipboard")) }
        case .keepColumns(let columns): keep(columns)
        case .listThemes: handle(.themes(["auto"] + ThemeLibrary(directories).names, worn: settings.theme))
        case .wearTheme(let name): if let problem = useTheme(name) { handle(.failed(problem)) }
        case .keepTheme(let name): keepTheme(name)
        case .keepView(let name, let query): keepView(name, query)
        case .notify(let title, let body): notify(title, body)
        case .shell(let id, let act): if let news = shells.perform(act, id) { handle(.shell(id, news)) }
        case .showShell(let view):
            shells.show(view)
            mustDraw = true
        case .readSyntax(let text): readSyntax(text)
        case .suspend:
            terminal.suspend()
            mustDraw = true
        case .redraw: terminal.repaint()
        case .quit:
            let busy = shells.busy
            if busy.isEmpty { isOver = true } else { handle(.busy(busy)) }
        case .quitNow: isOver = true
        }
    }

    private var editor: [String] { settings.editorCommand(Environment.get) }

    private func edit(_ text: String) {
        do throws(SysError) {
            let folder = try Files.makeTemporaryDirectory(Surroundings.temporary + "/drover-")
            defer { try? Files.removeTree(folder) }
            let path = folder + "/message.md"
            try Files.writeAtomically(path, Array(text.utf8))
            outside(editor + [path], directory: nil)
            handle(.edited(try Files.readText(path, limit: 4 << 20)))
        } catch {
            handle(.edited(nil))
            handle(.failed(error.message))
        }
    }

    /// OpenCode's own screen on the agent's session, with the password in its environment only.
    func attach(_ agent: AgentID, _ result: Result<ClientReply, Refusal>) {
        switch result {
        case .failure(let refusal): handle(.failed(refusal.message))
        case .success(.attach(let url, let directory, let session, let password)):
            let variables = ["OPENCODE_SERVER_PASSWORD=\(password)", "OPENCODE_SERVER_USERNAME=opencode"]
            let mine = Environment.all.filter { !$0.hasPrefix("OPENCODE_SERVER_") }
            let chosen = OpenCodeProgram.choose(command: settings.openCodeCommand, environment: Surroundings.variables) { access($0, X_OK) == 0 }
            guard case .found(let command, _) = chosen else { return handle(.failed(chosen.complaint ?? "opencode was not found")) }
            outside(command + ["attach", url, "--dir", directory, "-s", session.raw], environment: mine + variables, directory: directory)
        case .success: break
        }
    }

    /// Gives the terminal away for as long as another program runs.
    private func outside(_ command: [String], environment: [String]? = nil, directory: String?) {
        guard let name = command.first else { return }
        let program = name.contains("/") ? name : findExecutable(name) ?? name
        var failure: String?
        terminal.runOutside {
            do throws(SysError) {
                _ = try runInForeground(program, Array(command.dropFirst()), environment: environment, directory: directory)
            } catch {
                failure = error.message
            }
        }
        // What the keyboard sent was for the other program; an order to end is for us.
        if signals.read().contains(where: { $0 == SIGTERM || $0 == SIGHUP }) { isOver = true }
        if let size = terminal.sizeChanged() { resized(size) }
        if let failure { handle(.failed(failure)) }
        draw()
    }
}
