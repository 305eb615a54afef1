import ArgumentParser

/// The options of commands that may wait for the job that they start.
struct WaitOptions: ParsableArguments {
    @Flag(help: "Wait until the video is published and print its path. Ctrl-C leaves; the job goes on.")
    var wait = false

    @Option(
        help: ArgumentHelp(
            "How long to wait, for example 90s or 10m; without it, until the end.",
            valueName: "duration"
        )
    )
    var timeout: DurationArgument?

    @Flag(name: .shortAndLong, help: "Show no progress and no notes, only results and errors.")
    var quiet = false

    func validate() throws {
        guard timeout == nil || wait else { throw ValidationError("--timeout needs --wait.") }
    }
}
