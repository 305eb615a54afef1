import ArgumentParser

/// When to use colours.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    /// On a terminal, unless `NO_COLOR` is set or the terminal is dumb.
    case automatic = "auto"
    case always
    case never
}
