import ControlClient
import JSON

/// Submits a job exactly once, whatever happens to the connection.
struct Submission {
    /// How long a restart of the daemon may take.
    static let patience = Duration.seconds(30)
    /// How often a cut connection is tried again.
    private static let maximumTries = 5

    let session: Session

    /// Submits; after a cut connection again, which the key makes safe.
    ///
    /// - Parameters:
    ///   - params: The parameters of `jobs.submit` with their `client_key`.
    ///   - key: That key, for messages.
    /// - Returns: The result.
    /// - Throws: `ControlClientError` with the daemon's refusal; `CommandFailure` when it did not answer.
    func submit(_ params: JSONObject, key: String) throws -> JSONValue {
        _ = try session.client()
        var tries = 0
        // A daemon that refuses because it stops has not accepted the job; one that was cut off may have.
        var mayBeAccepted = false
        while true {
            do throws(ControlClientError) {
                tries += 1
                return try session.call("jobs.submit", params)
            } catch let error where Self.passes(error) && tries < Self.maximumTries {
                mayBeAccepted = mayBeAccepted || error.code == .disconnected
                let refusal = error
                do throws(ControlClientError) {
                    try waitForNextStart(after: refusal)
                } catch {
                    throw mayBeAccepted ? Self.unanswered(error, key: key) : refusal
                }
            } catch {
                throw Self.unanswered(error, key: key)
            }
        }
    }

    private func waitForNextStart(after error: ControlClientError) throws(ControlClientError) {
        if error.code == .remote {
            do throws(ControlClientError) {
                // Nothing comes any more but the end of the connection.
                _ = try session.client().nextNotification(timeout: Self.patience)
            } catch let end where end.code == .disconnected {
                // It is gone.
            }
        }
        _ = try session.reconnect(patience: Self.patience)
    }

    /// Whether it may work with the next start of the daemon: the connection was cut, or the daemon is stopping.
    private static func passes(_ error: ControlClientError) -> Bool {
        error.code == .disconnected || error.reply?.kind == "daemon.draining"
    }

    /// What a submission without an answer means: perhaps it was accepted.
    private static func unanswered(_ error: ControlClientError, key: String) -> any Error {
        switch error.code {
        case .remote, .lineTooLong: error
        default:
            CommandFailure(
                error.code == .interrupted ? .interrupted : .maybePaid,
                "The daemon did not answer, so the job may have been accepted: " + error.message,
                hint: "Repeat the command with --key \(key), which submits it once at most."
            )
        }
    }
}
