public import JSON

/// The parameters of `jobs.submit` and `jobs.check`.
public struct SubmitParams: MethodParameters {
    /// The API's own request body, members in their order, numbers as they were written.
    public var request: JSONObject
    /// The same key with the same request from the same user is the same job.
    public var clientKey: String?
    /// A word to find jobs by.
    public var label: String?
    /// A template for the file's name.
    public var fileName: String?
    /// Whether fields may pass that the model is not known to take.
    public var allowUnknown: Bool

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        request = reader.object("request") ?? JSONObject()
        clientKey = reader.string("client_key")
        label = reader.string("label")
        fileName = reader.string("file_name")
        allowUnknown = reader.flag("allow_unknown")
    }
}
