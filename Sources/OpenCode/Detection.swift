package import Domain
package import HTTP
import JSON

/// Finding out which generation of OpenCode answers at an address (api.md §1). Pure: requests out, answers in.
package enum Detection {
    package enum Finding: Equatable, Sendable {
        case v1(version: String, warning: String?)
        /// It asks for a password: next with it.
        case askInfo
        /// Not V2: ask for health next.
        case askHealth
    }

    /// Before anything else, without the password: who does not ask for it is not talked to.
    package static func strangerRequest(url: String) -> HTTPRequest { request(url + "/global/health", nil) }

    /// Then this one: a V2 server answers with JSON, a V1 server with its web page.
    package static func infoRequest(url: String, password: String) -> HTTPRequest { request(url + "/api/info", password) }

    /// And this one.
    package static func healthRequest(url: String, password: String) -> HTTPRequest { request(url + "/global/health", password) }

    private static func request(_ url: String, _ password: String?) -> HTTPRequest {
        let headers = password.map { [HTTPHeader("Authorization", Words.basic(user: ServerLaunch.user, password: $0))] } ?? []
        return HTTPRequest("GET", url, headers: headers, timeoutMs: 1000, connectTimeoutMs: 1000, freshConnection: true)
    }

    package static func read(stranger response: HTTPResponse) throws(Refusal) -> Finding {
        guard response.status != 401 else { return .askInfo }
        throw Refusal(
            .refused, "the server there answers without a password: everybody on this machine could give it orders",
            remedy: "look at what opencode.command, or opencode on PATH, does with OPENCODE_SERVER_PASSWORD")
    }

    package static func read(info response: HTTPResponse) throws(Refusal) -> Finding {
        if response.status == 401 { throw wrongPassword }
        guard response.status == 200, let json = try? JSONParser().parse(response.body), let version = json.word("version"), json.whole("pid") != nil
        else { return .askHealth }
        guard case .refused(let why) = VersionVerdict(version) else {
            throw Refusal(.failed, "opencode \(version) speaks the second generation's language, which drover does not yet", remedy: VersionVerdict.remedy)
        }
        throw Refusal(.failed, why)
    }

    package static func read(health response: HTTPResponse) throws(Refusal) -> Finding {
        if response.status == 401 { throw wrongPassword }
        if ResponseFailure.isPage(response) {
            throw Refusal(
                .failed, "what answers there is a web page, not an opencode server that drover knows",
                remedy: "check the address; drover works with opencode \(VersionVerdict.range)")
        }
        guard response.status == 200 else {
            throw Refusal(.failed, "the server there answered \(response.status) when asked for its health", remedy: "look at its log")
        }
        guard let json = try? JSONParser().parse(response.body), let version = json.word("version") else {
            throw Refusal(.failed, "what answers there is not an opencode server: its health cannot be read", remedy: "check the address")
        }
        return try verdict(version)
    }

    /// Builds from source call themselves `local`; what they answered shows that they are of generation 1.
    private static func verdict(_ version: String) throws(Refusal) -> Finding {
        if version == "local" || version.hasPrefix("0.0.0") {
            return .v1(version: version, warning: "opencode \(version) is a build of somebody's own: drover was tried with \(VersionVerdict.range)")
        }
        switch VersionVerdict(version) {
        case .supported(let known): return .v1(version: known.text, warning: nil)
        case .untried(let known, let warning): return .v1(version: known.text, warning: warning)
        case .refused(let why): throw Refusal(.failed, why)
        }
    }

    private static var wrongPassword: Refusal {
        Refusal(.refused, "the server there does not accept drover's password", remedy: "it belongs to somebody else: stop it, or let drover start its own")
    }
}
