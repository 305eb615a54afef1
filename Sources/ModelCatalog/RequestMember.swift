import JSON

/// One member of the request under check.
struct RequestMember {
    let name: String
    let value: JSONValue
}
