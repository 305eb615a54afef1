import JSON

/// The shapes that several methods name.
enum OpenRPCSchemas {
    static let money = JSONSchema.object(
        [
            .init("micros", .integer(-9_007_199_254_740_991...9_007_199_254_740_991)),
            .init("currency", .text),
        ],
        isOpen: true
    )

    static let error = JSONSchema.object(
        [
            .init("kind", .text), .init("retryable", .boolean),
            .init("charged", .word(["no", "yes", "unknown"]), "Whether money may have been taken."),
            .init("field?", .text), .init("hint?", .text), .init("job_id?", .text),
            .init("user_message?", .text), .init("nsfw?", .boolean),
            .init(
                "provider?",
                .object([.init("http_status?", .count), .init("request_id?", .text)], isOpen: true)
            ),
        ],
        isOpen: true
    )

    static let finding = JSONSchema.object(
        [
            .init("kind?", .text), .init("field?", .text), .init("message", .text), .init("hint?", .text),
        ],
        isOpen: true
    )

    static let job = JSONSchema.object(
        [
            .init("id", .text), .init("state", .word(WireWords.jobStates)),
            .init("reason?", .text, "Why it waits, in words."),
            .init(
                "queue_position?",
                .count,
                "Of a queued job, 1 for the next: among the jobs that the caller may see; not in events."
            ),
            .init("model", .text), .init("label?", .text), .init("client_key?", .text),
            .init(
                "owner",
                .object([.init("uid", .count), .init("user", .text)], isOpen: true)
            ),
            .init("request", .map(.any), "As submitted; inline media by type, size and hash."),
            .init("truncated?", .boolean, "Whether strings of `request` are cut."),
            .init("run_id?", .text), .init("provider_status?", .text),
            .init("progress?", .integer(0...100)),
            .init(
                "cost?",
                .object(
                    [.init("charged", .reference("Money")), .init("final", .boolean)],
                    isOpen: true
                )
            ),
            .init("created_at", .time), .init("submitted_at?", .time),
            .init("provider_completed_at?", .time), .init("completed_at?", .time),
            .init("attempts", .count), .init("attempts_log", .list(.reference("Attempt"))),
            .init("origin", .text), .init("outputs", .list(.reference("Output"))),
            .init("output?", .reference("Output")), .init("error?", .reference("Error")),
        ],
        isOpen: true
    )

    static let attempt = JSONSchema.object(
        [
            .init("uuid", .text), .init("run_id?", .text), .init("cost?", .any), .init("outcome", .text),
            .init("refund_expected?", .boolean),
        ],
        isOpen: true
    )

    static let output = JSONSchema.object(
        [
            .init("file", .text, "An absolute path."), .init("bytes", .count), .init("sha256", .text),
            .init("receipt", .text, "An absolute path."),
        ],
        isOpen: true
    )

    static let model = JSONSchema.object(
        [
            .init("id", .text), .init("inputs", .list(.text)), .init("fields", .list(.any)),
            .init("source", .word(["built_in", "live"])),
        ],
        isOpen: true
    )

    static let event = JSONSchema.object(
        [
            .init("subscription", .count), .init("seq", .count),
            .init("kind", .word(WireWords.EventKind.allCases.map(\.rawValue))),
            .init("job?", .reference("Job")),
        ],
        isOpen: true
    )

    static let lost = JSONSchema.object(
        [
            .init("subscription", .count), .init("reason", .text),
            .init("resume", .any, "What to pass as `since`."),
        ],
        isOpen: true
    )

    /// By name, sorted.
    static let all: [(name: String, schema: JSONSchema)] = [
        ("Attempt", attempt), ("Error", error), ("Event", event), ("EventsLost", lost),
        ("Finding", finding), ("Job", job), ("Model", model), ("Money", money), ("Output", output),
    ]
}
