import ArgumentParser

/// The control client of videogend.
@main
struct Program: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "videogenctl",
        abstract: "Make videos through videogend: submit jobs, follow them, find their files.",
        discussion: """
            A first video:

              videogenctl models                  what there is to choose from
              videogenctl submit --model kling-video --wait "A lighthouse in a storm"
              videogenctl list                    the jobs, newest first
              videogenctl watch                   all jobs as they go
              videogenctl open ID                 where the finished video is

            Ids may be shortened to their start or their end while they are unique. If nothing works, \
            `videogenctl doctor` says why.

            Every command takes --json, --socket, --host and --color. It ends with 0 done, 1 the job failed or \
            was canceled, 2 still running, 3 held or unconfirmed (maybe paid), 4 refused and nothing paid, \
            64 wrong usage, 69 no daemon, 77 not permitted, 130 left with Ctrl-C.
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Jobs",
                subcommands: [
                    Submit.self, Check.self, List.self, Show.self, Open.self, Wait.self, Watch.self,
                    Cancel.self, Retry.self, Remove.self, Extend.self,
                ]
            ),
            CommandGroup(
                name: "Service",
                subcommands: [
                    Models.self, Balance.self, Status.self, Doctor.self, Drain.self, Resume.self,
                    Reload.self, Recover.self, Backup.self,
                ]
            ),
            CommandGroup(
                name: "Raw access",
                subcommands: [Call.self, Events.self, Discover.self, StdioBridge.self]
            ),
        ]
    )

    /// Starts the program.
    static func main() {
        let arguments = CommonOptionsPlacement.moved(Array(CommandLine.arguments.dropFirst()))
        if let wrong = CommandName.unknown(in: arguments) {
            exit(withError: ValidationError(wrong))
        }
        main(arguments)
    }
}
