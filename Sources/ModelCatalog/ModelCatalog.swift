public import JSON

/// What every model of the API takes, and the check of a request before money is spent on it.
public struct ModelCatalog: Sendable {
    /// All models in the order of the directory, then those that only the live catalogue knows.
    public internal(set) var models: [ModelEntry]
    /// Models that are gone, and why.
    public var removed: [String: String] { rules.removed }
    /// Whether a live catalogue has been merged.
    public internal(set) var hasLiveModels = false

    let rules: CatalogueRules
    /// The models of the data file as they are there, the base of every merge.
    let documented: [ModelEntry]
    private(set) var index: [String: Int] = [:]

    private static let compiledIn: Result<ModelCatalog, CatalogueError> = Result {
        () throws(CatalogueError) in
        let reader = try CatalogueReader(PackageResources.models_json)
        return ModelCatalog(models: reader.models, rules: reader.rules)
    }

    /// The catalogue of the data file that is compiled in, read at the first call.
    ///
    /// - Throws: `CatalogueError` when the data file is broken.
    public static func builtIn() throws(CatalogueError) -> ModelCatalog {
        try compiledIn.get()
    }

    init(models: [ModelEntry], rules: CatalogueRules) {
        self.models = models
        documented = models
        self.rules = rules
        reindex()
    }

    mutating func reindex() {
        index.removeAll(keepingCapacity: true)
        for (position, model) in models.enumerated() {
            index[model.id] = position
        }
    }

    mutating func append(_ model: ModelEntry) {
        index[model.id] = models.count
        models.append(model)
    }

    /// The entry of a model.
    ///
    /// - Parameter id: The word that goes into `model`.
    /// - Returns: The entry, or `nil` when the model is not known.
    public func entry(_ id: String) -> ModelEntry? {
        index[id].map { models[$0] }
    }

    /// The models that somebody who wrote an unknown name probably meant.
    ///
    /// - Parameter id: What was written.
    /// - Returns: At most three names, the best first.
    public func suggestions(for id: String) -> [String] {
        Suggestions.closest(to: id, among: models.lazy.map(\.id))
    }

    /// Checks a request and says what will be sent.
    ///
    /// - Parameters:
    ///   - request: The API's own body: `model`, `prompt`, …
    ///   - options: Limits and what is let through.
    /// - Returns: Errors, warnings, and without errors the body.
    public func validate(_ request: JSONObject, options: ValidationOptions) -> ValidationResult {
        var validator = RequestValidator(catalog: self, request: request, options: options)
        return validator.run()
    }
}
