import JSON

extension MethodDescription {
    private static let exampleLimits: JSONValue = [
        "line_in_bytes": 6_291_456, "line_out_bytes": 6_291_456, "nesting": 64, "requests_in_flight": 64,
        "waits_in_flight": 256, "subscriptions": 16, "batch_members": 64,
        "unfinished_lines_bytes": 67_108_864, "unread_answers_bytes": 67_108_864, "id_bytes": 4096,
        "connections": 512, "connections_per_uid": 384, "queued_jobs": 10_000, "active_jobs": 1000,
        "body_bytes": 4_613_734,
    ]

    /// `daemon.*`, `rpc.*`, `state.*`.
    static let daemonMethods: [MethodDescription] = [
        MethodDescription(
            .daemonInfo,
            "Says which daemon answers, what it allows, and who it takes the caller for.",
            result: .object(
                [
                    .init("name", .text), .init("version", .text),
                    .init(
                        "protocol",
                        .object([.init("major", .count), .init("minor", .count)], isOpen: true)
                    ),
                    .init("pid", .count), .init("started_at", .time),
                    .init("limits", .reference("Limits"), "The numbers that bound a connection."),
                    .init("methods", .list(.text)),
                    .init(
                        "you",
                        .object(
                            [
                                .init("uid", .count), .init("user", .text),
                                .init("role", .word(["user", "admin"])),
                            ],
                            isOpen: true
                        )
                    ),
                ],
                isOpen: true
            ),
            example: (
                [:],
                [
                    "name": "videogend", "version": "0.1.0", "protocol": ["major": 1, "minor": 0],
                    "pid": 4711, "started_at": "2026-07-01T08:00:00.000Z",
                    "limits": exampleLimits, "methods": ["daemon.info", "jobs.submit"],
                    "you": ["uid": 1000, "user": "ada", "role": "user"],
                ]
            )
        ),
        MethodDescription(
            .daemonStatus,
            "Says how the daemon is: its jobs, the API, the balance, the output directory, the journal.",
            result: .object(
                [
                    .init("state", .word(["running", "draining"])),
                    .init("reason?", .text, "What holds up submissions."),
                    .init("jobs", .map(.count), "How many jobs there are in each state."),
                    .init(
                        "api",
                        .object(
                            [
                                .init("base_url", .text), .init("reachable", .boolean),
                                .init("last_error?", .text), .init("last_error_at?", .time),
                            ],
                            isOpen: true
                        )
                    ),
                    .init("balance?", .reference("Balance"), "As it was last seen."),
                    .init(
                        "output",
                        .object(
                            [
                                .init("directory", .text), .init("free_bytes", .count),
                                .init("writable", .boolean), .init("reason?", .text, "Why it is not."),
                            ],
                            isOpen: true
                        )
                    ),
                    .init(
                        "journal",
                        .object(
                            [
                                .init("enabled", .boolean, "False: jobs are only in memory."),
                                .init("writable", .boolean), .init("reason?", .text, "Why it is not."),
                            ],
                            isOpen: true
                        )
                    ),
                    .init(
                        "paid_unpublished",
                        .object(
                            [.init("count", .count), .init("money", .list(.reference("Money")))],
                            isOpen: true
                        ),
                        "Jobs that are paid and not published yet, and what they cost."
                    ),
                ],
                isOpen: true
            ),
            example: (
                [:],
                [
                    "state": "running", "jobs": ["queued": 2, "in_progress": 1],
                    "api": ["base_url": "https://nano-gpt.com", "reachable": true],
                    "output": [
                        "directory": "/srv/videogend/videos", "free_bytes": 52_000_000_000,
                        "writable": true,
                    ],
                    "journal": ["enabled": true, "writable": true],
                    "paid_unpublished": [
                        "count": 1, "money": [["micros": 350_000, "currency": "USD"]],
                    ],
                ]
            )
        ),
        MethodDescription(
            .daemonDrain,
            "Stops sending submissions to the API; running jobs finish, new jobs wait in `queued`.",
            result: .object([.init("state", .word(["running", "draining"]))], isOpen: true),
            errors: [.stateUnavailable],
            example: ([:], ["state": "draining"]),
            role: .admin
        ),
        MethodDescription(
            .daemonResume,
            "Starts sending submissions to the API again; after a journal was set aside or restored, the provider's "
                + "list of runs is asked for first.",
            result: .object([.init("state", .word(["running", "draining"]))], isOpen: true),
            errors: [
                .providerError, .providerUnreachable, .providerUnauthorized, .providerRateLimited,
                .stateUnavailable, .daemonDraining,
            ],
            example: ([:], ["state": "running"]),
            role: .admin
        ),
        MethodDescription(
            .daemonReload,
            "Reads the configuration again; if it is not valid, nothing changes.",
            result: .object(
                [
                    .init("changed", .list(.text), "Keys whose new value is in force."),
                    .init("needs_restart", .list(.text), "Keys whose new value counts after a restart."),
                ],
                isOpen: true
            ),
            errors: [.configInvalid],
            example: ([:], ["changed": ["log.level"], "needs_restart": []]),
            role: .admin
        ),
        MethodDescription(
            .rpcDiscover,
            "Describes every method as an OpenRPC document.",
            result: .map(.any),
            example: ([:], ["openrpc": "1.3.2"])
        ),
        MethodDescription(
            .stateBackup,
            "Writes a copy of the journal into the state directory while the daemon runs.",
            result: .object([.init("path", .text)], isOpen: true),
            errors: [.stateUnavailable],
            example: ([:], ["path": "/var/lib/videogend/journal-20260701T080000.sqlite"]),
            role: .admin,
            isIdempotent: false
        ),
    ]
}
