import JSON
import Testing

extension EndToEnd {
    @Suite("Completion in real shells")
    struct CompletionTests {
        /// How a shell without a person's settings is started, and how it loads the completions.
        enum Shell: String, CaseIterable, CustomTestStringConvertible {
            case bash, zsh, fish

            var testDescription: String { rawValue }

            var command: String {
                switch self {
                case .bash: "bash --norc --noprofile"
                case .zsh: "zsh -f"
                case .fish: "fish --no-config"
                }
            }

            var setUp: [String] {
                switch self {
                case .bash: ["eval \"$(videogenctl --generate-completion-script bash)\""]
                case .zsh:
                    [
                        "PS1='$ '", "mkdir -p $HOME/functions",
                        "videogenctl --generate-completion-script zsh > $HOME/functions/_videogenctl",
                        "fpath=($HOME/functions $fpath)", "autoload -U compinit", "compinit -u -D",
                    ]
                case .fish:
                    [
                        "function fish_prompt; echo -n '$ '; end",
                        "videogenctl --generate-completion-script fish | source",
                    ]
                }
            }
        }

        private func withShell(
            _ shell: Shell,
            _ fixture: DaemonFixture,
            _ body: (Terminal) throws -> Void
        ) throws {
            let terminal = try Terminal(fixture, columns: 120, rows: 30, shell: shell.command)
            for line in shell.setUp {
                try terminal.enter(line)
            }
            try terminal.enter("clear; echo ready")
            try terminal.wait(for: "the shell") { $0.contains("ready") && $0.last == "$" }
            try body(terminal)
        }

        /// Types the start of a line, presses Tab, and waits for what is on the line then.
        private func complete(_ start: String, to wanted: String, _ terminal: Terminal) throws {
            try terminal.press("C-u")
            try terminal.enter("clear")
            try terminal.wait(for: "an empty line") { $0 == ["$"] }
            try terminal.type(start)
            try terminal.wait(forText: start)
            try terminal.press("Tab")
            try terminal.wait(forText: wanted)
        }

        @Test(
            "commands, options, models and live job ids",
            .timeLimit(.minutes(3)),
            arguments: Shell.allCases
        )
        func words(_ shell: Shell) throws {
            try DaemonFixture.with { fixture in
                let id = try fixture.submit("A lighthouse")
                _ = try fixture.finished(id)
                try withShell(shell, fixture) { terminal in
                    try complete("videogenctl bal", to: "videogenctl balance", terminal)
                    try complete("videogenctl submit --mod", to: "--model", terminal)
                    try complete(
                        "videogenctl submit --model kling-v21-pr",
                        to: "videogenctl submit --model kling-v21-pro",
                        terminal
                    )
                    try complete(
                        "videogenctl models kling-v21-pr",
                        to: "videogenctl models kling-v21-pro",
                        terminal
                    )
                    for command in ["show", "open", "wait", "cancel --discard", "extend"] {
                        try complete(
                            "videogenctl \(command) \(id.prefix(8))",
                            to: "videogenctl \(command) \(id)",
                            terminal
                        )
                    }
                    try complete(
                        "videogenctl list --state comp",
                        to: "videogenctl list --state completed",
                        terminal
                    )
                }
            }
        }

        @Test("a daemon that is away costs a second and says nothing", .timeLimit(.minutes(2)))
        func away() throws {
            try DaemonFixture.with { fixture in
                try fixture.terminate()
                try withShell(.bash, fixture) { terminal in
                    try terminal.type("videogenctl show 0")
                    try terminal.press("Tab")
                    try terminal.type("1")
                    try terminal.wait(for: "a line that was not touched") {
                        $0.last == "$ videogenctl show 01"
                    }
                }
            }
        }
    }
}
