public import ControlProtocol
internal import NIOCore

/// One call, its parameters not yet decoded.
public struct ControlCall: Sendable {
    /// The method.
    public let method: ControlMethod
    /// Whether nobody will see the answer.
    public let isNotification: Bool
    /// Names the call within its connection.
    let serial: UInt64
    private let kind: RPCEnvelope.Parameters
    private let bytes: ByteBuffer

    init(
        method: ControlMethod,
        isNotification: Bool,
        serial: UInt64,
        kind: RPCEnvelope.Parameters,
        bytes: ByteBuffer
    ) {
        self.method = method
        self.isNotification = isNotification
        self.serial = serial
        self.kind = kind
        self.bytes = bytes
    }

    /// Makes a call that came over no connection.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - parameters: The JSON text of an object; empty means none.
    public init(_ method: ControlMethod, parameters: [UInt8] = []) {
        self.init(
            method: method,
            isNotification: false,
            serial: 0,
            kind: parameters.isEmpty ? .none : .named,
            bytes: ByteBuffer(bytes: parameters)
        )
    }

    /// How many bytes the parameters have.
    public var parameterByteCount: Int {
        bytes.readableBytes
    }

    /// Decodes the parameters.
    ///
    /// - Parameter type: The parameters' type.
    /// - Returns: The parameters.
    /// - Throws: `RPCError` `params.invalid` naming the parameter.
    public func parameters<P: MethodParameters>(_ type: P.Type = P.self) throws(RPCError) -> P {
        let result: Result<P, RPCError> = bytes.withUnsafeReadableBytes { bytes in
            do throws(RPCError) {
                return .success(try P(ParameterReader(method.description, kind, bytes)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Decodes the parameters of a method whose one parameter is `id`, in the usual spelling without a parser.
    ///
    /// - Returns: The id.
    /// - Throws: `RPCError` `params.invalid` naming the parameter.
    public func id() throws(RPCError) -> String {
        if kind == .named,
            let id = bytes.withUnsafeReadableBytes({ ParameterReader.soleString("id", in: $0) })
        {
            return id
        }
        return try parameters(GetParams.self).id
    }

    /// Checks that there are no parameters, for a method that takes none.
    ///
    /// - Throws: `RPCError` `params.invalid` naming the parameter.
    public func noParameters() throws(RPCError) {
        if kind != .none {
            _ = try parameters(NoParams.self)
        }
    }

    /// The same call without the buffer that it was read into.
    var detached: ControlCall {
        // A long line has a buffer of its own; copying it would only cost time.
        guard bytes.readableBytes <= 64 << 10, bytes.readableBytes > 0 else { return self }
        return ControlCall(
            method: method,
            isNotification: isNotification,
            serial: serial,
            kind: kind,
            bytes: ByteBuffer(bytes: bytes.readableBytesView)
        )
    }
}
