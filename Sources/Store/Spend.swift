/// Money and tokens.
package struct StoredSpend: Equatable, Sendable {
    /// In the currency of the server's prices (US dollars).
    package var cost: Double
    /// Tokens.
    package var input: Int64
    package var output: Int64
    package var reasoning: Int64
    package var cacheRead: Int64
    package var cacheWrite: Int64

    package init(cost: Double = 0, input: Int64 = 0, output: Int64 = 0, reasoning: Int64 = 0, cacheRead: Int64 = 0, cacheWrite: Int64 = 0) {
        self.cost = cost
        self.input = input
        self.output = output
        self.reasoning = reasoning
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
    }
}

/// What an agent spent on a model on a day.
package struct SpendRow: Equatable, Sendable {
    /// Local date, "2025-11-21".
    package var day: String
    package var agent: String
    package var project: String
    package var model: String
    package var spend: StoredSpend

    package init(day: String, agent: String, project: String, model: String, spend: StoredSpend) {
        self.day = day
        self.agent = agent
        self.project = project
        self.model = model
        self.spend = spend
    }
}

extension Store {
    /// Adds to what is there.
    package func addSpend(_ row: SpendRow) throws(StoreError) {
        try database.transaction(durable: false) { () throws(StoreError) in try writeSpend(row, adding: true) }
    }

    /// Puts in place of what is there: for totals that were read back from a server, which adding would count twice.
    package func setSpend(_ row: SpendRow) throws(StoreError) {
        try database.transaction(durable: false) { () throws(StoreError) in try writeSpend(row, adding: false) }
    }

    /// Inside a transaction of the caller.
    func writeSpend(_ row: SpendRow, adding: Bool) throws(StoreError) {
        let change =
            adding
            ? """
            cost=cost+excluded.cost, input=input+excluded.input, output=output+excluded.output, \
            reasoning=reasoning+excluded.reasoning, cache_read=cache_read+excluded.cache_read, cache_write=cache_write+excluded.cache_write
            """
            : """
            cost=excluded.cost, input=excluded.input, output=excluded.output, reasoning=excluded.reasoning, \
            cache_read=excluded.cache_read, cache_write=excluded.cache_write
            """
        let spend = row.spend
        try database.run(
            "INSERT INTO spend VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET project=excluded.project, " + change,
            .text(row.day), .text(row.agent), .text(row.project), .text(row.model), .real(spend.cost.isFinite ? spend.cost : 0),
            .int(spend.input), .int(spend.output), .int(spend.reasoning), .int(spend.cacheRead), .int(spend.cacheWrite))
    }

    /// All rows of the days from `first` to `last`, both included.
    package func spend(from first: String, to last: String) throws(StoreError) -> [SpendRow] {
        try database.rows("SELECT * FROM spend WHERE day BETWEEN ? AND ? ORDER BY day, agent, model", .text(first), .text(last)) { row in
            SpendRow(
                day: row.text(0), agent: row.text(1), project: row.text(2), model: row.text(3),
                spend: StoredSpend(
                    cost: row.real(4), input: row.int(5), output: row.int(6), reasoning: row.int(7), cacheRead: row.int(8),
                    cacheWrite: row.int(9)))
        }
    }

    /// The rows of one day; who wants sums adds them up by what is asked for.
    package func totals(day: String) throws(StoreError) -> [SpendRow] { try spend(from: day, to: day) }
}
