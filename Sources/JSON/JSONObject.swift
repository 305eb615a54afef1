/// The members of a JSON object in their order.
///
/// Look-up is linear: the objects of a control protocol and of an API request have a handful of members.
public struct JSONObject: Hashable, Sendable {
    /// One name and its value.
    public struct Member: Hashable, Sendable {
        /// The member's name.
        public let name: String
        /// The member's value.
        public var value: JSONValue

        /// Names are compared byte by byte; Swift's strings would take canonically equivalent ones for equal.
        func has(_ name: String) -> Bool {
            self.name.utf8.elementsEqual(name.utf8)
        }
    }

    /// The members in the order in which they were written.
    public private(set) var members: [Member]

    /// Makes an object without members.
    public init() {
        members = []
    }

    /// Whether there is no member.
    public var isEmpty: Bool {
        members.isEmpty
    }

    /// The members' names in order.
    public var names: [String] {
        members.map(\.name)
    }

    /// The value of a member; setting `nil` removes it, setting a new name appends.
    ///
    /// - Parameter name: The member's name.
    public subscript(name: String) -> JSONValue? {
        get {
            members.first { $0.has(name) }?.value
        }
        set {
            let index = members.firstIndex { $0.has(name) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Appends a member whose name is known to be new.
    mutating func append(name: String, value: JSONValue) {
        members.append(Member(name: name, value: value))
    }
}
