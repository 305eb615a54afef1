import ArgumentParser
import ControlClient
import JSON

/// `call`: any method.
struct Call: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call any method of the control protocol.",
        discussion: """
            Prints the result; an error object goes to standard error as it came.

              videogenctl call jobs.list '{"limit": 3}'
            """
    )

    @Argument(help: ArgumentHelp("The method, for example daemon.info.", valueName: "method"))
    var method: String

    @Argument(
        help: ArgumentHelp(
            "Its parameters as a JSON object; - reads them from standard input.",
            valueName: "json"
        )
    )
    var params: String?

    @OptionGroup(title: "Common")
    var common: CommonOptions

    func execute(in session: Session) throws -> CommandStatus {
        let object = try parameters()
        do throws(ControlClientError) {
            // Without a limit: `jobs.wait` may take an hour.
            let result = try session.call(method, object, timeout: nil)
            PrettyJSON.print(result, to: session.console)
            return .done
        } catch {
            guard let reply = error.reply else { throw error }
            session.console.err.write(reply.json.text + "\n")
            return CommandStatus(error)
        }
    }

    private func parameters() throws(CommandFailure) -> JSONObject {
        guard let params else { return JSONObject() }
        let text = params == "-" ? try FileReader.text("-", limit: ControlClient.maximumLineBytes) : params
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(text)
        } catch {
            throw CommandFailure(.usage, "The parameters are not JSON: \(error).")
        }
        guard let object = value.objectValue else {
            throw CommandFailure(
                .usage,
                "The parameters are a JSON \(value.kindName), where an object is needed.",
                hint: "For example: '{\"id\": \"...\"}'"
            )
        }
        return object
    }
}
