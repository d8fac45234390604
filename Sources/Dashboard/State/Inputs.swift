package import Domain
package import Screen

/// Everything that can happen to the dashboard.
package enum DashboardInput: Equatable, Sendable {
    /// A key, a click, a paste.
    case terminal(Input)
    case resized(Size)
    /// The daemon is being started or asked for its snapshot; what is shown is the store's last one, if any.
    case starting
    /// A snapshot of everything, from the daemon (`live`) or the store's last one.
    case snapshot(Herd, live: Bool)
    case changed(HerdChange)
    case transcript(AgentID, TranscriptChange)
    /// The end of the order with this tag.
    case replied(tag: Int, Result<ClientReply, Refusal>)
    /// The connection to the daemon ended; `why` is for a person.
    case lost(why: String)
    /// The editor came back with this text; nil when it was left without saving or failed.
    case edited(String?)
    /// Something that the program did for an effect went wrong, in words.
    case failed(String)
    /// What the configuration says, at the start and whenever it has changed; what is wrong with it, in sentences.
    case preferences(Preferences, problems: [String])
    /// The themes there are, and the one that is worn: the answer to `.listThemes`.
    case themes([String], worn: String)
    /// Of a shell that was started.
    case shell(ShellID, ShellNews)
    /// A scene was drawn without the colours of this text.
    case uncoloured(SyntaxText)
    /// The kinds of words in a text, line by line; none where nobody knows its language.
    case syntax(SyntaxText, [[SyntaxRun]])
    /// The screen was to be closed, and programs run in these shells.
    case busy([ShellID])
    /// `nextDeadline` has come.
    case tick
}

/// Everything the dashboard asks the program around it to do.
package enum DashboardEffect: Equatable, Sendable {
    /// Send to the daemon; answer with `.replied(tag:)`.
    case order(ClientOrder, tag: Int)
    /// Follow this agent's transcript, no other; its changes come as `.transcript`. Nil: none.
    case look(AgentID?)
    /// Open `$EDITOR` on this text and answer with `.edited`.
    case openEditor(text: String)
    /// Open `$EDITOR` (or the person's tool) in this directory.
    case openDirectory(path: String)
    /// Open OpenCode's own screen on the agent's session and come back.
    case attach(AgentID)
    /// Call the person, who looks elsewhere. Words of agents: not to be trusted.
    case notify(title: String, body: String)
    /// Answer with `.themes`.
    case listThemes
    /// Draw with it from now on; to keep it is to write it down.
    case wearTheme(String)
    case keepTheme(String)
    /// A view is to be known by this name from now on; nil: no longer.
    case keepView(String, query: String?)
    /// The columns were made as wide as this: to be so the next time.
    case keepColumns(UI.Columns)
    /// To the clipboard.
    case copy(String)
    case shell(ShellID, ShellAct)
    /// Tell this shell's screen, at once and whenever it changes, no other's. Nil: none.
    case showShell(ShellView?)
    /// Answer with `.syntax`; there is no hurry.
    case readSyntax(SyntaxText)
    case suspend
    /// Paint everything again.
    case redraw
    /// Close the screen; where programs run in shells, say `.busy` instead.
    case quit
    /// Whatever runs in shells.
    case quitNow
}
