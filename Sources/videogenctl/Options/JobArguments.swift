import ArgumentParser

/// The ids of one or more jobs.
struct JobArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The job; the start or the end of its id is enough while it is unique.",
            valueName: "id"
        ),
        completion: .custom(Completions.jobs)
    )
    var ids: [String]
}
