import JSON

/// Sends many calls over one connection, a few dozen of them in flight.
struct Pipeline {
    let connection: RawConnection

    init(_ socket: String) throws {
        connection = try RawConnection(socket)
    }

    /// Calls a method once for each of several parameters.
    ///
    /// - Returns: The results in the order of the parameters.
    func call(_ method: String, _ params: [JSONValue]) throws -> [JSONValue] {
        var results = [JSONValue](repeating: .null, count: params.count)
        var sent = 0
        var answered = 0
        while answered < params.count {
            while sent < params.count, sent - answered < 48 {
                try connection.send(requestLine(method, id: sent, params[sent].text) + "\n")
                sent += 1
            }
            let answer = try connection.value()
            guard let id = answer["id"]?.intValue, let result = answer["result"] else {
                throw EndToEndError("\(method): \(answer.text)")
            }
            results[id] = result
            answered += 1
        }
        return results
    }

    /// Submits jobs that wait, if the daemon is drained.
    ///
    /// - Returns: Their ids.
    func submit(_ count: Int, prompt: String, label: String? = nil) throws -> [JSONValue] {
        var params = JSONObject()
        params["request"] = ["model": "kling-video", "prompt": .string(prompt)]
        params["label"] = label.map { .string($0) }
        let submissions = [JSONValue](repeating: .object(params), count: count)
        return try call("jobs.submit", submissions).map { $0["job"]?["id"] ?? .null }
    }

    /// Cancels jobs and removes them: two events each.
    func clear(_ ids: [JSONValue]) throws {
        _ = try call("jobs.cancel", ids.map { ["id": $0] })
        _ = try call("jobs.remove", ids.map { ["id": $0] })
    }
}
