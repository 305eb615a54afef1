/// Lets the common options stand before the subcommand too: `videogenctl --json list`.
enum CommonOptionsPlacement {
    /// Moves common options at the start behind the subcommand, where the parser wants them.
    static func moved(_ arguments: [String]) -> [String] {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            if argument == "--json" || argument.hasPrefix("--socket=") || argument.hasPrefix("--color=") {
                index += 1
            } else if argument == "--socket" || argument == "--color", index + 1 < arguments.count {
                index += 2
            } else {
                break
            }
        }
        // Nothing to move, or no subcommand to move it behind.
        guard index > 0, index < arguments.count, !arguments[index].hasPrefix("-") else { return arguments }
        return [arguments[index]] + arguments[..<index] + arguments[(index + 1)...]
    }
}
