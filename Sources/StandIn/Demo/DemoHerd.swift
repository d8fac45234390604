/// One agent of the demo.
package struct DemoAgent: Equatable, Sendable {
    /// The name of its project in `DemoHerd.projects`.
    package let project: String
    package let title: String
    /// Whether the demo sends the prompt again some time after the turn ended, so that something always moves.
    package let loops: Bool
    private let script: String

    init(_ project: String, _ title: String, loops: Bool = false, _ script: DemoScript) {
        self.project = project
        self.title = title
        self.loops = loops
        self.script = script.text
    }

    /// The first prompt, for a project that lies in that directory.
    package func prompt(in directory: String) -> String {
        script.split(separator: DemoScript.directory, omittingEmptySubsequences: false).joined(separator: directory)
    }
}

/// One project of the demo: files to lay out (and to commit) before its server starts.
package struct DemoProject: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        package let path: String
        package let content: String
    }

    package let name: String
    package let files: [File]

    init(_ name: String, _ files: [(String, String)]) {
        self.name = name
        self.files = files.map { File(path: $0.0, content: $0.1) }
    }
}

/// A lively herd for `drover demo`: what agents really do, at human pace, without network and without a model.
///
/// Each project gets a `fake-opencode serve` in its directory (FAKE_OPENCODE_WRITE=1 makes its edits real); each agent is a
/// session with its title and the prompt. Among them: working ones, one that asks to run something, one with a question, one
/// with a sub-agent, one that failed, one whose provider says "rate limit", one that went quiet, two that are done.
package enum DemoHerd {
    package static let agents: [DemoAgent] = [
        oauth, dependencies, database, rateLimit, flaky, search, typos, darkMode, arm64, certificates,
    ]

    package static let projects: [DemoProject] = [
        DemoProject(
            "api",
            [
                (
                    "package.json",
                    "{\n  \"name\": \"api\",\n  \"version\": \"2.3.0\",\n  \"dependencies\": {\n    \"express\": \"4.18.0\",\n    \"pg\": \"8.11.0\"\n  }\n}\n"
                ),
                ("src/server.ts", serverSource), ("src/auth/middleware.ts", middlewareSource),
                ("src/db/pool.ts", "import { Pool } from \"pg\";\n\nexport const pool = new Pool({ max: 10 });\n"),
            ]),
        DemoProject(
            "web",
            [
                ("README.md", "# Web\n\nThe shop's frontent. Recieve orders, show there status.\n"),
                (
                    "src/search.ts",
                    "export function search(items: string[], query: string) {\n  return items.filter((item) => item.toLowerCase().includes(query.toLowerCase()));\n}\n"
                ),
                ("src/theme.ts", "export const theme = { background: \"#ffffff\", text: \"#111111\" };\n"),
                (
                    "tests/checkout.test.ts",
                    "test(\"pays once\", async () => {\n  await pay();\n  await sleep(200);\n  expect(await payments()).toHaveLength(1);\n});\n"
                ),
            ]),
        DemoProject(
            "infra",
            [
                ("Makefile", "ARCH ?= amd64\n\nimage:\n\tdocker build --platform linux/amd64 -t app:$(ARCH) .\n"),
                ("Dockerfile", "FROM debian:12\nCOPY app /usr/bin/app\nENTRYPOINT [\"app\"]\n"),
                ("certificates/renew.sh", "#!/bin/sh\nset -e\nopenssl x509 -in current.pem -noout -enddate\n"),
            ]),
    ]

    private static let serverSource = """
        import express from "express";
        import { requireUser } from "./auth/middleware";

        const app = express();
        app.get("/health", (_, answer) => answer.json({ ok: true }));
        app.get("/orders", requireUser, listOrders);
        app.listen(8080);

        """

    private static let middlewareSource = """
        import { NextFunction, Request, Response } from "express";

        export function requireUser(request: Request, answer: Response, next: NextFunction) {
          if (!request.headers.authorization) return answer.status(401).end();
          next();
        }

        """
}
