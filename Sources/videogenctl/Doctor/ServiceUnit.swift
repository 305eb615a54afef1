import Glibc

/// What the service manager says about the daemon.
enum ServiceUnit {
    private static let unit = "videogend.service"

    /// Looks at the unit of the daemon behind a socket.
    ///
    /// - Parameters:
    ///   - socket: The socket's path, which tells the system's daemon from a user's.
    ///   - daemonPID: The process that answers there, if one does.
    /// - Returns: What was found.
    static func diagnosis(socket: String, daemonPID: Int?) -> Diagnosis {
        guard access("/run/systemd/system", F_OK) == 0 else {
            return Diagnosis("unit", .skipped, "systemd does not run here")
        }
        let isUsers = Session.environment("XDG_RUNTIME_DIR").map { socket.hasPrefix($0 + "/") } ?? false
        let systemctl = isUsers ? ["systemctl", "--user"] : ["systemctl"]
        let answer: (status: Int32, text: String)
        do {
            answer = try ChildProcess.output(
                of: systemctl + [
                    "show", unit, "--property=LoadState,ActiveState,UnitFileState,Result,MainPID",
                ]
            )
        } catch {
            return Diagnosis("unit", .skipped, error.message)
        }
        return diagnosis(
            properties: properties(answer.text),
            command: systemctl.joined(separator: " "),
            daemonPID: daemonPID
        )
    }

    /// Says what the properties of the unit mean.
    static func diagnosis(
        properties: [String: String],
        command: String,
        daemonPID: Int?
    ) -> Diagnosis {
        let answers = daemonPID != nil
        guard properties["LoadState"] == "loaded" else {
            return answers
                ? Diagnosis("unit", .ok, "the daemon was started by hand; there is no \(unit)")
                : Diagnosis(
                    "unit",
                    .problem,
                    "there is no \(unit)",
                    hint: "Install the package, or start videogend by hand",
                    status: .unreachable
                )
        }
        switch properties["ActiveState"] {
        case "active":
            if let daemonPID, let main = properties["MainPID"].flatMap({ Int($0) }), main != daemonPID {
                return Diagnosis("unit", .ok, "the daemon that answers is not the one of \(unit)")
            }
            guard properties["UnitFileState"] == "enabled" || properties["UnitFileState"] == "indirect" else {
                return Diagnosis(
                    "unit",
                    .ok,
                    "\(unit) is active; videogend.socket starts it when it is needed"
                )
            }
            return Diagnosis("unit", .ok, "\(unit) is active and starts with the machine")
        case "failed":
            return Diagnosis(
                "unit",
                .problem,
                "\(unit) failed (\(properties["Result"] ?? "unknown"))",
                hint: "`journalctl -u videogend -n 20` says why; then `\(command) restart videogend`",
                status: .unreachable
            )
        case let state:
            return answers
                ? Diagnosis("unit", .ok, "the daemon was started by hand; \(unit) is \(state ?? "unknown")")
                : Diagnosis(
                    "unit",
                    .problem,
                    "\(unit) is \(state ?? "unknown")",
                    hint: "Start it with `\(command) enable --now videogend.socket`",
                    status: .unreachable
                )
        }
    }

    /// Reads lines of `NAME=VALUE`.
    static func properties(_ text: String) -> [String: String] {
        var properties: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            properties[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        return properties
    }
}
