import ControlClient
import JSON

extension Examination {
    /// Whether the API answers, and whether it takes the key.
    func account(_ status: JSONValue) throws(ControlClientError) -> [Diagnosis] {
        let url = status["api"]?["base_url"]?.stringValue ?? "the API"
        do throws(ControlClientError) {
            let result = try session.call("account.balance")
            let balances = (result["balances"]?.arrayValue ?? []).compactMap { MoneyText.text($0) }
            let isEmpty = (result["balances"]?.arrayValue ?? []).allSatisfy {
                $0["micros"]?.intValue ?? 0 <= 0
            }
            return [
                Diagnosis("api", .ok, "\(url) answers"),
                isEmpty
                    ? Diagnosis("key", .warning, "accepted, but there is no money", hint: "Deposit some")
                    : Diagnosis("key", .ok, "accepted; the balance is \(balances.joined(separator: ", "))"),
            ]
        } catch {
            guard error.code != .interrupted else { throw error }
            let failure = CommandFailure(error)
            switch error.reply?.kind {
            case "provider.unauthorized":
                return [
                    Diagnosis("api", .ok, "\(url) answers"),
                    Diagnosis(
                        "key",
                        .problem,
                        failure.message,
                        hint: "Put a valid key where the daemon finds it (/etc/credstore/nanogpt-api-key, "
                            + "api.key_file or NANOGPT_API_KEY), then `systemctl restart videogend`"
                    ),
                ]
            default:
                return [
                    Diagnosis(
                        "api",
                        .problem,
                        failure.message,
                        hint: failure.hint ?? "Look at the network and at api.base_url, which is \(url)"
                    ),
                    Diagnosis("key", .skipped, "not known while the API does not answer"),
                ]
            }
        }
    }
}
