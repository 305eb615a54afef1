import ControlClient
import JSON

/// Finds jobs by their whole or shortened id.
struct JobFinder {
    let session: Session

    /// Finds the one job that is meant.
    ///
    /// - Parameter text: An id, or the start or the end of one.
    /// - Returns: The whole id.
    /// - Throws: `CommandFailure` when it fits none or several; `ControlClientError`.
    func id(_ text: String) throws -> String {
        do throws(ControlClientError) {
            let result = try session.call("jobs.get", JSONObject(["id": .string(text)]))
            return result["job"]?["id"]?.stringValue ?? text
        } catch {
            guard error.reply?.kind == "job.not_found" else { throw error }
            return try shortened(text)
        }
    }

    private func shortened(_ text: String) throws -> String {
        let wanted = text.lowercased()
        var found: [String] = []
        var cursor: JSONValue?
        repeat {
            let page = try session.call("jobs.list", JSONObject(["limit": 1000, "cursor": cursor]))
            for job in page["jobs"]?.arrayValue ?? [] {
                guard let id = job["id"]?.stringValue else { continue }
                if id.hasPrefix(wanted) || id.hasSuffix(wanted) {
                    found.append(id)
                }
            }
            cursor = page["next_cursor"].flatMap { $0.isNull ? nil : $0 }
        } while cursor != nil
        guard let only = found.first else {
            throw CommandFailure(
                .refused,
                "There is no job '\(text)' that you may see.",
                hint: "List your jobs with: \(session.console.program) list --all"
            )
        }
        guard found.count == 1 else {
            let some = found.prefix(5).joined(separator: ", ")
            let rest = found.count > 5 ? " and \(found.count - 5) more" : ""
            throw CommandFailure(.usage, "'\(text)' could be \(some)\(rest).", hint: "Give more of the id.")
        }
        return only
    }

    /// Does something for each of several jobs; what goes wrong with one does not keep it from the others.
    ///
    /// - Parameters:
    ///   - texts: Whole or shortened ids.
    ///   - work: Gets a whole id.
    /// - Returns: The worst end.
    /// - Throws: `ControlClientError` when the connection is unusable.
    func forEach(_ texts: [String], _ work: (String) throws -> CommandStatus) throws -> CommandStatus {
        var statuses: [CommandStatus] = []
        for text in texts {
            let subject = texts.count > 1 ? text : nil
            do {
                statuses.append(try work(id(text)))
            } catch let failure as CommandFailure {
                statuses.append(session.report(failure, about: subject))
            } catch let error as ControlClientError where error.code == .remote {
                statuses.append(session.report(error, about: subject))
            }
        }
        return CommandStatus.worst(of: statuses)
    }
}
