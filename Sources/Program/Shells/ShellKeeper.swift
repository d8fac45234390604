import Dashboard
import Screen
import Sys
import VT

/// The shells in tabs: their processes, their terminals, and the one whose screen is before the person's eyes.
///
/// Each takes its turn with a bounded read, so that no flood keeps a key waiting; a screen is made only when a frame is drawn.
final class ShellKeeper {
    /// Tokens from here on are ours: even ones are terminals, odd ones are ends of processes.
    static let firstToken: UInt64 = 1 << 32

    private let poller: Poller
    private var shells: [ShellID: RunningShell] = [:]
    private var shown: ShellView?
    /// Closed, and not yet known to have ended.
    private var closing: [(end: HangUp, at: Int64)] = []

    init(_ poller: Poller) { self.poller = poller }

    /// When something is due here.
    var deadline: Int64? { closing.map(\.at).min() }

    /// The one that is shown has changed since its screen was taken.
    var isDirty: Bool { shown.flatMap { shells[$0.id]?.isDirty } ?? false }

    /// Those in which something runs that the shell waits for.
    var busy: [ShellID] { shells.values.filter { !$0.isOver && $0.pty.hasJob }.map(\.id).sorted() }

    func perform(_ act: ShellAct, _ id: ShellID) -> ShellNews? {
        switch act {
        case .start(let agent, let directory, let size):
            do throws(SysError) {
                let shell = try RunningShell(id, agent: agent, directory: directory, size: size)
                shells[id] = shell
                try poller.add(shell.pty.descriptor, token: Self.token(id, isEnd: false))
                try poller.add(shell.pty.watch.descriptor, token: Self.token(id, isEnd: true))
                return .started(name: shell.name)
            } catch {
                end(id)
                return .failed(error.message)
            }
        case .close:
            if busy.contains(id) { return .busy }
            end(id)
            return .closed
        case .end: end(id)
        case .key, .paste, .mouse:
            shells[id]?.act(act)
            listen(id)
        }
        return nil
    }

    func show(_ view: ShellView?) {
        shown = view
        if let view { shells[view.id]?.show(view) }
    }

    func takeScreen() -> (ShellID, ShellScreen)? {
        guard let shown, let shell = shells[shown.id], shell.isDirty else { return nil }
        return (shown.id, shell.takeScreen())
    }

    /// Something is to be read, there is room to write, or a shell has ended.
    func take(_ ready: Poller.Ready) -> (ShellID, ShellNews)? {
        let number = ready.token - Self.firstToken
        let id = ShellID(Int(number / 2))
        guard let shell = shells[id] else { return nil }
        if number % 2 == 1 { return ended(shell).map { (id, $0) } }
        if ready.writable { shell.flush() }
        if ready.readable { shell.read() }
        if shell.isOver { poller.remove(shell.pty.descriptor) } else { listen(id) }
        return nil
    }

    private func ended(_ shell: RunningShell) -> ShellNews? {
        guard case .ended(let status) = shell.pty.watch.poll() else { return nil }
        shell.readRest()
        poller.remove(shell.pty.watch.descriptor)
        poller.remove(shell.pty.descriptor)
        switch status {
        case .exited(let code)?: return .ended(.exited(Int(code)))
        case .signalled(let number)?: return .ended(.signalled(Int(number)))
        case nil: return .ended(.exited(0))
        }
    }

    /// Room to write is asked for only while something waits for it.
    private func listen(_ id: ShellID) {
        guard let shell = shells[id], !shell.isOver else { return }
        try? poller.modify(shell.pty.descriptor, token: Self.token(id, isEnd: false), shell.hasUnsent ? [.read, .write] : .read)
    }

    private func end(_ id: ShellID) {
        guard let shell = shells.removeValue(forKey: id) else { return }
        poller.remove(shell.pty.descriptor)
        poller.remove(shell.pty.watch.descriptor)
        closing.append((HangUp([shell.pty]), Clock.monotonicMilliseconds() + HangUp.graceMs))
    }

    /// What was closed a while ago and is still there is killed.
    func expire(_ now: Int64) {
        guard closing.contains(where: { $0.at <= now }) else { return }
        for index in closing.indices where closing[index].at <= now {
            closing[index].end.kill()
            // Looked at once more, or it would stay behind as a zombie.
            closing[index].at = closing[index].end.isOver ? 0 : now + 200
        }
        closing.removeAll { $0.at == 0 }
    }

    /// The dashboard is closed: nothing of them is left.
    func endAll() {
        let all = shells.values.map(\.pty)
        shells = [:]
        let last = HangUp(all)
        last.wait()
        for entry in closing { entry.end.kill() }
    }

    private static func token(_ id: ShellID, isEnd: Bool) -> UInt64 { firstToken + UInt64(id.raw) * 2 + (isEnd ? 1 : 0) }
}
