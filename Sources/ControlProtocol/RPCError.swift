public import JSON

/// An error object of the control protocol.
public struct RPCError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether money may have been taken.
    public enum Charged: String, Hashable, Sendable {
        /// Certainly not.
        case no
        /// Certainly.
        case yes
        /// Nobody knows yet.
        case unknown
    }

    /// What is known about the provider's answer.
    public struct Provider: Hashable, Sendable {
        /// The HTTP status.
        public var httpStatus: Int?
        /// The `X-Request-ID`.
        public var requestID: String?

        /// Describes the provider's answer.
        ///
        /// - Parameters:
        ///   - httpStatus: The HTTP status.
        ///   - requestID: The `X-Request-ID`.
        public init(httpStatus: Int?, requestID: String?) {
            self.httpStatus = httpStatus
            self.requestID = requestID
        }
    }

    /// The number on the wire.
    public var code: Int
    /// One sentence for people that names the thing.
    public var message: String
    /// The stable word.
    public var kind: RPCErrorKind
    /// Whether the same call may succeed later.
    public var retryable: Bool
    /// Whether money may have been taken.
    public var charged: Charged
    /// The parameter or field of the request that is at fault.
    public var field: String?
    /// The way out.
    public var hint: String?
    /// The job it is about.
    public var jobID: String?
    /// The provider's words for the end user.
    public var userMessage: String?
    /// Whether the provider calls the content unsafe.
    public var nsfw: Bool?
    /// What is known about the provider's answer.
    public var provider: Provider?

    /// Makes an error whose number follows from its word.
    ///
    /// - Parameters:
    ///   - kind: The stable word.
    ///   - message: One sentence that names the thing.
    ///   - retryable: Whether the same call may succeed later.
    ///   - charged: Whether money may have been taken.
    ///   - field: The parameter at fault.
    ///   - hint: The way out.
    public init(
        _ kind: RPCErrorKind,
        _ message: String,
        retryable: Bool = false,
        charged: Charged = .no,
        field: String? = nil,
        hint: String? = nil
    ) {
        code = kind.code
        self.message = message
        self.kind = kind
        self.retryable = retryable
        self.charged = charged
        self.field = field
        self.hint = hint
    }

    /// The message with its word.
    public var description: String {
        "\(kind.rawValue): \(message)"
    }
}

extension RPCError {
    /// Writes the error object, `{"code":…,"message":…,"data":{…}}`.
    ///
    /// - Parameter writer: Takes the object.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", code)
            writer.member("message", message)
            writer.name("data")
            writeData(to: &writer)
        }
    }

    /// Writes the object that stands in `error.data`, which a job's `error` member is made of too.
    ///
    /// - Parameters:
    ///   - writer: Takes the object.
    ///   - withMessage: Whether it also holds the message, as a job's `error` does.
    public func writeData(to writer: inout JSONWriter, withMessage: Bool = false) {
        writer.object { writer in
            writer.member("kind", kind.rawValue)
            if withMessage {
                writer.member("code", code)
                writer.member("message", message)
            }
            writer.member("retryable", retryable)
            writer.member("charged", charged.rawValue)
            writer.member("field", field)
            writer.member("hint", hint)
            writer.member("job_id", jobID)
            writer.member("user_message", userMessage)
            writer.member("nsfw", nsfw)
            if let provider {
                writer.name("provider")
                writer.object { writer in
                    writer.member("http_status", provider.httpStatus)
                    writer.member("request_id", provider.requestID)
                }
            }
        }
    }

    /// Reads an error object as a client sees it; words that are not known are kept.
    ///
    /// - Parameter value: The value of `error`.
    public init(_ value: JSONValue) {
        let data = value["data"]
        self.init(
            RPCErrorKind(rawValue: data?["kind"]?.stringValue ?? RPCErrorKind.internal.rawValue),
            value["message"]?.stringValue ?? "the daemon gave no reason",
            retryable: data?["retryable"]?.boolValue ?? false,
            // An answer that does not say it must not be taken for "not charged".
            charged: data?["charged"]?.stringValue.flatMap(Charged.init) ?? .unknown,
            field: data?["field"]?.stringValue,
            hint: data?["hint"]?.stringValue
        )
        code = value["code"]?.intValue ?? kind.code
        jobID = data?["job_id"]?.stringValue
        userMessage = data?["user_message"]?.stringValue
        nsfw = data?["nsfw"]?.boolValue
        provider = data?["provider"]?.objectValue.map {
            Provider(httpStatus: $0["http_status"]?.intValue, requestID: $0["request_id"]?.stringValue)
        }
    }
}
