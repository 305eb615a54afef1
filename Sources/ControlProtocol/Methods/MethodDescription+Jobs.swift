import JSON

extension MethodDescription {
    static let id = ParameterDescription("id", .string(maximumBytes: 128), "The job's id.")

    private static let jobResult = JSONSchema.object([.init("job", .reference("Job"))], isOpen: true)

    private static let submission: [ParameterDescription] = [
        ParameterDescription(
            "request",
            .map(.any),
            "The API's own request body: `model`, `prompt` and what else the model takes."
        ),
        ParameterDescription(
            "client_key?",
            .string(maximumBytes: 1024),
            "The same key with the same request from the same user is the same job."
        ),
        ParameterDescription("label?", .string(maximumBytes: 1024), "A word to find jobs by."),
        ParameterDescription(
            "file_name?",
            .string(maximumBytes: 1024),
            "A template for the file's name instead of the configured one."
        ),
        ParameterDescription(
            "allow_unknown?",
            .boolean,
            "Lets fields pass that the model is not known to take.",
            defaultValue: false
        ),
    ]

    private static let exampleRequest: JSONValue = [
        "model": "veo3-1-fast-video", "prompt": "A lighthouse in a storm",
    ]

    static let exampleJob: JSONValue = [
        "id": "06a3k9v2t0c5h8d1", "state": "queued", "model": "veo3-1-fast-video",
        "owner": ["uid": 1000, "user": "ada"], "request": exampleRequest,
        "created_at": "2026-07-01T08:00:00.000Z", "attempts": 1, "attempts_log": [],
        "origin": "https://nano-gpt.com", "outputs": [],
    ]

    /// `jobs.*`.
    static let jobMethods: [MethodDescription] = [
        MethodDescription(
            .jobsCheck,
            "Validates a submission and says what would happen; costs nothing.",
            parameters: submission,
            result: .object(
                [
                    .init("ok", .boolean),
                    .init("warnings", .list(.reference("Finding"))),
                    .init("errors", .list(.reference("Finding"))),
                    .init("price?", .reference("Money"), "What it would cost, if that is known."),
                    .init("file_name", .text, "The name that the file would get."),
                ],
                isOpen: true
            ),
            example: (
                ["request": exampleRequest],
                [
                    "ok": true, "warnings": [], "errors": [],
                    "file_name": "2026-07-01-veo3-1-fast-video-06a3k9v2t0c5h8d1.mp4",
                ]
            )
        ),
        MethodDescription(
            .jobsSubmit,
            "Accepts a job; it is on disk when the answer comes.",
            parameters: submission,
            result: .object(
                [
                    .init("job", .reference("Job")),
                    .init("duplicate", .boolean, "Whether `client_key` named an existing job."),
                    .init("warnings", .list(.reference("Finding"))),
                ],
                isOpen: true
            ),
            errors: [
                .modelUnknown, .mediaInvalid, .jobKeyConflict, .stateUnavailable, .daemonDraining,
            ],
            example: (
                ["request": exampleRequest, "client_key": "storm-1"],
                ["job": exampleJob, "duplicate": false, "warnings": []]
            ),
            costsMoney: true,
            isIdempotent: false
        ),
        MethodDescription(
            .jobsGet,
            "Shows one job.",
            parameters: [id],
            result: jobResult,
            errors: [.jobNotFound, .stateUnavailable],
            example: (["id": "06a3k9v2t0c5h8d1"], ["job": exampleJob])
        ),
        MethodDescription(
            .jobsList,
            "Lists jobs, newest first.",
            parameters: [
                ParameterDescription(
                    "states?",
                    .list(.word(WireWords.jobStates), maximumCount: 32),
                    "Only jobs in these states."
                ),
                ParameterDescription("label?", .string(maximumBytes: 1024), "Only jobs with this label."),
                ParameterDescription("owner?", owner, "Only jobs of this user, by name or uid."),
                ParameterDescription(
                    "limit?",
                    .integer(1...1000),
                    "How many at most.",
                    defaultValue: 100
                ),
                ParameterDescription(
                    "cursor?",
                    .string(maximumBytes: 1024),
                    "The `next_cursor` of the page before."
                ),
            ],
            result: .object(
                [
                    .init("jobs", .list(.reference("Job"))),
                    .init("next_cursor?", .text, "There are more; pass it as `cursor`."),
                ],
                isOpen: true
            ),
            errors: [.stateUnavailable],
            example: (["states": ["queued"], "limit": 10], ["jobs": [exampleJob]])
        ),
        MethodDescription(
            .jobsWait,
            "Waits until a job is `completed`, `failed`, `canceled` or `held`, or the time runs out.",
            parameters: [
                id,
                ParameterDescription(
                    "timeout_ms?",
                    .integer(0...31_536_000_000),
                    "How long to wait, in milliseconds.",
                    defaultValue: 3_600_000
                ),
            ],
            result: .object(
                [
                    .init("job", .reference("Job")),
                    .init("done", .boolean, "False when the time ran out."),
                ],
                isOpen: true
            ),
            errors: [.jobNotFound, .stateUnavailable],
            example: (
                ["id": "06a3k9v2t0c5h8d1", "timeout_ms": 1000], ["job": exampleJob, "done": false]
            ),
            endsWithConnection: true
        ),
        MethodDescription(
            .jobsCancel,
            "Cancels a job; the provider has no cancel, so a paid run goes on unless it is discarded.",
            parameters: [
                id,
                ParameterDescription(
                    "discard?",
                    .boolean,
                    "Give up the file of a run that is paid already.",
                    defaultValue: false
                ),
            ],
            result: .object(
                [
                    .init("job", .reference("Job")),
                    .init("saves_money", .word(["yes", "no", "unknown"])),
                ],
                isOpen: true
            ),
            errors: [.jobNotFound, .accessDenied, .jobState, .stateUnavailable],
            example: (["id": "06a3k9v2t0c5h8d1"], ["job": exampleJob, "saves_money": "yes"])
        ),
        MethodDescription(
            .jobsRetry,
            "Goes on with a job that failed, was canceled or is held, under the same id.",
            parameters: [
                id,
                ParameterDescription(
                    "accept_charge?",
                    .boolean,
                    "Submit an unconfirmed job again although it may have been charged.",
                    defaultValue: false
                ),
            ],
            result: jobResult,
            errors: [.jobNotFound, .accessDenied, .jobState, .stateUnavailable, .daemonDraining],
            example: (["id": "06a3k9v2t0c5h8d1"], ["job": exampleJob]),
            costsMoney: true,
            isIdempotent: false
        ),
        MethodDescription(
            .jobsRemove,
            "Forgets a `completed`, `failed` or `canceled` job; its file stays.",
            parameters: [id],
            result: .object([.init("id", .text, "The job that is gone.")], isOpen: true),
            errors: [.jobNotFound, .accessDenied, .jobState, .stateUnavailable],
            example: (["id": "06a3k9v2t0c5h8d1"], ["id": "06a3k9v2t0c5h8d1"])
        ),
        MethodDescription(
            .jobsExtend,
            "Submits a new job that extends one video of a finished Midjourney run.",
            parameters: [
                id,
                ParameterDescription("index", .integer(0...3), "Which video of the run, from 0."),
            ],
            result: jobResult,
            errors: [.jobNotFound, .accessDenied, .jobState, .stateUnavailable, .daemonDraining],
            example: (["id": "06a3k9v2t0c5h8d1", "index": 0], ["job": exampleJob]),
            costsMoney: true,
            isIdempotent: false
        ),
    ]

    static let owner = JSONSchema.either([.string(maximumBytes: 256), .integer(0...4_294_967_295)])
}
