public import JSON

/// The OpenRPC 1.x document (spec.open-rpc.org), made from the descriptions that decode the calls.
public enum OpenRPC {
    /// Makes the document.
    ///
    /// - Parameter version: The program's version.
    /// - Returns: The document.
    public static func document(version: String) -> JSONValue {
        [
            "openrpc": "1.3.2",
            "info": [
                "title": "videogend control protocol",
                "version": .string(version),
                "description":
                    "JSON-RPC 2.0 over a Unix stream socket, one JSON value per line. Parameters go by name.",
                "license": ["name": "Apache-2.0"],
            ],
            "methods": .array(MethodDescription.table.map(method)),
            "components": [
                "schemas": .members(OpenRPCSchemas.all.map { ($0.name, $0.schema.document) })
            ],
            "x-notifications": [
                notification(WireWords.eventNotification, "One event of a stream.", "Event"),
                notification(
                    WireWords.lostNotification,
                    "The stream ended because its reader is too slow.",
                    "EventsLost"
                ),
            ],
        ]
    }

    /// Kinds of error that every method may answer with.
    static let commonErrors: [RPCErrorKind] = [.paramsInvalid, .limitsExceeded, .internal]

    private static func method(_ description: MethodDescription) -> JSONValue {
        var kinds = commonErrors + description.errors
        if description.role == .admin {
            kinds.append(.accessDenied)
        }
        return [
            "name": .string(description.name),
            "summary": .string(description.summary),
            "paramStructure": "by-name",
            "params": .array(description.parameters.map(parameter)),
            "result": ["name": "result", "schema": description.result.document],
            "errors": .array(kinds.map(error)),
            "examples": [example(description)],
            "x-role": .string(description.role.rawValue),
            "x-costs-money": .bool(description.costsMoney),
            "x-idempotent": .bool(description.isIdempotent),
        ]
    }

    private static func parameter(_ parameter: ParameterDescription) -> JSONValue {
        var schema = parameter.schema.document
        if let value = parameter.defaultValue, var object = schema.objectValue {
            object["default"] = value
            schema = .object(object)
        }
        return [
            "name": .string(parameter.name),
            "summary": .string(parameter.summary),
            "required": .bool(parameter.isRequired),
            "schema": schema,
        ]
    }

    private static func error(_ kind: RPCErrorKind) -> JSONValue {
        [
            "code": .number(JSONNumber(kind.code)),
            "message": .string(kind.rawValue),
            "data": ["kind": .string(kind.rawValue)],
        ]
    }

    private static func example(_ description: MethodDescription) -> JSONValue {
        let members = description.example.parameters.objectValue?.members ?? []
        return [
            "name": .string(description.name),
            "params": .array(
                members.map { ["name": .string($0.name), "value": $0.value] }
            ),
            "result": ["name": "result", "value": description.example.result],
        ]
    }

    private static func notification(_ name: String, _ summary: String, _ schema: String) -> JSONValue {
        [
            "name": .string(name),
            "summary": .string(summary),
            "params": ["$ref": .string("#/components/schemas/\(schema)")],
        ]
    }
}
