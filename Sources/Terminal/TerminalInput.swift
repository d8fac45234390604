import Glibc
package import Screen

/// What the terminal said about itself.
struct TerminalAnswers {
    var kittyKeys = false
    var synchronizedOutput = false
    /// Questions were asked and the last answer has not come.
    var outstanding = false

    mutating func ask(_ questions: [UInt8], _ output: inout TerminalOutput) {
        output.write(questions)
        outstanding = true
    }
}

extension TerminalSession {
    /// Reads what is there. Never waits; `[]` when there was nothing. Answers to our own questions take effect and are reported, too.
    package func read() throws(TerminalError) -> [Input] {
        checkThread()
        var inputs: [Input] = []
        // A long paste comes in many pieces; keys of other sources wait meanwhile, so not too many at once.
        for _ in 0..<16 {
            let count = Glibc.read(descriptor, &inputRoom, inputRoom.count)
            if count > 0 {
                inputs += decoder.feed(inputRoom[..<count])
                if count < inputRoom.count { break }
            } else if count == 0 || errno == EIO {
                throw .hungUp
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                throw .system("reading the terminal", errno)
            }
        }
        for case .reply(let reply) in inputs { take(reply) }
        return inputs
    }

    /// Milliseconds after which `inputTimedOut` should be called if no byte comes; nil: no need.
    package var inputWait: Int? { decoder.wait }

    /// The wait is over: a lone ESC is the key.
    package func inputTimedOut() -> [Input] { decoder.flush() }

    /// True while bytes wait for a terminal that does not read: poll for writing, then call `flushOutput` or `present`.
    package var hasUnsentOutput: Bool { !output.isEmpty }

    @discardableResult
    package func flushOutput() -> Bool { output.flush() }

    private func take(_ reply: Reply) {
        switch reply {
        case .kittyKeyboard: useKittyKeys()
        case .mode(2026, let state): answers.synchronizedOutput = state == 1 || state == 2
        case .attributes: answers.outstanding = false
        case .mode, .version, .foreground, .background, .cursorPosition: break
        }
    }

    /// Answers that are still on their way would be typed into the shell: waits for them, at most 100 ms, and swallows what was typed.
    func drainAnswers() {
        var rounds = 0
        while answers.outstanding, rounds < 4 {
            rounds += 1
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, 25) >= 0 else { return }
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { continue }
            for case .reply(.attributes) in decoder.feed(buffer[..<count]) { answers.outstanding = false }
        }
        answers.outstanding = false
    }
}
