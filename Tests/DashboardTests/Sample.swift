import Dashboard
import Domain
import Screen

/// The herd of the pictures in the design: nine agents of three projects, in every state that matters.
enum Sample {
    /// 12:34:30 UTC.
    static let wall = Timestamp(milliseconds: 1_795_264_470_000)
    static let now = Now(instant: Instant(milliseconds: 1_000_000), wall: wall)

    static func ago(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: wall.milliseconds - seconds * 1000) }

    static let api = Project(path: "/home/ana/src/api", branch: "main", isRepository: true, added: ago(900_000))
    static let web = Project(path: "/home/ana/src/web", branch: "main", isRepository: true, added: ago(900_000))
    static let infra = Project(path: "/home/ana/src/infra", branch: "trunk", isRepository: true, added: ago(900_000))

    static func agent(
        _ id: String, _ title: String, _ status: Status, _ project: Project, _ kind: Place.Kind, seconds: Int64, in herd: inout Herd,
        _ change: (inout Agent) -> Void = { _ in }
    ) {
        let place =
            kind == .folder
            ? Place.folder(of: project)
            : Place(
                id: PlaceID(project.id.raw + "." + id), project: project.id, kind: kind,
                directory: "/home/ana/.local/share/drover/worktrees/\(project.name)/\(id)", branch: "drover/\(id)", base: "main", isOurs: true)
        herd.places[place.id] = place
        var agent = Agent(
            id: AgentID(id), project: project.id, place: place.id, session: SessionID("ses_" + id), title: title, status: status, at: ago(seconds),
            evidence: Evidence(.event, "session.status busy", at: ago(seconds), server: "opencode 1.18.33, pid 4711, 127.0.0.1:41233"))
        agent.model = "anthropic/claude-sonnet-4-5-20250929"
        agent.mode = "build"
        agent.created = ago(seconds + 600)
        change(&agent)
        if agent.digest.deeds.isEmpty { agent.digest = Digest(since: agent.created, costBefore: agent.cost) }
        herd.agents[agent.id] = agent
    }

    static let herd: Herd = {
        var herd = Herd()
        for project in [api, web, infra] { herd.projects[project.id] = project }
        for (project, memory) in [(api, 412_000_000), (web, 388_000_000), (infra, 0)] {
            var server = Server(id: project.server, project: project.id, state: memory > 0 ? .live : .down)
            server.memory = memory
            server.pid = memory > 0 ? 4711 : nil
            server.url = memory > 0 ? "http://127.0.0.1:41233" : nil
            server.version = "1.18.33"
            server.cpu = 0.03
            herd.servers[server.id] = server
        }
        agent("oauth-login", "Add OAuth login", .waiting, api, .docker, seconds: 270, in: &herd) {
            $0.requests = [RequestID("per_1")]
            $0.changes = Changes(files: 4, additions: 142, deletions: 9)
            $0.cost = 0.18
            $0.tokens = Tokens(input: 30_000, output: 5_200, cacheRead: 10_000)
            $0.contextUse = 0.31
            $0.evidence = Evidence(.event, "permission.asked bash", at: ago(270), server: "opencode 1.18.33, pid 4711, 127.0.0.1:41233")
            $0.todos = [
                Todo(content: "Add the providers", status: "completed"), Todo(content: "Verify sessions with passport", status: "in_progress"),
                Todo(content: "Write the tests", status: "pending"),
            ]
            $0.subAgents = [
                SubAgent(session: SessionID("ses_child"), parent: SessionID("ses_oauth-login"), title: "Look up passport strategies", isBusy: false)
            ]
        }
        agent("flaky-ci", "Fix flaky CI", .waiting, web, .worktree, seconds: 90, in: &herd) {
            $0.requests = [RequestID("que_1")]
            $0.cost = 0.09
        }
        agent("db-layer", "Refactor DB layer", .failed, api, .worktree, seconds: 15 * 60 + 40, in: &herd) { $0.error = "context window exceeded" }
        agent("update-deps", "Update dependencies", .running, api, .worktree, seconds: 220, in: &herd) {
            $0.activity = Activity(verb: "bash", target: "npm test")
        }
        agent("arm64", "Port build to arm64", .running, infra, .ssh, seconds: 41 * 60 + 40, in: &herd) {
            $0.activity = Activity(verb: "edit", target: "Makefile")
        }
        agent("translate", "Translate docs", .limited, web, .worktree, seconds: 9 * 60 + 40, in: &herd) {
            $0.activity = Activity(verb: "rate limit")
            $0.retryAt = Timestamp(milliseconds: wall.milliseconds + 42_000)
        }
        agent("search", "Speed up search", .moving, web, .worktree, seconds: 8, in: &herd) {
            $0.activity = Activity(verb: "moving", target: "files proven  62%")
        }
        agent("typos", "Fix typos in README", .done, web, .worktree, seconds: 23 * 60 + 40, in: &herd) {
            $0.changes = Changes(files: 2, additions: 8, deletions: 8)
            $0.unseen = true
        }
        agent("config-keys", "Rename config keys", .done, infra, .folder, seconds: 7300, in: &herd) {
            $0.changes = Changes(files: 9, additions: 61, deletions: 58)
        }
        let permission = Request.Permission(
            name: "bash", patterns: ["npm install passport passport-github2"], always: ["npm install *"], detail: "npm install passport passport-github2")
        herd.requests[RequestID("per_1")] = Request(
            id: RequestID("per_1"), session: SessionID("ses_oauth-login"), agent: AgentID("oauth-login"), kind: .permission(permission), asked: ago(270))
        let question = Request.Question(
            header: "Database", text: "Which database should the tests use?",
            options: [
                .init(label: "SQLite in memory", description: "fast, nothing to install"), .init(label: "Postgres in docker", description: "like production"),
                .init(label: "The shared staging database"),
            ], multiple: false, custom: true)
        herd.requests[RequestID("que_1")] = Request(
            id: RequestID("que_1"), session: SessionID("ses_flaky-ci"), agent: AgentID("flaky-ci"), kind: .question([question]), asked: ago(90))
        herd.today = DayTotal(
            day: "2026-11-21", cost: 4.12, tokens: Tokens(input: 1_700_000, output: 200_000), byProject: [api.id: 2.71, web.id: 1.29, infra.id: 0.12])
        return herd
    }()

    static func tool(
        _ id: String, _ name: String, _ target: String, _ result: String = "", at seconds: Int64, _ state: ToolUse.State = .completed, changes: Changes? = nil,
        output: String = "", took: Int64 = 0, diff: String? = nil, depth: Int = 0
    ) -> TranscriptItem {
        let use = ToolUse(
            name: name, callID: id, state: state, target: target, result: result, changes: changes, diff: diff, started: ago(seconds),
            ended: Timestamp(milliseconds: ago(seconds).milliseconds + took))
        return TranscriptItem(id: id, session: SessionID("ses_oauth-login"), at: ago(seconds), kind: .tool, text: output, tool: use, depth: depth)
    }

    static func said(_ id: String, _ kind: TranscriptItem.Kind, _ text: String, at seconds: Int64) -> TranscriptItem {
        TranscriptItem(id: id, session: SessionID("ses_oauth-login"), at: ago(seconds), kind: kind, text: text)
    }

    static let diff = """
        --- a/src/middleware/auth.ts
        +++ b/src/middleware/auth.ts
        @@ -12,5 +12,6 @@ import { sessions } from "./sessions"
         export const withSession = async (req, next) => {
        -  const token = req.headers.get("auth")
        +  const token = req.headers.get("authorization")
        +  if (!token?.startsWith("Bearer ")) return unauthorized()
           const session = await sessions.find(token)
           if (!session) return unauthorized()
        @@ -24,2 +25,6 @@
         }
        \u{20}
        +export const oauthMiddleware = async (req, next) => {
        +  const provider = providers[req.params.provider]
        +  if (!provider) return notFound()
        +  return provider.authorize(req)
        +}

        """

    static let transcript: [TranscriptItem] = [
        said("u1", .user, "Add OAuth login with Google and GitHub. Keep the session cookie as it is.", at: 400),
        said("k1", .thinking, "**Looking around**\nThe session middleware is where it has to go.", at: 390),
        tool("t1", "read", "src/auth/oauth.ts", "1-45", at: 288),
        tool("t2", "grep", "\"login handler\"", "3 hits", at: 285),
        tool("t3", "edit", "src/middleware/auth.ts", at: 282, changes: Changes(files: 1, additions: 24, deletions: 3), diff: diff),
        tool("t4", "bash", "npm test -- auth.test.ts", at: 278, output: "✓ 4 passed\n", took: 4200),
        said(
            "x1", .text, "I've added the Google and GitHub providers.\n\nThe middleware needs `passport` to verify the session, so I'd like to install it:",
            at: 272),
    ]

    static let changes = [
        FileChange(file: "src/auth/oauth.ts", patch: "@@ -0,0 +1,2 @@\n+export const providers = {}\n+\n", additions: 142, deletions: 0, status: "added"),
        FileChange(file: "src/middleware/auth.ts", patch: diff, additions: 24, deletions: 3, status: "modified"),
        FileChange(file: "src/routes/login.ts", patch: "@@ -0,0 +1 @@\n+export {}\n", additions: 67, deletions: 0, status: "added"),
        FileChange(file: "src/config/env.ts", patch: "@@ -1 +1 @@\n-const A = 1\n+const A = 2\n", additions: 8, deletions: 6, status: "modified"),
    ]

    /// What the herd of the pictures did in the last hour.
    static let feed: [FeedEntry] = {
        func entry(
            _ number: Int, _ seconds: Int64, _ agent: String, _ kind: FeedEntry.Kind, _ text: String, _ result: String = "", fails: Bool = false
        ) -> FeedEntry {
            let known = herd.agents[AgentID(agent)]
            return FeedEntry(
                number: number, at: ago(seconds), agent: AgentID(agent), project: known?.project ?? api.id, title: known?.title ?? "Drop the old endpoints",
                kind: kind, text: text, result: result, isFailure: fails)
        }
        return [
            entry(1, 4000, "gone", .new, "drop the endpoints that nobody calls", "worktree"), entry(2, 3900, "gone", .removed, "Drop the old endpoints"),
            entry(3, 1400, "typos", .new, "fix the typos in the handbook", "worktree"), entry(4, 1380, "typos", .edit, "docs/handbook.md", "+8 -8"),
            entry(5, 1370, "typos", .done, "All eight typos are fixed.", "+8 -8"),
            entry(6, 900, "db-layer", .command, "node --max-old-space-size=8192 bench.js", "exit 137", fails: true),
            entry(7, 899, "db-layer", .failed, "out of memory", fails: true),
            entry(8, 288, "oauth-login", .edit, "src/middleware/auth.ts", "+24 -3"), entry(9, 278, "oauth-login", .test, "npm test -- auth.test.ts"),
            entry(10, 270, "oauth-login", .request, "bash npm install passport"), entry(11, 200, "update-deps", .prompt, "and the dev dependencies, too"),
            entry(12, 60, "update-deps", .test, "npm test", "exit 1", fails: true),
        ]
    }()

    /// The same herd after a person was away for an hour.
    static let afterAnHour: Herd = {
        var away = herd
        for entry in feed where entry.number > 2 {
            away.agents[entry.agent]?.digest.since = ago(3600)
            away.agents[entry.agent]?.digest.costBefore = 0.02
            away.agents[entry.agent]?.digest.count(entry)
        }
        return away
    }()

    /// Two hundred agents on twenty projects.
    static func crowd(_ count: Int = 200) -> Herd {
        var herd = Herd()
        for number in 0..<count {
            let project = Project(path: "/home/ana/src/project\(number % 20)", branch: "main", isRepository: true, added: ago(900_000))
            herd.projects[project.id] = project
            let status = Status.allCases[number % Status.allCases.count]
            agent("agent\(number)", "Task number \(number) of many", status, project, .worktree, seconds: Int64(number * 37), in: &herd) {
                $0.activity = Activity(verb: "bash", target: "make test TARGET=\(number)")
                $0.changes = Changes(files: number % 7, additions: number, deletions: number / 2)
            }
        }
        return herd
    }
}
