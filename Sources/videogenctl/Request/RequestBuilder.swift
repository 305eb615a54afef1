import ControlClient
import JSON

/// Makes the parameters of `jobs.submit` and `jobs.check` from the command line.
struct RequestBuilder {
    /// A prompt is a few sentences; more than this is the wrong file.
    private static let maximumPromptBytes = 1 << 20

    let session: Session
    let options: RequestOptions

    /// The parameters without a client key.
    func parameters() throws -> JSONObject {
        var request = JSONObject(["model": .optional(options.model), "prompt": .optional(try prompt())])
        for setting in try options.settings.map(Setting.init) {
            request[setting.name] = setting.value
        }
        // Files before the first call: what is wrong with them is said also without a daemon.
        let sources = try options.media.map { option, text in
            (option: option, source: try MediaSource(text, kind: option.kind))
        }
        if !sources.isEmpty {
            let model = try modelEntry()
            for (option, source) in sources {
                let field = try option.field(isInline: source.isInline, model: model)
                request[field] = .string(source.url)
            }
        }
        return wrapped(request)
    }

    /// The parameters for one line of a batch: a request, or an object with `request` and the other parameters.
    ///
    /// - Parameter line: What the line holds; options of the command line fill in what it leaves out.
    /// - Returns: The parameters, with a client key where the line has one.
    /// - Throws: `CommandFailure` when an option is wrong.
    func parameters(line: JSONObject) throws -> JSONObject {
        let own = line["request"]?.objectValue
        var request = own ?? line
        if request["model"] == nil {
            request["model"] = .optional(options.model)
        }
        for setting in try options.settings.map(Setting.init) where request[setting.name] == nil {
            request[setting.name] = setting.value
        }
        var params = wrapped(request)
        guard own != nil else { return params }
        for member in line.members where member.name != "request" {
            params[member.name] = member.value
        }
        return params
    }

    private func wrapped(_ request: JSONObject) -> JSONObject {
        JSONObject([
            "request": .object(request), "label": .optional(options.label),
            "file_name": .optional(options.fileName), "allow_unknown": options.allowUnknown ? true : nil,
        ])
    }

    private func prompt() throws(CommandFailure) -> String? {
        if let file = options.promptFile {
            return try FileReader.text(file, limit: Self.maximumPromptBytes)
        }
        if options.prompt == "-" {
            return try FileReader.text("-", limit: Self.maximumPromptBytes)
        }
        return options.prompt
    }

    /// What the daemon knows of the model; nothing where it knows no models or not this one.
    private func modelEntry() throws(ControlClientError) -> JSONValue? {
        guard let model = options.model else { return nil }
        do throws(ControlClientError) {
            return try session.call("models.get", JSONObject(["id": .string(model)]))["model"]
        } catch let error where error.code == .remote {
            return nil
        }
    }
}
