import Domain
import Places
import Sys
import Testing

/// What the names are that a prompt mentions.
@Suite struct FileFactsTests {
    private let root: String

    init() throws {
        root = try Files.realPath(Files.makeTemporaryDirectory("/tmp/drover-facts-"))
        try Files.makeDirectories(root + "/src")
        for (name, bytes) in [
            ("src/a b.txt", Array("x".utf8)), ("shot.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]), ("lie.png", Array("no".utf8)),
            ("empty.jpg", []), ("photo.JPG", [0xFF, 0xD8, 0xFF, 0xE0]),
        ] as [(String, [UInt8])] {
            try Files.writeAtomically(root + "/" + name, bytes)
        }
    }

    private func facts(_ names: String...) -> [FileFact] {
        defer { try? Files.removeTree(root) }
        return FileFacts.read(names, in: root, home: root + "/src")
    }

    @Test func filesAndDirectoriesAreTold() {
        let found = facts("src/a b.txt", "src/", "nothing", "~/a b.txt", root + "/shot.png", "photo.JPG", "", "a\0b")
        #expect(found.map(\.name) == ["src/a b.txt", "src/", "~/a b.txt", root + "/shot.png", "photo.JPG"])
        #expect(found.map(\.kind) == [.file, .directory, .file, .image, .image])
        #expect(found.map(\.mime) == ["text/plain", "application/x-directory", "text/plain", "image/png", "image/jpeg"])
        #expect(found.map(\.path) == ["/src/a b.txt", "/src", "/src/a b.txt", "/shot.png", "/photo.JPG"].map { root + $0 })
        #expect(found.allSatisfy { $0.trouble == nil })
    }

    @Test func whatCannotBeSentSaysWhy() {
        let found = facts("lie.png", "empty.jpg", "/dev/null")
        #expect(
            found.map(\.trouble) == [
                "lie.png has the name of an image, but it is no PNG, JPEG, GIF or WebP", "empty.jpg is empty",
                "/dev/null is no file whose content could be sent",
            ])
    }

    @Test func whatIsTooLargeOrClosedSaysWhy() throws {
        try Files.writeAtomically(root + "/big.png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 0, count: 11 << 20))
        #expect(facts("big.png").map(\.trouble) == ["big.png is 11 MB large; an image may have 10 MB"])
    }

    @Test func aDirectoryWithoutGitIsWalked() throws {
        try Files.makeDirectories(root + "/.hidden/x")
        try Files.makeDirectories(root + "/node_modules")
        try Files.writeAtomically(root + "/.hidden/no", [1])
        try Files.writeAtomically(root + "/node_modules/no", [1])
        try Files.writeAtomically(root + "/.env", [1])
        defer { try? Files.removeTree(root) }
        #expect(
            FileWalk.files(below: root).map { String(decoding: $0, as: UTF8.self) }.sorted() == [
                ".env", "empty.jpg", "lie.png", "photo.JPG", "shot.png", "src/a b.txt",
            ])
        #expect(FileWalk.files(below: root, limit: 2).count == 2)
        #expect(FileWalk.files(below: root + "/nowhere").isEmpty)
    }
}
