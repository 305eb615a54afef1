/// The parameters of `models.list`.
public struct ModelsListParams: MethodParameters {
    /// Only models that take this kind of input.
    public var modality: String?

    /// Takes the values of a call whose parameters have been checked.
    ///
    /// - Parameter reader: Hands out the parameters.
    public init(_ reader: ParameterReader) {
        modality = reader.string("modality")
    }
}
