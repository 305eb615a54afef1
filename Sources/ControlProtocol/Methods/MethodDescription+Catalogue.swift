import JSON

extension MethodDescription {
    /// `runs.*`.
    static let runMethods: [MethodDescription] = [
        MethodDescription(
            .runsList,
            "Lists recent runs at the provider.",
            parameters: [
                ParameterDescription("model?", .string(maximumBytes: 256), "Only runs of this model."),
                ParameterDescription(
                    "limit?",
                    .integer(1...50),
                    "How many at most.",
                    defaultValue: 50
                ),
            ],
            result: .object([.init("runs", .list(.reference("Run")))], isOpen: true),
            errors: [
                .providerError, .providerUnreachable, .providerUnauthorized, .providerRateLimited,
                .stateUnavailable,
            ],
            example: (
                ["limit": 1],
                ["runs": [["run_id": "run-1", "model": "veo3-1-fast-video", "status": "COMPLETED"]]]
            ),
            role: .admin
        ),
        MethodDescription(
            .runsAdopt,
            "Follows a run at the provider and publishes it as a job; it is paid already.",
            parameters: [
                ParameterDescription("run_id", .string(maximumBytes: 256), "The provider's name of the run.")
            ],
            result: .object([.init("job", .reference("Job"))], isOpen: true),
            errors: [
                .providerError, .providerUnreachable, .providerUnauthorized, .providerRateLimited,
                .jobNotFound, .jobState, .stateUnavailable, .daemonDraining,
            ],
            example: (
                ["run_id": "run-1"],
                ["job": exampleJob]
            ),
            role: .admin
        ),
    ]

    private static let catalogueEntry: JSONValue = [
        "id": "veo3-1-fast-video", "source": "built_in", "modes": ["text-to-video"], "inputs": "text",
        "prompt": ["required": "yes", "fields": ["prompt"]], "media": [],
        "fields": [
            [
                "name": "duration", "type": "string", "required": false, "allowed": ["8s"], "default": "8s",
                "source": "built_in",
            ]
        ], "fixed": [:], "price": ["known": false],
    ]

    /// `models.*`, `account.*`.
    static let catalogueMethods: [MethodDescription] = [
        MethodDescription(
            .modelsList,
            "Lists the models of the catalogue.",
            parameters: [
                ParameterDescription(
                    "modality?",
                    .string(maximumBytes: 64),
                    "Only models that take this kind of input, for example `text` or `image`."
                )
            ],
            result: .object([.init("models", .list(.reference("Model")))], isOpen: true),
            example: (["modality": "text"], ["models": [catalogueEntry]])
        ),
        MethodDescription(
            .modelsGet,
            "Shows one model: its inputs, fields, allowed values, defaults and notes.",
            parameters: [ParameterDescription("id", .string(maximumBytes: 256), "The model's id.")],
            result: .object([.init("model", .reference("Model"))], isOpen: true),
            errors: [.modelUnknown],
            example: (["id": "veo3-1-fast-video"], ["model": catalogueEntry])
        ),
        MethodDescription(
            .accountBalance,
            "Asks the provider for the account's balances.",
            result: .object(
                [.init("balances", .list(.reference("Money"))), .init("as_of", .time)],
                isOpen: true
            ),
            errors: [.providerError, .providerUnreachable, .providerUnauthorized, .providerRateLimited],
            example: (
                [:],
                [
                    "balances": [["micros": 12_500_000, "currency": "USD"]],
                    "as_of": "2026-07-01T08:00:00.000Z",
                ]
            )
        ),
    ]
}
