public import JSON

/// What is known about one method; decoding, the published description and the access check read it.
public struct MethodDescription: Hashable, Sendable {
    /// Who may call a method.
    public enum Role: String, Hashable, Sendable {
        /// Everybody who can open the socket.
        case any
        /// Administrators only.
        case admin
    }

    /// The method.
    public var method: ControlMethod
    /// One sentence for people.
    public var summary: String
    /// Its parameters in the order of the published table.
    public var parameters: [ParameterDescription]
    /// The shape of its result.
    public var result: JSONSchema
    /// The errors that it may answer with besides those of every method.
    public var errors: [RPCErrorKind]
    /// Parameters and result of one call.
    public var example: (parameters: JSONValue, result: JSONValue) {
        (exampleParameters, exampleResult)
    }
    private var exampleParameters: JSONValue
    private var exampleResult: JSONValue
    /// Who may call it.
    public var role: Role
    /// Whether it may lead to a charge.
    public var costsMoney: Bool
    /// Whether the same call twice has the effect of one.
    public var isIdempotent: Bool
    /// Whether the call is given up when its connection closes; calls that change something go on.
    public var endsWithConnection: Bool

    /// Describes a method.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - summary: One sentence for people.
    ///   - parameters: Its parameters.
    ///   - result: The shape of its result.
    ///   - errors: The errors that it may answer with besides those of every method.
    ///   - example: Parameters and result of one call.
    ///   - role: Who may call it.
    ///   - costsMoney: Whether it may lead to a charge.
    ///   - isIdempotent: Whether the same call twice has the effect of one.
    ///   - endsWithConnection: Whether the call is given up when its connection closes.
    public init(
        _ method: ControlMethod,
        _ summary: String,
        parameters: [ParameterDescription] = [],
        result: JSONSchema,
        errors: [RPCErrorKind] = [],
        example: (parameters: JSONValue, result: JSONValue),
        role: Role = .any,
        costsMoney: Bool = false,
        isIdempotent: Bool = true,
        endsWithConnection: Bool = false
    ) {
        self.method = method
        self.summary = summary
        self.parameters = parameters
        self.result = result
        self.errors = errors
        exampleParameters = example.parameters
        exampleResult = example.result
        self.role = role
        self.costsMoney = costsMoney
        self.isIdempotent = isIdempotent
        self.endsWithConnection = endsWithConnection
    }

    /// The method's name.
    public var name: String {
        method.rawValue
    }

    /// Every method, in the order of ``ControlMethod``.
    public static let table: [MethodDescription] = {
        let all = daemonMethods + jobMethods + runMethods + eventMethods + catalogueMethods
        let byMethod = Dictionary(uniqueKeysWithValues: all.map { ($0.method, $0) })
        return ControlMethod.allCases.map { method in
            guard let description = byMethod[method] else {
                preconditionFailure("\(method.rawValue) is not described")
            }
            return description
        }
    }()
}
