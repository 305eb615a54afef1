import JSON

extension JSONObject {
    /// Makes an object, leaving out members without a value.
    init(_ members: KeyValuePairs<String, JSONValue?>) {
        self.init()
        for (name, value) in members {
            self[name] = value
        }
    }
}

extension JSONValue {
    /// A string, or nothing when there is none.
    static func optional(_ text: String?) -> JSONValue? {
        text.map { .string($0) }
    }

    /// An integer.
    static func integer(_ value: some FixedWidthInteger) -> JSONValue {
        .number(JSONNumber(value))
    }
}
