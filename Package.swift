// swift-tools-version: 6.2
import PackageDescription

// The rooms and the directions of their imports are docs/architecture.md; `make check` holds this file to them.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// A room: a library of this package only.
func room(_ name: String, _ imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: strict)
}

/// A shim of plain functions over a C library.
func shim(_ name: String, links libraries: [String] = []) -> Target {
    .target(name: name, linkerSettings: libraries.map { .linkedLibrary($0) })
}

func program(_ name: String, _ imports: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: imports, swiftSettings: strict)
}

func tests(_ name: String, _ imports: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: imports, exclude: exclude, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "drover",
    products: [
        .executable(name: "drover", targets: ["drover"]),
        .executable(name: "fake-opencode", targets: ["fake-opencode"]),
        .executable(name: "scripted-model", targets: ["scripted-model"]),
    ],
    targets: [
        // C libraries. Each that is loaded costs every command time at its start: so libcurl and md4c are opened by need (CCurl, CMarkdown), and
        // SQLite, curses and libvterm are linked as archives.
        shim("CPosix", links: ["dl"]),
        shim("CCurl", links: ["dl"]),
        shim("CMarkdown", links: ["dl"]),
        shim("CSQLite", links: [":libsqlite3.a"]),
        shim("CJSON", links: ["simdjson", "m"]),
        shim("CTerm", links: [":libncursesw.a", ":libtinfo.a"]),
        shim("CVTerm", links: [":libvterm.a"]),

        // Pure rooms: no Foundation, no Glibc, no clock, no chance.
        room("Domain"),
        room("Engine", ["Domain"]),
        room("Query", ["Domain"]),
        room("Screen"),
        room("Markdown", ["CMarkdown"]),
        room("Dashboard", ["Domain", "Query", "Screen", "Wire", "Markdown"]),

        // Rooms that know a format or own a resource.
        room("JSON", ["CJSON"]),
        room("Wire", ["Domain", "JSON"]),
        room("Sys", ["CPosix"]),
        room("Terminal", ["CTerm", "Sys", "Screen"]),
        room("VT", ["CVTerm", "Screen"]),
        room("HTTP", ["CCurl", "Sys"]),
        room("OpenCode", ["Domain", "HTTP", "JSON"]),
        room("Store", ["CSQLite", "Sys", "Domain", "JSON"]),
        room("Git", ["Sys", "Domain"]),
        room("Places", ["Domain", "Sys", "Git", "JSON"]),
        room("Config", ["Domain", "JSON", "Sys"]),
        room("Daemon", ["Domain", "Engine", "Query", "Wire", "Sys", "HTTP", "OpenCode", "Store", "Git", "Places", "Config", "JSON"]),
        room("CommandLine", ["Domain", "Query", "Wire", "Sys", "Config", "JSON", "Markdown"]),

        // Stand-ins, shipped: the demo herd and the tests run on them.
        room("StandIn", ["JSON", "Sys"]),
        room("TestKit", ["Domain", "Engine", "Sys", "JSON", "Screen", "CPosix"]),

        // The dashboard and the demo as programs: a terminal, a line to the daemon, a loop.
        room("Program", ["Domain", "CommandLine", "Dashboard", "Terminal", "VT", "Wire", "Sys", "Config", "Store", "StandIn", "Screen", "JSON"]),
        // Measures all of them, from inside and on terminals of its own.
        room("Bench", ["Domain", "Engine", "Dashboard", "Screen", "HTTP", "OpenCode", "JSON", "Sys", "TestKit"]),
        program("drover", ["Bench", "CommandLine", "Config", "Daemon", "Domain", "Program", "StandIn", "Sys"]),
        program("fake-opencode", ["StandIn"]),
        program("scripted-model", ["StandIn"]),
        // Draws on a terminal for tests and measurements of Terminal; not shipped.
        program("terminal-probe", ["Terminal", "Screen", "Sys", "TestKit"]),

        tests("DomainTests", ["Domain"]),
        tests("JSONTests", ["JSON"]),
        tests("SysTests", ["Sys"]),
        tests("ScreenTests", ["Screen", "Terminal", "TestKit", "terminal-probe"]),
        tests("VTTests", ["VT", "Screen"]),
        tests("HTTPTests", ["HTTP", "Sys", "StandIn"]),
        tests("OpenCodeTests", ["OpenCode", "Domain", "HTTP", "JSON"], resources: [.copy("Recordings")]),
        tests("EngineTests", ["Engine", "Domain", "TestKit"]),
        tests("QueryTests", ["Query", "Domain"]),
        tests("WireTests", ["Wire", "Domain", "JSON"]),
        tests("StoreTests", ["Store", "Domain", "Sys"]),
        tests("DaemonTests", ["Daemon", "Engine", "Domain", "Places", "Git", "Sys", "Config", "HTTP"]),
        tests("PlacesTests", ["Places", "Git", "Domain", "Sys"]),
        tests("ConfigTests", ["Config", "Domain", "Sys"]),
        tests("MarkdownTests", ["Markdown"]),
        tests("DashboardTests", ["Dashboard", "Domain", "Markdown", "Query", "Screen", "VT", "Wire"], exclude: ["Goldens"]),
        tests("CommandLineTests", ["CommandLine", "Domain", "Query", "Wire", "Sys", "JSON"]),
        tests("StandInTests", ["StandIn", "JSON", "HTTP", "Sys"]),
        tests("ProgramTests", ["TestKit", "JSON", "Sys", "HTTP", "OpenCode", "Domain"]),
    ],
    cLanguageStandard: .gnu17,
    cxxLanguageStandard: .gnucxx17
)
