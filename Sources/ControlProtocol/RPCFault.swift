/// Why a line, or an element of a batch, is no request.
///
/// Small on purpose: the scanner returns it by value; the error object is made only when it is needed.
public enum RPCFault: Error, Hashable, Sendable {
    /// The line breaks the grammar of JSON at this byte.
    case syntax(offset: Int)
    /// The line is nested deeper than allowed.
    case tooDeep
    /// An empty array.
    case emptyBatch
    /// More elements than allowed.
    case batchTooLarge
    /// No object.
    case noObject
    /// `jsonrpc` is missing or not `"2.0"`.
    case version
    /// `id` is neither string nor integer nor null.
    case idType
    /// `id` is longer than allowed.
    case idTooLong
    /// `method` is missing or no string.
    case methodType
    /// `params` is neither object nor array.
    case paramsType
    /// A member of the envelope is given twice.
    case duplicateMember

    /// Makes the error object.
    ///
    /// - Parameter limits: The numbers for the message.
    /// - Returns: The error.
    public func error(limits: ProtocolLimits = .standard) -> RPCError {
        switch self {
        case .syntax(let offset):
            RPCError(.requestParse, "the line is not JSON: fault at byte \(offset)", hint: Self.lineHint)
        case .tooDeep:
            RPCError(.limitsExceeded, "the line is nested deeper than \(limits.nesting) levels")
        case .emptyBatch:
            RPCError(.requestInvalid, "an empty batch is no request", hint: Self.shapeHint)
        case .batchTooLarge:
            RPCError(
                .requestInvalid,
                "a batch may have \(limits.batchMembers) members",
                hint: "send several lines; requests on one connection overlap"
            )
        case .noObject:
            RPCError(.requestInvalid, "a request is an object", hint: Self.shapeHint)
        case .version:
            RPCError(
                .requestInvalid,
                "member 'jsonrpc' has to be \"2.0\"",
                field: "jsonrpc",
                hint: Self.shapeHint
            )
        case .idType:
            RPCError(
                .requestInvalid,
                "member 'id' has to be a string, an integer or null",
                field: "id",
                hint: "leave it out to get no answer"
            )
        case .idTooLong:
            RPCError(.limitsExceeded, "member 'id' is longer than \(limits.idBytes) bytes", field: "id")
        case .methodType:
            RPCError(
                .requestInvalid,
                "member 'method' has to be a string",
                field: "method",
                hint: Self.shapeHint
            )
        case .paramsType:
            RPCError(
                .requestInvalid,
                "member 'params' has to be an object",
                field: "params",
                hint: "parameters go by name; leave 'params' out for none"
            )
        case .duplicateMember:
            RPCError(.requestInvalid, "a member of the request is given twice", hint: Self.shapeHint)
        }
    }

    private static let lineHint = "one JSON value per line, UTF-8, ended by a line feed"
    private static let shapeHint = #"{"jsonrpc":"2.0","id":1,"method":"daemon.info"}"#
}
