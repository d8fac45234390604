/// Remote URLs as they may be shown and stored: people put passwords and tokens into them.
package enum RemoteURL {
    /// `https://user:token@host/x?private_token=…` → `https://host/x`; `ssh://git:pw@host/x` → `ssh://git@host/x`;
    /// `git@host:x` and paths stay as they are.
    package static func withoutCredentials(_ url: String) -> String {
        let bytes = Array(url.utf8)
        guard let schemeEnd = indexOfAuthority(bytes) else { return url }
        let scheme = bytes[..<(schemeEnd - 3)].text.lowercased()
        let authorityEnd = bytes[schemeEnd...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.endIndex
        var authority = bytes[schemeEnd..<authorityEnd]
        let isShell = scheme == "ssh" || scheme == "git+ssh" || scheme == "ssh+git"
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            let user = authority[..<at].prefix { $0 != UInt8(ascii: ":") }
            authority = isShell && !user.isEmpty ? user + [UInt8(ascii: "@")] + authority[(at + 1)...] : authority[(at + 1)...]
        }
        let path = bytes[authorityEnd...].prefix { isShell || ($0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")) }
        return (Array(bytes[..<schemeEnd]) + authority + path).text
    }

    /// The index behind `://`.
    private static func indexOfAuthority(_ bytes: [UInt8]) -> Int? {
        guard bytes.count > 3 else { return nil }
        return (0..<(bytes.count - 2)).first { bytes[$0...].starts(with: "://".utf8) }.map { $0 + 3 }
    }
}
