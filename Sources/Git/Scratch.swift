import Glibc

/// A repository of its own for a moment: its attributes say that bytes are bytes (no line ends converted, no filters, no
/// keywords), its objects are the real repository's, and its index is a temporary file. So a work tree can be read and
/// written exactly, and the person's index and configuration are never touched.
struct Scratch {
    let directory: String
    let workTree: String
    private let objects: String

    /// - Parameter workTree: may lack a `.git` of its own.
    static func make(in temporary: String, workTree: String, objects: String, objectFormat: String) throws(GitError) -> Scratch {
        var template = Array((temporary + "/drover-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw trouble("make a directory in", temporary) }
        let scratch = Scratch(directory: String(cString: made), workTree: workTree, objects: objects)
        do {
            for name in ["refs", "objects", "info"] { try scratch.makeDirectory(name) }
            try scratch.write("HEAD", "ref: refs/heads/none\n")
            try scratch.write("info/attributes", "* -text -ident -filter !eol !working-tree-encoding\n")
            try scratch.write("config", configuration(objectFormat))
        } catch {
            scratch.remove()
            throw error
        }
        return scratch
    }

    /// Protection against names that Windows or macOS would mix up is off: what is there shall come back.
    private static func configuration(_ objectFormat: String) -> String {
        """
        [core]
        \trepositoryformatversion = \(objectFormat == "sha1" ? 0 : 1)
        \tautocrlf = false
        \tfileMode = true
        \tsymlinks = true
        \tignoreCase = false
        \tprotectNTFS = false
        \tprotectHFS = false
        \tsparseCheckout = false

        """ + (objectFormat == "sha1" ? "" : "[extensions]\n\tobjectFormat = \(objectFormat)\n")
    }

    /// The environment of commands that work here, on the named index (a file in the scratch directory).
    func environment(index: String) -> [String] {
        ["GIT_DIR=\(directory)", "GIT_WORK_TREE=\(workTree)", "GIT_OBJECT_DIRECTORY=\(objects)", "GIT_INDEX_FILE=\(path(index))"]
    }

    func path(_ name: String) -> String { directory + "/" + name }

    /// Best effort: what stays is a small directory in the temporary directory.
    func remove() {
        for folder in ["refs", "objects", "info", ""] {
            let path = directory + "/" + folder
            guard let listing = opendir(path) else { continue }
            while let entry = readdir(listing) {
                let name = withUnsafePointer(to: entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
                if name != "." && name != ".." { unlink(path + "/" + name) }
            }
            closedir(listing)
            rmdir(path)
        }
    }

    private func makeDirectory(_ name: String) throws(GitError) {
        guard mkdir(path(name), 0o700) == 0 else { throw Self.trouble("make", path(name)) }
    }

    private func write(_ name: String, _ text: String) throws(GitError) { try RawFile.write(Array(text.utf8), to: path(name)) }

    private static func trouble(_ what: String, _ path: String) -> GitError { RawFile.trouble(what, path) }
}

/// Small files, whole.
enum RawFile {
    static func write(_ bytes: [UInt8], to path: String) throws(GitError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw trouble("write", path) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw trouble("write", path) }
            done += count
        }
    }

    /// nil when there is no such file.
    static func read(_ path: String) throws(GitError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw trouble("read", path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw trouble("read", path) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    static func trouble(_ what: String, _ path: String) -> GitError {
        switch errno {
        case ENOSPC, EDQUOT: .diskFull(path)
        case EACCES, EPERM, EROFS: .notWritable(path)
        case let code: .system(what: what, path: path, code: code, detail: String(cString: strerror(code)))
        }
    }
}
