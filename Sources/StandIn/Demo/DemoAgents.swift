// What each agent of the demo does.

extension DemoHerd {
    // MARK: api

    /// Asks for permission and waits.
    static let oauth = DemoAgent(
        "api", "Add OAuth login",
        DemoScript("Add login with GitHub and Google next to the bearer token.")
            .think("Where does the server check who is calling? Probably in a middleware; the routes should not know.").read("src/server.ts").read(
                "src/auth/middleware.ts"
            )
            .grep("authorization", "src/auth/middleware.ts:\n  Line 4: if (!request.headers.authorization) return answer.status(401).end();")
            .todos([("Add the OAuth routes", "in_progress"), ("Keep bearer tokens working", "pending"), ("Test both", "pending")])
            .say("The middleware knows bearer tokens only. I add the two providers beside it and keep the old path for scripts.").usage(18_400, 420)
            .edit(
                "src/auth/middleware.ts", "  if (!request.headers.authorization)",
                "  if (request.session?.user) return next();\n  if (!request.headers.authorization)"
            )
            .write(
                "src/auth/oauth.ts",
                """
                import passport from "passport";

                export const providers = ["github", "google"] as const;

                export function startLogin(provider: (typeof providers)[number]) {
                  return passport.authenticate(provider, { scope: ["email"] });
                }

                """
            )
            .usage(21_900, 610).wait(1)
            .bash(
                "npm install passport passport-github2 passport-google-oauth20", "added 14 packages in 3s", seconds: 3, asks: true,
                about: "Install the OAuth strategies"
            )
            .bash("npm test", " PASS  src/auth/oauth.test.ts\n PASS  src/server.test.ts\n\nTests: 18 passed, 18 total\nTime:  4.2 s", seconds: 4)
            .todos([("Add the OAuth routes", "completed"), ("Keep bearer tokens working", "completed"), ("Test both", "completed")])
            .say(
                """
                # Login with GitHub and Google works

                Bearer tokens behave as before, **18 tests pass**. What is new:

                1. `src/auth/middleware.ts` looks at the session first
                2. `src/auth/oauth.ts` has both providers
                   - GitHub, with the scope `email`
                   - Google, the same

                ```ts
                app.get("/login/:provider", (request) => startLogin(request.params.provider));
                ```

                - [x] Routes
                - [x] Tests
                - [ ] Client secrets: set `GITHUB_SECRET` and `GOOGLE_SECRET`

                > Strategies are documented in the [passport docs](https://www.passportjs.org/packages/).
                """))

    /// Works without end.
    static let dependencies = DemoAgent(
        "api", "Update deps", loops: true,
        DemoScript("Bring all dependencies up to date, one at a time, with tests in between.")
            .think("First see what is out of date, then one package at a time.").read("package.json")
            .bash("npm outdated", "Package  Current  Wanted  Latest\nexpress  4.18.0   4.21.2  5.1.0\npg       8.11.0   8.16.3  8.16.3", seconds: 3, exit: 1)
            .say("Two packages are behind. I start with pg, which promises to be compatible.").usage(9_800, 180)
            .edit("package.json", "\"pg\": \"8.11.0\"", "\"pg\": \"8.16.3\"")
            .bash("npm install", "changed 3 packages in 2s", seconds: 3)
            .bash(
                "npm test",
                "\u{1B}[30;42m PASS \u{1B}[0m src/db/pool.test.ts\n\u{1B}[30;42m PASS \u{1B}[0m src/server.test.ts\n\nTests: \u{1B}[1;32m16 passed\u{1B}[0m, 16 total\nTime:  6.8 s",
                seconds: 8
            )
            .say("pg is fine. Now express: only to the newest 4, since 5 changes the router.").usage(14_100, 260)
            .edit("package.json", "\"express\": \"4.18.0\"", "\"express\": \"4.21.2\"")
            .bash("npm install && npm test", "changed 21 packages in 4s\n PASS  src/server.test.ts\n\nTests: 16 passed, 16 total\nTime:  6.5 s", seconds: 11)
            .edit("package.json", "\"pg\": \"8.16.3\"", "\"pg\": \"8.11.0\"").edit("package.json", "\"express\": \"4.21.2\"", "\"express\": \"4.18.0\"")
            .say(
                """
                Both are at their newest *compatible* versions:

                | package | was | is | newest |
                |:--------|----:|---:|-------:|
                | `pg` | 8.11.0 | **8.16.3** | 8.16.3 |
                | `express` | 4.18.0 | **4.21.2** | 5.1.0 |

                Express 5 changes how the router reads paths; I leave a note for that.
                """))

    /// Fails.
    static let database = DemoAgent(
        "api", "Refactor DB layer",
        DemoScript("Split the pool from the queries and give each query a type.")
            .think("The pool is imported everywhere. Who queries it, and with which rows?").read("src/db/pool.ts").grep(
                "pool.query", "src/orders.ts:\n  Line 12: await pool.query(\nsrc/users.ts:\n  Line 31: await pool.query("
            )
            .edit("src/db/pool.ts", "new Pool({ max: 10 })", "new Pool({ max: 20, idleTimeoutMillis: 30_000 })").usage(31_000, 900)
            .bash(
                "npx tsc --noEmit", "<--- Last few GCs --->\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", seconds: 9,
                exit: 134
            )
            .error("400 prompt is too long: 214302 tokens, the limit is 200000"))

    /// Its provider says no for a while.
    static let rateLimit = DemoAgent(
        "api", "Limit requests per user",
        DemoScript("Allow 100 requests a minute for each user.")
            .think("A window that slides is fairer than one that starts anew.").read("src/server.ts").say(
                "A sliding window per user fits. I look at what the proxy already does."
            ).usage(7_300, 140)
            .glob("**/nginx*.conf", "deploy/nginx.conf").error("429 retry-after 240 times 3 rate limit: 40,000 input tokens per minute").say("Done."))

    // MARK: web

    /// Asks which way to go.
    static let flaky = DemoAgent(
        "web", "Fix flaky CI",
        DemoScript("The checkout test fails every tenth time. Find out why and fix it.")
            .think("Every tenth time smells of shared state: two workers, one database?").read("tests/checkout.test.ts")
            .bash(
                "npx jest tests/checkout.test.ts --runInBand",
                "\u{1B}[41;97m FAIL \u{1B}[0m tests/checkout.test.ts\n  \u{1B}[31m✕\u{1B}[39m \u{1B}[2mpays once (214 ms)\u{1B}[22m\n\n    Expected length: \u{1B}[32m1\u{1B}[39m\n    Received length: \u{1B}[31m2\u{1B}[39m",
                seconds: 5, exit: 1
            )
            .say("The test waits 200 ms and hopes. Two workers share one database, so the payments of another test are counted, too.").usage(12_700, 310)
            .question(
                "Which database should each test worker use?", header: "Database",
                [
                    ("SQLite in memory", "Fastest; needs a small shim for two queries"), ("A schema per worker", "Stays on PostgreSQL; about 2 s more a run"),
                    ("One container per worker", "The most faithful; about 20 s more a run"),
                ]
            )
            .edit("tests/checkout.test.ts", "  await sleep(200);\n", "")
            .bash("npx jest --runInBand --ci", "Tests: 42 passed, 42 total", seconds: 6)
            .say("Each worker has its own database now, and nothing sleeps. 50 runs in a row passed."))

    /// Has a sub-agent that looks around; works without end.
    static let search = DemoAgent(
        "web", "Speed up search", loops: true,
        DemoScript("Typing in the search box is slow with 50,000 items. Make it instant.")
            .think("Fifty thousand items on each keystroke. Is there an index at all?").read("src/search.ts").wait(1)
            .task(
                "Measure the search", agent: "explore",
                DemoScript("Measure where the time goes.")
                    .glob("src/**/*.ts", "src/search.ts\nsrc/theme.ts\nsrc/cart.ts")
                    .bash("node bench/search.js", "50,000 items: 38.4 ms a keystroke\n  toLowerCase 31.2 ms\n  includes     6.9 ms", seconds: 6)
                    .say("Four fifths of the time is toLowerCase on items that never change.")
            )
            .say("Lower-casing once, when the list arrives, removes four fifths of the work.").usage(16_500, 380)
            .edit("src/search.ts", "export function search(items", "const lowered = new WeakMap<string[], string[]>();\n\nexport function search(items")
            .bash("node bench/search.js", "50,000 items: 6.8 ms a keystroke", seconds: 7)
            .edit("src/search.ts", "const lowered = new WeakMap<string[], string[]>();\n\n", "").say("From 38 ms to 7 ms a keystroke."))

    /// Done, with a small diff.
    static let typos = DemoAgent(
        "web", "Fix typos",
        DemoScript("Fix the typos in the README.")
            .read("README.md").edit("README.md", "frontent. Recieve orders, show there status.", "frontend. Receive orders, show their status.")
            .usage(3_100, 90).say(
                """
                ## Three typos fixed

                | was | is | where |
                |:----|:---|------:|
                | frontent | **frontend** | line 3 |
                | Recieve | **Receive** | line 3 |
                | there | **their** | line 3 |

                The rest of `README.md` reads well; I left *"the shop's"* as it is.
                """))

    /// Went quiet in mid-work.
    static let darkMode = DemoAgent(
        "web", "Dark mode",
        DemoScript("Add a dark theme that follows the system.")
            .think("Colours should be variables already; if not, that comes first.").read("src/theme.ts").say("I add a second palette and a media query.")
            .usage(5_200, 120).hang())

    // MARK: infra

    /// A long build, without end.
    static let arm64 = DemoAgent(
        "infra", "Port to arm64", loops: true,
        DemoScript("Build the image for arm64, too.")
            .think("Which base image has both platforms?").read("Makefile").read("Dockerfile")
            .edit("Makefile", "--platform linux/amd64", "--platform linux/$(ARCH)")
            .bash(
                "make image ARCH=arm64",
                "#1 [internal] load build definition\n#2 FROM debian:12\n#3 COPY app /usr/bin/app\n#4 exporting to image\n#4 writing image sha256:9f1c",
                seconds: 25
            )
            .usage(8_900, 240).say("It builds. Now a run under emulation to be sure.")
            .bash("docker run --platform linux/arm64 app:arm64 --version", "app 2.3.0 (arm64)", seconds: 15)
            .edit("Makefile", "--platform linux/$(ARCH)", "--platform linux/amd64").say("The arm64 image starts and says its version."))

    /// Done.
    static let certificates = DemoAgent(
        "infra", "Renew certificates",
        DemoScript("Warn two weeks before a certificate ends.")
            .read("certificates/renew.sh")
            .edit(
                "certificates/renew.sh", "openssl x509 -in current.pem -noout -enddate",
                "openssl x509 -in current.pem -noout -checkend 1209600 || echo \"renew: less than two weeks left\""
            )
            .bash("sh certificates/renew.sh", "Certificate will not expire", seconds: 1).usage(4_400, 150)
            .say(
                """
                The script warns when less than two weeks are left:

                ```sh
                openssl x509 -in current.pem -noout -checkend 1209600 || echo "renew: less than two weeks left"
                ```

                1. Run it from `cron`, once a day
                2. Its exit code is 0 either way, so that `set -e` does not end the rest
                """))
}
