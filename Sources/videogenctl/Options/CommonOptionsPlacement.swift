/// Lets the common options stand before the subcommand too: `videogenctl --json list`.
enum CommonOptionsPlacement {
    private static let withValue: Set = ["--socket", "--color", "--host", "-H"]

    /// Moves common options at the start behind the subcommand, where the parser wants them.
    static func moved(_ arguments: [String]) -> [String] {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            if withValue.contains(argument), index + 1 < arguments.count {
                index += 2
            } else if argument == "--json" || isOptionWithValue(argument) {
                index += 1
            } else {
                break
            }
        }
        // Nothing to move, or no subcommand to move it behind.
        guard index > 0, index < arguments.count, !arguments[index].hasPrefix("-") else { return arguments }
        return [arguments[index]] + arguments[..<index] + arguments[(index + 1)...]
    }

    private static func isOptionWithValue(_ argument: String) -> Bool {
        argument.hasPrefix("--") && withValue.contains(String(argument.prefix { $0 != "=" }))
            && argument.contains("=") || argument.hasPrefix("-H") && argument.count > 2
    }
}
