import Domain
import JSON
import Wire

extension Verb {
    static let projectAdd = Verb(
        "project add", "[DIR…]", count: 0...256, "Add projects; without DIR the one you are in", options: [.json], completes: .directories, run: Projects.add)
    static let projectScan = Verb(
        "project scan", "DIR", count: 1...1, "Add every repository below a directory", options: [.json], completes: .directories, run: Projects.scan)
    static let projectList = Verb("project ls", "", "List projects", options: [.json], run: Projects.list)
    static let projectTrust = Verb(
        "project trust", "[DIR]", count: 0...1, "Let the project's set-up script run in new worktrees, as long as its content stays as it is",
        completes: .directories,
        run: Projects.trust)
    static let projectRemove = Verb(
        "project rm", "PROJECT…", count: 1...256, "Take projects from the list; their files stay as they are", completes: .projects, run: Projects.remove)
    static let placeList = Verb(
        "place ls", "[PROJECT]", count: 0...1, "List places: folders and worktrees", options: [.json], completes: .projects, run: Projects.places)
    static let placeRemove = Verb(
        "place rm", "PLACE…", count: 1...256, "Remove worktrees; `drover undo` brings them back", completes: .places, run: Projects.removePlaces)
}

enum Projects {
    static func add(_ run: Run) throws(Refusal) -> Int32 {
        var directories: [String] = []
        for path in run.arguments.positionals { directories.append(try run.world.realDirectory(Working.absolute(path, run))) }
        if directories.isEmpty { directories = [try Working.here(run)] }
        var projects: [Project] = []
        for directory in directories {
            guard case .project(let project) = try run.order(.addProject(path: directory)) else { throw SocketConnection.surprise("project.add") }
            projects.append(project)
        }
        try show(projects, nil, run)
        return ExitCode.fine
    }

    static func trust(_ run: Run) throws(Refusal) -> Int32 {
        let named = run.arguments.positionals.first
        let directory = if let named { try run.world.realDirectory(Working.absolute(named, run)) } else { try Working.here(run) }
        guard case .project(let project) = try run.order(.addProject(path: directory)), case .words(let words) = try run.order(.trust(project.id)) else {
            throw SocketConnection.surprise("trust")
        }
        try run.print(Visible.block(words))
        return ExitCode.fine
    }

    static func scan(_ run: Run) throws(Refusal) -> Int32 {
        let directory = try run.world.realDirectory(Working.absolute(run.arguments.positionals[0], run))
        guard case .projects(let projects) = try run.order(.scanProjects(path: directory)) else { throw SocketConnection.surprise("project.scan") }
        if projects.isEmpty, !run.wantsJSON { run.warn("there is no repository below \(Visible.line(directory))") }
        try show(projects, nil, run)
        return ExitCode.fine
    }

    static func list(_ run: Run) throws(Refusal) -> Int32 {
        let herd = try run.herd()
        let projects = herd.projects.values.sorted { ($0.name, $0.path) < ($1.name, $1.path) }
        if projects.isEmpty, !run.wantsJSON { run.warn("there are no projects; `drover project add` adds the one you are in") }
        try show(projects, herd, run)
        return ExitCode.fine
    }

    private static func show(_ projects: [Project], _ herd: Herd?, _ run: Run) throws(Refusal) {
        func agents(of project: Project) -> Int? { herd.map { $0.agents.values.count { $0.project == project.id && !$0.archived } } }
        if run.wantsJSON {
            return try run.printJSON { writer in
                writer.array {
                    for project in projects {
                        $0.object {
                            $0.field("id", project.id.raw)
                            $0.field("name", project.name)
                            $0.field("path", project.path)
                            $0.field("branch", project.branch)
                            $0.field("remote", project.remote)
                            $0.field("repository", project.isRepository)
                            if let count = agents(of: project) { $0.field("agents", count) }
                            $0.field("added", project.added.rfc3339)
                            $0.field("trouble", project.trouble)
                        }
                    }
                }
            }
        }
        guard !projects.isEmpty else { return }
        var table = Table([
            .init(title: "ID"), .init(title: "PROJECT", limit: 30), .init(title: "BRANCH", limit: 30), .init(title: "AGENTS", isNumber: true),
            .init(title: "PATH"),
            .init(title: "TROUBLE"),
        ])
        for project in projects {
            table.add([
                .init(project.id.raw, .bold), .init(Visible.line(project.name)), .init(Visible.line(project.branch ?? "")),
                .init(agents(of: project).map(String.init) ?? ""), .init(Visible.line(project.path)), .init(Visible.line(project.trouble ?? ""), .red),
            ])
        }
        try run.print(table)
    }

    static func remove(_ run: Run) throws(Refusal) -> Int32 {
        let herd = try run.herd()
        var projects: [Project] = []
        for name in run.arguments.positionals {
            let path = name.contains("/") || name == "." ? try? run.world.realDirectory(Working.absolute(name, run)) : nil
            projects.append(try Lookup.project(name, in: herd, realPath: path ?? (name.hasPrefix("/") ? name : nil)))
        }
        for project in projects {
            _ = try run.order(.removeProject(project.id))
            try run.print("\(project.id)  taken from the list  \(Visible.line(project.path))")
        }
        return ExitCode.fine
    }

    // MARK: Places

    static func places(_ run: Run) throws(Refusal) -> Int32 {
        let herd = try run.herd()
        var places = herd.places.values.sorted { ($0.project, $0.kind == .folder ? 0 : 1, $0.id) < ($1.project, $1.kind == .folder ? 0 : 1, $1.id) }
        if let name = run.arguments.positionals.first {
            let project = try Lookup.project(name, in: herd, realPath: try? run.world.realDirectory(Working.absolute(name, run)))
            places.removeAll { $0.project != project.id }
        }
        func agents(in place: Place) -> [AgentID] { herd.agents.values.filter { $0.place == place.id }.map(\.id).sorted() }
        if run.wantsJSON {
            try run.printJSON { writer in
                writer.array {
                    for place in places {
                        $0.object {
                            $0.field("id", place.id.raw)
                            $0.field("project", herd.projects[place.project]?.name ?? place.project.raw)
                            $0.field("projectPath", herd.projects[place.project]?.path)
                            $0.field("kind", place.kind.rawValue)
                            $0.field("directory", place.directory)
                            $0.field("branch", place.branch)
                            $0.field("base", place.base)
                            $0.field("ours", place.isOurs)
                            $0.field("agents", agents(in: place).map(\.raw))
                            $0.field("trouble", place.trouble)
                        }
                    }
                }
            }
            return ExitCode.fine
        }
        var table = Table([
            .init(title: "ID"), .init(title: "PROJECT", limit: 24), .init(title: "KIND"), .init(title: "BRANCH", limit: 36),
            .init(title: "AGENTS", isNumber: true),
            .init(title: "DIRECTORY"), .init(title: "TROUBLE"),
        ])
        for place in places {
            table.add([
                .init(place.id.raw, .bold), .init(Visible.line(herd.projects[place.project]?.name ?? "")), .init(place.kind.rawValue),
                .init(Visible.line(place.branch ?? "")), .init(String(agents(in: place).count)), .init(Visible.line(place.directory)),
                .init(Visible.line(place.trouble ?? ""), .red),
            ])
        }
        if places.isEmpty { run.warn("there are no places") } else { try run.print(table) }
        return ExitCode.fine
    }

    static func removePlaces(_ run: Run) throws(Refusal) -> Int32 {
        let herd = try run.herd()
        var places: [Place] = []
        for name in run.arguments.positionals { places.append(try Lookup.place(name, in: herd)) }
        for place in places {
            _ = try run.order(.removePlace(place.id))
            try run.print("\(place.id)  removed  \(Visible.line(place.directory))")
        }
        return ExitCode.fine
    }
}
