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

    static let cost = JSONSchema.object(
        [
            .init("charged", .reference("Money")),
            .init("final", .boolean, "Whether the provider will not change it any more."),
        ],
        isOpen: true
    )

    private static let errorData: [JSONSchema.Member] = [
        .init("kind", .text, "The stable word."),
        .init("retryable", .boolean, "Whether the same call may succeed later."),
        .init("charged", .word(["no", "yes", "unknown"]), "Whether money may have been taken."),
        .init("field?", .text, "The parameter or field at fault."), .init("hint?", .text, "The way out."),
        .init("job_id?", .text), .init("user_message?", .text, "The provider's words for the end user."),
        .init("nsfw?", .boolean, "Whether the provider calls the content unsafe."),
        .init(
            "provider?",
            .object([.init("http_status?", .count), .init("request_id?", .text)], isOpen: true),
            "What is known about the provider's answer."
        ),
    ]

    /// What stands in `error.data` of a reply.
    static let error = JSONSchema.object(errorData, isOpen: true)

    /// What stands in `error` of a job: number and sentence too.
    static let jobError: JSONSchema = {
        let envelope: [JSONSchema.Member] = [
            .init("code", .integer(-32_768...32_767)), .init("message", .text),
            .init("data", .reference("Error"), "The same as in the error of a reply."),
        ]
        return .object(envelope + errorData, isOpen: true)
    }()

    static let balance = JSONSchema.object(
        [.init("balances", .list(.reference("Money"))), .init("as_of?", .time)],
        isOpen: true
    )

    static let run = JSONSchema.object(
        [
            .init("run_id", .text), .init("model?", .text), .init("status?", .text, "The provider's word."),
            .init("created_at?", .time), .init("conversation_uuid?", .text),
            .init("job_id?", .text, "The job that the run belongs to already."),
        ],
        isOpen: true
    )

    static let limits = JSONSchema.object(
        [
            .init("line_in_bytes", .count), .init("line_out_bytes", .count), .init("nesting", .count),
            .init("requests_in_flight", .count, "Per connection; `jobs.wait` does not count."),
            .init("waits_in_flight", .count, "Calls of `jobs.wait` per connection."),
            .init("subscriptions", .count, "Per connection."), .init("batch_members", .count),
            .init("unfinished_lines_bytes", .count, "Over all connections."),
            .init("unread_answers_bytes", .count, "Over all connections."),
            .init("id_bytes", .count), .init("connections", .count), .init("connections_per_uid", .count),
            .init("queued_jobs", .count), .init("active_jobs", .count),
            .init("body_bytes", .count, "The JSON body of a submission."),
        ],
        isOpen: true
    )

    static let finding = JSONSchema.object(
        [
            .init("kind", .text, "The kind of error that it would be."), .init("field", .text),
            .init("message", .text), .init("hint?", .text),
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
            .init("cost?", .reference("Cost")),
            .init("created_at", .time), .init("submitted_at?", .time),
            .init("provider_completed_at?", .time), .init("completed_at?", .time),
            .init("attempts", .count), .init("attempts_log", .list(.reference("Attempt"))),
            .init("origin", .text, "The origin of the API that it was accepted for."),
            .init("outputs", .list(.reference("Output"))),
            .init("output?", .reference("Output"), "The first of `outputs`."),
            .init("error?", .reference("JobError")),
        ],
        isOpen: true
    )

    static let attempt = JSONSchema.object(
        [
            .init("uuid", .text, "Went out as `conversationUUID`."), .init("run_id?", .text),
            .init("cost?", .reference("Cost")), .init("outcome", .text), .init("submitted_at", .time),
            .init("refund_expected?", .boolean, "Whether the provider should give the money back."),
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
            .init("id", .text), .init("source", .word(["built_in", "live"])), .init("name?", .text),
            .init("summary?", .text), .init("listed_live?", .boolean), .init("modes", .list(.text)),
            .init("inputs", .text, "What it takes, in words."),
            .init(
                "prompt",
                .object([.init("required", .text), .init("fields", .list(.text))], isOpen: true)
            ),
            .init("media", .list(.reference("ModelMedia"))),
            .init("fields", .list(.reference("ModelField"))),
            .init("fixed", .map(.any), "Fields that always have this value."),
            .init("alternatives?", .list(.list(.text)), "Of each list one field has to be given."),
            .init("requirements?", .list(.map(.any))), .init("limits?", .list(.text)),
            .init("notes?", .list(.text)),
            .init("conflicts?", .list(.map(.any)), "Where the provider's documents disagree."),
            .init(
                "price",
                .object(
                    [.init("known", .boolean), .init("source?", .text), .init("rates?", .map(.any))],
                    isOpen: true
                )
            ),
        ],
        isOpen: true
    )

    static let modelMedia = JSONSchema.object(
        [
            .init("role", .text), .init("kind", .text), .init("required", .boolean),
            .init("inline_field", .text, "Where a file goes."),
            .init("url_field", .text, "Where a URL goes."),
            .init("accepts", .list(.text)), .init("note?", .text), .init("basis?", .text),
        ],
        isOpen: true
    )

    static let modelField = JSONSchema.object(
        [
            .init("name", .text), .init("type", .text), .init("required", .boolean),
            .init("allowed?", .list(.any)), .init("minimum?", .any), .init("maximum?", .any),
            .init("unit?", .text), .init("form?", .any, "How a value is written, for example."),
            .init("default?", .any), .init("drives_cost?", .boolean), .init("aliases?", .list(.text)),
            .init("not_with?", .text), .init("note?", .text), .init("basis?", .text),
            .init("source", .word(["built_in", "live"])),
        ],
        isOpen: true
    )

    static let event = JSONSchema.object(
        [
            .init("subscription", .count), .init("seq", .count),
            .init("kind", .word(WireWords.EventKind.allCases.map(\.rawValue))),
            .init("job?", .reference("Job"), "In events of jobs."),
            .init("state?", .word(["running", "draining"]), "In events of the daemon."),
            .init("reason?", .text, "What holds up submissions, in events of the daemon."),
        ],
        isOpen: true
    )

    static let position = JSONSchema.object([.init("epoch", .text), .init("seq", .count)], isOpen: true)

    static let lost = JSONSchema.object(
        [
            .init("subscription", .count), .init("reason", .text),
            .init("resume", .reference("EventPosition"), "What to pass as `since`."),
        ],
        isOpen: true
    )

    /// By name, sorted.
    static let all: [(name: String, schema: JSONSchema)] = [
        ("Attempt", attempt), ("Balance", balance), ("Cost", cost), ("Error", error), ("Event", event),
        ("EventPosition", position), ("EventsLost", lost), ("Finding", finding), ("Job", job),
        ("JobError", jobError), ("Limits", limits), ("Model", model), ("ModelField", modelField),
        ("ModelMedia", modelMedia), ("Money", money), ("Output", output), ("Run", run),
    ]
}
