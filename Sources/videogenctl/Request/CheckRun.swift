import JSON

/// Asks the daemon what would happen, for `check` and `submit --dry-run`.
struct CheckRun {
    let session: Session
    let options: RequestOptions

    func run() throws -> CommandStatus {
        if options.batch != nil {
            return try BatchRun.check(session: session, options: options)
        }
        var params = try RequestBuilder(session: session, options: options).parameters()
        params["client_key"] = .optional(options.key)
        let result = try session.call("jobs.check", params)
        let isGood = result["ok"]?.boolValue ?? false
        let console = session.console
        if console.json {
            console.jsonLine(result)
            return isGood ? .done : .refused
        }
        Finding.all(in: result["errors"]).forEach { console.out.line($0.line(word: "error", .failure)) }
        Finding.all(in: result["warnings"]).forEach { console.out.line($0.line(word: "warning", .warning)) }
        if isGood {
            console.out.line(StyledText("The request is good.", .success))
        }
        if let price = result["price"], !price.isNull {
            let text = MoneyText.text(price) ?? price.stringValue ?? price.text
            console.out.line(StyledText("  Price  ", .faint) + StyledText(text))
        }
        if let name = result["file_name"]?.stringValue {
            console.out.line(StyledText("  File   ", .faint) + StyledText(name))
        }
        return isGood ? .done : .refused
    }
}
