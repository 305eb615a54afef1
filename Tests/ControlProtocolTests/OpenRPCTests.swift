import ControlProtocol
import JSON
import SchemaCheck
import Testing

@Suite struct OpenRPCTests {
    private let document = OpenRPC.document(version: "1.2.3")

    @Test func describesEveryMethod() throws {
        #expect(document["openrpc"] == "1.3.2")
        #expect(document["info"]?["version"] == "1.2.3")
        let methods = try #require(document["methods"]?.arrayValue)
        #expect(methods.map { $0["name"]?.stringValue } == ControlMethod.allCases.map(\.rawValue))
        for method in methods {
            let name = method["name"]?.stringValue ?? ""
            #expect(method["summary"]?.stringValue?.isEmpty == false, "\(name)")
            #expect(method["paramStructure"] == "by-name", "\(name)")
            #expect(method["params"]?.arrayValue != nil, "\(name)")
            #expect(method["result"]?["schema"]?.objectValue != nil, "\(name)")
            #expect(method["errors"]?.arrayValue?.isEmpty == false, "\(name)")
            #expect(method["examples"]?.arrayValue?.count == 1, "\(name)")
            #expect(["any", "admin"].contains(method["x-role"]?.stringValue), "\(name)")
            #expect(method["x-costs-money"]?.boolValue != nil, "\(name)")
            #expect(method["x-idempotent"]?.boolValue != nil, "\(name)")
        }
    }

    @Test func marksWhatCostsAndWhoMay() throws {
        let methods = try #require(document["methods"]?.arrayValue)
        func names(_ predicate: (JSONValue) -> Bool) -> [String] {
            methods.filter(predicate).compactMap { $0["name"]?.stringValue }
        }
        #expect(names { $0["x-costs-money"] == true } == ["jobs.submit", "jobs.retry", "jobs.extend"])
        #expect(
            names { $0["x-role"] == "admin" } == [
                "daemon.drain", "daemon.resume", "daemon.reload", "runs.list", "runs.adopt", "state.backup",
            ]
        )
    }

    /// What the published meta-schema of OpenRPC 1.3 allows and wants, object by object.
    @Test func keepsToTheMetaSchema() throws {
        func check(_ value: JSONValue?, _ required: [String], _ optional: [String], _ place: String) throws {
            let names = try #require(value?.objectValue, "\(place)").names
            for name in names where !name.hasPrefix("x-") {
                #expect((required + optional).contains(name), "\(place): \(name)")
            }
            for name in required {
                #expect(names.contains(name), "\(place): \(name) is missing")
            }
        }
        try check(document, ["openrpc", "info", "methods"], ["servers", "components"], "document")
        try check(document["info"], ["title", "version"], ["description", "license", "contact"], "info")
        try check(document["info"]?["license"], [], ["name", "url"], "license")
        try check(document["components"], [], ["schemas"], "components")
        var names: Set<String> = []
        for method in document["methods"]?.arrayValue ?? [] {
            let name = try #require(method["name"]?.stringValue)
            #expect(names.insert(name).inserted, "\(name) is described twice")
            try check(
                method,
                ["name", "params", "result"],
                ["summary", "description", "paramStructure", "errors", "examples", "tags"],
                name
            )
            let descriptors = try #require(method["params"]?.arrayValue) + [method["result"] ?? .null]
            for descriptor in descriptors {
                try check(descriptor, ["name", "schema"], ["summary", "description", "required"], name)
            }
            // Required ones first, as readers of by-position clients want it.
            let required = descriptors.dropLast().map { $0["required"] == true }
            #expect(required == required.sorted { $0 && !$1 }, "\(name)")
            let codes = (method["errors"]?.arrayValue ?? []).map { $0["code"]?.intValue }
            #expect(Set(codes).count == codes.count, "\(name) names an error twice")
            for error in method["errors"]?.arrayValue ?? [] {
                try check(error, ["code", "message"], ["data"], name)
            }
            for example in method["examples"]?.arrayValue ?? [] {
                try check(example, ["name", "params", "result"], ["description"], name)
                for value in (example["params"]?.arrayValue ?? []) + [example["result"] ?? .null] {
                    try check(value, ["name", "value"], ["summary", "description"], name)
                }
            }
        }
    }

    /// Examples are what people copy.
    @Test(arguments: ControlMethod.allCases)
    func hasAnExampleThatFits(_ method: ControlMethod) {
        let check = SchemaCheck(document)
        let example = method.description.example
        #expect(check.findings(inParams: example.parameters, of: method.rawValue) == [])
        #expect(check.findings(inResult: example.result, of: method.rawValue) == [])
    }

    @Test func hasNoBrokenReference() throws {
        let schemas = try #require(document["components"]?["schemas"]?.objectValue)
        var references: Set<String> = []
        func walk(_ value: JSONValue) {
            if let reference = value["$ref"]?.stringValue {
                references.insert(reference)
            }
            for element in value.arrayValue ?? [] {
                walk(element)
            }
            for member in value.objectValue?.members ?? [] {
                walk(member.value)
            }
        }
        walk(document)
        #expect(references.contains("#/components/schemas/Job"))
        for reference in references {
            let name = String(reference.dropFirst("#/components/schemas/".count))
            #expect(schemas[name] != nil, "\(reference)")
        }
    }

    /// What a required parameter is in the description, the reader asks for.
    @Test(arguments: ControlMethod.allCases)
    func agreesWithTheReader(_ method: ControlMethod) throws {
        let description = method.description
        #expect(description.method == method)
        for parameter in description.parameters where parameter.isRequired {
            var params = try #require(description.example.parameters.objectValue)
            params[parameter.name] = nil
            #expect(throws: RPCError.self) { try ParameterReader(description, params) }
        }
        var params = try #require(description.example.parameters.objectValue)
        params["no_such_parameter"] = 1
        #expect(throws: RPCError.self) { try ParameterReader(description, params) }
    }

    @Test func findsMethodsByTheirBytes() {
        for method in ControlMethod.allCases {
            let name = Array(method.rawValue.utf8)
            #expect(name.withUnsafeBufferPointer { ControlMethod.named($0) } == method)
        }
        for name in ["", "jobs", "jobs.gett", "Jobs.get", "daemon.inf", String(repeating: "x", count: 1000)] {
            let bytes = Array(name.utf8)
            #expect(bytes.withUnsafeBufferPointer { ControlMethod.named($0) } == nil)
        }
    }
}
