import ArgumentParser

/// The names of commands, for people who mistype them.
enum CommandName {
    /// Says what is wrong with a command line whose first word is no command.
    ///
    /// - Parameter arguments: The command line without the program's name.
    /// - Returns: A sentence; nothing when the first word is a command or an option.
    static func unknown(in arguments: [String]) -> String? {
        guard let word = arguments.first, !word.hasPrefix("-") else { return nil }
        let names = all
        guard !names.contains(word) else { return nil }
        let near = names.filter { distance(word, $0) <= 2 && $0.count > 2 }
            .sorted { distance(word, $0) < distance(word, $1) }
        let hint = near.first.map { "Did you mean '\($0)'?" } ?? "`videogenctl --help` lists them."
        return "There is no command '\(TerminalText.oneLine(word))'. \(hint)"
    }

    /// Every name that a command goes by.
    private static var all: [String] {
        let groups = Program.configuration.groupedSubcommands
        let commands = groups.flatMap(\.subcommands) + Program.configuration.ungroupedSubcommands
        return ["help"]
            + commands.flatMap { [$0.configuration.commandName ?? ""] + $0.configuration.aliases }
    }

    /// How many letters have to be put in, left out, changed or swapped.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var rows = [Array(0...right.count)]
        for row in 1...max(1, left.count) where row <= left.count {
            var new = [row]
            for column in 1...max(1, right.count) where column <= right.count {
                let same = left[row - 1] == right[column - 1]
                var best = min(
                    rows[row - 1][column] + 1,
                    new[column - 1] + 1,
                    rows[row - 1][column - 1] + (same ? 0 : 1)
                )
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1]
                {
                    best = min(best, rows[row - 2][column - 2] + 1)
                }
                new.append(best)
            }
            rows.append(new)
        }
        return rows[left.count][right.count]
    }
}
