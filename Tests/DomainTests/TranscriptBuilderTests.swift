import Testing

@testable import Domain

@Suite struct TranscriptBuilderTests {
    private let session = SessionID("ses_1")
    private let user = MessageInfo(id: MessageID("msg_1"), session: SessionID("ses_1"), role: .user, created: .init(milliseconds: 10))
    private let writing = MessageInfo(id: MessageID("msg_2"), session: SessionID("ses_1"), role: .assistant, created: .init(milliseconds: 20))

    private func part(_ content: PartInfo.Content, started: Int64? = nil, ended: Int64? = nil) -> PartInfo {
        PartInfo(
            id: PartID("prt_1"), session: session, message: MessageID("msg_2"), content: content,
            started: started.map { .init(milliseconds: $0) }, ended: ended.map { .init(milliseconds: $0) })
    }

    private func over(_ error: TurnError? = nil) -> MessageInfo {
        var message = writing
        message.completed = .init(milliseconds: 99)
        message.error = error
        return message
    }

    @Test func whoSaysItDecidesTheKind() {
        #expect(transcriptItem(of: part(.text("hi", synthetic: false)), message: user)?.kind == .user)
        #expect(transcriptItem(of: part(.text("hi", synthetic: false)), message: writing)?.kind == .text)
        #expect(transcriptItem(of: part(.text("hi", synthetic: true)), message: user)?.kind == .note)
        for text in ["Called the Read tool with the following input: {}", "<path>/a</path>", "Image read successfully"] {
            #expect(transcriptItem(of: part(.text(text, synthetic: true)), message: user) == nil)
            #expect(transcriptItem(of: part(.text(text, synthetic: false)), message: user)?.text == text)
        }
        #expect(transcriptItem(of: part(.reasoning("hm")), message: writing)?.kind == .thinking)
        #expect(transcriptItem(of: part(.file(name: "a.png")), message: user)?.text == "attached a.png")
        #expect(transcriptItem(of: part(.stepFinished(cost: 1, tokens: Tokens())), message: writing) == nil)
        #expect(transcriptItem(of: part(.other(type: "snapshot")), message: writing) == nil)
    }

    @Test func textIsOpenUntilItOrItsMessageEnds() {
        let open = part(.text("", synthetic: false), started: 30)
        #expect(transcriptItem(of: open, message: writing)?.isOpen == true)
        #expect(transcriptItem(of: open, message: writing)?.at == Timestamp(milliseconds: 30))
        #expect(transcriptItem(of: part(.text("x", synthetic: false), started: 30, ended: 40), message: writing)?.isOpen == false)
        #expect(transcriptItem(of: part(.text("x", synthetic: false), started: 30), message: over())?.isOpen == false)
        #expect(transcriptItem(of: open, message: over()) == nil)
        #expect(transcriptItem(of: part(.text("hi", synthetic: false)), message: user)?.isOpen == false)
    }

    @Test(arguments: [ToolUse.State.pending, .running, .completed, .failed]) func aToolIsOpenWhileItRuns(state: ToolUse.State) {
        let item = transcriptItem(of: part(.tool(ToolUse(name: "bash", callID: "c", state: state), output: "out")), message: writing, depth: 2)
        #expect(item?.isOpen == (state == .pending || state == .running))
        #expect(item?.depth == 2)
        #expect(item?.at == Timestamp(milliseconds: 20))
        #expect(item?.text == "out")
    }

    @Test func anErrorComesLastAndHasTheMessagesName() {
        let failed = over(TurnError(name: "APIError", message: "no credit"))
        let items = transcriptItems(of: [MessageRecord(info: failed, parts: [part(.text("so", synthetic: false), started: 1, ended: 2)])])
        #expect(items.map(\.kind) == [.text, .error])
        #expect(items.last?.id == "msg_2")
        #expect(items.last?.text == "no credit")
        #expect(items.last?.at == Timestamp(milliseconds: 99))
        #expect(transcriptItem(ending: over(TurnError(name: "MessageAbortedError", message: "Aborted")))?.text == "stopped")
        #expect(transcriptItem(ending: over()) == nil)
    }
}
