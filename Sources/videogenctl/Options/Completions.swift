import ControlClient
import JSON

/// What the shell offers for ids and models, asked of the daemon while the user waits.
enum Completions {
    private static let patience = Duration.seconds(1)

    /// Ids of the newest jobs.
    @Sendable static func jobs(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
        ask("jobs.list", JSONObject(["limit": 200]), words: words)?["jobs"]?.arrayValue?
            .compactMap { $0["id"]?.stringValue } ?? []
    }

    /// Ids of models.
    @Sendable static func models(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
        ask("models.list", JSONObject(), words: words)?["models"]?.arrayValue?
            .compactMap { $0["id"]?.stringValue } ?? []
    }

    private static func ask(_ method: String, _ params: JSONObject, words: [String]) -> JSONValue? {
        func value(_ names: String...) -> String? {
            words.firstIndex(where: names.contains).flatMap {
                words.indices.contains($0 + 1) ? words[$0 + 1] : nil
            }
        }
        let environment = Session.environment
        var address = DaemonAddress.socket(
            SocketPath.find(option: value("--socket"), environment: environment)
        )
        if let host = value("-H", "--host"), !host.hasPrefix("-") {
            let ssh = CommonOptions.ssh(environment)
            address = .host(RemoteHost(host, program: ssh, socket: value("--socket"), mayAsk: false))
        }
        do throws(ControlClientError) {
            return try ControlClient(connectingTo: address).call(method, params, timeout: patience)
        } catch {
            // A shell that asks for words has no use for errors.
            return nil
        }
    }
}
