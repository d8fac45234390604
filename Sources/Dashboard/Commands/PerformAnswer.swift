import Domain
import Query
import Screen

extension Dashboard {
    mutating func performAnswer(_ intent: Intent, _ now: Now) -> [DashboardEffect] {
        if case .openAgent = intent { return openAsker(now) }
        if case .markAlike = intent { markAlike(now); return [] }
        guard let request = currentRequest else {
            if ui.selected == nil, !listing.queue.isEmpty { ui.queue = QueueView() }
            return []
        }
        // In one column the list does not show what is asked: first look, then answer.
        if ui.queue == nil, Layout(ui.size, ui).detail.isEmpty {
            ui.focus = .detail
            ui.tab = .activity
            return []
        }
        // A card that came by itself a moment ago must not take a key that was meant for what stood there before.
        if let since = ui.watch.cardSince, (now.instant - since).milliseconds < 300 {
            say(.warning, "this request just appeared", remedy: "look at it, then press again", now)
            ui.watch.cardSince = nil
            return []
        }
        switch intent {
        case .answer(let reply): return answer(request, reply, now)
        case .reject: ui.dialogs.append(.text(TextDialog(.rejection(request.id), TextEditor(multiline: true))))
        case .ownWords: ui.dialogs.append(.text(TextDialog(.ownWords(request.id), TextEditor(multiline: true))))
        case .option(let index): return choose(index, of: request, now)
        case .submit:
            guard let question = currentQuestion?.question else { break }
            let chosen = ui.answering[request.id]?.chosen.sorted() ?? []
            if chosen.isEmpty {
                say(.info, "nothing is chosen yet", remedy: "1–9 choose", now)
            } else {
                return answered(request, chosen.compactMap { question.options.indices.contains($0) ? question.options[$0].label : nil }, now)
            }
        default: break
        }
        return []
    }

    private mutating func answer(_ request: Request, _ reply: Intent.Reply, _ now: Now) -> [DashboardEffect] {
        let answer: Answer =
            switch reply {
            case .once: .once
            case .always: .always
            case .no: .reject(message: nil)
            }
        let marked = (ui.queue?.marks ?? []).subtracting([request.id])
        if marked.isEmpty { return [send(answer, to: request)] }
        // Many at once: list what is answered before it is.
        let ids = listing.queue.filter { (ui.queue?.marks ?? []).contains($0) }
        let requests = ids.compactMap { model.herd.requests[$0] }.filter { self.answer(of: $0.id) == nil && canTake(answer, $0) }
        let verb =
            switch reply {
            case .once: "allow once";
            case .always: "allow for good";
            case .no: "refuse"
            }
        ui.dialogs.append(
            .confirm(
                ConfirmDialog(
                    title: verb.prefix(1).uppercased() + verb.dropFirst() + ": " + counted(requests.count, "request"),
                    subjects: requests.map { $0.title.firstLine + "  " + asker(of: $0) },
                    consequences: (requests.count < ids.count ? ["\(ids.count - requests.count) of the marked cannot be answered so"] : [])
                        + ["\(key("queue.takeBack")) takes them back for five seconds, or until you leave the queue"], verb: verb,
                    isDangerous: false, orders: requests.map { .answer($0.id, answer) }, words: "")))
        return []
    }

    private func canTake(_ answer: Answer, _ request: Request) -> Bool {
        switch (answer, request.kind) {
        case (.once, .question), (.always, .question): false
        case (.always, .permission(let permission)): !permission.always.isEmpty
        case (.once, .permission), (.reject, _), (.choices, _): true
        }
    }

    private func asker(of request: Request) -> String { request.agent.flatMap { model.herd.agents[$0]?.title } ?? "" }

    /// The answer goes out; in the queue the next request comes forward.
    mutating func send(_ answer: Answer, to request: Request) -> DashboardEffect {
        let effect = order(.answer(request.id, answer))
        ui.answering[request.id] = nil
        guard let queue = ui.queue else { return effect }
        ui.queue?.marks.remove(request.id)
        let left = listing.queue.filter { self.answer(of: $0) == nil }
        ui.queue?.selected = left.first { id in (listing.queue.firstIndex(of: id) ?? 0) > queue.selectedRow } ?? left.last ?? request.id
        return effect
    }

    // MARK: Answers that were given together

    /// How long they can be taken back.
    static let holding = TimeSpan.seconds(5)

    /// The answer that a request has from here, sent or not.
    func answer(of request: RequestID) -> Answer? {
        for case .answer(request, let answer) in ui.held?.orders ?? [] { return answer }
        return model.answer(of: request)
    }

    mutating func hold(_ orders: [ClientOrder], _ now: Now) -> [DashboardEffect] {
        let before = sendHeld()
        ui.held = HeldAnswers(orders: orders, until: now.instant + Self.holding)
        if let left = listing.queue.first(where: { answer(of: $0) == nil }) { ui.queue?.selected = left }
        return before
    }

    mutating func sendHeld() -> [DashboardEffect] {
        guard let held = ui.held else { return [] }
        ui.held = nil
        // What somebody else answered meanwhile, or its agent took back, is not there any more.
        return held.orders.compactMap { held in
            if case .answer(let request, _) = held, model.herd.requests[request] == nil { return nil }
            return order(held)
        }
    }

    mutating func takeBack(_ now: Now) {
        guard let held = ui.held else { return }
        ui.held = nil
        if case .answer(let first, _)? = held.orders.first { ui.queue?.selected = first }
        say(.info, counted(held.orders.count, "answer") + " taken back: nothing was sent", now)
    }

    private mutating func choose(_ index: Int, of request: Request, _ now: Now) -> [DashboardEffect] {
        guard let question = currentQuestion?.question else { return [] }
        guard question.options.indices.contains(index) else {
            say(.info, "there is no option \(index + 1)", now)
            return []
        }
        guard question.multiple else { return answered(request, [question.options[index].label], now) }
        var draft = ui.answering[request.id] ?? QuestionDraft()
        draft.chosen.formSymmetricDifference([index])
        ui.answering[request.id] = draft
        return []
    }

    /// The present question is answered: on to the next one, or out with all of them.
    mutating func answered(_ request: Request, _ labels: [String], _ now: Now) -> [DashboardEffect] {
        guard case .question(let questions) = request.kind else { return [] }
        var draft = ui.answering[request.id] ?? QuestionDraft()
        draft.answers.append(labels)
        draft.index += 1
        draft.chosen = []
        if draft.answers.count < questions.count {
            ui.answering[request.id] = draft
            return []
        }
        return [send(.choices(draft.answers), to: request)]
    }

    private mutating func openAsker(_ now: Now) -> [DashboardEffect] {
        guard let agent = currentRequest?.agent, model.herd.agents[agent] != nil else {
            say(.info, "no agent is known for this request", now)
            return []
        }
        ui.queue = nil
        if !listing.rows.contains(agent) {
            clearFilter()
            ui.scope = .all
        }
        select(agent)
        ui.focus = .detail
        ui.tab = .activity
        return []
    }

    /// Marks every permission of the same kind whose command or file begins with the same word; pressed again, none.
    private mutating func markAlike(_ now: Now) {
        guard let request = currentRequest, case .permission = request.kind else { return say(.info, "only permissions can be answered together", now) }
        let alike = Set(listing.queue.filter { model.herd.requests[$0].map { kin($0) == kin(request) } ?? false })
        let marked = ui.queue?.marks
        ui.queue?.marks = marked == alike ? [] : alike
    }

    private func kin(_ request: Request) -> String {
        guard case .permission(let permission) = request.kind else { return request.id.raw }
        if permission.name != "bash" { return permission.name }
        return permission.detail.firstLine.split(separator: " ").prefix(2).joined(separator: " ")
    }
}
