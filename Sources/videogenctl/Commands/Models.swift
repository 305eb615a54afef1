import ArgumentParser
import JSON

/// `models`: what can be asked for.
struct Models: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the models, or show what one of them takes."
    )

    @Option(
        help: ArgumentHelp("Only models that take this kind of input, for example image.", valueName: "kind")
    )
    var modality: String?

    @Argument(
        help: ArgumentHelp("A model to show.", valueName: "id"),
        completion: .custom(Completions.models)
    )
    var id: String?

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let console = session.console
        if let id {
            let result = try session.call("models.get", JSONObject(["id": .string(id)]))
            if console.json {
                console.jsonLine(result)
            } else {
                console.lines(ModelText.lines(result["model"] ?? result))
            }
            return .done
        }
        let params = JSONObject(["modality": .optional(modality)])
        let models = try session.call("models.list", params)["models"]?.arrayValue ?? []
        if console.json {
            models.forEach(console.jsonLine)
        } else if models.isEmpty {
            console.note("No models.")
        } else {
            console.table(ModelText.table(models))
        }
        return .done
    }
}
