import JSON

/// How a model wants a number of seconds written (conflict C17 of FACTS).
enum SecondsForm: Hashable, Sendable {
    /// `"5"`
    case text
    /// `"5s"`
    case suffixed
    /// `5`
    case number

    /// Reads the example that the data file gives.
    ///
    /// - Parameter example: `"5"`, `"5s"` or `5`.
    init?(example: JSONValue) {
        switch example {
        case .string("5"): self = .text
        case .string("5s"): self = .suffixed
        case .number: self = .number
        default: return nil
        }
    }

    /// The example of the data file.
    var example: JSONValue {
        switch self {
        case .text: "5"
        case .suffixed: "5s"
        case .number: 5
        }
    }

    /// A number of seconds in this form.
    ///
    /// - Parameter seconds: Whole seconds.
    /// - Returns: The value to send.
    func value(of seconds: Int) -> JSONValue {
        switch self {
        case .text: .string(String(seconds))
        case .suffixed: .string("\(seconds)s")
        case .number: .number(JSONNumber(seconds))
        }
    }

    /// Whole seconds out of any of the forms that clients write: `5`, `"5"`, `"5s"`.
    ///
    /// - Parameter value: What the client wrote.
    /// - Returns: The seconds, or `nil` when it is none of the forms.
    static func seconds(in value: JSONValue) -> Int? {
        switch value {
        case .number(let number):
            return number.intValue
        case .string(let text):
            let digits = text.hasSuffix("s") ? text.dropLast() : text[...]
            guard !digits.isEmpty, digits.utf8.count <= 9, digits.utf8.allSatisfy({ (48...57).contains($0) })
            else {
                return nil
            }
            return Int(digits)
        default:
            return nil
        }
    }
}
