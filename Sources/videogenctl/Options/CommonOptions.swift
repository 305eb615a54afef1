import ArgumentParser

/// The options that every command has.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket.",
            discussion: "Otherwise VIDEOGEND_SOCKET, your own daemon, or the system's.",
            valueName: "path"
        ),
        completion: .file()
    )
    var socket: String?

    @Flag(help: "Print JSON, one object per line.")
    var json = false

    @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
    var color: ColorChoice = .automatic
}

/// When to use colours.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    /// On a terminal, unless `NO_COLOR` is set or the terminal is dumb.
    case automatic = "auto"
    case always
    case never
}
