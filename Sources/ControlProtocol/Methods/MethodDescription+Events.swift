import JSON

extension MethodDescription {
    private static let filter = JSONSchema.object(
        [
            .init("id?", .string(maximumBytes: 128), "Only this job."),
            .init("label?", .string(maximumBytes: 1024), "Only jobs with this label."),
            .init("owner?", owner, "Only jobs of this user, by name or uid."),
            .init(
                "states?",
                .list(.word(WireWords.jobStates), maximumCount: 32),
                "Only events of jobs in these states."
            ),
        ],
        isOpen: false
    )

    private static let since = JSONSchema.object(
        [
            .init("epoch", .string(maximumBytes: 128), "The `epoch` of the earlier stream."),
            .init("seq", .count, "The `seq` of the last event that was seen."),
        ],
        isOpen: false
    )

    /// `events.*`.
    static let eventMethods: [MethodDescription] = [
        MethodDescription(
            .eventsSubscribe,
            "Starts a stream of events: a snapshot now, then one notification per event, without a gap.",
            parameters: [
                ParameterDescription("filter?", filter, "Which events."),
                ParameterDescription("since?", since, "Where an earlier stream ended."),
                ParameterDescription(
                    "finished_s?",
                    .integer(0...31_536_000),
                    "Jobs that finished within so many seconds are in the snapshot too.",
                    defaultValue: 0
                ),
            ],
            result: .object(
                [
                    .init("subscription", .count), .init("epoch", .text), .init("seq", .count),
                    .init("snapshot", .list(.reference("Job"), maximumCount: 1000)),
                    .init("next_cursor?", .text, "The snapshot is cut; `jobs.list` goes on here."),
                    .init("resumed", .boolean, "Whether the events after `since` follow."),
                ],
                isOpen: true
            ),
            example: (
                ["filter": ["label": "storms"]],
                [
                    "subscription": 1, "epoch": "06a3k9v2t0", "seq": 41, "snapshot": [],
                    "resumed": false,
                ]
            ),
            isIdempotent: false
        ),
        MethodDescription(
            .eventsUnsubscribe,
            "Ends a stream of events.",
            parameters: [
                ParameterDescription("subscription", .count, "The number that `events.subscribe` gave.")
            ],
            result: .object([], isOpen: true),
            example: (["subscription": 1], [:])
        ),
    ]
}
