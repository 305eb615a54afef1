/// The models that the simulator knows, from the embedded data file.
struct ModelDirectory: Sendable {
    /// The models, in the order of the file.
    let models: [DirectoryModel]
    /// Ids that the service has removed.
    let removed: Set<String>
    /// Every member that carries media in some model.
    let mediaNames: Set<String>
    private let positions: [String: Int]

    /// The embedded directory.
    static let embedded = ModelDirectory(PackageResources.directory_json)

    /// Reads a directory; entries that do not fit are left out.
    ///
    /// - Parameter text: JSON with `models` and `removed`.
    init(_ text: [UInt8]) {
        // The data file is part of the program, and a test reads it: an error here is a build that no test saw.
        let value = (try? JSONReader.value(of: text)) ?? .null
        models = (value["models"]?.elements ?? []).compactMap { DirectoryModel($0) }
        removed = Set((value["removed"]?.elements ?? []).compactMap(\.string))
        mediaNames = Set(models.flatMap { $0.requiredMedia + $0.optionalMedia }.flatMap(\.names))
        positions = Dictionary(models.enumerated().map { ($1.id, $0) }) { first, _ in first }
    }

    /// The model of an id.
    subscript(id: String) -> DirectoryModel? { positions[id].map { models[$0] } }
}
