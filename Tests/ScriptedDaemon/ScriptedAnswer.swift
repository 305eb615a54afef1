public import JSON

/// What a scripted daemon does when it is called.
public enum ScriptedAnswer: Sendable {
    /// Answers the call.
    case result(JSONValue)
    /// Answers an earlier call by its id.
    case resultFor(JSONValue, JSONValue)
    /// Refuses the call with this error object.
    case error(JSONValue)
    /// Sends a notification.
    case notify(String, JSONValue)
    /// Sends these bytes as they are.
    case raw(String)
    /// Cuts the connection.
    case close
    /// Does something else on the connection's thread.
    case perform(@Sendable () -> Void)

    /// An error object of the protocol.
    ///
    /// - Parameters:
    ///   - kind: The stable word.
    ///   - message: The sentence.
    ///   - code: The number.
    ///   - charged: `no`, `yes` or `unknown`.
    ///   - hint: What to do.
    /// - Returns: The answer.
    public static func refusal(
        _ kind: String,
        _ message: String = "It is refused",
        code: Int = 40,
        charged: String = "no",
        hint: String? = nil
    ) -> ScriptedAnswer {
        var data: JSONValue = ["kind": .string(kind), "retryable": false, "charged": .string(charged)]
        if let hint, case .object(var object) = data {
            object["hint"] = .string(hint)
            data = .object(object)
        }
        return .error(["code": .number(JSONNumber(code)), "message": .string(message), "data": data])
    }
}
