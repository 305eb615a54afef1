import ArgumentParser
import CLinux
import ControlClient
import Glibc
import JSON

/// Looks at one thing after the other, and tells each as soon as it is known.
struct Examination {
    let session: Session

    var program: String { session.console.program }

    /// Looks at everything.
    ///
    /// - Parameter tell: Takes what was found.
    /// - Throws: `ControlClientError` when the connection is cut on the way.
    func run(_ tell: (Diagnosis) -> Void) throws {
        guard case .socket(let path) = session.address else { return }
        let answer = try connect(path)
        tell(ServiceUnit.diagnosis(socket: path, daemonPID: answer.info?["pid"]?.intValue))
        tell(answer.diagnosis)
        tell(clock(answer.info))
        guard let info = answer.info else { return }
        tell(permission(info))
        tell(version(info))
        let status = try session.call("daemon.status")
        try account(status).forEach(tell)
        tell(output(status["output"]))
        tell(disk(status["output"]))
        tell(journal(status["journal"]))
        tell(jobs(status))
    }

    // MARK: Reaching it

    private func connect(
        _ path: String
    ) throws(ControlClientError) -> (info: JSONValue?, diagnosis: Diagnosis) {
        do throws(ControlClientError) {
            let info = try session.call("daemon.info", timeout: .seconds(10))
            return (info, Diagnosis("socket", .ok, "\(path) answers"))
        } catch {
            guard error.code != .interrupted else { throw error }
            let failure = CommandFailure(error)
            let hint = error.code == .notPermitted ? FileAccess.advice(toRead: path) : failure.hint
            return (
                nil,
                Diagnosis("socket", .problem, failure.message, hint: hint, status: failure.status)
            )
        }
    }

    private func permission(_ info: JSONValue) -> Diagnosis {
        let user = info["you"]?["user"]?.stringValue ?? FileAccess.userName
        let isAdmin = info["you"]?["role"]?.stringValue == "admin"
        return Diagnosis(
            "permission",
            .ok,
            isAdmin
                ? "you are \(user), an administrator of the daemon"
                : "you are \(user): you submit jobs and see your own"
        )
    }

    private func version(_ info: JSONValue) -> Diagnosis {
        let theirs = info["version"]?.stringValue ?? "unknown"
        let ours = Program.configuration.version
        guard theirs != ours else { return Diagnosis("version", .ok, theirs) }
        return Diagnosis(
            "version",
            .warning,
            "the daemon is \(theirs), this program \(ours)",
            hint: "After an upgrade the daemon has to be restarted: `systemctl restart videogend`"
        )
    }

    private func clock(_ info: JSONValue?) -> Diagnosis {
        let now = SystemTime.unixMilliseconds
        let shown = TimeText.local(now)
        let mend = "Let a time service keep it, for example chrony or systemd-timesyncd"
        let started = TimeText.milliseconds(info?["started_at"]?.stringValue)
        guard now > Self.releasedAt, started.map({ $0 <= now + 1000 }) ?? true else {
            return Diagnosis("clock", .problem, "the clock is wrong: it shows \(shown)", hint: mend)
        }
        switch clinux_clock_is_synchronized() {
        case 0: return Diagnosis("clock", .warning, "\(shown), but nothing keeps it in step", hint: mend)
        case 1: return Diagnosis("clock", .ok, "\(shown), kept in step")
        default: return Diagnosis("clock", .ok, shown)
        }
    }

    /// No clock that is right shows an earlier time: 2026-01-01, in milliseconds since 1970.
    private static let releasedAt: Int64 = 1_767_225_600_000
}
