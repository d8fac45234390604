import Glibc
import Sys
import Testing

@Suite struct Sockets {
    let scratch = Scratch()

    @Test func bytesGoBothWaysBetweenTrustedPeers() throws {
        let listener = try UnixSocket.listen(at: scratch("s"))
        #expect(try Files.facts(scratch("s")).mode == 0o600)
        let isNobody = try UnixSocket.accept(listener) == nil
        #expect(isNobody)
        let client = try UnixSocket.connect(to: scratch("s"))
        guard let server = try UnixSocket.accept(listener) else { throw SysError("accept", code: EAGAIN) }
        let peer = try UnixSocket.peer(of: server)
        #expect(peer.userID == getuid() && peer.pid == getpid())
        #expect(UnixSocket.isTrusted(client) && UnixSocket.isTrusted(server))
        var bytes: [UInt8] = []
        #expect(try server.read(appendingTo: &bytes) == .wouldBlock)
        #expect(try client.write(Array("hello".utf8), from: 1) == .bytes(4))
        #expect(try server.read(appendingTo: &bytes) == .bytes(4))
        #expect(bytes == Array("ello".utf8))
    }

    @Test func onlyAStaleSocketIsReplaced() async throws {
        var listener: Descriptor? = try UnixSocket.listen(at: scratch("s"))
        let busy = #expect(throws: SysError.self) { _ = try UnixSocket.listen(at: scratch("s")) }
        #expect(busy?.code == EADDRINUSE)
        listener = nil
        _ = consume listener
        // A child that another test starts just now holds a copy until it runs its program.
        await eventually { (try? UnixSocket.connect(to: scratch("s"))) == nil }
        let gone = #expect(throws: SysError.self) { _ = try UnixSocket.connect(to: scratch("s")) }
        #expect(gone?.isUnreachable == true)
        _ = try UnixSocket.listen(at: scratch("s"))
        try Files.writeAtomically(scratch("file"), [1])
        #expect(throws: SysError.self) { _ = try UnixSocket.listen(at: scratch("file")) }
        #expect(try Files.read(scratch("file")) == [1])
        let long = #expect(throws: SysError.self) { _ = try UnixSocket.listen(at: "/tmp/" + String(repeating: "x", count: 120)) }
        #expect(long?.code == ENAMETOOLONG)
    }

    @Test func aFullQueueIsGivenUpOn() throws {
        let listener = try UnixSocket.listen(at: scratch("s"), backlog: 0)
        func connectUntilFull() throws -> SysError? {
            var held: [Int32] = []
            defer { for number in held { close(number) } }
            for _ in 0..<64 {
                do throws(SysError) {
                    held.append(try UnixSocket.connect(to: scratch("s"), timeoutMs: 50).release())
                } catch {
                    return error
                }
            }
            return nil
        }
        #expect(try connectUntilFull()?.code == EAGAIN)
        _ = consume listener
    }

    @Test func aFreePortIsFree() throws {
        #expect(try Loopback.freePort() > 1023)
    }
}

@Suite struct Bytes {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func digestsOfTheStandard(_ text: String, _ digest: String) { #expect(SHA256.hex(text.utf8) == digest) }

    @Test func aMillionLetters() {
        #expect(
            SHA256.hex(repeatElement(UInt8(ascii: "a"), count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(arguments: [55, 56, 63, 64, 65, 119, 120]) func piecesAndWholeAgree(_ count: Int) {
        let bytes = (0..<count).map { UInt8($0) }
        for cut in 0...count {
            var hash = SHA256()
            hash.update(bytes[..<cut])
            hash.update(bytes[cut...])
            #expect(hash.finish() == SHA256.digest(bytes))
        }
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")])
    func base64(_ text: String, _ encoded: String) {
        #expect(Encoding.base64(Array(text.utf8)) == encoded)
        #expect(Encoding.base64URL(Array(text.utf8)) == encoded.filter { $0 != "=" })
        #expect(Encoding.bytes(hex: Encoding.hex(text.utf8)) == Array(text.utf8))
    }

    @Test func randomness() {
        #expect(Random.bytes(0) == [] && Random.bytes(1000).count == 1000)
        #expect(Random.token().utf8.count == 32 && Random.token() != Random.token())
        #expect(Encoding.base64URL([0xFB, 0xFF]) == "-_8")
        #expect(Encoding.bytes(hex: "0g") == nil && Encoding.bytes(hex: "abc") == nil)
    }
}
